import Sim

/// A page of help about one command: what it is for, examples, its options, its exit codes.
struct CommandHelp {
    private let command: Arguments.Command
    private let target: String
    private let purpose: String
    private let examples: [(words: String, text: String)]
    private let exits: [(code: Int32, text: String)]

    /// nil for a command that nobody types.
    init?(_ command: Arguments.Command) {
        self.command = command
        let seeds: [(code: Int32, text: String)] = [
            (0, "every seed held"), (10, "a safety property was violated"), (11, "liveness was violated"),
            (12, "two runs of a seed differ"), (13, "a worker trapped, hung or took too much memory"),
            (14, "the runs did too little to mean anything"),
        ]
        switch command {
        case .run:
            target = ""
            purpose = """
                Explores: each seed draws a plan (limits, clients, operations, faults), plays it on the server's own
                code in a worker process, and judges what came of it. Every seed that fails is told in a line, the
                first of them in full in the end, with the commands that lead back to it.
                """
            examples = [
                ("run --seeds 1..1000", "a thousand seeds"), ("run --for 60s", "a minute of them"),
                ("run --seeds 1..20 --mutant halfBatchVisible", "see a planted bug found"),
                ("run --seeds 1..500 --json > log; galgo-sim report --html log -o page.html", "a page about them"),
            ]
            exits = seeds
        case .verify:
            target = ""
            purpose = "The same as run --twice: every seed in two processes that live differently; their traces must be equal."
            examples = [("verify --seeds 1..200", "two hundred seeds, each twice")]
            exits = seeds
        case .replay:
            target = "SEED|PLAN"
            purpose = """
                Plays one run again and tells what happened: the verdict, what was expected and what was seen, the plan,
                the last events. PLAN is a file that --plan or shrink made, and says all itself: no options that choose
                a plan go with it.
                """
            examples = [
                ("replay 166", "a seed"), ("replay 166 --trace full | less", "all that happens in it"),
                ("replay 166 --plan > p", "its plan, to change by hand"), ("replay p", "the plan in a file"),
                ("replay p --until kill.2 --dump state", "up to the second kill, and what the world is then"),
            ]
            exits =
                Array(seeds.filter { $0.code != 12 })
                + [(16, "the file is no plan that can be run, or the run does not come to --until")]
        case .shrink:
            target = "SEED|PLAN"
            purpose = """
                Makes a failing run as small as it fails in the same way: fewer operations and faults, simpler numbers,
                benign decisions. In the end the result has to fail in 20 new processes.
                """
            examples = [
                ("shrink 166 -o p", "the smallest plan into the file p"),
                ("shrink p --budget 120 -o q", "longer, from where it stopped"),
            ]
            exits = [
                (0, "it fails in 20 of 20 new processes"), (12, "it does not fail in all of them"),
                (16, "there is no failure to shrink"),
            ]
        case .explain:
            target = "SEED|PLAN"
            purpose = """
                Tells of a failing run when it became inevitable: it plays the run up to an event, lets other decisions
                follow, several times, and halves its way to the event after which all of them fail. Then it takes each
                fault and each operation out by itself. Says most of a plan that was shrunk before.
                """
            examples = [("shrink 166 -o p && galgo-sim explain p", "a small plan first"), ("explain 166", "a seed as it is")]
            exits = [(0, "it is explained, or as far as the budget went"), (16, "there is no failure to explain")]
        case .report:
            target = "--html [FILE…]"
            purpose = """
                Makes one HTML page that needs nothing else: figures, rate over time, failures with the commands that
                reproduce them, faults, checkers, marks, planted bugs by who found them, and single runs from inside.
                FILE has lines of JSON of run, sweep (--interleave too) or mutants; - stands for the input.
                """
            examples = [
                ("run --seeds 1..500 --json | galgo-sim report --html - -o page.html", "straight from a run"),
                ("report --html log mutants.json --plan p -o page.html", "logs, and one run from inside"),
            ]
            exits = [(0, "the page is written"), (16, "there is nothing to report, or a plan that can't be run or ends its process")]
        case .sweep:
            target = "[SCENARIO…]"
            purpose = """
                Plays small scenarios and crashes each at every operation that changes the disk, with each of four ways
                in which the unsynced may survive, and again inside each recovery. With --refusals each of these operations
                fails instead, fully or in part, and the crash comes soon after. With --interleave it plays others, in
                every order of what could be next, with one crash, kill or stop anywhere.
                """
            examples = [
                ("sweep", "all scenarios"), ("sweep rotation --nested all", "one, and the whole square of two crashes"),
                ("sweep --refusals", "all scenarios, every operation refused"),
                ("sweep rotation --crash 83.garbage+5.torn", "one pair of crashes, narrated"),
                ("sweep --interleave 2", "all orders with at most two departures from that of time"),
                ("sweep rotate-crash --interleave all --for 60s", "of one, as many as a minute has"),
            ]
            exits = [
                (0, "no violation"), (10, "a safety property was violated"), (11, "liveness was violated"),
                (13, "a worker trapped, hung or took too much memory"),
                (16, "the scenario does not reach the crash point, or has no such order"),
            ]
        case .canary:
            target = ""
            purpose = "Plants a few bugs, one after the other, and looks for each: a simulator that is never red proves nothing."
            examples = [("canary --seeds 1..500", "up to 500 seeds for each")]
            exits = [(0, "each was found"), (15, "one was not found")]
        case .mutants:
            target = ""
            purpose = """
                Hunts for each of the bugs that can be planted: the first seed that fails with it and holds without it,
                and which checkers and faults found how many of them.
                """
            examples = [
                ("mutants --gate 95", "all of them"), ("mutants --only halfBatchVisible --seeds 1..50", "one"),
                ("mutants --json > mutants.json", "for galgo-sim report"),
            ]
            exits = [(0, "all were tried, and enough found"), (15, "the gate is not met")]
        case .list:
            target = ""
            purpose = """
                Lists what a command line, a plan or a report may name: faults, families, profiles, planted bugs, broken
                promises, checkers, marks, and the classes and kinds of IO.
                """
            examples = [("list", "for a person"), ("list --json", "for a program")]
            exits = [(0, "always")]
        case .branch:
            target = "[SEED|PLAN]"
            purpose = """
                Plays a run up to a moment and goes on from there with other decisions and other faults, many times. Or
                searches by itself: seeds, and branches where a run went through what few runs went through.
                """
            examples = [
                ("branch 42 --at rotationSealed.3 --tries 200", "on from the third rotation of seed 42"),
                ("branch --auto --tries 2000 -o p", "a search; the plan that fails goes into the file p"),
                ("branch --measure", "what such a search is worth, against random seeds"),
            ]
            exits = [
                (0, "every way held"), (10, "a safety property was violated"), (11, "liveness was violated"),
                (16, "the run does not come to that moment"),
            ]
        case .marks:
            target = ""
            purpose = "Counts which marks, checkers and claims the seeds exercise, and which seed was the first to hit each."
            examples = [("marks --seeds 1..1000 --gate", "fail if a mark is hit by no seed")]
            exits = [(0, "counted, and the gate is met"), (14, "a checker is vacuous"), (15, "a mark was hit by no seed")]
        case .confirm:
            target = "SEED|PLAN"
            purpose = """
                Measures how often a failure occurs, and says how many runs must hold for 99 % confidence that it is
                gone; --fixed makes these runs.
                """
            examples = [
                ("confirm 42 --mutant halfBatchVisible", "how often it fails"),
                ("confirm 42 --fixed --rate 7/200", "after the repair: is it gone?"),
            ]
            exits = [
                (0, "measured, or confirmed"), (10, "it is not gone: safety"), (11, "it is not gone: liveness"),
                (16, "there is no failure"),
            ]
        case .metamorphic:
            target = ""
            purpose = """
                Plays the same operations under other circumstances (other segment sizes, shard counts, batches, caches,
                a crowded machine): the same logs, offsets and catalog must be left.
                """
            examples = [
                ("metamorphic --seeds 1..200", "two hundred seeds"),
                ("metamorphic --seed 7 --variant one-shard --plan > p", "the plan of one variant"),
            ]
            exits = [(0, "all left the same"), (10, "one left something else")]
        case .rotation:
            target = "[SCENARIO…]"
            purpose = """
                Plays the real log writer in a simulated directory: rotation, writes, retention, restarts, clock jumps,
                full disks, refused calls and crashes against each other. With --interleave small scenarios in every
                order up to a bound; with --gate every bug that can be planted in the writer is hunted.
                """
            examples = [
                ("rotation --seeds 1..10000 --twice", "ten thousand seeds, each in two processes"),
                ("rotation --interleave 2", "all orders with at most two departures from the usual one"),
                ("rotation rotate-crash --schedule 12.1+40.3", "one order, narrated"),
                ("rotation --gate 100", "every planted bug has to be found"),
                ("rotation --seed 7 --mutant lowestMovedFirst --trace full", "a planted bug, seen at work"),
            ]
            exits = [
                (0, "no rule was broken"), (10, "a rule was broken"), (12, "two runs of a seed differ"),
                (13, "the writer's code trapped"), (15, "too few planted bugs were found"),
            ]
        case .conform:
            target = ""
            purpose = """
                Makes random calls on the model of the disk and on real directories, on a volume with room and on one
                that is too small, and compares every outcome and every byte.
                """
            examples = [("conform --calls 10M --directory /dev/shm", "ten million calls in memory")]
            exits = [(0, "no difference"), (70, "a difference: the model is wrong")]
        case .corpus:
            target = "add SEED|PLAN | run | list | prune"
            purpose = "Keeps plans for what they found, and plays them: each must do what it is kept for."
            examples = [
                ("corpus run", "all of Tests/Corpus"), ("corpus add p --why 'what was wrong' --fix e0bb5c1", "keep one"),
                ("corpus prune", "what is of no use any more"),
            ]
            exits = [
                (0, "each does what it is kept for"), (10, "one does not: safety"), (11, "one does not: liveness"),
                (12, "its two runs differ"), (16, "one names what this version does not know"),
            ]
        case .help, .worker, .planWorker, .sweepWorker, .orderWorker, .conformWorker, .metamorphicWorker: return nil
        }
    }

