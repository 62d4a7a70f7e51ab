import Primitives

/// One message of the VSR wire. The server never changes it, so its checksum stays that of the producer.
///
/// | Offset | Width | Field |
/// |---|---|---|
/// | 0 | u64 | checksum: XXH3-64 of the frame from byte 8 to its end |
/// | 8 | u128 | id |
/// | 24 | u32 | offset delta: 0, 1, 2 … in the batch |
/// | 28 | u32 | timestamp delta: µs behind the batch's origin timestamp |
/// | 32 | u32 | byte count of the user headers |
/// | 36 | u32 | byte count of the payload |
/// | 40 | u64 | reserved, 0 |
/// | 48 | … | payload, then user headers |
public struct VSRFrame: Equatable, Sendable {
    public static let headByteCount = 48

    enum At {
        static let checksum = 0
        static let id = 8
        static let offsetDelta = 24
        static let timestampDelta = 28
        static let userHeadersByteCount = 32
        static let payloadByteCount = 36
        static let reserved = 40
    }

    /// Where the frame starts, in the bytes that it was found in.
    public let position: Int
    public let checksum: UInt64
    public let id: UInt128
    public let offsetDelta: UInt32
    public let timestampDelta: UInt32
    public let userHeadersByteCount: Int
    public let payloadByteCount: Int
    public let reserved: UInt64

    public var byteCount: Int { Self.headByteCount &+ payloadByteCount &+ userHeadersByteCount }

    /// Nil unless a whole frame starts at `position`. Its checksum is not looked at.
    public init?(_ bytes: RawSpan, at position: Int) {
        guard let head = bytes.slice(at: position, byteCount: Self.headByteCount),
            let checksum = head.load(UInt64.self, at: At.checksum), let id = head.load(UInt128.self, at: At.id),
            let offsetDelta = head.load(UInt32.self, at: At.offsetDelta),
            let timestampDelta = head.load(UInt32.self, at: At.timestampDelta),
            let userHeadersByteCount = head.load(UInt32.self, at: At.userHeadersByteCount),
            let payloadByteCount = head.load(UInt32.self, at: At.payloadByteCount),
            let reserved = head.load(UInt64.self, at: At.reserved)
        else { return nil }
        self.position = position
        self.checksum = checksum
        self.id = id
        self.offsetDelta = offsetDelta
        self.timestampDelta = timestampDelta
        self.userHeadersByteCount = Int(userHeadersByteCount)
        self.payloadByteCount = Int(payloadByteCount)
        self.reserved = reserved
        guard byteCount <= bytes.byteCount &- position else { return nil }
    }
}

/// Walks the frames of a batch, front to back, to the first bytes that are no whole frame.
public struct VSRFrames: ~Escapable {
    public let bytes: RawSpan
    public private(set) var position = 0

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    public mutating func next() -> VSRFrame? {
        guard let frame = VSRFrame(bytes, at: position) else { return nil }
        position &+= frame.byteCount
        return frame
    }
}
