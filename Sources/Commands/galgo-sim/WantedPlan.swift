import Glibc
import Sim

// What replay, shrink, explain, branch and confirm begin with: the run that the command line names.

/// Why there is no plan, or none that a command is of use for.
struct NoPlan: Error {
    let text: String
    let exitCode: Int32

    static let noWorker = NoPlan(text: "no worker could be started", exitCode: ExitCode.internalError)
}

/// Tells a person; the exit code.
func noWorker() -> Int32 {
    complain("galgo-sim: \(NoPlan.noWorker.text)")
    return NoPlan.noWorker.exitCode
}

/// The plan of the seed or of the file that the command line names.
func wantedPlan(_ arguments: Arguments) throws(NoPlan) -> Plan {
    let plan = try namedPlan(arguments)
    if !arguments.printsPlan { try checkWatched(arguments) }
    return plan
}

private func namedPlan(_ arguments: Arguments) throws(NoPlan) -> Plan {
    guard let path = arguments.planPath else { return arguments.plan(seed: arguments.seeds.lowerBound) }
    guard let text = readFile(path) else { throw NoPlan(text: "can't read \(path)", exitCode: ExitCode.usage) }
    do throws(Plan.Malformed) { return try Plan(text: text) } catch {
        throw NoPlan(text: "\(path) is no plan that can be run: \(error.text)", exitCode: ExitCode.inapplicable)
    }
}

/// Before a command plays anything: whether somebody would notice a clock or dice, or it is told that nobody has to.
func checkWatched(_ arguments: Arguments) throws(NoPlan) {
    guard arguments.isUnwatched || areTrapsBound() else {
        throw NoPlan(text: unboundText, exitCode: ExitCode.internalError)
    }
}

/// A plan that fails, and how.
struct FailingRun {
    let plan: Plan
    let outcome: Outcome
    let signature: FailureSignature
}

extension Laboratory {
    /// The run that the command line names. `purpose`: what it has to fail for, such as `shrink`.
    func failingRun(_ arguments: Arguments, to purpose: String) throws(NoPlan) -> FailingRun {
        let plan = try wantedPlan(arguments)
        guard let outcome = observe(plan) else { throw .noWorker }
        guard let signature = FailureSignature(outcome) else {
            throw NoPlan(
                text: "\(arguments.target) does not fail (\(outcome.reason)): there is nothing to \(purpose)",
                exitCode: ExitCode.inapplicable)
        }
        return FailingRun(plan: plan, outcome: outcome, signature: signature)
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

    /// It was right once: it names what this version does not know.
    var isOutOfDate: Bool {
        switch self {
        case .otherFormat, .unknown: true
        case .notAPlan, .line, .impossible: false
        }
    }
}