    // MARK: Text

    private static let width = 100

    var text: String {
        let title = "galgo-sim \(command.rawValue)"
        let usage = [title, target, "[options]"].filter { !$0.isEmpty }.joined(separator: " ")
        let options = Option.allCases.filter { $0.commands.contains(command) }.map { option in
            let help = option.help(for: command)
            let name = help.value.isEmpty ? option.rawValue : "\(option.rawValue) \(help.value)"
            return (name, help.text + (help.usual.isEmpty ? "" : " [\(help.usual)]"))
        }
        let codes = (exits + [(64, "wrong command line"), (70, "the simulator itself failed")]).map { ("\($0.code)", $0.text) }
        return """
            \(Self.wrapped(purpose.split(separator: "\n").joined(separator: " "), indent: 0))

            Usage: \(usage)

            Examples
            \(Self.table(examples.map { ("galgo-sim \($0.words)", $0.text) }))

            Options [what holds without them]
            \(Self.table(options + [("--help, -h", "this page")]))

            Exit codes
            \(Self.table(codes))

            galgo-sim --help has all commands, galgo-sim list the profiles, faults and planted bugs.
            """
    }

    /// Names in one column, texts in the other, where both fit; else a text under its name.
    private static func table(_ rows: [(String, String)]) -> String {
        let longest = rows.map(\.0.count).max() ?? 0
        let column = min(longest, 26)
        return rows.map { name, text in
            let isLong = name.count > column
            let lines = wrapped(text, indent: column + 4)
            if isLong { return "  \(name)\n" + lines }
            return "  " + name + String(repeating: " ", count: column + 2 - name.count) + lines.dropFirst(column + 4)
        }.joined(separator: "\n")
    }

    private static func wrapped(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + (last == margin ? "" : " ") + word
            } else {
                lines.append(margin + word)
            }
        }
        return lines.joined(separator: "\n")
    }
}
