import Primitives

/// One message of the classic wire, in a batch being sent, stored or polled.
///
/// | Offset | Width | Field |
/// |---|---|---|
/// | 0 | u64 | checksum: XXH3-64 of the message from byte 8 to its end |
/// | 8 | u128 | id |
/// | 24 | u64 | offset |
/// | 32 | u64 | timestamp, µs since 1970, of the batch's append |
/// | 40 | u64 | origin timestamp, by the client's clock, usually µs |
/// | 48 | u32 | byte count of the user headers |
/// | 52 | u32 | byte count of the payload |
/// | 56 | u64 | reserved, 0 |
/// | 64 | … | payload, then user headers |
public struct ClassicMessage: Equatable, Sendable {
    public static let headByteCount = 64
    /// A larger payload is refused with 4022.
    public static let payloadByteCountMax = 64_000_000
    /// Larger user headers are refused with 4017.
    public static let userHeadersByteCountMax = 100_000

    enum At {
        static let checksum = 0
        static let id = 8
        static let offset = 24
        static let timestamp = 32
        static let originTimestamp = 40
        static let userHeadersByteCount = 48
        static let payloadByteCount = 52
        static let reserved = 56
    }

    /// Where the message starts, in the bytes that it was found in.
    public let position: Int
    public let id: UInt128
    public let offset: UInt64
    public let timestamp: UInt64
    public let originTimestamp: UInt64
    public let payloadByteCount: Int
    public let userHeadersByteCount: Int

    public var byteCount: Int { Self.headByteCount &+ payloadByteCount &+ userHeadersByteCount }
    public var payloadPosition: Int { position &+ Self.headByteCount }
    public var userHeadersPosition: Int { payloadPosition &+ payloadByteCount }

    /// Nil unless a whole message starts at `position`. Its checksum is not looked at.
    ///
    /// Inlined so that a loop loads only the fields that it uses.
    @inline(__always)
    public init?(_ bytes: RawSpan, at position: Int) {
        guard let head = bytes.slice(at: position, byteCount: Self.headByteCount),
            let id = head.load(UInt128.self, at: At.id), let offset = head.load(UInt64.self, at: At.offset),
            let timestamp = head.load(UInt64.self, at: At.timestamp),
            let originTimestamp = head.load(UInt64.self, at: At.originTimestamp),
            let userHeadersByteCount = head.load(UInt32.self, at: At.userHeadersByteCount),
            let payloadByteCount = head.load(UInt32.self, at: At.payloadByteCount)
        else { return nil }
        self.position = position
        self.id = id
        self.offset = offset
        self.timestamp = timestamp
        self.originTimestamp = originTimestamp
        self.payloadByteCount = Int(payloadByteCount)
        self.userHeadersByteCount = Int(userHeadersByteCount)
        guard byteCount <= bytes.byteCount &- position else { return nil }
    }
}

/// Walks the messages of a batch, front to back.
///
/// The walk ends at the first bytes that are no whole message; all were messages if `position` then is the end.
public struct ClassicMessages: ~Escapable {
    public let bytes: RawSpan
    public private(set) var position = 0

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    public mutating func next() -> ClassicMessage? {
        guard let message = ClassicMessage(bytes, at: position) else { return nil }
        position &+= message.byteCount
        return message
    }
}
