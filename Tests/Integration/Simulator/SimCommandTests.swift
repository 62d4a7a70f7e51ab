import Foundation
import Glibc
import Support
import Testing

/// The simulator's command line as a user meets it.
struct SimCommandTests {
    @Test(arguments: [
        [], ["fly"], ["replay"], ["replay", "1", "2"], ["replay", "1", "--trace", "x"],
        ["replay", "1", "--plan", "--json"],
        ["replay", "p.plan", "--without", "disk-full"], ["run", "--plan"], ["run", "--interleave", "2"],
        ["run", "--crash", "3.torn"], ["run", "7"], ["run", "--seed", "1", "--seeds", "1..2"], ["run", "--for", "s6s"],
        ["run", "--jobs", "2", "--jobs", "3"], ["run", "--junit"], ["replay", "1", "--annotations"],
        ["sweep", "rotation", "--crash", "3.torn", "--junit", "f"],
        ["canary", "--mutant", "halfBatchVisible"],
        ["canary", "--profile", "calm"], ["mutants", "--gate", "101"], ["mutants", "--only", "halfBatchVisible,x"],
        ["mutants", "--only", "halfBatchVisible,halfBatchVisible"], ["mutants", "--list", "--gate", "5"],
        ["mutants", "--mutant", "halfBatchVisible"], ["mutants", "--markdown", "--json"],
        ["mutants", "--list", "--markdown"],
        ["run", "--markdown"],
        ["shrink"], ["shrink", "1", "--budget", "0"], ["shrink", "p.plan", "--mutant", "halfBatchVisible"],
        ["replay", "1", "-o", "p"], ["shrink", "no-such-file"], ["explain"], ["explain", "1", "--tries", "0"],
        ["report"], ["report", "no-such-file"],
        ["branch"], ["branch", "1"], ["branch", "1", "--at", "nowhere"], ["branch", "1", "--at", "kill.0"],
        ["branch", "--auto", "--measure"], ["branch", "p.plan", "--auto"],
        ["branch", "1", "--at", "kill", "--starts", "2"],
        ["branch", "--measure", "--mutant", "halfBatchVisible"], ["confirm"], ["confirm", "1", "--fixed"],
        ["confirm", "1", "--rate", "1/2"], ["confirm", "1", "--fixed", "--rate", "3/2"], ["marks", "7"],
        ["corpus"], ["corpus", "fly"], ["corpus", "run", "--why", "x"], ["corpus", "list", "--yes"], ["corpus", "add"],
        ["corpus", "run", "--corpus", "/no/such/directory"], ["corpus", "add", "1", "2"],
        ["replay", "1", "--binary", "--trace", "full"], ["run", "--binary"],
        ["sweep", "--crash", "3.torn"], ["sweep", "--trace", "full"], ["sweep", "rotation", "--crash", "3"],
        ["sweep", "power"], ["sweep", "rotation", "rotation"], ["sweep", "rotation", "topics", "--crash", "3.torn"],
        ["sweep", "rotation", "--interleave", "2"], ["sweep", "--interleave", "0"], ["sweep", "--for", "3"],
        ["sweep", "rotate-poll", "--schedule", "1"], ["sweep", "--schedule", "usual"],
        ["sweep", "rotate-poll", "--schedule", "usual", "--annotations"],
        ["sweep", "--interleave", "2", "--nested", "all"],
        ["sweep", "--interleave", "2", "--refusals"], ["sweep", "rotation", "--crash", "3.fails", "--refusals"],
        ["metamorphic", "--plan"], ["metamorphic", "--variant", "pieces"], ["metamorphic", "--profile", "calm"],
        ["conform", "--calls", "0"], ["conform", "--calls", "M"], ["conform", "--volume", "large"],
        ["rotation", "x", "--interleave", "1"], ["rotation", "rotate-crash"], ["rotation", "--interleave", "all"],
        ["rotation", "--mutant", "halfBatchVisible"], ["rotation", "--trace", "full"], ["rotation", "--gate", "101"],
        ["rotation", "--schedule", "usual"], ["rotation", "--twice", "--interleave", "1"],
        ["verify", "--leak", "memory"], ["run", "--against", "galgo-sim"], ["verify", "--against", "/no/such/file"],
        ["replay", "1", "--until", "noon"], ["replay", "1", "--until", "0"], ["replay", "1", "--until", "kill.0"],
        ["replay", "1", "--dump", "all"], ["replay", "1", "--until", "5", "--plan"], ["run", "--until", "5"],
        ["replay", "1", "--limit", "0"], ["replay", "1", "--limit", "86401"],
        ["replay", "1", "--limit", "5", "--plan"],
        ["report", "--html", "f", "-o", "/tmp"], ["report", "--html", "f", "-o", ""], ["shrink", "1", "-o", "/tmp/x/"],
        ["replay", "1", "--dump", "state", "--binary"], ["run", "--junit", "/no/such/directory/f"],
        ["shrink", "1", "-o", "/no/such/directory/f"],
    ])
    func `a command line that cannot be meant is one line and exit code 64`(arguments: [String]) throws {
        let result = try SimCommand.run(arguments)

        #expect(result.exit == .code(64))
        #expect(result.output.hasPrefix("galgo-sim: "))
        #expect(result.output.split(separator: "\n").count == 1)
    }

