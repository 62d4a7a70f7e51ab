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
    case ambush = "--ambush"
    case twice = "--twice"
    case json = "--json"
    case trace = "--trace"
    case plan = "--plan"
    case interleave = "--interleave"
    case schedule = "--schedule"
    case list = "--list"
    case nested = "--nested"
    case refusals = "--refusals"
    case crash = "--crash"
    case budget = "--budget"
    case tries = "--tries"
    case html = "--html"
    case output = "-o"
    case gate = "--gate"
    case until = "--until"
    case dump = "--dump"
    case limit = "--limit"
    case at = "--at"
    case auto = "--auto"
    case measure = "--measure"
    case starts = "--starts"
    case fixed = "--fixed"
    case rate = "--rate"
    /// Of a worker: it tells the pairs of moments that a run went through.
    case points = "--points"
    case junit = "--junit"
    case annotations = "--annotations"
    case leak = "--leak"
    case against = "--against"
    case unwatched = "--unwatched"
    case calls = "--calls"
    case volume = "--volume"
    case directory = "--directory"
    case variant = "--variant"
    /// Of a worker: the numbers of the words that it tells.
    case window = "--window"
    case binary = "--binary"
    case corpus = "--corpus"
    case why = "--why"
    case fix = "--fix"
    case yes = "--yes"
    case markdown = "--markdown"
    case known = "--known"
    /// Of a worker: allocations and hash seeds differ from those of its twin.
    case twin = "--twin"

    /// The options that choose which plan a seed means.
    static let ofPlans: [Option] = [.profile, .only, .without, .mutant, .sabotage, .ambush, .leak]

    /// The commands that know it; to any other it is unknown.
    var commands: [Arguments.Command] {
        switch self {
        case .seeds, .seed: [.run, .verify, .canary, .mutants, .metamorphic, .marks, .branch, .rotation]
        case .seconds: [.run, .verify, .sweep]
        case .jobs:
            [
                .run, .verify, .sweep, .canary, .mutants, .shrink, .explain, .branch, .marks, .confirm, .conform,
                .metamorphic, .corpus,
            ]
        case .only, .profile:
            [.run, .verify, .replay, .shrink, .explain, .branch, .marks, .confirm, .worker, .mutants, .corpus]
        case .without: [.run, .verify, .replay, .shrink, .explain, .branch, .marks, .confirm, .worker, .corpus]
        case .mutant: Option.sabotage.commands + [.rotation]
        case .sabotage:
            [
                .run, .verify, .replay, .shrink, .explain, .sweep, .branch, .confirm, .worker, .sweepWorker,
                .orderWorker, .metamorphic, .metamorphicWorker, .corpus,
            ]
        case .ambush: [.run, .verify, .replay, .shrink, .explain, .branch, .confirm, .worker, .corpus]
        case .twice: [.run, .rotation]
        case .json:
            [
                .run, .verify, .replay, .shrink, .explain, .sweep, .canary, .mutants, .branch, .marks, .confirm, .list,
                .conform, .metamorphic, .corpus, .rotation,
            ]
        case .trace: [.replay, .sweep, .worker, .planWorker, .rotation]
        case .plan: [.replay, .sweep, .metamorphic, .report]
        case .variant: [.metamorphic]
        case .interleave: [.sweep, .orderWorker, .rotation]
        case .schedule: [.sweep, .rotation]
        case .nested, .refusals: [.sweep, .sweepWorker]
        case .crash: [.sweep]
        case .budget: [.shrink, .explain]
        case .output: [.shrink, .branch, .confirm, .report]
        case .html: [.report]
        case .until: [.replay, .planWorker]
        case .dump, .limit: [.replay]
        case .at, .auto, .measure, .starts: [.branch]
        case .tries: [.explain, .branch, .confirm]
        case .gate: [.mutants, .marks, .rotation]
        case .list: [.sweep, .mutants, .rotation]
        case .markdown, .known: [.mutants]
        case .fixed, .rate: [.confirm]
        case .points: [.worker, .planWorker]
        case .junit: [.run, .verify, .sweep, .canary, .mutants]
        case .annotations: [.run, .verify, .sweep, .canary]
        case .leak: [.run, .verify, .replay, .worker]
        case .against: [.verify]
        case .unwatched: [.run, .verify, .replay, .worker, .planWorker]
        case .calls: [.conform]
        case .volume, .directory: [.conform, .conformWorker]
        case .window: [.worker]
        case .binary: [.replay]
        case .corpus, .why, .fix, .yes: [.corpus]
        case .twin: [.worker, .planWorker]
        }
    }
}
