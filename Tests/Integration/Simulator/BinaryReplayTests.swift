import Foundation
import Support
import Testing

/// Plans of the simulator carried out on the real server.
@Suite(.enabled(if: Executable.releaseSim != nil, "needs an optimised simulator"))
struct BinaryReplayTests {
    @Test(arguments: [
        ["1", "--profile", "quick"], ["3", "--profile", "quick", "--only", "process-kill,connection-reset"],
        ["4", "--profile", "quick", "--only", "shard-panic,smt-oversubscription"],
        ["5", "--profile", "quick", "--only", "disk-full,shard-stall"],
        ["6", "--profile", "quick", "--only", "stop.restart,stop.then-kill"],
    ])
    func `a plan is carried out on the real server, which holds as the simulated one does`(plan: [String]) throws {
        let result = try Self.replay(plan + ["--binary", Executable.server.path()])

        #expect(result.exit == .code(0), "\(result.output)")
        #expect(result.output.contains(": held"))
        #expect(result.output.contains("as the simulated run, which held"))
        #expect(result.output.split(separator: "\n").count <= 40)
    }

    @Test func `what cannot be carried out is said`() throws {
        let result = try Self.replay([
            "2", "--profile", "quick", "--only", "slow-io,clock-step,process-kill", "--json", "--binary",
            Executable.server.path(),
        ])

        let json = try #require(
            JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.output)")
        let skipped = try #require(json["not_carried_out"] as? [String])
        #expect(json["verdict"] as? String == "held")
        #expect(json["diverges"] as? Bool == false)
        #expect(skipped.contains { $0 == "slow-io" || $0.hasPrefix("clock-step.") })
        #expect((json["missing_knobs"] as? [String])?.isEmpty == false)
    }

    /// A disk that forgets what it was told to keep: the server is innocent, and what it lost must be noticed all the same.
    @Test(arguments: ["truncate -s 200", "cp /dev/null"])
    func `files that change between a kill and the restart are found out`(tampering: String) throws {
        let directory = try TemporaryDirectory()
        let script = directory.path("server")
        try """
        #!/bin/sh
        starts=$(cat "$0.starts" 2>/dev/null || echo 0)
        echo $((starts + 1)) > "$0.starts"
        if [ "$starts" -ge 1 ]; then
          for log in "$IGGY_SYSTEM_PATH"/partitions/*/0*.log; do \(tampering) "$log"; done
        fi
        exec \(try Executable.server.path()) "$@"
        """.write(toFile: script, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)

        let result = try Self.replay(
            ["3", "--profile", "quick", "--only", "process-kill", "--binary", script], in: directory)

        #expect(result.exit == .code(10) || result.exit == .code(11), "\(result.output)")
        #expect(result.output.contains("VIOLATED"))
        #expect(result.output.contains("DIVERGES from the simulated run, which held"))
        #expect(result.output.contains("its files: "))
        #expect(result.output.hasSuffix("--binary \(script)\n"))
    }

    @Test func `a simulated run that ends its process does not decide for the real server`() throws {
        let result = try Self.replay([
            "1", "--mutant", "sealBeginsInTheMiddle", "--binary", try Executable.server.path(),
        ])

        #expect(result.exit == .code(0), "\(result.output)")
        #expect(result.output.contains(": held"))
        let words = "DIVERGES from the simulated run, which died, signal 4, a trap with a planted bug"
        #expect(result.output.contains(words))
    }

    @Test func `a server that is not there is said to be missing`() throws {
        let result = try Self.replay(["1", "--binary", "/no/such/server"])

        #expect(result.exit == .code(64))
        #expect(result.output.contains("no server at /no/such/server"))
    }

    private static func replay(
        _ arguments: [String], in directory: TemporaryDirectory? = nil
    ) throws -> (exit: ChildProcess.Exit, output: String) {
        let directory = try directory ?? TemporaryDirectory()
        let output = Output(copiedTo: directory.path("output"))
        var environment = ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        environment["TMPDIR"] = directory.path
        let process = try ChildProcess(
            try Executable.releaseSim ?? Executable.sim.path(), ["replay"] + arguments, environment: environment,
            output: output)
        guard let exit = process.wait(atMost: .seconds(180)) else { throw HarnessError("the simulator does not end") }
        return (exit, output.text)
    }
}
