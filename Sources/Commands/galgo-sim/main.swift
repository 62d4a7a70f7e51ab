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
    switch arguments.command {
    case .run, .verify: exit(explore(arguments))
    case .replay: exit(replay(arguments))
    case .sweep: exit(sweep(arguments))
    case .canary: exit(canary(arguments))
    case .mutants: exit(mutants(arguments))
    case .branch: exit(branch(arguments))
    case .marks: exit(marks(arguments))
    case .confirm: exit(confirm(arguments))
    case .conform: exit(conform(arguments))
    case .metamorphic: exit(metamorphic(arguments))
    case .metamorphicWorker: exit(workMetamorphic(arguments))
    case .conformWorker: exit(workConformance(arguments))
    case .rotation: exit(rotation(arguments))
    case .shrink: exit(shrink(arguments))
    case .explain: exit(explain(arguments))
    case .report: exit(report(arguments))
    case .planWorker: exit(workPlans(arguments))
    case .list: list(arguments)
    case .corpus: exit(corpus(arguments))
    case .sweepWorker: exit(workSweep(arguments))
    case .orderWorker: exit(workOrders(arguments))
    case .worker: exit(work(arguments))
    case .help: say(arguments.helped.flatMap { CommandHelp($0)?.text } ?? helpText)
    }
}
