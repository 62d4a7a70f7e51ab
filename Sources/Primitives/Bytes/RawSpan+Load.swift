// Little-endian integers in raw bytes: the one place that reads and writes them unaligned.
//
// Every wire and disk format of this project is little endian. An access out of bounds returns nil or false
// instead of trapping: lengths come from peers and disks.

/// An integer that a format may hold: fixed width, no padding, any bit pattern valid.
public protocol FixedInteger: FixedWidthInteger, BitwiseCopyable {}

extension UInt8: FixedInteger {}
extension UInt16: FixedInteger {}
extension UInt32: FixedInteger {}
extension UInt64: FixedInteger {}
extension UInt128: FixedInteger {}
extension Int64: FixedInteger {}

extension RawSpan {
    /// The little-endian integer at `position`, or nil if it does not lie wholly inside.
    @inlinable @inline(__always)
    public func load<T: FixedInteger>(_ type: T.Type = T.self, at position: Int) -> T? {
        guard position >= 0, position <= byteCount &- MemoryLayout<T>.size else { return nil }
        // SAFETY: the guard keeps the access inside the span; T is bitwise copyable and any pattern is valid.
        return unsafe T(littleEndian: unsafeLoadUnaligned(fromByteOffset: position, as: T.self))
    }

    /// The bytes `position ..< position + byteCount`, or nil if they do not lie wholly inside.
    @inlinable @inline(__always) @_lifetime(copy self)
    public func slice(at position: Int, byteCount count: Int) -> RawSpan? {
        guard position >= 0, count >= 0, position <= byteCount, count <= byteCount &- position else { return nil }
        return extracting(position..<position &+ count)
    }
}

extension MutableRawSpan {
    /// The little-endian integer at `position`, or nil if it does not lie wholly inside.
    @inlinable @inline(__always)
    public func load<T: FixedInteger>(_ type: T.Type = T.self, at position: Int) -> T? {
        bytes.load(type, at: position)
    }

    /// Stores `value` little endian at `position`; false, and nothing stored, if it does not lie wholly inside.
    @inlinable @inline(__always) @discardableResult @_lifetime(self: copy self)
    public mutating func store<T: FixedInteger>(_ value: T, at position: Int) -> Bool {
        guard position >= 0, position <= byteCount &- MemoryLayout<T>.size else { return false }
        // A raw pointer stores in one instruction, where the span's own `storeBytes` calls `memmove`.
        unsafe withUnsafeMutableBytes { target in
            // SAFETY: the guard keeps the access inside the span.
            unsafe target.storeBytes(of: value.littleEndian, toByteOffset: position, as: T.self)
        }
        return true
    }

    /// Copies all of `source` to `position`; false, and nothing copied, if there is no room.
    @inlinable @inline(__always) @discardableResult @_lifetime(self: copy self)
    public mutating func store(_ source: RawSpan, at position: Int) -> Bool {
        guard position >= 0, position <= byteCount, source.byteCount <= byteCount &- position else { return false }
        unsafe withUnsafeMutableBytes { target in
            // SAFETY: both ranges were checked; a span to read and a span to write never overlap.
            unsafe source.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(rebasing: target[position..<position &+ source.byteCount])
                    .copyMemory(from: $0) }
        }
        return true
    }
}

extension [UInt8] {
    /// A copy of the bytes.
    @inlinable public init(copying bytes: RawSpan) {
        // SAFETY: the pointer lives inside the closure only.
        self = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// The array's bytes, borrowed. Wraps `Span.bytes`, which the 6.3 compiler calls unsafe for any element type.
    @inlinable public var rawSpan: RawSpan {
        @_lifetime(borrow self) borrowing get {
            // SAFETY: bytes have no padding; the span's lifetime is the array's.
            unsafe span.bytes
        }
    }

    /// Stores `value` little endian at `position`; false, and nothing stored, if it does not lie wholly inside.
    @inlinable @discardableResult
    public mutating func store<T: FixedInteger>(_ value: T, at position: Int) -> Bool {
        var elements = mutableSpan
        // SAFETY: any bit pattern is a valid byte; the span ends before the array is used again.
        var raw = unsafe elements.mutableBytes
        return raw.store(value, at: position)
    }
}
