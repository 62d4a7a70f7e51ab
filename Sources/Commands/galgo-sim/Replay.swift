import Glibc
import Primitives
import Sim

/// Runs one plan in this process and tells what happened.
func replay(_ arguments: Arguments) -> Int32 {
    let plan: Plan
    do throws(NoPlan) { plan = try wantedPlan(arguments) } catch {
        complain("galgo-sim: \(error.text)")
        return error.exitCode
    }
    if arguments.printsPlan {
        write(plan)
        return 0
    }
    if arguments.isUnwatched { complain(unwatchedText) }
    if arguments.isOnBinary { return replayOnBinary(plan, arguments) }
    guard let report = perform(plan, arguments.watching) else {
        return ExitCode.internalError
    }
    if arguments.isJSON {
        say(report.json)
    } else {
        say(describe(report, commands: arguments.commands(of: plan.seed)))
    }
    return report.exitCode
}

/// Why there is no plan.
struct NoPlan: Error {
    let text: String
    let exitCode: Int32
}

/// The plan of the seed or of the file that the command line names.
func wantedPlan(_ arguments: Arguments) throws(NoPlan) -> Plan {
    guard let path = arguments.planPath else { return arguments.plan(seed: arguments.seeds.lowerBound) }
    guard let text = readFile(path) else { throw NoPlan(text: "can't read \(path)", exitCode: ExitCode.usage) }
    do throws(Plan.Malformed) { return try Plan(text: text) } catch {
        throw NoPlan(text: "\(path) is no plan that can be run: \(error.text)", exitCode: error.exitCode)
    }
}

func readFile(_ path: String) -> String? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    while true {
        let byte = unsafe fgetc(file)
        if byte < 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes.append(UInt8(truncatingIfNeeded: byte))
    }
}

/// Why a text is no plan, in words.
extension Plan.Malformed {
    var text: String {
        switch self {
        case .notAPlan: "it does not begin with 'galgo plan'"
        case .otherFormat(let first): "it begins with '\(first)', and this version reads 'galgo plan \(Plan.format)'"
        case .line(let number, let line): "line \(number) means nothing here: \(line.prefix(120))"
        case .unknown(let number, let name): "line \(number): \(name) in this version"
        case .impossible(let number, let line, let why): "line \(number), '\(line.prefix(120))': \(why)"
        }
    }

    /// Whether it was wrong from the beginning or is no longer right.
    var exitCode: Int32 {
        switch self {
        case .notAPlan, .line, .impossible: ExitCode.usage
        case .otherFormat, .unknown: ExitCode.inapplicable
        }
    }
}
