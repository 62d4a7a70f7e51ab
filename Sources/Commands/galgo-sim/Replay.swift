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
    guard let report = perform(plan, tell: arguments.printsTrace ? { say($0) } : nil) else {
        return ExitCode.internalError
    }
    if arguments.isJSON {
        say(report.json)
    } else {
        say(describe(report, reproduce: arguments.planPath.map { "galgo-sim replay \($0)" }
            ?? arguments.reproduction(of: plan.seed)))
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
        throw NoPlan(text: "\(path) is no plan that can be run: \(error.text)", exitCode: ExitCode.inapplicable)
    }
}

/// A verdict with its evidence, at most 40 lines.
func describe(_ report: Report, reproduce: String) -> String {
    var lines: [String] = []
    switch report.verdict {
    case .held: lines.append("seed \(report.seed): held")
    case .vacuous(let why): lines.append("seed \(report.seed): vacuous, \(why)")
    case .violated(let violation):
        lines.append("seed \(report.seed): VIOLATED \(violation.property.rawValue) in phase \(report.phase)")
        lines.append("  \(violation.text)")
        lines.append("  at \(violation.time / 1_000) µs")
    }
    lines.append("  the last that happened:")
    lines += report.timeline.map { "  " + $0.prefix(180) }
    let counts = report.counts
    lines.append(
        "  asked \(report.asked): ok \(report.ok), refused \(report.refused), unknown \(report.unknown); "
            + "kills \(counts.kills), power cuts \(counts.powerCuts), panics \(counts.panics); "
            + "\(counts.steps) steps, \(report.simulatedTime / 1_000_000) ms simulated")
    let effects = report.effects.filter { $0.count > 0 }.map { "\($0.family.rawValue) \($0.count)" }
    lines.append("  faults: \(effects.isEmpty ? "none" : effects.joined(separator: ", "))")
    lines.append("  trace \(report.traceHash.text)")
    lines.append("  \(versions)")
    lines.append("reproduce: \(reproduce)")
    return lines.joined(separator: "\n")
}

/// What a seed's meaning depends on; the commit as whoever starts the simulator tells it.
var versions: String {
    let commit = unsafe getenv("GALGO_COMMIT").map { unsafe String(cString: $0) }
    return "plan generator \(Plan.generator), random streams \(PRNG.streamVersion), \(toolchain), "
        + "commit \(commit ?? "unknown (GALGO_COMMIT is not set)")"
}

/// The compiler that made this program.
private var toolchain: String {
    #if compiler(>=6.4)
        "Swift 6.4 or later"
    #elseif compiler(>=6.3)
        "Swift 6.3"
    #else
        "Swift before 6.3"
    #endif
}

private func readFile(_ path: String) -> String? {
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
    fileprivate var text: String {
        switch self {
        case .notAPlan: "it does not begin with 'galgo plan'"
        case .otherFormat(let first): "it begins with '\(first)', and this version reads 'galgo plan \(Plan.format)'"
        case .line(let number, let line): "line \(number) means nothing here: \(line)"
        }
    }
}
