import Primitives

// Where the parts of the two frequent requests stand, found without copying a byte.
//
// A layout is there for well-formed payloads only. Whoever gets none decodes the request in full and learns from that
// what is wrong with it.

/// A SendMessages payload: see `SendMessagesHead` for the format.
public struct SendMessagesLayout: BitwiseCopyable, Sendable {
    public enum Choice: BitwiseCopyable, Equatable, Sendable {
        case balanced
        case partition(UInt32)
        /// XXH32 of the messages key.
        case key(hash: UInt32)
    }

    /// The bytes that name stream and topic.
    public let pathPosition: Int
    public let pathByteCount: Int
    public let choice: Choice
    public let messageCount: UInt32
    public let indexPosition: Int
    public let indexByteCount: Int
    public let messagesPosition: Int
    public let messagesByteCount: Int

    public init?(_ payload: RawSpan) {
        var reader = ByteReader(payload)
        guard let metadataByteCount = reader.next(UInt32.self) else { return nil }
        let pathPosition = reader.position
        guard reader.skipIdentifier(), reader.skipIdentifier() else { return nil }
        pathByteCount = reader.position - pathPosition
        self.pathPosition = pathPosition
        guard let kind = reader.next(UInt8.self), let byteCount = reader.next(UInt8.self),
            let value = reader.take(Int(byteCount))
        else { return nil }
        switch (kind, byteCount) {
        case (1, 0): choice = .balanced
        case (2, 4): choice = .partition(value.load(UInt32.self, at: 0) ?? 0)
        case (3, _): choice = .key(hash: XXH32.hash(value))
        default: return nil
        }
        guard let messageCount = reader.next(UInt32.self), reader.position == 4 + Int(metadataByteCount) else {
            return nil
        }
        self.messageCount = messageCount
        indexPosition = reader.position
        indexByteCount = Int(messageCount) * SendMessagesHead.indexEntryByteCount
        guard reader.skip(indexByteCount) else { return nil }
        messagesPosition = reader.position
        messagesByteCount = reader.remaining
    }
}

/// A PollMessages payload of a single consumer.
public struct PollMessagesLayout: Sendable {
    /// The consumer's number, or XXH32 of its name.
    public let consumer: UInt32
    /// The bytes that name stream and topic.
    public let pathPosition: Int
    public let pathByteCount: Int
    public let partition: UInt32
    public let strategy: PollingStrategy
    public let count: UInt32
    public let autoCommit: Bool

    public init?(_ payload: RawSpan) {
        var reader = ByteReader(payload)
        guard reader.next(UInt8.self) == 1, let kind = reader.next(UInt8.self),
            let byteCount = reader.next(UInt8.self), let name = reader.take(Int(byteCount))
        else { return nil }
        switch (kind, byteCount) {
        case (1, 4): consumer = name.load(UInt32.self, at: 0) ?? 0
        case (2, 1...): consumer = XXH32.hash(name)
        default: return nil
        }
        let pathPosition = reader.position
        guard reader.skipIdentifier(), reader.skipIdentifier() else { return nil }
        pathByteCount = reader.position - pathPosition
        self.pathPosition = pathPosition
        guard let isPresent = reader.next(UInt8.self), let partition = reader.next(UInt32.self) else { return nil }
        self.partition = isPresent == 1 ? partition : 0
        do throws(WireError) { strategy = try PollingStrategy(decoding: &reader) } catch { return nil }
        guard let count = reader.next(UInt32.self), let autoCommit = reader.next(UInt8.self) else { return nil }
        self.count = count
        self.autoCommit = autoCommit != 0
    }
}

extension ByteReader {
    /// Passes over an identifier; false if it is malformed. Whether its text is text is not looked at.
    fileprivate mutating func skipIdentifier() -> Bool {
        guard let kind = next(UInt8.self), let byteCount = next(UInt8.self) else { return false }
        return (kind == 1 && byteCount == 4 || kind == 2 && byteCount > 0) && skip(Int(byteCount))
    }
}
