import Glibc
import Primitives
import Sim

// What a person is shown of a run: the verdict, its evidence, and the commands that lead back to it.

/// A command to copy, and what for.
struct ReproducingCommand {
    let purpose: String
    let words: String
}

func describe(_ report: Report, remarks: [String] = [], commands: [ReproducingCommand]) -> String {
    // What holds says its last events to a person alone.
    describe(failure(report.json), timeline: report.timeline, remarks, commands)
}

func describe(_ outcome: Outcome, remarks: [String] = [], commands: [ReproducingCommand]) -> String {
    describe(outcome.failure, timeline: nil, remarks, commands)
}

private func describe(
    _ failure: Failure?, timeline: [String]?, _ remarks: [String], _ commands: [ReproducingCommand]
) -> String {
    guard let failure else { return "a report that cannot be read" }
    // What holds, or was left on the way, needs only the one that plays it again.
    let isFailure = !["held", "stopped"].contains(failure.verdict)
    let width = commands.map(\.purpose.count).max() ?? 0
    let lines = (isFailure ? commands : commands.suffix(1)).map { command in
        let pad = String(repeating: " ", count: isFailure ? width - command.purpose.count : 0)
        return "\(command.purpose): \(pad)\(command.words)"
    }
    return failure.lines(timeline: timeline, remarks: (remarks + [versions]).map { "  \($0)" } + lines)
        .joined(separator: "\n")
}

private func failure(_ json: String) -> Failure? {
    do throws(JSONError) { return Failure(try JSON(parsing: json)) } catch { return nil }
}

extension Outcome {
    var failure: Failure? { galgo_sim.failure(json) }

    /// For a list of many.
    func shortFailure(_ arguments: Arguments) -> JUnit.Case.Failure? {
        guard exitCode != 0 else { return nil }
        return JUnit.Case.Failure(
            kind: text("property") ?? text("verdict") ?? "failure", message: "seed \(seed): \(reason)",
            text: describe(self, commands: arguments.commands(of: seed)))
    }
}

extension Arguments {
    /// From a seed or a plan that fails to a run to look at; the last one plays it as it was.
    func commands(of seed: UInt64) -> [ReproducingCommand] {
        let options = planPath == nil ? planOptions : []
        let target = planPath.map { Self.quoted($0) } ?? "\(seed)"
        let file = planPath.map { Self.quoted("\($0).small") } ?? "seed-\(seed).plan"
        func line(_ command: String, _ rest: String...) -> String {
            (["galgo-sim", command, target] + options + rest).joined(separator: " ")
        }
        let smaller = ReproducingCommand(purpose: "smaller", words: line("shrink", "-o", file))
        let same = ReproducingCommand(purpose: "reproduce", words: line("replay"))
        guard planPath == nil else { return [smaller, same] }
        let plan = line("replay", "--plan", ">", file, "&&", "galgo-sim", "replay", file)
        return [ReproducingCommand(purpose: "as a plan", words: plan), smaller, same]
    }

    /// A word for a shell.
    static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:+=@".contains($0)) }
        return plain && !word.isEmpty ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}

// MARK: What a seed's meaning depends on

var versions: String {
    "plan generator \(Plan.generator), random streams \(PRNG.streamVersion), \(toolchain), "
        + "commit \(commit ?? "unknown (GALGO_COMMIT is not set)")"
}

/// As whoever starts the simulator tells it.
var commit: String? { unsafe getenv("GALGO_COMMIT").map { unsafe String(cString: $0) } }

/// The compiler that made this program.
var toolchain: String {
    #if compiler(>=6.4)
        "Swift 6.4 or later"
    #elseif compiler(>=6.3)
        "Swift 6.3"
    #else
        "Swift before 6.3"
    #endif
}
