import Primitives

// Reading and writing the building blocks that both wires share. A reader that throws has read some bytes: the
// request is lost anyway.

extension ByteReader {
    mutating func read<T: FixedInteger>(_ type: T.Type = T.self) throws(WireError) -> T {
        guard let value = next(type) else { throw .truncated }
        return value
    }

    /// A byte that is true unless it is 0.
    mutating func readBool() throws(WireError) -> Bool {
        try read(UInt8.self) != 0
    }

    /// A byte that says whether a field follows: only 1 means that it does.
    mutating func readPresence() throws(WireError) -> Bool {
        try read(UInt8.self) == 1
    }

    mutating func readBytes(_ byteCount: Int) throws(WireError) -> [UInt8] {
        guard let taken = take(byteCount) else { throw .truncated }
        return [UInt8](copying: taken)
    }

    /// `u8` length and that many bytes of text.
    mutating func readText8() throws(WireError) -> [UInt8] {
        let bytes = try readBytes(Int(try read(UInt8.self)))
        guard Name.isUTF8(bytes) else { throw .invalidUTF8 }
        return bytes
    }

    /// `u8` length 1–255 and a name.
    mutating func readName() throws(WireError) -> Name {
        let bytes = try readBytes(Int(try read(UInt8.self)))
        guard !bytes.isEmpty else { throw .brokenStructure }
        guard let name = Name(bytes) else { throw .invalidUTF8 }
        return name
    }

    /// `u32` length and text.
    mutating func readText32() throws(WireError) -> String {
        let bytes = try readBytes(Int(try read(UInt32.self)))
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
        return text
    }
}

extension ByteWriter {
    mutating func write(_ value: Bool) {
        write(UInt8(value ? 1 : 0))
    }

    mutating func write(_ name: Name) {
        write(text8: name.bytes)
    }

    /// `u8` length and the bytes; what does not fit the length byte is cut off.
    mutating func write(text8 bytes: [UInt8]) {
        let count = min(bytes.count, 255)
        write(UInt8(truncatingIfNeeded: count))
        write(count == bytes.count ? bytes : [UInt8](bytes.prefix(count)))
    }

    /// `u32` length and text.
    mutating func write(text32 text: String) {
        write(UInt32(clamping: text.utf8.count))
        write(utf8: text)
    }
}