    @Test(arguments: ["--help", "-h"])
    func `help has every command, the common options and the exit codes on one page`(flag: String) throws {
        let result = try SimCommand.run([flag])
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)

        #expect(result.exit == .code(0))
        for word in [
            "run", "verify", "replay", "shrink", "explain", "sweep", "branch", "marks", "confirm", "canary", "mutants",
            "metamorphic", "rotation", "conform", "corpus", "report", "list",
        ] {
            #expect(lines.contains { $0.hasPrefix("  \(word) ") }, "\(word)")
        }
        for word in ["--seeds", "--without", "--mutant", "-o FILE", " 70  "] {
            #expect(result.output.contains(word), "\(word)")
        }
        #expect(lines.count <= 60)
        #expect(lines.allSatisfy { $0.count <= 110 })
    }

    @Test func `the list says what options may name`() throws {
        let output = try SimCommand.run(["list"]).output

        for word in ["std", "disk-full", "sync-swallowed", "halfBatchVisible", "garbage", "hash-order"] {
            #expect(output.contains(word), "\(word)")
        }
    }

    @Test(arguments: [
        ("run", "--junit FILE"), ("replay", "--trace full"), ("shrink", "--budget SECONDS"), ("explain", "--tries N"),
        ("report", "--plan PLAN|SEED"), ("verify", "--seeds A..B"), ("sweep", "--nested HOW"), ("canary", "--jobs N"),
        ("mutants", "--gate N"), ("rotation", "--interleave N"), ("list", "--json"),
    ])
    func `help of a command has its purpose, examples, options and exit codes`(command: String, option: String) throws {
        let result = try SimCommand.run([command, "--help"])
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)

        #expect(result.exit == .code(0))
        for part in [
            "Usage: galgo-sim \(command)", "Examples\n", "  \(option) ", "Exit codes\n", "  64  wrong command line",
        ] {
            #expect(result.output.contains(part), "\(part)")
        }
        #expect(lines.allSatisfy { $0.count <= 100 }, "\(lines.filter { $0.count > 100 })")
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a failing plan is explained, and a report shows it from inside`() throws {
        let directory = try TemporaryDirectory()
        let plan = directory.path("plan")
        let page = directory.path("page.html")
        _ = try SimCommand.run(["shrink", "1", "--mutant", "offsetPastEndStored", "-o", plan])

        let explained = try SimCommand.run(["explain", plan, "--tries", "3", "--json"])
        let reported = try SimCommand.run(["report", "--html", "--plan", plan, "-o", page])
        let html = try String(contentsOfFile: page, encoding: .utf8)

        #expect(explained.exit == .code(0), "\(explained.output)")
        #expect(explained.output.contains("\"inevitable\":{\"event\":"))
        #expect(explained.output.contains("\"finished\":true"))
        #expect(!(try SimCommand.run(["explain", plan, "--tries", "3"])).output.contains("shrink"))
        #expect(reported.exit == .code(0), "\(reported.output)")
        #expect(html.contains("consumer-offset"))
        #expect(html.contains("</html>"))
    }

    @Test func `what is no log of results makes no page`() throws {
        let directory = try TemporaryDirectory()
        try Data("hello\n{\"a\":1}\n".utf8).write(to: URL(fileURLWithPath: directory.path("log")))

        let result = try SimCommand.run(["report", "--html", directory.path("log"), "-o", directory.path("page")])

        #expect(result.exit == .code(16))
        #expect(!FileManager.default.fileExists(atPath: directory.path("page")))
    }

    @Test func `a link to a file that is not there stays one, and leads to the result`() throws {
        let directory = try TemporaryDirectory()
        let (log, link, target) = (directory.path("log"), directory.path("link"), directory.path("target"))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target")

        try Data("{\"a\":1}\n".utf8).write(to: URL(fileURLWithPath: log))
        let refused = try SimCommand.run(["report", "--html", log, "-o", link])
        #expect(refused.exit == .code(16), "\(refused.output)")
        #expect(!FileManager.default.fileExists(atPath: target))

        try Data(Self.resultLine.utf8).write(to: URL(fileURLWithPath: log))
        let written = try SimCommand.run(["report", "--html", log, "-o", link])
        #expect(written.exit == .code(0), "\(written.output)")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target")
        #expect(try String(contentsOfFile: target, encoding: .utf8).contains("</html>"))

        let nowhere = directory.path("nowhere")
        try FileManager.default.createSymbolicLink(atPath: nowhere, withDestinationPath: "no/such/target")
        #expect(try SimCommand.run(["report", "--html", log, "-o", nowhere]).exit == .code(64))
    }

    @Test func `who reads from a pipe gets the result, and nothing before it`() throws {
        let directory = try TemporaryDirectory()
        let (log, pipe) = (directory.path("log"), directory.path("pipe"))
        try Data(Self.resultLine.utf8).write(to: URL(fileURLWithPath: log))
        try #require(mkfifo(pipe, 0o600) == 0)
        let read = Output(copiedTo: directory.path("read"))
        let reader = try ChildProcess("/bin/cat", [pipe], environment: [:], output: read)

        let result = try SimCommand.run(["report", "--html", log, "-o", pipe])

        #expect(result.exit == .code(0), "\(result.output)")
        #expect(reader.wait(atMost: .seconds(60)) == .code(0))
        #expect(read.text.contains("</html>"))
    }

    private static let resultLine = """
        {"ended_ms":5,"seed":1,"verdict":"held","trace":"ab","asked":3,"ok":3,"refused":0,"unknown":0,"steps":9}

        """

    @Test(.enabled(if: Executable.releaseSim == nil, "is about a debug build"))
    func `a build that notices no clock plays nothing unless it is told`() throws {
        for command in [["run", "--seeds", "1..2"], ["replay", "1"], ["shrink", "1"], ["sweep"], ["canary"]] {
            let result = try SimCommand.run(command)
            #expect(result.exit == .code(70))
            #expect(result.output.split(separator: "\n").count == 1, "\(result.output)")
        }
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a plan that was printed is played from its file`() throws {
        let directory = try TemporaryDirectory()
        let seed = ["2", "--profile", "quick"]
        let printed = try SimCommand.run(["replay"] + seed + ["--plan"])
        try Data(printed.output.utf8).write(to: URL(fileURLWithPath: directory.path("p")))

        let played = try SimCommand.run(["replay", directory.path("p")])
        let direct = try SimCommand.run(["replay"] + seed)

        #expect(printed.exit == .code(0))
        #expect(printed.output.hasPrefix("galgo plan "))
        #expect(played.exit == .code(0), "\(played.output)")
        #expect(Self.line(of: played, "  trace ") == Self.line(of: direct, "  trace "))
        #expect(Self.line(of: played, "  plan generator ") != nil)
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a replay that holds is narrated`() throws {
        let result = try SimCommand.run(["replay", "2", "--profile", "quick"])

        #expect(result.exit == .code(0), "\(result.output)")
        #expect(result.output.contains("held"))
        #expect(result.output.contains(" µs  "))
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a crash point that the scenario does not reach is said to be not applicable`() throws {
        let result = try SimCommand.run(["sweep", "rotation", "--crash", "9999.torn"])

        #expect(result.exit == .code(16), "\(result.output)")
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a refusal that costs what was promised is told, and reproduced by its command`() throws {
        let bug = ["--mutant", "failedOffsetRefused"]

        let found = try SimCommand.run(["sweep", "stored-offsets", "--refusals"] + bug)
        let line = try #require(Self.line(of: found, "  reproduce: galgo-sim "))
        let words = line.split(separator: " ").dropFirst(2).map { String($0) }
        let again = try SimCommand.run(words)
        let fair = try SimCommand.run(Array(words.dropLast(2)))

        #expect(found.exit == .code(10), "\(found.output)")
        #expect(words.dropLast(2).last?.contains(".") == true, "\(line)")
        #expect(again.exit == .code(10), "\(again.output)")
        #expect(fair.exit == .code(0), "\(fair.output)")
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `an order that fails is told, and is a plan`() throws {
        let directory = try TemporaryDirectory()
        let bug = ["--mutant", "segmentPublishedEarly"]

        let found = try SimCommand.run(["sweep", "first-append", "--interleave", "2"] + bug)
        let line = try #require(Self.line(of: found, "  reproduce: "))
        let words = line.split(separator: " ").map { String($0) }
        let schedule = try #require(words.firstIndex(of: "--schedule").map { words[$0 + 1] })
        let direct = try SimCommand.run(["sweep", "first-append", "--schedule", schedule] + bug)
        let plan = try SimCommand.run(["sweep", "first-append", "--schedule", schedule, "--plan"] + bug)
        try Data(plan.output.utf8).write(to: URL(fileURLWithPath: directory.path("p")))
        let played = try SimCommand.run(["replay", directory.path("p")])

        #expect(found.exit == .code(10), "\(found.output)")
        #expect(direct.exit == .code(10))
        #expect(Self.line(of: played, "  trace ") == Self.line(of: direct, "  trace "))
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `orders within a bound are gone through, and their count does not depend on the workers`() throws {
        let one = try SimCommand.run(["sweep", "rotate-poll", "--interleave", "1", "--jobs", "1", "--json"])
        let two = try SimCommand.run(["sweep", "rotate-poll", "--interleave", "1", "--jobs", "2", "--json"])

        #expect(one.exit == .code(0), "\(one.output)")
        #expect(one.output.contains("\"departures\":1,\"whole\":false"))
        #expect(one.output.prefix { $0 != "w" } == two.output.prefix { $0 != "w" })
    }

    @Test func `the scenarios are listed`() throws {
        let result = try SimCommand.run(["sweep", "--list"])

        #expect(result.exit == .code(0))
        for name in ["first-start", "killed-tail", "rotate-crash", "purge-race"] {
            #expect(result.output.contains(name))
        }
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a planted bug is shrunk to a plan that fails in the same way`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("small")

        let shrunk = try SimCommand.run(["shrink", "1", "--mutant", "offsetPastEndStored", "-o", path])
        let played = try SimCommand.run(["replay", path])
        let printed = try SimCommand.run(["shrink", path, "--budget", "5"])
        let again = try String(contentsOfFile: path, encoding: .utf8)

        #expect(shrunk.exit == .code(0), "\(shrunk.output)")
        #expect(shrunk.output.contains("VIOLATED consumer-offset in phase workload"))
        #expect(shrunk.output.contains("20 of 20 new processes"))
        #expect(shrunk.output.hasSuffix("reproduce: galgo-sim replay \(path)\n"))
        #expect(shrunk.output.split(separator: "\n").count <= 40)
        #expect(played.exit == .code(10), "\(played.output)")
        #expect(printed.exit == .code(0), "\(printed.output)")
        #expect(printed.output.hasPrefix("galgo plan "))
        #expect(again.split(separator: "\n").count { $0.hasPrefix("op ") } <= 8)
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `mutants are found, and the gate says whether enough of them are`() throws {
        let found = try SimCommand.run(
            ["mutants", "--only", "offsetPastEndStored,sync-swallowed", "--seeds", "1..5", "--gate", "100"])
        let missed = try SimCommand.run([
            "mutants", "--only", "readNotVerified", "--seed", "1", "--gate", "1", "--json",
        ])

        #expect(found.exit == .code(0), "\(found.output)")
        #expect(found.output.contains("2 of 2 mutants found: 100.0 %"))
        #expect(found.output.contains("galgo-sim replay 1 --mutant offsetPastEndStored"))
        #expect(missed.exit == .code(15), "\(missed.output)")
        #expect(missed.output.contains("\"mutants\":1,\"found\":0,"))
    }

    @Test func `the catalogue of mutants is listed with what each does`() throws {
        let result = try SimCommand.run(["mutants", "--list", "--only", "tornTailAccepted"])

        #expect(result.exit == .code(0))
        #expect(result.output.contains("torn tail resurrected (Iggy #3946)"))
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a run that fails tells what was expected, how often, and how to see it again`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("junit.xml")

        let result = try SimCommand.run([
            "run", "--seeds", "1..3", "--profile", "quick", "--mutant", "halfBatchVisible", "--junit", path,
            "--annotations",
        ])
        let xml = try String(contentsOfFile: path, encoding: .utf8)

        #expect(result.exit != .code(0), "\(result.output)")
        #expect(Self.line(of: result, "  expected: ") != nil)
        #expect(Self.line(of: result, "  seen: ") != nil)
        #expect(Self.line(of: result, "  fails in ") != nil)
        #expect(result.output.contains("::error title=galgo-sim seed "))
        #expect(result.output.contains("reproduce: galgo-sim replay "))
        #expect(xml.contains("<testcase classname=\"galgo-sim run\" name=\"seeds 1..3\""))
        #expect(xml.contains("<failure type="))
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a plan is added to a corpus, listed, run and pruned`() throws {
        let directory = try TemporaryDirectory()
        let corpus = ["--corpus", directory.path]
        let planted = ["1", "--profile", "quick", "--mutant", "offsetPastEndStored"]

        let added = try SimCommand.run(["corpus", "add"] + planted + corpus)
        let refused = try SimCommand.run(["corpus", "add", "2", "--profile", "quick"] + corpus)
        let forMarks = try SimCommand.run(
            ["corpus", "add", "2", "--profile", "quick", "--why", "Marks, many"] + corpus)
        let again = try SimCommand.run(["corpus", "add", "2", "--profile", "quick", "--why", "marks many"] + corpus)
        let listed = try SimCommand.run(["corpus", "list"] + corpus)
        let run = try SimCommand.run(["corpus", "run"] + corpus)
        try FileManager.default.copyItem(
            atPath: directory.path("marks-many.plan"), toPath: directory.path("twice.plan"))
        try Data("galgo plan 1\nknob fishes 3\n".utf8).write(to: URL(fileURLWithPath: directory.path("gone.plan")))
        let broken = try SimCommand.run(["corpus", "run"] + corpus)
        let dry = try SimCommand.run(["corpus", "prune"] + corpus)
        let pruned = try SimCommand.run(["corpus", "prune", "--yes"] + corpus)
        let last = try SimCommand.run(["corpus", "prune"] + corpus)

        #expect(added.exit == .code(0), "\(added.output)")
        #expect(refused.exit == .code(64) && refused.output.contains("say --why"))
        #expect(forMarks.exit == .code(0), "\(forMarks.output)")
        #expect(again.exit == .code(64) && again.output.contains("is there already"))
        #expect(listed.output.contains("marks-many.plan") && listed.output.contains("for its marks"))
        #expect(listed.output.contains("planted, consumer-offset"), "\(listed.output)")
        #expect(run.exit == .code(0), "\(run.output)")
        #expect(run.output.contains("2 plans, each in two processes: 1 held, 1 planted bugs were found"))
        #expect(broken.exit == .code(16) && broken.output.contains("there is no knob 'fishes'"))
        #expect(dry.output.contains("2 would be removed"), "\(dry.output)")
        #expect(pruned.output.contains("2 removed"))
        #expect(last.output == "nothing to remove\n")
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `what does not fail cannot be shrunk`() throws {
        let result = try SimCommand.run(["shrink", "2", "--profile", "quick"])

        #expect(result.exit == .code(16), "\(result.output)")
        #expect(result.output == "galgo-sim: seed 2 does not fail (held): there is nothing to shrink\n")
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a branch that fails is a plan that fails alike`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("way")
        let seed = ["1", "--at", "serving", "--mutant", "halfBatchVisible"]

        let branched = try SimCommand.run(["branch"] + seed + ["--tries", "4", "-o", path])
        let played = try SimCommand.run(["replay", path])
        let shrunk = try SimCommand.run(["shrink", path, "--budget", "5"])
        let printed = try SimCommand.run(["branch"] + seed + ["--tries", "4"])

        #expect(branched.exit == .code(10), "\(branched.output)")
        #expect(branched.output.contains("seed 1 from serving.1: 4 ways on"))
        #expect(played.exit == .code(10), "\(played.output)")
        #expect(shrunk.exit == .code(0), "\(shrunk.output)")
        #expect(printed.output.hasPrefix("galgo plan "))
        #expect(printed.output.contains("\nbranch serving 1 "))
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a waypoint that a run does not come to is said to be not applicable`() throws {
        let result = try SimCommand.run(["branch", "2", "--profile", "quick", "--at", "stop.900", "--tries", "2"])

        #expect(result.exit == .code(16), "\(result.output)")
        #expect(result.output.contains("does not come to stop"))
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a search does not depend on the number of workers`() throws {
        let search = ["branch", "--auto", "--profile", "quick", "--tries", "24", "--json"]

        let one = try SimCommand.run(search + ["--jobs", "1"])
        let two = try SimCommand.run(search + ["--jobs", "2"])

        func pairs(_ output: String) -> Substring? { output.split(separator: ",").first { $0.hasPrefix("\"pairs\"") } }
        #expect(one.exit == .code(0), "\(one.output)")
        #expect(pairs(one.output) != nil)
        #expect(pairs(one.output) == pairs(two.output))
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `marks are counted, and the gate refuses seeds that miss one`() throws {
        let counted = try SimCommand.run(["marks", "--seeds", "1..4", "--profile", "quick"])
        let gated = try SimCommand.run(["marks", "--seeds", "1..1", "--profile", "calm", "--gate"])

        #expect(counted.exit == .code(0), "\(counted.output)")
        #expect(counted.output.contains("reachable    appended"))
        #expect(counted.output.contains("pairs of moments"))
        #expect(gated.exit == .code(15) || gated.exit == .code(14), "\(gated.output)")
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a planted bug that is left out is confirmed to be gone`() throws {
        let bug = ["confirm", "1", "--profile", "quick", "--mutant", "halfBatchVisible", "--tries", "10"]

        let rate = try SimCommand.run(bug)
        let gone = try SimCommand.run(bug + ["--fixed"])
        let still = try SimCommand.run(bug + ["--fixed", "--rate", "9/10"])
        let nothing = try SimCommand.run(["confirm", "2", "--profile", "quick", "--tries", "2"])

        #expect(rate.exit == .code(0), "\(rate.output)")
        #expect(rate.output.contains("runs must hold for 99 % confidence"))
        #expect(rate.output.contains("  galgo-sim confirm 1 --profile quick --mutant halfBatchVisible --fixed --rate "))
        #expect(gone.exit == .code(0), "\(gone.output)")
        #expect(gone.output.contains("confirmed: "))
        #expect(still.exit == .code(0), "\(still.output)")
        #expect(nothing.exit == .code(16), "\(nothing.output)")
    }

    @Test(arguments: [
        ("hello", "it does not begin with 'galgo plan'"),
        ("galgo plan 99", "this version reads 'galgo plan 1'"),
        ("galgo plan 1\nseed x\n", "line 2 means nothing here: seed x"),
        (
            "galgo plan 1\nfault power-cut 1us when mark noonReached 1 for 0us\n",
            "line 2: there is no mark 'noonReached'"
        ),
        ("galgo plan 1\nclient patient\nop fetch 7\n", "line 3, 'op fetch 7': there are 2 partitions"),
    ])
    func `a file that is no plan is said to be none, in words`(text: String, said: String) throws {
        let directory = try TemporaryDirectory()
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory.path("p")))

        for command in ["replay", "shrink"] {
            let result = try SimCommand.run([command, directory.path("p")])

            #expect(result.exit == .code(16))
            #expect(result.output.contains(said), "\(result.output)")
        }
    }

    // MARK: Details

    private static func line(of result: (exit: ChildProcess.Exit, output: String), _ begin: String) -> Substring? {
        result.output.split(separator: "\n").first { $0.hasPrefix(begin) }
    }
}
