import Foundation
import Support
import Testing

/// The simulator's command line as a user meets it.
struct SimCommandTests {
    @Test(arguments: [
        [], ["fly"], ["replay"], ["replay", "1", "2"], ["replay", "1", "--trace", "x"],
        ["replay", "1", "--plan", "--json"],
        ["replay", "p.plan", "--without", "disk-full"], ["run", "--plan"], ["run", "--scenario", "power"],
        ["run", "--crash", "3.torn"], ["run", "7"], ["run", "--seed", "1", "--seeds", "1..2"], ["run", "--for", "s6s"],
        ["run", "--jobs", "2", "--jobs", "3"], ["canary", "--mutant", "halfBatchVisible"],
        ["canary", "--profile", "calm"], ["mutants", "--gate", "101"], ["mutants", "--only", "halfBatchVisible,x"],
        ["mutants", "--only", "halfBatchVisible,halfBatchVisible"], ["mutants", "--list", "--gate", "5"],
        ["mutants", "--mutant", "halfBatchVisible"], ["mutants", "--markdown", "--json"],
        ["mutants", "--list", "--markdown"],
        ["run", "--markdown"],
        ["shrink"], ["shrink", "1", "--budget", "0"], ["shrink", "p.plan", "--mutant", "halfBatchVisible"],
        ["replay", "1", "-o", "p"], ["shrink", "no-such-file"],
        ["sweep", "--crash", "3.torn"], ["sweep", "--trace", "full"], ["sweep", "--scenario", "power", "--crash", "3"],
    ])
    func `a command line that cannot be meant is one line and exit code 64`(arguments: [String]) throws {
        let result = try Self.sim(arguments)

        #expect(result.exit == .code(64))
        #expect(result.output.hasPrefix("galgo-sim: "))
        #expect(result.output.split(separator: "\n").count == 1)
    }

    @Test(arguments: ["--help", "-h"])
    func `help names every option and exit code`(flag: String) throws {
        let result = try Self.sim([flag])

        #expect(result.exit == .code(0))
        for word in [
            "--seeds", "--without", "--nested", "std", "disk-full", "sync-swallowed", "halfBatchVisible", "70",
        ] {
            #expect(result.output.contains(word), "\(word)")
        }
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a plan that was printed is played from its file`() throws {
        let directory = try TemporaryDirectory()
        let seed = ["2", "--profile", "quick"]
        let printed = try Self.sim(["replay"] + seed + ["--plan"])
        try Data(printed.output.utf8).write(to: URL(fileURLWithPath: directory.path("p")))

        let played = try Self.sim(["replay", directory.path("p")])
        let direct = try Self.sim(["replay"] + seed)

        #expect(printed.exit == .code(0))
        #expect(printed.output.hasPrefix("galgo plan "))
        #expect(played.exit == .code(0), "\(played.output)")
        #expect(Self.line(of: played, "  trace ") == Self.line(of: direct, "  trace "))
        #expect(Self.line(of: played, "  plan generator ") != nil)
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a replay that holds is narrated`() throws {
        let result = try Self.sim(["replay", "2", "--profile", "quick"])

        #expect(result.exit == .code(0), "\(result.output)")
        #expect(result.output.contains("held"))
        #expect(result.output.contains(" µs  "))
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a crash point that the scenario does not reach is said to be not applicable`() throws {
        let result = try Self.sim(["sweep", "--scenario", "power", "--crash", "9999.torn"])

        #expect(result.exit == .code(16), "\(result.output)")
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `a planted bug is shrunk to a plan that fails in the same way`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("small")

        let shrunk = try Self.sim(["shrink", "1", "--mutant", "offsetPastEndStored", "-o", path])
        let played = try Self.sim(["replay", path])
        let printed = try Self.sim(["shrink", path, "--budget", "5"])
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
        let found = try Self.sim(
            ["mutants", "--only", "offsetPastEndStored,sync-swallowed", "--seeds", "1..5", "--gate", "100"])
        let missed = try Self.sim(["mutants", "--only", "readNotVerified", "--seed", "1", "--gate", "1", "--json"])

        #expect(found.exit == .code(0), "\(found.output)")
        #expect(found.output.contains("2 of 2 mutants found: 100.0 %"))
        #expect(found.output.contains("galgo-sim replay 1 --mutant offsetPastEndStored"))
        #expect(missed.exit == .code(15), "\(missed.output)")
        #expect(missed.output.contains("\"mutants\":1,\"found\":0,"))
    }

    @Test func `the catalogue of mutants is listed with what each does`() throws {
        let result = try Self.sim(["mutants", "--list", "--only", "tornTailAccepted"])

        #expect(result.exit == .code(0))
        #expect(result.output.contains("torn tail resurrected (Iggy #3946)"))
    }

    @Test(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
    func `what does not fail cannot be shrunk`() throws {
        let result = try Self.sim(["shrink", "2", "--profile", "quick"])

        #expect(result.exit == .code(16), "\(result.output)")
        #expect(result.output.hasPrefix("galgo-sim: seed 2 does not fail"))
    }

    @Test func `a file that is no plan is said to be none, in words`() throws {
        let directory = try TemporaryDirectory()
        try Data("galgo plan 1\nseed x\n".utf8).write(to: URL(fileURLWithPath: directory.path("p")))

        let result = try Self.sim(["replay", directory.path("p")])

        #expect(result.exit == .code(16))
        #expect(result.output.contains("line 2 means nothing here: seed x"))
    }

    // MARK: Details

    private static func line(of result: (exit: ChildProcess.Exit, output: String), _ begin: String) -> Substring? {
        result.output.split(separator: "\n").first { $0.hasPrefix(begin) }
    }

    private static func sim(_ arguments: [String]) throws -> (exit: ChildProcess.Exit, output: String) {
        let directory = try TemporaryDirectory()
        let output = Output(copiedTo: directory.path("output"))
        let environment = ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        let process = try ChildProcess(
            try Executable.releaseSim ?? Executable.sim.path(), arguments, environment: environment, output: output)
        guard let exit = process.wait(atMost: .seconds(120)) else { throw HarnessError("the simulator does not end") }
        return (exit, output.text)
    }
}
