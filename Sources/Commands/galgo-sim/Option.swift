/// What may stand on the command line beside the command, and where.
enum Option: String, CaseIterable {
    case seeds = "--seeds"
    case seed = "--seed"
    case seconds = "--for"
    case jobs = "--jobs"
    case profile = "--profile"
    case only = "--only"
    case without = "--without"
    case mutant = "--mutant"
    case sabotage = "--sabotage"
    case twice = "--twice"
    case json = "--json"
    case trace = "--trace"
    case plan = "--plan"
    case scenario = "--scenario"
    case nested = "--nested"
    case crash = "--crash"
    case budget = "--budget"
    case output = "-o"
    case gate = "--gate"
    case list = "--list"
    case markdown = "--markdown"
    /// Of a worker: allocations and hash seeds differ from those of its twin.
    case twin = "--twin"

    /// The options that choose which plan a seed means.
    static let ofPlans: [Option] = [.profile, .only, .without, .mutant, .sabotage]

    /// The commands that know it; to any other it is unknown.
    var commands: [Arguments.Command] {
        switch self {
        case .seeds, .seed: [.run, .verify, .canary, .mutants]
        case .seconds: [.run, .verify]
        case .jobs: [.run, .verify, .sweep, .canary, .mutants, .shrink]
        case .only: [.run, .verify, .replay, .shrink, .worker, .mutants]
        case .profile: [.run, .verify, .replay, .shrink, .worker, .mutants]
        case .without: [.run, .verify, .replay, .shrink, .worker]
        case .mutant, .sabotage: [.run, .verify, .replay, .shrink, .sweep, .worker, .sweepWorker]
        case .twice: [.run]
        case .json: [.run, .verify, .replay, .shrink, .sweep, .canary, .mutants, .list]
        case .trace: [.replay, .sweep, .worker]
        case .plan: [.replay, .sweep]
        case .scenario: [.sweep, .sweepWorker]
        case .nested: [.sweep, .sweepWorker]
        case .crash: [.sweep]
        case .budget, .output: [.shrink]
        case .gate, .list, .markdown: [.mutants]
        case .twin: [.worker, .planWorker]
        }
    }
}
