/// Bytes being made: a reply, a record, a letter. Grows as it is written; never on a per-message path.
public struct ByteWriter {
    public private(set) var bytes: [UInt8]

    public init(reserving byteCount: Int = 64) {
        bytes = []
        bytes.reserveCapacity(byteCount)
    }

    public var byteCount: Int { bytes.count }

    /// Appends `value` little endian.
    public mutating func write<T: FixedInteger>(_ value: T) {
        // SAFETY: the pointer lives inside the closure only.
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    public mutating func write(_ source: RawSpan) {
        // SAFETY: the pointer lives inside the closure only.
        unsafe source.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    public mutating func write(_ source: [UInt8]) {
        bytes.append(contentsOf: source)
    }

    public mutating func write(utf8 text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    public mutating func writeZeros(_ count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    /// Overwrites bytes written earlier, for a length known only at the end. False if they do not exist.
    @discardableResult
    public mutating func overwrite<T: FixedInteger>(_ value: T, at position: Int) -> Bool {
        bytes.store(value, at: position)
    }
}
