import Platform
import Sim

/// What the command line asks for.
struct Arguments {
    enum Command: String {
        case run, replay, shrink, verify, sweep, canary, mutants, list, help
        /// A child of `sweep`: takes numbers of first crashes.
        case sweepWorker = "sweep-worker"
        /// A child of `run` and `verify`: takes seeds from its input, one a line.
        case worker
        /// A child of `shrink`: takes plans.
        case planWorker = "plan-worker"
    }

    struct Problem: Error {
        let text: String
    }

    var command: Command
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
    var sabotage: Sabotage?
    /// Of `mutants`: those to hunt for; nil for all.
    var hunted: [Mutant]?
    /// Of `mutants`: so many per cent have to be found.
    var gate: Int?
    /// Of `mutants`: print the catalogue and hunt for nothing.
    var listsMutants = false
    /// Of `mutants`: what was found, as the page of the documentation.
    var isMarkdown = false
    var isJSON = false
    /// Of `sweep`.
    var scenario: Sweep.Scenario?
    var nesting = Sweep.Nesting.sampled
    var crashPoints: [CrashPoint] = []
    /// Of `run`: each seed in two processes.
    var isTwice = false
    var printsTrace = false
    var printsPlan = false
    /// Of `replay` and `shrink`: a file with a plan instead of a seed.
    var planPath: String?
    /// Of `shrink`: seconds after which it is content.
    var budget = 30
    /// Of `shrink`: where the plan goes.
    var outputPath: String?
    /// Of `worker`: allocations and hash seeds differ from those of its twin.
    var isTwin = false

    private var given: [Option] = []

    static func parse(_ words: [String]) -> Result<Arguments, Problem> {
        do throws(Problem) { return .success(try Arguments(words)) } catch { return .failure(error) }
    }

