import Conformance
import Platform
import Server
import Sim

/// What the command line asks for.
struct Arguments {
    enum Command: String {
        case run, replay, shrink, explain, report, verify, sweep, branch, marks, confirm, canary, mutants, conform
        case metamorphic, corpus, rotation, list, help
        /// A child of `conform`: takes numbers of rounds.
        case conformWorker = "conform-worker"
        /// A child of `metamorphic`: takes seeds.
        case metamorphicWorker = "metamorphic-worker"
        /// A child of `sweep`: takes numbers of first crashes.
        case sweepWorker = "sweep-worker"
        /// A child of `sweep --interleave`: takes paths of decisions.
        case orderWorker = "order-worker"
        /// A child of `run` and `verify`: takes seeds from its input, one a line.
        case worker
        /// A child of `shrink`: takes plans.
        case planWorker = "plan-worker"
    }

    struct Problem: Error {
        let text: String
    }

    var command: Command
    /// It is `rotation`, in a process of its own for another that waits for what becomes of it.
    private(set) var isRotationWorker = false
    static let rotationWorker = "rotation-worker"
    /// Of `help`: the command that it is about; nil for all.
    private(set) var helped: Command?
    var seeds: ClosedRange<UInt64> = 1...100
    /// Seeds were asked for.
    private(set) var hasSeeds = false
    /// Stop after so many seconds; then `seeds` only says where to begin.
    var seconds: Int?
    var jobs: Int?
    var profile = PlanGenerator.Profile.std
    /// Families, and kinds of the catalogue.
    var only: [String]?
    var without: [String] = []
    var mutation: Mutation?
    /// Of `rotation`: what is planted in the log writer.
    private(set) var logMutation: LogMutation?
    var sabotage: Sabotage?
    /// Of `mutants`: those to hunt for; nil for all.
    var hunted: [Mutant]?
    /// Of `mutants`: so many per cent have to be found.
    var gate: Int?
    var ambush: Ambush?
    var leak: Leak?
    /// Of `mutants`: what was found, as the page of the documentation.
    var isMarkdown = false
    /// Of `mutants`: the page with the seeds that found them.
    private(set) var knownPath: String?
    /// Of `mutants` and `sweep`: print what there is and run nothing.
    var listsOnly = false
    var isJSON = false
    /// Of `sweep`; none for all. Crashes and orders have scenarios of their own.
    private(set) var scenarios: [String] = []
    /// Of `sweep`: orders are explored instead of crashes.
    private(set) var interleaving: Interleave?
    var nesting = Sweep.Nesting.sampled
    /// A sweep begins with refusals.
    var refuses = false
    var diskPoints: [DiskPoint] = []
    /// Of `run`: each seed in two processes.
    var isTwice = false
    var printsTrace = false
    var printsPlan = false
    /// Of `replay` and `shrink`: a file with a plan instead of a seed.
    var planPath: String?
    /// Of `replay`: where the run is left, as it was said; and the state of the world there is told.
    private(set) var stop: (text: String, point: StopPoint)?
    private(set) var dumpsState = false
    /// Of `replay`: seconds after which a run counts as hung; nil for the usual ones.
    private(set) var limit: Int?
    /// Of `shrink` and `explain`: seconds after which it is content.
    var budget = 30
    /// Of `shrink` and `report`: where the plan or the page goes.
    var outputPath: String?
    /// Of `report`: files with lines of JSON, `-` for the input; and plans or seeds to show from inside.
    var inputPaths: [String] = []
    var pictured: [String] = []
    /// Where results go as JUnit XML.
    var junitPath: String?
    /// Failures are told as a service for continuous integration shows them.
    var isAnnotated = false
    /// Of `replay`: on a real server, which stands here; nil for the one beside this program.
    var isOnBinary = false
    var serverPath: String?
    /// Of `corpus`.
    private(set) var corpusAction: CorpusAction?
    private(set) var corpusPath = "Tests/Corpus"
    /// What a plan is kept for, and the commit that mended it.
    private(set) var why: String?
    private(set) var fix: String?
    /// What would be removed is.
    private(set) var isAgreed = false
    /// Of `worker`: allocations and hash seeds differ from those of its twin.
    var isTwin = false
    /// Of `worker`: it tells the pairs of moments that a run went through.
    var tellsPoints = false
    /// Of `branch`: where the ways part; or the search finds that itself; or searches are compared, from so many seeds.
    var waypoint: Waypoint?
    var isAutomatic = false
    var isMeasured = false
    var starts = 5
    /// Of `branch` and `confirm`: runs, at most; of `explain`: how often each question is asked.
    var tries: Int?
    /// Of `marks`: what is missing is a failure.
    var isGated = false
    /// Of `confirm`: the code is repaired, or what is planted is left out.
    var isFixed = false
    /// Of `confirm`: how often it failed before the repair.
    var rate: Confidence?

