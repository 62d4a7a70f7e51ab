import Platform
import Sim

/// What the command line asks for.
struct Arguments {
    enum Command: String {
        case run, replay, verify, sweep, canary, help
        /// A child of `sweep`: takes numbers of first crashes.
        case sweepWorker = "sweep-worker"
        /// A child of `run` and `verify`: takes seeds from its input, one a line.
        case worker
    }

    struct Problem: Error {
        let text: String
    }

    var command: Command
    var seeds: ClosedRange<UInt64> = 1...100
    /// The seeds were asked for.
    private(set) var hasSeeds = false
    /// Stop after so many seconds; then `seeds` only says where to begin.
    var seconds: Int?
    var jobs: Int?
    var profile = PlanGenerator.Profile.std
    var only: [Fault.Family]?
    var without: [Fault.Family] = []
    var mutation: Mutation?
    var sabotage: Sabotage?
    var isJSON = false
    /// Of `sweep`.
    var scenario: Sweep.Scenario?
    var nesting = Sweep.Nesting.sampled
    var crashPoints: [CrashPoint] = []
    /// Of `run`: each seed in two processes.
    var isTwice = false
    var printsTrace = false
    var printsPlan = false
    /// Of `replay`: a file with a plan instead of a seed.
    var planPath: String?
    /// Of `worker`: allocations and hash seeds differ from those of its twin.
    var isTwin = false

    static let usage = """
        usage: galgo-sim run     [--seeds A..B | --seed S | --for 60s] [--jobs N] [--profile std|quick|calm]
                                 [--only FAULT,…] [--without FAULT,…] [--mutant ID] [--sabotage ID] [--twice] [--json]
               galgo-sim replay  SEED|PLAN [--trace full] [--plan] [the options that chose the plan]
               galgo-sim verify  [the options of run]: run --twice
               galgo-sim sweep   [--scenario power|process|shards] [--nested none|sampled|all] [--crash POINT[+POINT]]
                                 [--jobs N] [--mutant ID] [--sabotage ID] [--json]
               galgo-sim canary  [--seeds A..B] [--jobs N] [--json]: every planted bug must be found

        faults:   \(Fault.Family.allCases.map(\.rawValue).joined(separator: " "))
        mutants:  \(Mutation.allCases.map { "\($0)" }.joined(separator: " "))
        sabotage: \(Sabotage.allCases.map(\.rawValue).joined(separator: " "))

        exit: 0 all held · 10 safety · 11 liveness · 12 nondeterminism · 13 trap, hang or memory · 14 vacuous
              15 a planted bug was not found · 16 plan not applicable · 64 usage · 70 the simulator itself
        """

    static func parse(_ words: [String]) -> Result<Arguments, Problem> {
        do throws(Problem) { return .success(try Arguments(words)) } catch { return .failure(error) }
    }

    private init(_ words: [String]) throws(Problem) {
        guard let first = words.first else { throw Problem(text: "no command") }
        guard let command = Command(rawValue: first == "--help" ? "help" : first) else {
            throw Problem(text: "no command '\(first)'")
        }
        self.command = command
        isTwice = command == .verify
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            switch word {
            case "--json": isJSON = true
            case "--twice": isTwice = true
            case "--plan": printsPlan = true
            case "--twin": isTwin = true
            case "--help": self.command = .help
            case "--seed": try readSeed(try Self.value(word, &rest))
            case "--seeds": try readSeeds(try Self.value(word, &rest))
            case "--for": seconds = try Self.number(word, try Self.value(word, &rest).filter { $0 != "s" })
            case "--jobs": jobs = try Self.number(word, try Self.value(word, &rest))
            case "--scenario":
                let name = try Self.value(word, &rest)
                guard let found = Sweep.Scenario(rawValue: name) else { throw Problem(text: "no scenario '\(name)'") }
                scenario = found
            case "--nested":
                let name = try Self.value(word, &rest)
                guard let found = Sweep.Nesting(rawValue: name) else { throw Problem(text: "no nesting '\(name)'") }
                nesting = found
            case "--crash":
                for text in try Self.value(word, &rest).split(separator: "+") {
                    guard let point = CrashPoint(text: text) else { throw Problem(text: "no crash point '\(text)'") }
                    crashPoints.append(point)
                }
            case "--trace": printsTrace = try Self.value(word, &rest) == "full"
            case "--profile":
                let name = try Self.value(word, &rest)
                guard let found = PlanGenerator.Profile(rawValue: name) else {
                    throw Problem(text: "no profile '\(name)'")
                }
                profile = found
            case "--only": only = try Self.families(try Self.value(word, &rest))
            case "--without": without = try Self.families(try Self.value(word, &rest))
            case "--mutant":
                let name = try Self.value(word, &rest)
                guard let found = Mutation.allCases.first(where: { "\($0)" == name }) else {
                    throw Problem(text: "no mutant '\(name)'")
                }
                mutation = found
            case "--sabotage":
                let name = try Self.value(word, &rest)
                guard let found = Sabotage(rawValue: name) else { throw Problem(text: "no sabotage '\(name)'") }
                sabotage = found
            default:
                guard command == .replay, !word.hasPrefix("-") else { throw Problem(text: "unknown: '\(word)'") }
                if let seed = Self.seed(word) { seeds = seed...seed } else { planPath = word }
            }
        }
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

    private mutating func readSeed(_ text: String) throws(Problem) {
        guard let seed = Self.seed(text) else { throw Problem(text: "'\(text)' is no seed") }
        seeds = seed...seed
    }

    private mutating func readSeeds(_ text: String) throws(Problem) {
        guard let dots = text.firstRange(of: ".."), let first = Self.seed(String(text[..<dots.lowerBound])),
            let last = Self.seed(String(text[dots.upperBound...])), first <= last
        else { throw Problem(text: "'\(text)' is no range of seeds: A..B") }
        seeds = first...last
        hasSeeds = true
    }

    private static func families(_ text: String) throws(Problem) -> [Fault.Family] {
        var result: [Fault.Family] = []
        for name in text.split(separator: ",") {
            guard let family = Fault.Family(rawValue: String(name)) else { throw Problem(text: "no fault '\(name)'") }
            result.append(family)
        }
        return result
    }

    // MARK: What follows

    var generator: PlanGenerator {
        var generator = PlanGenerator()
        generator.profile = profile
        generator.only = only
        generator.without = without
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
        if let only { options += ["--only", only.map(\.rawValue).joined(separator: ",")] }
        if !without.isEmpty { options += ["--without", without.map(\.rawValue).joined(separator: ",")] }
        if let mutation { options += ["--mutant", "\(mutation)"] }
        if let sabotage { options += ["--sabotage", sabotage.rawValue] }
        return options
    }

    func sweep(_ scenario: Sweep.Scenario) -> Sweep {
        var sweep = Sweep(scenario)
        sweep.mutation = mutation
        sweep.sabotage = sabotage
        return sweep
    }

    /// The options that a worker of a sweep needs beside the scenario.
    var sweepOptions: [String] {
        var options: [String] = []
        if nesting != .sampled { options += ["--nested", nesting.rawValue] }
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