    private init(_ words: [String]) throws(Problem) {
        guard let first = words.first else { throw Problem(text: "no command") }
        guard let command = ["-h", "--help"].contains(first) ? .help : Command(rawValue: first) else {
            throw Problem(text: "no command '\(first)'")
        }
        self.command = command
        isTwice = command == .verify
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            if word == "--help" || word == "-h" {
                self.command = .help
                return
            }
            if let option = Option(rawValue: word), option.commands.contains(command) {
                guard !given.contains(option) else { throw Problem(text: "\(word) is given twice") }
                given.append(option)
                try read(option, &rest)
            } else {
                try readTarget(word)
            }
        }
        try checkTogether()
    }

    private mutating func read(_ option: Option, _ rest: inout ArraySlice<String>) throws(Problem) {
        let name = option.rawValue
        switch option {
        case .json: isJSON = true
        case .twice: isTwice = true
        case .plan: printsPlan = true
        case .twin: isTwin = true
        case .seed: try readSeed(try Self.value(name, &rest))
        case .seeds: try readSeeds(try Self.value(name, &rest))
        case .seconds:
            let text = try Self.value(name, &rest)
            seconds = try Self.number(name, text.hasSuffix("s") ? String(text.dropLast()) : text)
        case .budget: budget = try Self.number(name, try Self.value(name, &rest))
        case .output: outputPath = try Self.value(name, &rest)
        case .jobs: jobs = try Self.number(name, try Self.value(name, &rest))
        case .scenario: scenario = try Self.choice(name, try Self.value(name, &rest))
        case .nested: nesting = try Self.choice(name, try Self.value(name, &rest))
        case .profile: profile = try Self.choice(name, try Self.value(name, &rest))
        case .sabotage: sabotage = try Self.choice(name, try Self.value(name, &rest)) as Sabotage
        case .crash:
            for text in try Self.value(name, &rest).split(separator: "+", omittingEmptySubsequences: false) {
                guard let point = CrashPoint(text: text) else {
                    throw Problem(text: "'\(text)' is no crash point: BOUNDARY.SURVIVAL, such as 83.torn")
                }
                crashPoints.append(point)
            }
        case .trace:
            let text = try Self.value(name, &rest)
            guard text == "full" else { throw Problem(text: "--trace is full or not given, not '\(text)'") }
            printsTrace = true
        case .only where command == .mutants: hunted = try Self.mutants(try Self.value(name, &rest))
        case .gate: gate = try Self.number(name, try Self.value(name, &rest))
        case .list: listsMutants = true
        case .markdown: isMarkdown = true
        case .only: only = try Self.faults(try Self.value(name, &rest))
        case .without: without = try Self.faults(try Self.value(name, &rest))
        case .mutant:
            let text = try Self.value(name, &rest)
            guard let found = Mutation.allCases.first(where: { "\($0)" == text }) else {
                throw Problem(text: "no mutant '\(text)'")
            }
            mutation = found
        }
    }

    /// What `replay` is to play or `shrink` to make smaller: a seed or a file.
    private mutating func readTarget(_ word: String) throws(Problem) {
        guard command == .replay || command == .shrink, !word.hasPrefix("-") else {
            throw Problem(text: "'\(command.rawValue)' knows no '\(word)'")
        }
        guard !hasSeeds, planPath == nil else { throw Problem(text: "one seed or plan at a time: '\(word)' is another") }
        if Self.seed(word) != nil { try readSeed(word) } else { planPath = word }
    }

    /// Options that contradict each other, or would have no effect.
    private func checkTogether() throws(Problem) {
        func refuse(_ option: Option, unless condition: Bool, _ why: String) throws(Problem) {
            if given.contains(option), !condition { throw Problem(text: "\(option.rawValue) \(why)") }
        }
        try refuse(.seed, unless: !given.contains(.seeds), "and --seeds contradict each other")
        if command == .replay || command == .shrink {
            guard hasSeeds || planPath != nil else { throw Problem(text: "which seed or plan?") }
            for option in Option.ofPlans {
                try refuse(option, unless: planPath == nil, "goes with a seed: a plan says it itself")
            }
        }
        if command == .sweep {
            try refuse(.crash, unless: scenario != nil, "needs its --scenario")
            try refuse(.crash, unless: !given.contains(.nested), "names its crashes itself: no --nested")
            try refuse(.crash, unless: !given.contains(.jobs), "is one run: no --jobs")
            try refuse(.trace, unless: !crashPoints.isEmpty, "needs a --crash")
            try refuse(.plan, unless: !crashPoints.isEmpty, "needs a --crash")
        }
        if command == .mutants {
            try refuse(.gate, unless: gate ?? 0 <= 100, "is per cent: at most 100")
            try refuse(.markdown, unless: !isJSON, "is for people: no --json")
            for option in [Option.seeds, .seed, .jobs, .gate, .markdown] {
                try refuse(option, unless: !listsMutants, "hunts for nothing with --list")
            }
            guard seeds.upperBound < .max else { throw Problem(text: "the last seed of all is not for mutants") }
        }
        try refuse(.plan, unless: !printsTrace && !isJSON, "prints the plan alone: no --trace, no --json")
        try refuse(.trace, unless: !isJSON, "is for people: no --json")
    }

    private static func value(_ option: String, _ rest: inout ArraySlice<String>) throws(Problem) -> String {
        guard let value = rest.popFirst() else { throw Problem(text: "\(option) needs a value") }
        return value
    }

    private static func number(_ option: String, _ text: String) throws(Problem) -> Int {
        guard let number = Int(text), number > 0 else { throw Problem(text: "\(option) needs a number, not '\(text)'") }
        return number
    }

    /// Decimal, or hexadecimal after `0x`; underscores may stand anywhere.
    private static func seed(_ text: String) -> UInt64? {
        let digits = text.filter { $0 != "_" }
        return digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ option: String, _ text: String
    ) throws(Problem) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(text: "\(option) is one of \(choices), not '\(text)'")
        }
        return choice
    }

    private mutating func readSeed(_ text: String) throws(Problem) {
        guard let seed = Self.seed(text) else { throw Problem(text: "'\(text)' is no seed") }
        seeds = seed...seed
        hasSeeds = true
    }

    private mutating func readSeeds(_ text: String) throws(Problem) {
        guard let dots = text.firstRange(of: ".."), let first = Self.seed(String(text[..<dots.lowerBound])),
            let last = Self.seed(String(text[dots.upperBound...])), first <= last
        else { throw Problem(text: "'\(text)' is no range of seeds: A..B") }
        seeds = first...last
        hasSeeds = true
    }

    private static func faults(_ text: String) throws(Problem) -> [String] {
        let names = text.split(separator: ",").map { String($0) }
        for name in names where Fault.Family(rawValue: name) == nil && !Fault.catalogue.contains(where: { $0.id == name }) {
            throw Problem(text: "no fault '\(name)'")
        }
        return names
    }

    private static func mutants(_ text: String) throws(Problem) -> [Mutant] {
        var result: [Mutant] = []
        for name in text.split(separator: ",") {
            guard let mutant = Mutant.named(String(name)) else { throw Problem(text: "no mutant '\(name)'") }
            guard !result.contains(mutant) else { throw Problem(text: "'\(name)' is given twice") }
            result.append(mutant)
        }
        guard !result.isEmpty else { throw Problem(text: "--only needs mutants") }
        return result
    }

    // MARK: What follows

    var hasProfile: Bool { given.contains(.profile) }

    var generator: PlanGenerator {
        var generator = PlanGenerator()
        generator.profile = profile
        let kinds = only?.filter { Fault.Family(rawValue: $0) == nil } ?? []
        generator.only = only?.compactMap { Fault.Family(rawValue: $0) }
        if !kinds.isEmpty { generator.onlyKinds = kinds }
        generator.without = without.compactMap { Fault.Family(rawValue: $0) }
        generator.withoutKinds = without.filter { Fault.Family(rawValue: $0) == nil }
        return generator
    }

    func plan(seed: UInt64) -> Plan {
        var plan = generator.plan(seed: seed)
        plan.mutation = mutation
        plan.sabotage = sabotage
        return plan
    }

    /// The options that choose the plans: the same for a worker, and for the line that reproduces a failure.
    var planOptions: [String] {
        var options: [String] = []
        if profile != .std { options += ["--profile", profile.rawValue] }
        if let only { options += ["--only", only.joined(separator: ",")] }
        if !without.isEmpty { options += ["--without", without.joined(separator: ",")] }
        return options + plantedOptions
    }

    func sweep(_ scenario: Sweep.Scenario) -> Sweep {
        var sweep = Sweep(scenario)
        sweep.mutation = mutation
        sweep.sabotage = sabotage
        return sweep
    }

    /// The options that a worker of a sweep needs beside the scenario.
    var sweepOptions: [String] {
        (nesting == .sampled ? [] : ["--nested", nesting.rawValue]) + plantedOptions
    }

    /// The options that plant a bug.
    var plantedOptions: [String] {
        var options: [String] = []
        if let mutation { options += ["--mutant", "\(mutation)"] }
        if let sabotage { options += ["--sabotage", sabotage.rawValue] }
        return options
    }

    /// Whether the runs are the ones that have to do a least amount of everything.
    var hasFloors: Bool {
        profile == .std && only == nil && without.isEmpty && mutation == nil && sabotage == nil
    }

    func reproduction(of seed: UInt64) -> String {
        (["galgo-sim", "replay", "\(seed)"] + planOptions).joined(separator: " ")
    }
}