    /// Of `verify`: the executable that runs every seed for the second time.
    var against: String?
    /// Runs although clocks and dice are not watched.
    var isUnwatched = false
    /// Of `worker`: the words of the trace that it tells.
    var window: Range<UInt64>?
    /// Of `conform`: calls on each volume, which volume if not both, and where directories are made.
    var calls = 1_000_000
    var volume: Volume?
    var directory = "/tmp"
    /// Of `metamorphic`: which plan is printed.
    var variant: Metamorphosis.Variant?

    private var given: [Option] = []

    static func parse(_ words: [String]) -> Result<Arguments, Problem> {
        do throws(Problem) { return .success(try Arguments(words)) } catch { return .failure(error) }
    }

    private init(_ words: [String]) throws(Problem) {
        guard let first = words.first else { throw Problem(text: "no command") }
        isRotationWorker = first == Self.rotationWorker
        let name = isRotationWorker ? Command.rotation.rawValue : first
        guard let command = ["-h", "--help"].contains(first) ? .help : Command(rawValue: name) else {
            throw Problem(text: "no command '\(first)'")
        }
        self.command = command
        isTwice = command == .verify
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            if word == "--help" || word == "-h" {
                helped = command
                self.command = .help
                return
            }
            if let option = Option(rawValue: word), option.commands.contains(command) {
                guard !given.contains(option) || (option == .plan && command == .report) else { throw Problem(text: "\(word) is given twice") }
                given.append(option)
                try read(option, &rest)
            } else {
                try readTarget(word)
            }
        }
        if command == .explain, !given.contains(.budget) { budget = 60 }
        try checkTogether()
    }

    private mutating func read(_ option: Option, _ rest: inout ArraySlice<String>) throws(Problem) {
        let name = option.rawValue
        switch option {
        case .json: isJSON = true
        case .twice: isTwice = true
        case .plan where command == .report: pictured.append(try Self.value(name, &rest))
        case .html: break
        case .plan: printsPlan = true
        case .twin: isTwin = true
        case .points: tellsPoints = true
        case .auto: isAutomatic = true
        case .measure: isMeasured = true
        case .gate where command == .marks: isGated = true
        case .fixed: isFixed = true
        case .starts: starts = try Self.number(name, try Self.value(name, &rest))
        case .tries: tries = try Self.number(name, try Self.value(name, &rest))
        case .until: try readStop(try Self.value(name, &rest))
        case .dump:
            let text = try Self.value(name, &rest)
            guard text == "state" else { throw Problem(text: "--dump is state or not given, not '\(text)'") }
            dumpsState = true
        case .limit:
            let seconds = try Self.number(name, try Self.value(name, &rest))
            guard seconds <= 86_400 else { throw Problem(text: "--limit is a day at most: 86400") }
            limit = seconds
        case .at: waypoint = try Self.waypoint(try Self.value(name, &rest))
        case .rate: rate = try Self.rate(try Self.value(name, &rest))
        case .annotations: isAnnotated = true
        case .junit: junitPath = try Self.value(name, &rest)
        case .unwatched: isUnwatched = true
        case .against: against = try Self.program(name, try Self.value(name, &rest))
        case .leak: leak = try Self.choice(name, try Self.value(name, &rest)) as Leak
        case .calls: calls = try Self.count(name, try Self.value(name, &rest))
        case .volume: volume = try Self.choice(name, try Self.value(name, &rest)) as Volume
        case .variant: variant = try Self.choice(name, try Self.value(name, &rest)) as Metamorphosis.Variant
        case .directory: directory = try Self.value(name, &rest)
        case .window:
            let numbers = try Self.range(name, try Self.value(name, &rest))
            window = numbers.lowerBound..<numbers.upperBound
        case .corpus: corpusPath = try Self.value(name, &rest)
        case .why: why = try Self.value(name, &rest)
        case .fix: fix = try Self.value(name, &rest)
        case .yes: isAgreed = true
        case .binary:
            isOnBinary = true
            // A seed has no slash, and a path always has one.
            if let path = rest.first, path.contains("/"), !path.hasPrefix("-") {
                serverPath = path
                rest.removeFirst()
            }
        case .seed: try readSeed(try Self.value(name, &rest))
        case .seeds: try readSeeds(try Self.value(name, &rest))
        case .seconds:
            let text = try Self.value(name, &rest)
            seconds = try Self.number(name, text.hasSuffix("s") ? String(text.dropLast()) : text)
        case .budget: budget = try Self.number(name, try Self.value(name, &rest))
        case .output: outputPath = try Self.value(name, &rest)
        case .jobs: jobs = try Self.number(name, try Self.value(name, &rest))
        case .interleave: interleaving = try Self.interleave(try Self.value(name, &rest))
        case .schedule:
            let text = try Self.value(name, &rest)
            guard let path = DecisionPath(text: text) else {
                throw Problem(text: "'\(text)' is no schedule: usual, or DECISION.CHOICE joined by +, such as 12.1+20.1")
            }
            interleaving = .schedule(path)
        case .refusals: refuses = true
        case .nested: nesting = try Self.choice(name, try Self.value(name, &rest))
        case .profile: profile = try Self.choice(name, try Self.value(name, &rest))
        case .ambush: ambush = try Self.choice(name, try Self.value(name, &rest)) as Ambush
        case .sabotage: sabotage = try Self.choice(name, try Self.value(name, &rest)) as Sabotage
        case .crash:
            for text in try Self.value(name, &rest).split(separator: "+", omittingEmptySubsequences: false) {
                guard let point = DiskPoint(text: text) else {
                    throw Problem(text: "'\(text)' is no disk point: BOUNDARY.DEED, such as 83.torn or 90.fails (galgo-sim list)")
                }
                diskPoints.append(point)
            }
        case .trace:
            let text = try Self.value(name, &rest)
            guard text == "full" else { throw Problem(text: "--trace is full or not given, not '\(text)'") }
            printsTrace = true
        case .only where command == .mutants: hunted = try Self.mutants(try Self.value(name, &rest))
        case .gate: gate = try Self.number(name, try Self.value(name, &rest))
        case .list: listsOnly = true
        case .markdown: isMarkdown = true
        case .known: knownPath = try Self.value(name, &rest)
        case .only: only = try Self.faults(try Self.value(name, &rest))
        case .without: without = try Self.faults(try Self.value(name, &rest))
        case .mutant where command == .rotation:
            logMutation = try Self.choice(name, try Self.value(name, &rest)) as LogMutation
        case .mutant:
            let text = try Self.value(name, &rest)
            guard let found = Mutation.allCases.first(where: { "\($0)" == text }) else {
                throw Problem(text: "no mutant '\(text)'")
            }
            mutation = found
        }
    }

    /// What `replay` is to play, `shrink` to make smaller, `explain` to explain and so on: a seed or a file; or a scenario
    /// of `sweep`.
    private mutating func readTarget(_ word: String) throws(Problem) {
        if command == .corpus, corpusAction == nil, !word.hasPrefix("-") {
            corpusAction = try Self.choice("corpus", word)
            return
        }
        if command == .report, word == "-" || !word.hasPrefix("-") {
            inputPaths.append(word)
            return
        }
        if [.sweep, .sweepWorker, .orderWorker, .rotation].contains(command), !word.hasPrefix("-") {
            scenarios.append(word)
            return
        }
        guard takesTarget, !word.hasPrefix("-") else {
            throw Problem(text: "'\(command.rawValue)' knows no '\(word)'")
        }
        guard !hasSeeds, planPath == nil else { throw Problem(text: "one seed or plan at a time: '\(word)' is another") }
        if Self.seed(word) != nil { try readSeed(word) } else { planPath = word }
    }

    /// Whether a seed or a file follows.
    private var takesTarget: Bool {
        switch command {
        case .replay, .shrink, .explain, .branch, .confirm: true
        case .corpus: corpusAction == .add
        default: false
        }
    }

    private func refuse(_ option: Option, unless condition: Bool, _ why: String) throws(Problem) {
        if given.contains(option), !condition { throw Problem(text: "\(option.rawValue) \(why)") }
    }

    /// Options that contradict each other, or would have no effect.
    private func checkTogether() throws(Problem) {
        try refuse(.seed, unless: !given.contains(.seeds), "and --seeds contradict each other")
        if command == .branch { try checkBranch() }
        if command == .corpus { try checkCorpus() }
        try refuse(.rate, unless: isFixed, "goes with --fixed: it was measured before the repair")
        if command == .confirm, isFixed, rate == nil, plantedOptions.isEmpty, planPath == nil {
            throw Problem(text: "--fixed needs the --rate that was measured before the repair, or a planted bug")
        }
        if takesTarget {
            guard hasSeeds || planPath != nil || isAutomatic || isMeasured else { throw Problem(text: "which seed or plan?") }
            for option in Option.ofPlans {
                try refuse(option, unless: planPath == nil, "goes with a seed: a plan says it itself")
            }
        }
        if command == .report, inputPaths.isEmpty, pictured.isEmpty {
            throw Problem(text: "nothing to report: a file of JSON lines, - for the input, or --plan")
        }
        if command == .sweep {
            try checkScenarios()
            try refuse(.schedule, unless: scenarios.count == 1, "needs its scenario")
            try refuse(.schedule, unless: !given.contains(.interleave), "is one order: no --interleave")
            try refuse(.schedule, unless: !given.contains(.jobs) && seconds == nil, "is one run: no --jobs, no --for")
            try refuse(.seconds, unless: given.contains(.interleave), "goes with --interleave")
            for option in [Option.crash, .nested, .refusals] {
                try refuse(option, unless: interleaving == nil, "is not for orders, which have their crashes themselves")
            }
            try refuse(.crash, unless: scenarios.count == 1, "needs its scenario")
            try refuse(.crash, unless: !given.contains(.nested), "names its crashes itself: no --nested")
            try refuse(.crash, unless: !refuses, "names its refusals itself: no --refusals")
            try refuse(.crash, unless: !given.contains(.jobs), "is one run: no --jobs")
            let isOneRun = !diskPoints.isEmpty || given.contains(.schedule)
            try refuse(.trace, unless: isOneRun, "needs a --crash or a --schedule")
            try refuse(.plan, unless: isOneRun, "needs a --crash or a --schedule")
            for option in [Option.junit, .annotations] {
                try refuse(option, unless: !isOneRun, "is for many runs: no --crash, no --schedule")
            }
        }
        if command == .rotation { try checkRotation() }
        if command == .mutants {
            try refuse(.gate, unless: gate ?? 0 <= 100, "is per cent: at most 100")
            try refuse(.markdown, unless: !isJSON, "is for people: no --json")
            for option in [Option.seeds, .seed, .jobs, .gate, .markdown, .known] {
                try refuse(option, unless: !listsOnly, "hunts for nothing with --list")
            }
            for option in [Option.seeds, .seed, .gate, .markdown, .json, .junit, .profile] {
                try refuse(option, unless: knownPath == nil, "does not go with --known")
            }
            guard seeds.upperBound < .max else { throw Problem(text: "the last seed of all is not for mutants") }
        }
        if command == .metamorphic {
            try refuse(.plan, unless: variant != nil, "needs a --variant")
            try refuse(.variant, unless: printsPlan && given.contains(.seed), "goes with --plan and one --seed")
        }
        try refuse(.plan, unless: !printsTrace && !isJSON, "prints the plan alone: no --trace, no --json")
        try refuse(.trace, unless: !isJSON, "is for people: no --json")
        try refuse(.limit, unless: !printsPlan, "is about a run: no --plan")
        try refuse(.binary, unless: !printsTrace && !printsPlan, "runs a real server: no --trace, no --plan")
        for option in [Option.until, .dump] {
            try refuse(option, unless: !isOnBinary && !printsPlan, "is about a simulated run: no --binary, no --plan")
        }
    }

    private func checkRotation() throws(Problem) {
        try checkRotationScenarios()
        try refuse(.schedule, unless: scenarios.count == 1, "needs its scenario")
        try refuse(.schedule, unless: !given.contains(.interleave), "is one order: no --interleave")
        if case .all = interleaving { throw Problem(text: "--interleave needs a number here") }
        if interleaving == nil, !scenarios.isEmpty { throw Problem(text: "scenarios go with --interleave or --schedule") }
        for option in [Option.seeds, .seed, .twice] {
            try refuse(option, unless: interleaving == nil, "goes with seeds, not with orders")
        }
        let isOneRun = given.contains(.seed) || given.contains(.schedule)
        try refuse(.trace, unless: isOneRun, "needs a --seed or a --schedule")
        for option in [Option.gate, .list] {
            try refuse(option, unless: interleaving == nil && logMutation == nil && !isTwice, "is about every planted bug")
        }
        try refuse(.gate, unless: gate ?? 0 <= 100, "is per cent: at most 100")
    }

    private func checkCorpus() throws(Problem) {
        guard let corpusAction else {
            let actions = CorpusAction.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(text: "corpus is followed by one of \(actions)")
        }
        for option in Option.ofPlans + [.why, .fix] {
            try refuse(option, unless: corpusAction == .add, "goes with corpus add")
        }
        try refuse(.yes, unless: corpusAction == .prune, "goes with corpus prune")
        try refuse(.jobs, unless: corpusAction == .run, "goes with corpus run")
        try refuse(.json, unless: corpusAction != .add, "is for the others, not for corpus add")
    }

    private func checkBranch() throws(Problem) {
        let ways = [waypoint != nil, isAutomatic, isMeasured].count { $0 }
        guard ways == 1 else { throw Problem(text: "branch takes one of --at, --auto and --measure") }
        if planPath != nil, waypoint == nil { throw Problem(text: "a plan goes with --at: a search begins with a seed") }
        if given.contains(.seed) || given.contains(.seeds), waypoint != nil {
            throw Problem(text: "with --at the seed stands alone: branch SEED --at MOMENT")
        }
        if given.contains(.starts), !isMeasured { throw Problem(text: "--starts goes with --measure") }
        if isMeasured, !plantedOptions.isEmpty { throw Problem(text: "--measure plants its own bugs") }
        if isMeasured, given.contains(.output) { throw Problem(text: "--measure makes no plan: no -o") }
    }

    private mutating func readStop(_ text: String) throws(Problem) {
        guard let point = StopPoint(text: text) else {
            throw Problem(
                text: "'\(text)' is nowhere to stop: the number of an EVENT, a MOMENT or MOMENT.NTH, or a time such as 12ms")
        }
        stop = (text, point)
    }

    private mutating func readSeed(_ text: String) throws(Problem) {
        guard let seed = Self.seed(text) else { throw Problem(text: "'\(text)' is no seed") }
        seeds = seed...seed
        hasSeeds = true
    }

    private mutating func readSeeds(_ text: String) throws(Problem) {
        seeds = try Self.range("seeds", text)
        hasSeeds = true
    }

    var hasProfile: Bool { given.contains(.profile) }
}
