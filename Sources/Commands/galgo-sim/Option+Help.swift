import Conformance
import Sim

/// What `COMMAND --help` says of an option.
struct OptionHelp {
    /// What stands behind it, if anything does.
    let value: String
    let text: String
    /// What holds without it, if that has to be said.
    let usual: String

    init(_ value: String, _ text: String, usual: String = "") {
        self.value = value
        self.text = text
        self.usual = usual
    }
}

extension Option {
    func help(for command: Arguments.Command) -> OptionHelp {
        switch self {
        case .seeds: OptionHelp("A..B", "these seeds, both ends among them", usual: Self.usualSeeds(command))
        case .seed: OptionHelp("S", "this seed alone: decimal, or 0x and hexadecimal; _ may stand anywhere")
        case .seconds where command == .sweep:
            OptionHelp("SECONDS", "with --interleave: end after so many, and say what was gone through")
        case .seconds: OptionHelp("SECONDS", "seeds from A on until so many seconds are over, such as 60 or 60s")
        case .jobs: OptionHelp("N", "worker processes side by side", usual: "one for each CPU")
        case .profile: OptionHelp("NAME", "how much happens: \(Self.names(PlanGenerator.Profile.self))", usual: "std")
        case .only where command == .mutants: OptionHelp("ID,…", "hunt for these alone", usual: "all")
        case .gate where command == .marks:
            OptionHelp("", "14 if a checker is vacuous in over 1 % of the seeds, 15 if a mark is hit by none")
        case .gate where command == .rotation:
            OptionHelp("N", "hunt for the bugs that can be planted; fewer than so many per cent found end with 15")
        case .gate: OptionHelp("N", "fewer than so many per cent found end with exit code 15")
        case .list where command == .rotation:
            OptionHelp("", "print the scenarios and the bugs that can be planted, and run nothing")
        case .list where command == .sweep: OptionHelp("", "print the scenarios and what each covers, and run nothing")
        case .list: OptionHelp("", "print what can be planted, and hunt for nothing")
        case .only: OptionHelp("FAULT,…", "draw faults of these families or kinds alone", usual: "all")
        case .without: OptionHelp("FAULT,…", "leave these families or kinds out of the plan; the rest stays as it was")
        case .mutant where command == .rotation: OptionHelp("ID", "plant this bug in the log writer (--list)")
        case .mutant: OptionHelp("ID", "plant this bug in the server (galgo-sim list)")
        case .sabotage: OptionHelp("ID", "let the world break this promise (galgo-sim list)")
        case .twice: OptionHelp("", "every seed in two processes that hash and allocate differently; traces must be equal")
        case .json: OptionHelp("", "lines of JSON instead of text; docs/simulation.md has the fields")
        case .trace: OptionHelp("full", "print all that happens, not only the last of it")
        case .plan:
            command == .report
                ? OptionHelp("PLAN|SEED", "show this run from inside; may be given more than once")
                : OptionHelp("", "print the plan and run nothing")
        case .interleave where command == .rotation:
            OptionHelp("N", "orders instead of seeds: all with at most N departures from the usual one")
        case .interleave:
            OptionHelp(
                "N|all",
                "orders instead of crashes: all with at most N departures from that of time, or all that differ in anything")
        case .schedule:
            OptionHelp("P", "this order alone: DECISION.CHOICE joined by +, as a failure has it, or usual; needs its scenario")
        case .refusals:
            OptionHelp("", "refuse each operation instead, in work and in recoveries, and crash soon after")
        case .nested:
            OptionHelp(
                "HOW", "second crashes inside each recovery, or behind each refusal: \(Self.names(Sweep.Nesting.self))",
                usual: "sampled")
        case .crash:
            OptionHelp(
                "P[+P]",
                "this crash or refusal alone; P is BOUNDARY.DEED, such as 83.garbage or 90.fails; needs its scenario")
        case .budget:
            OptionHelp("SECONDS", "be content with what there is after so many", usual: command == .explain ? "60" : "30")
        case .tries where command == .branch:
            OptionHelp("N", "ways on; with --auto runs, with --measure runs from each start", usual: "100; 1,000; 2,000")
        case .tries where command == .confirm: OptionHelp("N", "runs that measure how often it fails", usual: "200")
        case .tries: OptionHelp("N", "how often each question is asked, each time with other decisions", usual: "12")
        case .output:
            OptionHelp("FILE", command == .report ? "where the page goes" : "where the plan goes", usual: "the output")
        case .html: OptionHelp("", "the form of the report; there is no other")
        case .junit: OptionHelp("FILE", "write the results as JUnit XML too")
        case .annotations: OptionHelp("", "::error lines on the error output, for at most ten failures")
        case .ambush: OptionHelp("ID", "let the world break a promise after rare things in order (galgo-sim list)")
        case .leak: OptionHelp("ID", "let the outside world decide something: what verify must see (galgo-sim list)")
        case .markdown: OptionHelp("", "print what was found as docs/mutants.md has it")
        case .known: OptionHelp("FILE", "hunt near the seeds that found them as this page has it, and miss none")
        case .until:
            OptionHelp("POINT", "stop there: the number of an event, a moment such as kill.2 (list), or a time such as 12ms")
        case .dump: OptionHelp("state", "print the world where the run stops or ends: shards, logs, files, connections, faults")
        case .limit:
            OptionHelp(
                "SECONDS", "a run that takes longer counts as hung, and is told up to there",
                usual: "10, with --unwatched 200")
        case .at: OptionHelp("MOMENT[.NTH]", "where the ways part: a mark, a turn of the world, a change of names")
        case .auto: OptionHelp("", "a search that feeds on what its runs went through, until one fails")
        case .measure: OptionHelp("", "the same against random seeds, on bugs that take three rare things in order")
        case .starts: OptionHelp("N", "of --measure: starting seeds", usual: "5")
        case .fixed: OptionHelp("", "make the runs that have to hold: with nothing planted, or on repaired code")
        case .rate: OptionHelp("X/Y", "of --fixed: it failed in X of Y runs before the repair")
        case .against: OptionHelp("FILE", "each seed's second run is this executable's, such as a debug build")
        case .unwatched: OptionHelp("", "run in a debug build too, where nobody notices a read clock")
        case .calls: OptionHelp("N", "random calls on each volume; K and M count", usual: "1M")
        case .volume: OptionHelp("NAME", Self.names(Volume.self), usual: "both")
        case .directory: OptionHelp("DIR", "where the directories are made", usual: "/tmp")
        case .variant: OptionHelp("NAME", "with --seed and --plan: print the plan of this variant and run nothing")
        case .binary:
            OptionHelp("[PATH]", "on a real galgo-server, as far as it goes; a PATH has a /", usual: "the one beside this program")
        case .corpus: OptionHelp("DIR", "where the plans are", usual: "Tests/Corpus")
        case .why: OptionHelp("TEXT", "add: what it is kept for; needed if it holds", usual: "what it violates")
        case .fix: OptionHelp("COMMIT", "add: what mended it")
        case .yes: OptionHelp("", "prune: remove what it lists", usual: "only list it")
        case .twin, .points, .window: OptionHelp("", "of a worker")
        }
    }

    private static func usualSeeds(_ command: Arguments.Command) -> String {
        switch command {
        case .canary: "1..500"
        case .mutants: "1..300"
        case .marks: "1..1000"
        default: "1..100"
        }
    }

    private static func names<Choice: RawRepresentable<String> & CaseIterable>(_ choices: Choice.Type) -> String {
        Choice.allCases.map(\.rawValue).joined(separator: ", ")
    }
}
