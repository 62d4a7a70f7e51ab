import Primitives

/// The messages of one SendMessages: checked as they arrived, stamped in place, verified when they are read again.
///
/// The body of a batch is its messages back to back. Its digest is the XXH3-64 of the messages' checksums, eight bytes
/// each, in order: the checksums cover every other byte, so each byte of a batch is passed over once.
public enum ClassicBatch {
    /// What a check of a batch found out.
    public struct Summary: Equatable, Sendable {
        public let messageCount: UInt32
        public let byteCount: Int
        /// The smallest, by the client's clock; the Node SDK sends milliseconds.
        public let originTimestampMin: UInt64
        /// VSR batches that these messages are served as: more than one when they are far apart or large.
        public let vsrBatchCount: UInt32
    }
}

/// Where new message ids come from: random UUIDs of version 4, taken as numbers. In a pure module, the world's dice.
public protocol IDSource: ~Copyable {
    mutating func next() -> UInt128
}

extension ClassicBatch {
    /// Checks all of a batch before anything is done with it: the index, and the heads of the messages.
    ///
    /// Index entry i is `u32` offset (0), `u32` position where message i ends, `u64` timestamp (0). Stricter than the
    /// reference server: every entry must end exactly where its message does, the last at the end of the messages.
    public static func validate(
        index: RawSpan, messages: RawSpan, count: UInt32
    ) throws(WireError) -> Summary {
        guard count > 0 else { throw .outsideLimits(.invalidMessagesCount) }
        guard index.byteCount == Int(count) * SendMessagesHead.indexEntryByteCount else { throw .lengthsDisagree }
        var position = 0
        var offsetMin: UInt64 = 0
        var originTimestampMin = UInt64.max
        var originTimestampMax: UInt64 = 0
        for entry in 0..<Int(count) {
            let end = try readEntry(entry, of: index)
            guard end <= messages.byteCount, let message = ClassicMessage(messages, at: position),
                message.byteCount == end &- position
            else { throw .outsideLimits(.missingIndex) }
            guard message.payloadByteCount <= ClassicMessage.payloadByteCountMax else {
                throw .outsideLimits(.tooBigMessagePayload)
            }
            guard message.userHeadersByteCount <= ClassicMessage.userHeadersByteCountMax else {
                throw .outsideLimits(.tooBigUserHeaders)
            }
            guard message.offset >= offsetMin else { throw .outsideLimits(.invalidOffset) }
            offsetMin = message.offset
            originTimestampMin = min(originTimestampMin, message.originTimestamp)
            originTimestampMax = max(originTimestampMax, message.originTimestamp)
            position = end
        }
        guard position == messages.byteCount else { throw .outsideLimits(.missingIndex) }
        let isOnePart =
            originTimestampMax &- originTimestampMin <= UInt64(UInt32.max) && position <= VSRPart.framesByteCountMax
        return Summary(
            messageCount: count, byteCount: position, originTimestampMin: originTimestampMin,
            vsrBatchCount: isOnePart ? 1 : partCount(messages))
    }

    private static func partCount(_ messages: RawSpan) -> UInt32 {
        var parts = VSRParts(of: messages, partitionID: 0)
        var count: UInt32 = 0
        while parts.next() != nil { count &+= 1 }
        return count
    }

    /// Where the message of an entry ends.
    @inline(__always)
    private static func readEntry(_ entry: Int, of index: RawSpan) throws(WireError) -> Int {
        let start = entry &* SendMessagesHead.indexEntryByteCount
        guard let offset = index.load(UInt32.self, at: start), let end = index.load(UInt32.self, at: start &+ 4),
            let timestamp = index.load(UInt64.self, at: start &+ 8)
        else { throw .lengthsDisagree }
        guard offset == 0 else { throw .outsideLimits(.nonZeroOffset) }
        guard timestamp == 0 else { throw .outsideLimits(.nonZeroTimestamp) }
        return Int(end)
    }

