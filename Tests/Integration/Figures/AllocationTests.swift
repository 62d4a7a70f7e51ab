import Client
import Foundation
import Support
import Testing

/// The optimised server makes at most one allocation for a batch, however many messages it holds.
@Suite(.enabled(if: Executable.releaseServer != nil, "needs an optimised server: scripts/test makes one"), .serialized)
struct AllocationTests {
    private static let allocationsMax = 1.0
    private static let batches = 500

    @Test(arguments: [1, 2], [10, 1_000])
    func `a batch costs at most one allocation, produced or polled`(shards: Int, messages: Int) throws {
        let counter = try AllocationCounter()
        try withServer(counter.settings(shards: shards)) { server in
            var connection = try server.loggedIn()
            try connection.makeTopic("few", "t", partitions: 2)
            let payloads = (0..<messages).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 100) }
            // Partitions of this shard and, where there is one, of the other.
            for partition in 0..<UInt32(shards) {
                let send = RawFrame.send("few", "t", payloads: payloads, partition: partition)
                let poll = RawFrame.poll("few", "t", offset: 50, count: UInt32(messages), partition: partition)

                let produced = try counter.perRequest(send, Self.batches, on: &connection) { $0 == .ok }
                let polled = try counter.perRequest(poll, Self.batches, on: &connection) { $0.messageCount == messages }

                print(
                    "allocations per batch of \(messages), \(shards) shards, partition \(partition):",
                    "\(Self.text(produced)) produced, \(Self.text(polled)) polled")
                #expect(produced <= Self.allocationsMax)
                #expect(polled <= Self.allocationsMax)
            }
        }
    }

    @Test func `requests that allocate more are found`() throws {
        let counter = try AllocationCounter()
        try withServer(counter.settings(shards: 1)) { server in
            var connection = try server.loggedIn()
            try connection.makeTopic("many", "t", partitions: 100)

            // The reply has a record for each partition, put together anew each time.
            let count = try counter.perRequest(RawFrame.getStream("many"), 100, on: &connection) { $0.status == 0 }

            #expect(count > Self.allocationsMax)
        }
    }

    private static func text(_ count: Double) -> String { String(format: "%.2f", count) }
}

/// The shim of `Tests/AllocationCounter`, preloaded into a server, and the count that it keeps in a file.
private struct AllocationCounter {
    private let directory: TemporaryDirectory
    private var path: String { directory.path("count") }
    private let library: String

    init() throws {
        directory = try TemporaryDirectory()
        library = Executable.folder.appendingPathComponent("libAllocationCounter.so").path
        guard FileManager.default.isReadableFile(atPath: library) else { throw HarnessError("no \(library)") }
        try Data(count: 8).write(to: URL(fileURLWithPath: path))
    }

    func settings(shards: Int) -> TestServer.Settings {
        TestServer.Settings(
            shards: shards, environment: ["LD_PRELOAD": library, "ALLOCATION_COUNT": path],
            binary: Executable.releaseServer)
    }

    /// The allocations of the server for each of `count` equal requests, one at a time, once all is warm.
    func perRequest(
        _ frame: [UInt8], _ count: Int, on connection: inout Connection, _ isGood: (RawReply) -> Bool
    ) throws -> Double {
        for _ in 0..<100 { try Self.ask(frame, &connection, isGood) }
        let before = try value()
        for _ in 0..<count { try Self.ask(frame, &connection, isGood) }
        return Double(try value() - before) / Double(count)
    }

    private static func ask(_ frame: [UInt8], _ connection: inout Connection, _ isGood: (RawReply) -> Bool) throws {
        let reply = try connection.ask(frame)
        guard isGood(reply) else { throw HarnessError("an unexpected reply, status \(reply.status)") }
    }

    private func value() throws -> UInt64 {
        let value = try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { $0.load(as: UInt64.self) }
        guard value > 0 else { throw HarnessError("nothing is counted: is \(library) loaded?") }
        return value
    }
}
