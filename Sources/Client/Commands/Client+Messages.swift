public import Wire
import Primitives

/// A message to send.
public struct Message: Equatable, Sendable {
    /// 0 asks the server for an id.
    public var id: UInt128
    public var payload: [UInt8]
    /// As the protocol encodes them; the server does not look inside.
    public var userHeaders: [UInt8]

    public init(_ payload: [UInt8], id: UInt128 = 0, userHeaders: [UInt8] = []) {
        self.id = id
        self.payload = payload
        self.userHeaders = userHeaders
    }

    public init(_ text: String) { self.init(Array(text.utf8)) }
}

/// A message as a partition returns it.
public struct PolledMessage: Equatable, Sendable {
    public let id: UInt128
    public let offset: UInt64
    /// When the server appended it, in microseconds since 1970; the same for a whole batch.
    public let timestamp: UInt64
    /// The producer's clock.
    public let originTimestamp: UInt64
    public let payload: [UInt8]
    public let userHeaders: [UInt8]

    public var text: String { String(decoding: payload, as: UTF8.self) }
}

/// The reply to a poll.
public struct Polled: Equatable, Sendable {
    public let partitionID: UInt32
    /// The offset of the partition's last message; 0 too when it is empty.
    public let currentOffset: UInt64
    public let messages: [PolledMessage]
}

extension Client {
    /// Appends a batch, whole or not at all, to one partition.
    public func send(
        _ messages: [Message], to path: TopicPath, _ partitioning: Partitioning = .balanced
    ) throws(ClientError) {
        var batch = ClassicBatchBuilder()
        let now = microsecondsNow()
        for message in messages {
            batch.append(
                id: message.id, originTimestamp: now, payload: message.payload.rawSpan,
                userHeaders: message.userHeaders.rawSpan)
        }
        var writer = ByteWriter(reserving: batch.messagesByteCount + messages.count * 16 + 1024)
        batch.encodeFrame(to: path, partitioning, into: &writer)
        _ = try exchange(writer.bytes, command: .sendMessages)
    }

    /// Reads up to `count` messages; an empty reply comes at once. A nil partition means 0, or the next of a group
    /// member's own. `autoCommit` stores the offset of the last message for the consumer.
    public func poll(
        _ path: TopicPath, partition: UInt32?, from strategy: PollingStrategy, count: UInt32 = 1000,
        as consumer: Consumer = .single(.id(0)), autoCommit: Bool = false
    ) throws(ClientError) -> Polled {
        try exchange(
            poll: PollMessages(
                consumer: consumer, path: path, partition: partition, strategy: strategy, count: count,
                autoCommit: autoCommit))
    }

    /// Hands what is unsaved in a partition to its file, and with `sync` to the disk.
    public func flush(_ path: TopicPath, partition: UInt32, sync: Bool) throws(ClientError) {
        try ask(.flushUnsavedBuffer(FlushUnsavedBuffer(path: path, partition: partition, sync: sync)))
    }
}

extension Polled {
    /// Reads the payload of a reply, which holds as many whole messages as it says and nothing else.
    init(decoding payload: RawSpan) throws(WireError) {
        guard case .polled(let head) = try Reply(decoding: payload, to: .pollMessages) else { throw .brokenStructure }
        guard
            let rest = payload.slice(
                at: PolledHead.byteCount, byteCount: payload.byteCount - PolledHead.byteCount)
        else { throw .truncated }
        var messages: [PolledMessage] = []
        var walk = ClassicMessages(rest)
        while let message = walk.next() {
            messages.append(PolledMessage(message, in: rest))
        }
        guard walk.position == rest.byteCount, messages.count == Int(head.messageCount) else {
            throw .brokenStructure
        }
        self.init(partitionID: head.partitionID, currentOffset: head.currentOffset, messages: messages)
    }
}

extension PolledMessage {
    fileprivate init(_ message: ClassicMessage, in bytes: RawSpan) {
        self.init(
            id: message.id, offset: message.offset, timestamp: message.timestamp,
            originTimestamp: message.originTimestamp,
            payload: Self.copy(bytes, at: message.payloadPosition, byteCount: message.payloadByteCount),
            userHeaders: Self.copy(bytes, at: message.userHeadersPosition, byteCount: message.userHeadersByteCount))
    }

    private static func copy(_ bytes: RawSpan, at position: Int, byteCount: Int) -> [UInt8] {
        var writer = ByteWriter(reserving: byteCount)
        if let slice = bytes.slice(at: position, byteCount: byteCount) { writer.write(slice) }
        return writer.bytes
    }
}
