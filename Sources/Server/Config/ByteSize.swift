/// A number of bytes as people write it: `1 GiB`, `500MB`, `512`.
///
/// `KB` is 1,000 and `KiB` is 1,024: the letter that decides is the `i`, whatever the case of the others, and a unit
/// that ends in a lower-case `b` counts bits. A fraction is rounded up to a whole byte.
public struct ByteSize: Equatable, Sendable {
    public let bytes: UInt64
    /// The unit was one of bits.
    public let countsBits: Bool

    public init(bytes: UInt64) {
        self.bytes = bytes
        countsBits = false
    }

    /// Why a text is no size, in words for the operator.
    public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
        public let description: String
    }

    public init(parsing text: some StringProtocol) throws(Malformed) {
        let trimmed = text.utf8.drop { $0 == 0x20 }
        var digits: [UInt8] = []
        var fraction: [UInt8]?
        var rest = Array(trimmed)[...]
        while rest.last == 0x20 { rest.removeLast() }
        while let byte = rest.first, (0x30...0x39).contains(byte) || byte == 0x2e {
            rest.removeFirst()
            if byte == 0x2e {
                guard fraction == nil else { throw Malformed(description: "'\(text)' has two decimal points") }
                fraction = []
            } else if fraction != nil {
                fraction?.append(byte)
            } else {
                digits.append(byte)
            }
        }
        guard !digits.isEmpty, fraction?.isEmpty != true else {
            throw Malformed(description: "'\(text)' does not begin with a number such as 512 or 1.5")
        }
        guard digits.count + (fraction?.count ?? 0) < 30 else {
            throw Malformed(description: "'\(text)' has too many digits")
        }
        guard let whole = UInt64(String(decoding: digits, as: UTF8.self)) else {
            throw Malformed(description: "'\(text)' is more than 2^64−1 bytes")
        }
        while rest.first == 0x20 { rest.removeFirst() }
        guard let unit = Unit(Array(rest)) else {
            throw Malformed(
                description: "'\(String(decoding: rest, as: UTF8.self))' is not a unit of bytes; "
                    + "write B, KB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024)")
        }
        guard let bytes = unit.bytes(whole: whole, fraction: fraction ?? []) else {
            throw Malformed(description: "'\(text)' is more than 2^64−1 bytes")
        }
        self.bytes = bytes
        countsBits = unit.isBits
    }

    private struct Unit {
        let factor: UInt64
        let isBits: Bool

        init?(_ text: [UInt8]) {
            var rest = text[...]
            var exponent = 0
            if let first = rest.first, let place = Array("KMGTPE".utf8).firstIndex(of: first & ~0x20) {
                exponent = place + 1
                rest.removeFirst()
            }
            var base: UInt64 = 1_000
            if exponent > 0, let second = rest.first, second & ~0x20 == UInt8(ascii: "I") {
                base = 1_024
                rest.removeFirst()
            }
            factor = (0..<exponent).reduce(1) { product, _ in product &* base }
            switch String(decoding: rest, as: UTF8.self) {
            case "B", "": isBits = false
            case "b", "bit", "bits", "Bit", "Bits": isBits = true
            default: return nil
            }
        }

        /// Exact: the fraction's digits are divided out at the end, rounding up. Nil above 2^64−1 bytes.
        func bytes(whole: UInt64, fraction: [UInt8]) -> UInt64? {
            var value = UInt128(whole) * UInt128(factor)
            // Below this bound 18 more digits fit the 128 bits.
            guard value <= UInt128(UInt64.max) * 8 else { return nil }
            var scale: UInt128 = 1
            for digit in fraction.prefix(18) {
                value = value * 10 + UInt128(digit - 0x30) * UInt128(factor)
                scale *= 10
            }
            if fraction.dropFirst(18).contains(where: { $0 != 0x30 }) { value += 1 }
            let divisor = scale * (isBits ? 8 : 1)
            return UInt64(exactly: (value + divisor - 1) / divisor)
        }
    }
}

extension ByteSize: CustomStringConvertible {
    /// In the largest unit of powers of 1,024 that leaves no fraction: `1 GiB`, `512 B`.
    public var description: String {
        var (value, unit) = (bytes, 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        while value > 0, value.isMultiple(of: 1_024), unit < units.count - 1 { (value, unit) = (value / 1_024, unit + 1) }
        return "\(value) \(units[unit])"
    }
}
