import Glibc

/// Exit codes of the simulator, beside those that a report gives.
enum ExitCode {
    static let nondeterminism: Int32 = 12
    static let trapped: Int32 = 13
    static let vacuous: Int32 = 14
    /// A planted bug was not found, or too few of many, or a mark was not hit.
    static let unseen: Int32 = 15
    static let inapplicable: Int32 = 16
    static let usage: Int32 = 64
    static let internalError: Int32 = 70
}

switch Arguments.parse(Array(CommandLine.arguments.dropFirst())) {
case .failure(let problem):
    complain("galgo-sim: \(problem.text); --help lists what there is")
    exit(ExitCode.usage)
case .success(let arguments):
    do throws(NoPlan) { exit(try obey(arguments)) } catch {
        complain("galgo-sim: \(error.text)")
        exit(error.exitCode)
    }
}

/// Does what the command line asks for. The exit code.
func obey(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    if let path = arguments.outputs.first(where: { !canWrite($0) }) {
        throw NoPlan(text: "can't write \(path)", exitCode: ExitCode.usage)
    }
    if arguments.playsSeeds { try checkWatched(arguments) }
    switch arguments.command {
    case .run, .verify: return explore(arguments)
    case .replay: return try replay(arguments)
    case .sweep: return try sweep(arguments)
    case .canary: return canary(arguments)
    case .mutants: return mutants(arguments)
    case .branch: return try branch(arguments)
    case .marks: return marks(arguments)
    case .confirm: return try confirm(arguments)
    case .conform: return conform(arguments)
    case .rotation: return rotation(arguments)
    case .metamorphic: return metamorphic(arguments)
    case .shrink: return try shrink(arguments)
    case .explain: return try explain(arguments)
    case .report: return try report(arguments)
    case .corpus: return try corpus(arguments)
    case .worker: return work(arguments)
    case .planWorker: return workPlans(arguments)
    case .sweepWorker: return workSweep(arguments)
    case .orderWorker: return workOrders(arguments)
    case .metamorphicWorker: return workMetamorphic(arguments)
    case .conformWorker: return workConformance(arguments)
    case .list: list(arguments)
    case .help: say(arguments.helped.flatMap { CommandHelp($0)?.text } ?? helpText)
    }
    return 0
}
