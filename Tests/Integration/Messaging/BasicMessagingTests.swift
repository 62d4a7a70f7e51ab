import Client
import Testing
import Wire

struct BasicMessagingTests {
    @Test(arguments: [1, 2])
    func `ten messages come back in order`(shards: Int) throws {
        try withServer(.init(shards: shards)) { server in
            let client = try server.client()
            let stream = try client.createStream("test-stream")
            let topic = try client.createTopic(.id(stream.id), "test-topic", partitions: 3)
            let path = TopicPath(stream: .id(0), topic: .id(0))

            try client.send((0..<10).map { Message("test message \($0)") }, to: path, .partition(0))
            let polled = try client.poll(path, partition: 0, from: .offset(0), count: 10)

            #expect(stream.id == 0 && stream.name.text == "test-stream")
            #expect(topic.topic.id == 0 && topic.topic.partitionCount == 3 && topic.partitions.count == 3)
            #expect(polled.messages.map(\.offset) == Array(0..<10))
            #expect(polled.messages.map(\.text) == (0..<10).map { "test message \($0)" })
        }
    }

    @Test func `a message keeps its id and its user headers`() throws {
        try withServer { server in
            let client = try server.client()
            try client.createStream("s")
            let path = try TopicPath("s", "t")
            try client.createTopic(path.stream, "t", partitions: 1)
            let headers: [UInt8] = [2, 1, 0, 0, 0, 107, 2, 1, 0, 0, 0, 118]

            try client.send([Message([1, 2], id: 42, userHeaders: headers), Message([])], to: path, .partition(0))
            let messages = try client.poll(path, partition: 0, from: .first).messages

            #expect(messages.count == 2)
            #expect(messages.first?.id == 42)
            #expect(messages.first?.userHeaders == headers)
            #expect(messages.last?.id != 0)
            #expect(messages.first?.timestamp == messages.last?.timestamp)
        }
    }

    @Test func `every way to start a poll finds its place`() throws {
        try withServer { server in
            let client = try server.client()
            try client.createStream("s")
            let path = try TopicPath("s", "t")
            try client.createTopic(path.stream, "t", partitions: 1)
            for number in 0..<20 { try client.send([Message("\(number)")], to: path, .partition(0)) }

            func offsets(_ strategy: PollingStrategy, _ count: UInt32) throws -> [UInt64] {
                try client.poll(path, partition: 0, from: strategy, count: count).messages.map(\.offset)
            }
            let all = try client.poll(path, partition: 0, from: .first, count: 100)
            let tenth = try #require(all.messages.dropFirst(10).first)
            let since = try client.poll(path, partition: 0, from: .timestamp(tenth.timestamp), count: 100).messages

            #expect(all.currentOffset == 19 && all.messages.count == 20)
            #expect(try offsets(.offset(5), 3) == [5, 6, 7])
            #expect(try offsets(.offset(18), 10) == [18, 19])
            #expect(try offsets(.offset(20), 10) == [])
            #expect(try offsets(.last, 3) == [17, 18, 19])
            #expect(try offsets(.first, 0) == [])
            #expect(since.allSatisfy { $0.timestamp >= tenth.timestamp })
            #expect(since.contains { $0.offset == 10 } && since.last?.offset == 19)
        }
    }

    @Test func `balanced batches take the partitions in turn and a key always the same one`() throws {
        try withServer(.init(shards: 2)) { server in
            let client = try server.client()
            try client.createStream("s")
            let path = try TopicPath("s", "t")
            try client.createTopic(path.stream, "t", partitions: 3)

            for _ in 0..<6 { try client.send([Message("balanced")], to: path, .balanced) }
            for _ in 0..<4 { try client.send([Message("keyed")], to: path, .key(Array("order-1".utf8))) }

            // "order-1" hashes to partition 2 of 3.
            let counts = try (0..<3).map { try client.poll(path, partition: UInt32($0), from: .first).messages.count }
            #expect(counts == [2, 2, 6])
        }
    }

    @Test func `large messages and many small ones arrive whole`() throws {
        try withServer { server in
            let client = try server.client()
            try client.createStream("s")
            let path = try TopicPath("s", "t")
            try client.createTopic(path.stream, "t", partitions: 1)
            let large = [UInt8](repeating: 0xab, count: 10_000_000)

            try client.send([Message(large)], to: path, .partition(0))
            try client.send((0..<5000).map { Message("\($0)") }, to: path, .partition(0))

            #expect(try client.poll(path, partition: 0, from: .first, count: 1).messages.first?.payload == large)
            var seen = 1
            while case let messages = try client.poll(path, partition: 0, from: .offset(UInt64(seen))).messages,
                !messages.isEmpty
            {
                #expect(messages.map(\.text) == messages.indices.map { "\(seen - 1 + $0)" })
                seen += messages.count
            }
            #expect(seen == 5001)
            #expect(throws: ClientError.status(.invalidMessagesCount)) { try client.send([], to: path, .partition(0)) }
        }
    }
}
