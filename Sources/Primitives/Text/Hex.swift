/// Bytes as pairs of hexadecimal digits, the higher half first.
public enum Hex {
    /// Two lower-case digits for each byte.
    public static func encode(_ bytes: RawSpan) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(bytes.byteCount &* 2)
        var reader = ByteReader(bytes)
        while let byte = reader.next(UInt8.self) {
            digits.append(digit(byte &>> 4))
            digits.append(digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// All digits of the number, the highest first, with leading zeros: 16 for a `UInt64`.
    public static func encode<Word: FixedInteger & UnsignedInteger>(_ word: Word) -> String {
        let bytes = stride(from: Word.bitWidth &- 4, through: 0, by: -4).map { shift in
            digit(UInt8(truncatingIfNeeded: word >> Word(truncatingIfNeeded: shift)) & 15)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes that the digits mean, in either case; nil for an odd number of digits or anything that is none.
    public static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            if let first = high {
                bytes.append(first &<< 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }

    /// What an ASCII digit is worth, 0 to 15; nil for any other byte.
    static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }

    /// The lower-case digit for a value below 16.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }
}
