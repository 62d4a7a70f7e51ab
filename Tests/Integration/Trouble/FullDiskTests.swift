import Client
import Foundation
import Support
import Testing
import Wire

/// A volume that really has no room: 24 MiB of memory, filled to the last block by the messages themselves.
@Suite(.enabled(if: LimitedVolume.isAllowed, "this machine lets no ordinary user mount a volume of limited size"))
struct FullDiskTests {
    private static let cycles = 5

    @Test(arguments: [1, 2], ["false", "true"])
    func `a full disk refuses, keeps what it has, and goes on when there is room`(shards: Int, syncs: String) throws {
        let directory = try TemporaryDirectory()
        let volume = try LimitedVolume(in: directory)
        let settings = TestServer.Settings(
            shards: shards,
            environment: [
                "IGGY_SYSTEM_SEGMENT_SIZE": "256 KiB", "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC": syncs,
            ],
            volume: volume)
        try withServer(settings) { server in
            var producer = Producer()
            var connection = try server.loggedIn()
            try connection.makeTopic("full", "t", partitions: 2)
            try producer.sendUntilRefused(atMost: 2, &connection)
            var slowestRefusal = Duration.zero
            var returns: [Duration] = []

            for cycle in 0..<Self.cycles {
                // All but a little is taken away at once; the messages take the rest.
                try volume.fill(leaving: (cycle + 1) * 300_000)
                slowestRefusal = max(slowestRefusal, try producer.sendUntilRefused(&connection))
                #expect(producer.refusals.allSatisfy { $0 == ErrorCode.cannotAppendMessage.rawValue })
                // To the last byte: what little room there is for other things is gone, too.
                try volume.fill()
                if syncs == "true" {
                    // Room that was written ahead is taken first.
                    try producer.sendUntilRefused(&connection)
                } else {
                    try producer.expectRefusal(&connection)
                }
                try producer.check(&connection)
                try server.requireServing()

                volume.free()
                returns.append(try producer.sendUntilAccepted(&connection))
                try producer.check(&connection)
                if cycle == 2 {
                    server.kill()
                    try server.start()
                } else {
                    try server.restart()
                }
                connection = try server.loggedIn()
                try producer.check(&connection)
            }
            print(
                "full disk, \(shards) shards, syncs \(syncs): refused within \(slowestRefusal),",
                "accepted \(returns.median) after there was room, \(producer.acknowledgedCount) messages kept")
            #expect(returns.median < .seconds(3))
        }
    }

    @Test func `a start on a full disk serves what is there`() throws {
        let directory = try TemporaryDirectory()
        let volume = try LimitedVolume(in: directory)
        try withServer(.init(volume: volume)) { server in
            var producer = Producer()
            var connection = try server.loggedIn()
            try connection.makeTopic("full", "t", partitions: 2)
            try producer.sendUntilRefused(atMost: 20, &connection)

            for _ in 0..<3 {
                try volume.fill()
                server.kill()
                try server.start()
                connection = try server.loggedIn()
                try producer.check(&connection)
                // What the server had written ahead may take a little more; then it refuses.
                try producer.sendUntilRefused(&connection)
                volume.free()
                _ = try producer.sendUntilAccepted(&connection)
            }
            try producer.check(&connection)
        }
    }
}

/// Sends batches of 20 KB to two partitions in turn, and knows what became of them.
private struct Producer {
    private var journals = [AckJournal(), AckJournal()]
    private var number = 0
    private(set) var refusals: [UInt32] = []

    var acknowledgedCount: Int { journals.reduce(0) { $0 + $1.acknowledgedCount } }

    /// Sends up to `limit` batches until one is refused. Returns how long the refusal took.
    @discardableResult
    mutating func sendUntilRefused(atMost limit: Int = 2_000, _ connection: inout Connection) throws -> Duration {
        for _ in 0..<limit {
            let begin = ContinuousClock.now
            if try !send(&connection) { return ContinuousClock.now - begin }
        }
        guard limit < 2_000 else { throw HarnessError("the volume is never full") }
        return .zero
    }

    mutating func expectRefusal(_ connection: inout Connection) throws {
        for _ in 0..<2 {
            guard try !send(&connection) else { throw HarnessError("a message was acknowledged on a full disk") }
        }
    }

    /// Returns how long it took until the server took messages in both partitions again.
    mutating func sendUntilAccepted(_ connection: inout Connection) throws -> Duration {
        let begin = ContinuousClock.now
        var accepted = 0
        while accepted < 2 {
            accepted = try send(&connection) ? accepted + 1 : 0
            guard ContinuousClock.now - begin < .seconds(20) else {
                throw HarnessError("nothing is accepted although there is room: \(refusals.suffix(3))")
            }
        }
        return ContinuousClock.now - begin
    }

    private mutating func send(_ connection: inout Connection) throws -> Bool {
        let partition = number / 100 % 2
        let ids = (0..<100).map { AckJournal.id(producer: 0, number: number + $0) }
        number += 100
        let batch = journals[partition].sending(ids)
        let messages = ids.map { ($0, AckJournal.payload(of: $0)) }
        let reply = try connection.ask(RawFrame.send("full", "t", messages, partition: UInt32(partition)))
        if reply == .ok {
            journals[partition].acknowledged(batch)
            return true
        }
        journals[partition].refused(batch)
        refusals.append(reply.status)
        return false
    }

    mutating func check(_ connection: inout Connection) throws {
        for partition in journals.indices {
            try journals[partition].check(connection.everything("full", "t", partition: UInt32(partition)))
        }
    }
}
