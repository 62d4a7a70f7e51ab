import Client
import Foundation
import Support
import Testing

/// The load generator as a user meets it: its exit codes and what it prints.
struct BenchTests {
    @Test(arguments: [
        [], ["fly"], ["produce", "--bytes", "x"], ["produce", "--batch"], ["produce", "--speed", "9"],
        ["consume", "--connections", "5", "--partitions", "4"],
    ])
    func `wrong flags are one line and exit code 64`(arguments: [String]) throws {
        let result = try Self.bench(arguments)

        #expect(result.exit == .code(64))
        #expect(result.output.hasPrefix("galgo-bench: "))
        #expect(result.output.split(separator: "\n").count == 1)
    }

    @Test func `what was produced is consumed, once and whole`() throws {
        try withServer { server in
            let common = ["--address", server.address.description, "--partitions", "2", "--connections", "2"]

            let produced = try Self.bench(
                ["produce", "--keep", "--seconds", "1", "--warmup", "0", "--batch", "50", "--in-flight", "3"] + common)
            let consumed = try Self.bench(
                ["consume", "--once", "--batch", "70", "--in-flight", "2", "--json"] + common)

            #expect(produced.exit == .code(0), "\(produced.output)")
            #expect(produced.output.contains("latency p99.9"))
            #expect(consumed.exit == .code(0), "\(consumed.output)")
            #expect(consumed.output.contains("\"messages_per_second\":"))
        }
    }

    @Test func `a stream that the bench made is removed again`() throws {
        try withServer { server in
            let produced = try Self.bench([
                "produce", "--address", server.address.description, "--seconds", "1", "--warmup", "0",
            ])

            #expect(produced.exit == .code(0), "\(produced.output)")
            #expect(try server.client().streams().isEmpty)
        }
    }

    private static func bench(_ arguments: [String]) throws -> (exit: ChildProcess.Exit, output: String) {
        let directory = try TemporaryDirectory()
        let output = Output(copiedTo: directory.path("output"))
        let process = try ChildProcess(try Executable.bench.path(), arguments, environment: [:], output: output)
        guard let exit = process.wait(atMost: .seconds(30)) else { throw HarnessError("the bench does not end") }
        return (exit, output.text)
    }
}
