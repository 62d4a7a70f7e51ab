/// A cursor over bytes that somebody else wrote: every read is checked once and answers nil at the end.
///
/// It borrows: nothing is copied, and a reader cannot outlive its bytes.
public struct ByteReader: ~Escapable {
    public let bytes: RawSpan
    /// How many bytes have been read.
    public private(set) var position = 0

    @inlinable @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.init(bytes: bytes)
    }

    @usableFromInline @_lifetime(copy bytes)
    init(bytes: RawSpan) {
        self.bytes = bytes
    }

    /// How many bytes are left.
    public var remaining: Int { bytes.byteCount &- position }
    public var isAtEnd: Bool { remaining == 0 }

    /// The next little-endian integer; nil, and nothing read, when fewer bytes are left.
    public mutating func next<T: FixedInteger>(_ type: T.Type = T.self) -> T? {
        guard let value = bytes.load(type, at: position) else { return nil }
        position &+= MemoryLayout<T>.size
        return value
    }

    /// The next `byteCount` bytes; nil, and nothing read, when fewer are left or the count is negative.
    @_lifetime(copy self)
    public mutating func take(_ byteCount: Int) -> RawSpan? {
        guard let taken = bytes.slice(at: position, byteCount: byteCount) else { return nil }
        position &+= byteCount
        return taken
    }

    /// All bytes that are left.
    @_lifetime(copy self)
    public mutating func takeRest() -> RawSpan {
        let rest = bytes.extracting(position..<bytes.byteCount)
        position = bytes.byteCount
        return rest
    }

    /// Passes over `byteCount` bytes; false, and nothing passed, when fewer are left.
    public mutating func skip(_ byteCount: Int) -> Bool {
        guard byteCount >= 0, byteCount <= remaining else { return false }
        position &+= byteCount
        return true
    }
}
