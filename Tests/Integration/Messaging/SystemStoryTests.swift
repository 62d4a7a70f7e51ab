import Client
import Testing
import Wire

/// One long story that touches every noun, with exact numbers.
struct SystemStoryTests {
    private static let path = TopicPath(stream: .id(0), topic: .id(0))
    private static let reader = Consumer.single(.id(1))

    @Test func `the whole life of a stream`() throws {
        try withServer { server in
            let client = try server.client()
            try client.ping()
            #expect(try client.streams().isEmpty)

            try createStreamAndTopic(client)
            try produceAndPoll(client)
            try storeOffsets(client)
            try readStats(client)
            try changePartitionsAndTopic(client)
            try purgeAndDelete(client)

            #expect(try client.streams().isEmpty)
        }
    }

    private func createStreamAndTopic(_ client: Client) throws {
        try client.createStream("test-stream")
        let stream = try #require(try client.stream(.id(0)))
        #expect(stream.topics.isEmpty && stream.stream.byteCount == 0 && stream.stream.messageCount == 0)
        #expect(throws: ClientError.status(.streamNameAlreadyExists)) { try client.createStream("test-stream") }

        let settings = TopicSettings(messageExpiry: .never)
        try client.createTopic(.id(0), "test-topic", partitions: 3, settings: settings)
        let topic = try #require(try client.topic(Self.path))
        #expect(topic.topic.settings.maxTopicSize == .unlimited)
        #expect(topic.topic.settings.replicationFactor == 1)
        #expect(topic.partitions.map(\.segmentCount) == [1, 1, 1])
        #expect(topic.partitions.map(\.messageCount) == [0, 0, 0])
        #expect(throws: ClientError.status(.topicNameAlreadyExists)) {
            try client.createTopic(.id(0), "test-topic", partitions: 3)
        }
    }

    private func produceAndPoll(_ client: Client) throws {
        try client.send((0..<1337).map { Message("message \($0)") }, to: Self.path, .partition(0))
        let all = try client.poll(Self.path, partition: 0, from: .offset(0), count: 1337)
        #expect(all.messages.map(\.text) == (0..<1337).map { "message \($0)" })
        for batch in 0..<10 {
            let messages = try client.poll(
                Self.path, partition: 0, from: .offset(UInt64(batch * 133)), count: 133
            ).messages
            #expect(messages.map(\.offset) == (0..<133).map { UInt64(batch * 133 + $0) })
        }
        let topic = try #require(try client.topic(Self.path))
        #expect(topic.topic.byteCount == 100_502)
        #expect(topic.topic.messageCount == 1337)
        #expect(topic.partitions.first?.currentOffset == 1336)
        #expect(try client.poll(Self.path, partition: 1, from: .first).messages.isEmpty)
    }

    private func storeOffsets(_ client: Client) throws {
        #expect(try client.storedOffset(of: Self.reader, in: Self.path) == nil)
        try client.storeOffset(10, for: Self.reader, in: Self.path)
        let stored = try client.storedOffset(of: Self.reader, in: Self.path)
        #expect(stored?.storedOffset == 10 && stored?.currentOffset == 1336)
        try client.deleteOffset(of: Self.reader, in: Self.path)
        #expect(try client.storedOffset(of: Self.reader, in: Self.path) == nil)

        try client.storeOffset(10, for: Self.reader, in: Self.path)
        let next = try client.poll(
            Self.path, partition: 0, from: .next, count: 10, as: Self.reader, autoCommit: true)
        #expect(next.messages.map(\.offset) == Array(11...20))
        #expect(try client.storedOffset(of: Self.reader, in: Self.path)?.storedOffset == 20)
        #expect(throws: ClientError.status(.invalidOffset)) {
            try client.storeOffset(1337, for: Self.reader, in: Self.path)
        }
    }

    private func readStats(_ client: Client) throws {
        let stats = try client.stats()
        #expect(!stats.hostname.isEmpty && !stats.osName.isEmpty && !stats.kernelVersion.isEmpty)
        #expect(!stats.serverVersion.isEmpty && stats.serverVersionNumber > 0)
        #expect(stats.streamCount == 1 && stats.topicCount == 1 && stats.partitionCount == 3)
        #expect(stats.segmentCount == 3 && stats.messageCount == 1337)
    }

    private func changePartitionsAndTopic(_ client: Client) throws {
        try client.createPartitions(Self.path, count: 3)
        #expect(try client.topic(Self.path)?.partitions.count == 6)
        try client.deletePartitions(Self.path, count: 3)
        #expect(try client.topic(Self.path)?.partitions.count == 3)

        let settings = TopicSettings(
            compression: .gzip, messageExpiry: MessageExpiry(rawValue: 1000),
            maxTopicSize: MaxTopicSize(rawValue: 2_000_000_000), replicationFactor: 5)
        try client.updateTopic(Self.path, name: "renamed", settings: settings)
        let topic = try #require(try client.topic(Self.path)?.topic)
        #expect(topic.settings == settings && topic.name.text == "renamed")
        try client.updateTopic(Self.path, name: "renamed", settings: TopicSettings(messageExpiry: .never))
    }

    private func purgeAndDelete(_ client: Client) throws {
        try client.purgeTopic(Self.path)
        #expect(try client.poll(Self.path, partition: 0, from: .first).messages.isEmpty)
        #expect(try client.topic(Self.path)?.topic.byteCount == 0)
        #expect(try client.storedOffset(of: Self.reader, in: Self.path) == nil)

        try client.renameStream(.id(0), to: "renamed-stream")
        try client.send([Message("again")], to: Self.path, .partition(0))
        #expect(try client.poll(Self.path, partition: 0, from: .first).messages.map(\.offset) == [0])
        try client.purgeStream(.init(named: "renamed-stream"))
        #expect(try client.poll(Self.path, partition: 0, from: .first).messages.isEmpty)
        try client.deleteTopic(Self.path)
        #expect(try client.topic(Self.path) == nil)
        #expect(throws: ClientError.status(.topicIdNotFound)) {
            try client.send([Message("gone")], to: Self.path, .partition(0))
        }
        try client.deleteStream(.id(0))
        #expect(try client.stream(.id(0)) == nil)
    }
}
