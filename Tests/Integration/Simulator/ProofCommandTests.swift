import Foundation
import Support
import Testing

/// What `galgo-sim` proves about itself: that a seed decides its run, that circumstances do not decide the result, that
/// the disk is the machine's; and that each of the three can say no.
@Suite(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
struct ProofCommandTests {
    @Test(arguments: ["hash-order", "hash-value", "address"])
    func `verify names the first event in which a leak shows`(leak: String) throws {
        let result = try SimCommand.run(["verify", "--seeds", "1..4", "--leak", leak, "--jobs", "1"])

        #expect(result.exit == .code(12), "\(result.output)")
        #expect(result.output.contains("the first event that differs is #"))
        #expect(result.output.contains("after rung "))
        #expect(result.output.contains("  one:   "))
        #expect(result.output.contains("  reproduce: galgo-sim verify --seed "))
        #expect(result.output.contains("--leak \(leak)"))
    }

    @Test func `a debug build has the traces of a release build, and says that it is not watched`() throws {
        let result = try SimCommand.run(
            ["verify", "--seeds", "1..2", "--profile", "quick", "--against", try Executable.sim.path()])

        #expect(result.exit == .code(0), "\(result.output)")
        #expect(result.output.contains("UNWATCHED"))
        #expect(result.output.contains("2 seeds, 0 failed, 0 differ; 4 runs"))
    }

    @Test func `variants of a plan leave the same`() throws {
        let result = try SimCommand.run(["metamorphic", "--seeds", "1..3"])

        #expect(result.exit == .code(0), "\(result.output)")
        #expect(result.output.contains("0 seeds failed"))
    }

    @Test func `a variant's plan is printed and can be played`() throws {
        let directory = try TemporaryDirectory()
        let printed = try SimCommand.run(["metamorphic", "--seed", "2", "--variant", "split-batches", "--plan"])
        try Data(printed.output.utf8).write(to: URL(fileURLWithPath: directory.path("p")))

        let played = try SimCommand.run(["replay", directory.path("p")])

        #expect(printed.exit == .code(0))
        #expect(played.exit == .code(0), "\(played.output)")
    }

    @Test func `the disk model answers as a directory of this machine`() throws {
        let directory = try TemporaryDirectory()

        let result = try SimCommand.run(
            ["conform", "--calls", "100K", "--volume", "roomy", "--directory", directory.path])

        #expect(result.exit == .code(0), "\(result.output)")
        #expect(result.output.contains("roomy: 100000 calls"))
        #expect(result.output.contains("0 differences"))
    }

    @Test func `a comparison that reached too little says so`() throws {
        let nowhere = try SimCommand.run(["conform", "--calls", "1", "--volume", "roomy", "--directory", "/dev/null"])

        #expect(nowhere.exit == .code(14), "\(nowhere.output)")
        #expect(nowhere.output.contains("SKIPPED"))
    }
}

/// Starts the simulator as a user does.
enum SimCommand {
    static func run(_ arguments: [String]) throws -> (exit: ChildProcess.Exit, output: String) {
        let directory = try TemporaryDirectory()
        let output = Output(copiedTo: directory.path("output"))
        let environment = ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        let process = try ChildProcess(
            try Executable.releaseSim ?? Executable.sim.path(), arguments, environment: environment, output: output)
        guard let exit = process.wait(atMost: .seconds(120)) else { throw HarnessError("the simulator does not end") }
        return (exit, output.text)
    }
}
