public import Platform

/// Where a completion belongs: the part of the shard that submitted it, and which of its operations it was.
///
/// | bits  | field  |
/// |-------|--------|
/// | 63–56 | part   |
/// | 55–32 | slot: which connection or partition of the part |
/// | 31–0  | detail: the part's own |
public struct Route: BitwiseCopyable, Equatable, Sendable {
    public enum Part: UInt8, BitwiseCopyable, Sendable { case session = 1, partition, catalog, start, access, space }

    public let part: Part
    public let slot: UInt32
    public let detail: UInt32

    public init(_ part: Part, slot: UInt32 = 0, detail: UInt32) {
        self.part = part
        self.slot = slot
        self.detail = detail
    }

    public init?(_ token: Token) {
        guard let part = Part(rawValue: UInt8(token.value >> 56)) else { return nil }
        self.init(
            part, slot: UInt32(truncatingIfNeeded: (token.value >> 32) & 0xff_ffff),
            detail: UInt32(truncatingIfNeeded: token.value))
    }

    public var token: Token {
        Token(UInt64(part.rawValue) << 56 | UInt64(slot & 0xff_ffff) << 32 | UInt64(detail))
    }
}
