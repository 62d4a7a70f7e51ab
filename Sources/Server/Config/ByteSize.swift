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

    public init(parsing text: String) throws(Malformed) {
        let trimmed = text.utf8.drop { $0 == 0x20 }
        var digits: [UInt8] = []
        var fraction: [UInt8]?
        var rest = Array(trimmed)[...]
        while rest.last == 0x20 { rest.removeLast() }
        while let byte = rest.first, (0x30...0x39).contains(byte) || byte == 0x2e {
            rest.removeFirst()
            if byte == 0x2e {
                guard fraction == nil else { throw Malformed("\(quoted(text)) has two decimal points") }
                fraction = []
            } else if fraction != nil {
                fraction?.append(byte)
            } else {
                digits.append(byte)
            }
        }
        guard !digits.isEmpty, fraction?.isEmpty != true else {
            throw Malformed("\(quoted(text)) does not begin with a number such as 512 or 1.5")
        }
        guard digits.count + (fraction?.count ?? 0) < 30 else {
            throw Malformed("\(quoted(text)) has too many digits")
        }
        guard let whole = UInt64(String(decoding: digits, as: UTF8.self)) else {
            throw Malformed("\(quoted(text)) is more than 2^64−1 bytes")
        }
        while rest.first == 0x20 { rest.removeFirst() }
        guard let unit = Unit(Array(rest)) else {
            throw Malformed(
                "\(quoted(String(decoding: rest, as: UTF8.self))) is not a unit of bytes; "
                    + "write B, KB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024)")
        }
        guard let bytes = unit.bytes(whole: whole, fraction: fraction ?? []) else {
            throw Malformed("\(quoted(text)) is more than 2^64−1 bytes")
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
    /// Exact: the largest unit, of either kind, in which the size has at most three decimals and is not below one.
    /// `1 GiB`, `500 MB`, `1.024 MB`, `513 B`. Reads back as the same size.
    public var description: String {
        var best = (factor: UInt128(1), text: "\(bytes) B")
        for (index, letter) in "KMGTPE".enumerated() {
            for (base, suffix) in [(UInt128(1_000), "B"), (1_024, "iB")] {
                let factor = (0...index).reduce(UInt128(1)) { product, _ in product * base }
                let (thousandths, rest) = (UInt128(bytes) * 1_000).quotientAndRemainder(dividingBy: factor)
                guard rest == 0, thousandths >= 1_000, factor > best.factor else { continue }
                best = (factor, "\(Self.decimal(thousandths)) \(letter)\(suffix)")
            }
        }
        return best.text
    }

    /// In powers of 1,000 with two decimals, rounded half up: for people, not for reading back. The unit is chosen
    /// before rounding, so that 999,999 bytes are `1000.00 KB`, as the field shows them.
    public var rounded: String {
        guard bytes >= 1_000 else { return "\(bytes) B" }
        var (factor, unit) = (UInt128(1_000), 0)
        while UInt128(bytes) >= factor * 1_000 { (factor, unit) = (factor * 1_000, unit + 1) }
        let hundredths = (UInt128(bytes) * 200 + factor) / (factor * 2)
        let decimals = hundredths % 100
        return "\(hundredths / 100).\(decimals < 10 ? "0" : "")\(decimals) \(["K", "M", "G", "T", "P", "E"][unit])B"
    }

    /// In powers of 1,024 with at most two decimals, rounded half up: memory as people count it. Not for reading back.
    public var binary: String {
        var (factor, unit) = (UInt128(1), 0)
        while unit < 6, UInt128(bytes) >= factor * 1_024 { (factor, unit) = (factor * 1_024, unit + 1) }
        let hundredths = (UInt128(bytes) * 200 + factor) / (factor * 2)
        return "\(Self.decimal(hundredths * 10)) \(["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][unit])B"
    }

    /// Thousandths as a decimal without zeros at its end.
    private static func decimal(_ thousandths: UInt128) -> String {
        var digits = String(thousandths % 1_000 + 1_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return digits.isEmpty ? "\(thousandths / 1_000)" : "\(thousandths / 1_000).\(digits)"
    }
}
