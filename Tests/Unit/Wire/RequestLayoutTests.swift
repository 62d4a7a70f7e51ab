import Primitives
import Testing
import Wire

/// A layout says what full decoding says, or nothing.
@Suite struct RequestLayoutTests {
    private static let paths: [TopicPath] = [
        TopicPath(stream: .id(7), topic: .name(Name("events")!)),
        TopicPath(stream: .name(Name("é")!), topic: .id(0)),
    ]

    private static let readerHash: UInt32 = 0x3eee_8e64

    // A span cannot go through the expectation macros.
    private func send(_ bytes: [UInt8]) -> SendMessagesLayout? { SendMessagesLayout(bytes.rawSpan) }
    private func poll(_ bytes: [UInt8]) -> PollMessagesLayout? { PollMessagesLayout(bytes.rawSpan) }

    private func payload(_ request: Request) -> [UInt8] {
        var writer = ByteWriter()
        request.encode(into: &writer)
        return writer.bytes
    }

    @Test(arguments: [Partitioning.balanced, .partition(3), .key(Array("order-1".utf8))])
    func `a send is found as it is decoded`(partitioning: Partitioning) throws {
        for path in Self.paths {
            let head = SendMessagesHead(path: path, partitioning: partitioning, messageCount: 2, messagesByteCount: 130)
            var bytes = payload(.sendMessages(head))
            bytes += [UInt8](repeating: 0, count: head.indexByteCount + 130)
            let decoded = try SendMessagesHead(decoding: bytes.rawSpan)

            let layout = try #require(send(bytes))

            #expect(layout.messageCount == 2)
            #expect(layout.indexPosition == decoded.indexPosition)
            #expect(layout.indexByteCount == decoded.indexByteCount)
            #expect(layout.messagesPosition == decoded.messagesPosition)
            #expect(layout.messagesByteCount == decoded.messagesByteCount)
            switch partitioning {
            case .balanced: #expect(layout.choice == .balanced)
            case .partition(let id): #expect(layout.choice == .partition(id))
            case .key(let key): #expect(layout.choice == .key(hash: XXH32.hash(key.rawSpan)))
            }
            for count in 0..<layout.indexPosition + layout.indexByteCount {
                #expect(send(Array(bytes.prefix(count))) == nil)
            }
        }
    }

    @Test(arguments: [PollingStrategy.offset(9), .timestamp(1_700_000_000_000_000), .first, .last, .next])
    func `a poll is found as it is decoded`(strategy: PollingStrategy) throws {
        for path in Self.paths {
            let wanted = PollMessages(
                consumer: .single(.name(Name("reader")!)), path: path, partition: 5, strategy: strategy, count: 42,
                autoCommit: true)
            let bytes = payload(.pollMessages(wanted))

            let layout = try #require(poll(bytes))

            #expect(layout.consumer == Self.readerHash)
            #expect(layout.partition == 5)
            #expect(layout.strategy == strategy)
            #expect(layout.count == 42)
            #expect(layout.autoCommit)
            for count in bytes.indices {
                #expect(poll(Array(bytes.prefix(count))) == nil)
            }
        }
    }

    @Test func `what is malformed or not for one consumer has no layout`() {
        let group = payload(
            .pollMessages(
                PollMessages(consumer: .group(.id(1)), path: Self.paths[0], partition: nil, strategy: .next, count: 1)))
        var badKind = payload(
            .pollMessages(
                PollMessages(consumer: .single(.id(1)), path: Self.paths[0], partition: 0, strategy: .first, count: 1)))
        badKind[7] = 9

        #expect(poll(group) == nil)
        #expect(poll(badKind) == nil)
    }
}
