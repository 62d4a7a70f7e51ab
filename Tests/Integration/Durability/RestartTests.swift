import Client
import Testing
import Wire

struct RestartTests {
    @Test(arguments: [1, 2])
    func `a restart keeps everything`(shards: Int) throws {
        try withServer(.init(shards: shards, environment: ["IGGY_SYSTEM_SEGMENT_SIZE": "64 KiB"])) { server in
            let reader = Consumer.single(.id(5))
            let path = try TopicPath("stream-2", "events")
            try fill(server.client(), path, reader)
            let before = try Everything(server.client(), path, reader)

            for _ in 0..<2 {
                try server.restart()
                #expect(try Everything(server.client(), path, reader) == before)
            }

            // Offsets go on where they were.
            let client = try server.client()
            try client.send([Message("after")], to: path, .partition(1))
            let next = try client.poll(path, partition: 1, from: .next, as: reader)
            #expect(next.messages.last?.text == "after")
            #expect(next.messages.last?.offset == UInt64(before.messages[1].count))
        }
    }

    @Test func `ids that deleted things had are given out as before`() throws {
        try withServer { server in
            let client = try server.client()
            for name in ["a", "b", "c"] { try client.createStream(name) }
            try client.deleteStream(.id(1))

            try server.restart()

            let after = try server.client()
            #expect(try after.streams().map(\.id) == [0, 2])
            #expect(try after.createStream("d").id == 1)
        }
    }

    @Test func `purged and deleted messages stay away`() throws {
        try withServer { server in
            let client = try server.client()
            try client.createStream("s")
            let purged = try TopicPath("s", "purged")
            let reborn = try TopicPath("s", "reborn")
            for name in ["purged", "reborn"] {
                try client.createTopic(purged.stream, name, partitions: 1)
                try client.send((0..<100).map { Message("old \($0)") }, to: TopicPath("s", name), .partition(0))
            }
            try client.purgeTopic(purged)
            try client.deleteTopic(reborn)
            try client.createTopic(purged.stream, "reborn", partitions: 1)
            try client.send([Message("new")], to: purged, .partition(0))

            server.kill()
            try server.start()

            let after = try server.client()
            #expect(try after.poll(purged, partition: 0, from: .first).messages.map(\.text) == ["new"])
            #expect(try after.poll(reborn, partition: 0, from: .first).messages.isEmpty)
        }
    }

    // MARK: Details

    private func fill(_ client: Client, _ path: TopicPath, _ reader: Consumer) throws {
        for number in 0..<3 { try client.createStream("stream-\(number)") }
        let settings = TopicSettings(compression: .gzip, messageExpiry: MessageExpiry(rawValue: 3_600_000_000))
        try client.createTopic(path.stream, "other", partitions: 0)
        try client.createTopic(path.stream, "events", partitions: 3, settings: settings)
        // Enough for several segments of 64 KiB in partition 1.
        for batch in 0..<60 {
            let messages = (0..<20).map { Message("\(batch).\($0) " + String(repeating: "x", count: 100)) }
            try client.send(messages, to: path, .partition(UInt32(batch % 6 == 0 ? 0 : 1)))
        }
        try client.storeOffset(17, for: reader, in: path, partition: 1)
    }

    /// What a client can see.
    private struct Everything: Equatable {
        let streams: [StreamRecord]
        let topics: [TopicRecord]
        let partitions: [PartitionRecord]
        let stored: ConsumerOffsetRecord?
        let messages: [[PolledMessage]]

        init(_ client: Client, _ path: TopicPath, _ reader: Consumer) throws {
            streams = try client.streams()
            topics = try client.topics(of: path.stream)
            partitions = try client.topic(path)?.partitions ?? []
            stored = try client.storedOffset(of: reader, in: path, partition: 1)
            messages = try partitions.map {
                try client.poll(path, partition: $0.id, from: .first, count: 10_000).messages
            }
        }
    }
}