    /// Makes a validated batch the partition's: ids where there are none, offsets from `baseOffset` on, one timestamp
    /// in µs since 1970, zeroed reserved fields, and the checksums, which come last. Returns the digest.
    ///
    /// Throws only for bytes that `validate` refuses.
    @_lifetime(messages: copy messages)
    public static func stamp(
        messages: inout MutableRawSpan, count: UInt32, baseOffset: UInt64, timestamp: UInt64,
        ids: inout some IDSource & ~Copyable
    ) throws(WireError) -> UInt64 {
        var digest = XXH3.Stream()
        var position = 0
        for number in 0..<UInt64(count) {
            guard let message = ClassicMessage(messages.bytes, at: position) else { throw .lengthsDisagree }
            if message.id == 0 { messages.store(ids.next(), at: position &+ ClassicMessage.At.id) }
            messages.store(baseOffset &+ number, at: position &+ ClassicMessage.At.offset)
            messages.store(timestamp, at: position &+ ClassicMessage.At.timestamp)
            messages.store(UInt64(0), at: position &+ ClassicMessage.At.reserved)
            digest.update(try seal(message, in: &messages))
            position &+= message.byteCount
        }
        guard position == messages.byteCount else { throw .lengthsDisagree }
        return digest.finalize()
    }

    /// Computes and stores the checksum of a message whose other bytes are final.
    @_lifetime(bytes: copy bytes)
    static func seal(_ message: ClassicMessage, in bytes: inout MutableRawSpan) throws(WireError) -> UInt64 {
        guard let checksum = checksum(of: message, in: bytes.bytes) else { throw .lengthsDisagree }
        bytes.store(checksum, at: message.position &+ ClassicMessage.At.checksum)
        return checksum
    }

    @inline(__always)
    private static func checksum(of message: ClassicMessage, in bytes: RawSpan) -> UInt64? {
        guard let covered = bytes.slice(at: message.position &+ 8, byteCount: message.byteCount &- 8) else {
            return nil
        }
        return XXH3.hash(covered)
    }
}

extension ClassicBatch {
    /// Checks a stored body: every message's checksum, offsets without gaps from `baseOffset` on, the number of
    /// messages, no byte left over. Returns the digest; nil if anything is wrong.
    public static func verify(body: RawSpan, count: UInt32, baseOffset: UInt64) -> UInt64? {
        var digest = XXH3.Stream()
        var messages = ClassicMessages(body)
        for number in 0..<UInt64(count) {
            guard let message = messages.next(), message.offset == baseOffset &+ number,
                let stored = body.load(UInt64.self, at: message.position),
                let computed = checksum(of: message, in: body), stored == computed
            else { return nil }
            digest.update(stored)
        }
        return messages.position == body.byteCount ? digest.finalize() : nil
    }

    /// Part of a batch's body.
    public struct Slice: Equatable, Sendable {
        public let position: Int
        public let byteCount: Int
        public let messageCount: UInt32
        public let firstOffset: UInt64
        public let lastOffset: UInt64
    }

    /// The messages from `offset` on, at most `countMax` of them and, behind the first, at most `byteCountMax` bytes.
    /// Nil if there are none.
    public static func slice(
        _ body: RawSpan, from offset: UInt64, countMax: UInt32, byteCountMax: Int = .max
    ) -> Slice? {
        var messages = ClassicMessages(body)
        var first: ClassicMessage?
        var last: ClassicMessage?
        var messageCount: UInt32 = 0
        while messageCount < countMax, let message = messages.next() {
            guard message.offset >= offset else { continue }
            let start = first ?? message
            if messageCount > 0, messages.position &- start.position > byteCountMax { break }
            first = start
            last = message
            messageCount &+= 1
        }
        guard let first, let last else { return nil }
        return Slice(
            position: first.position, byteCount: last.position &+ last.byteCount &- first.position,
            messageCount: messageCount, firstOffset: first.offset, lastOffset: last.offset)
    }
}
