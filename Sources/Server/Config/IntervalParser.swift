/// Reads `1h 30m`: numbers with units, in any order, repeated ones added up. White space may stand anywhere but in a
/// unit. Bytes are counted from 0 in errors.
struct IntervalParser {
    private let text: String
    private let bytes: [UInt8]
    private var position = 0
    private var total: UInt128 = 0

    static func parse(_ text: String) throws(Malformed) -> Interval {
        var parser = IntervalParser(text)
        return try parser.parse()
    }

    private init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    private mutating func parse() throws(Malformed) -> Interval {
        skipSpace()
        guard position < bytes.count else { throw Malformed("the value is empty") }
        while position < bytes.count {
            try item()
            skipSpace()
        }
        guard let interval = Interval(totalNanoseconds: total) else { throw tooLarge }
        return interval
    }

    /// A number and its unit.
    private mutating func item() throws(Malformed) {
        guard position < bytes.count, Self.isDigit(bytes[position]) else {
            throw Malformed("\(shown): a number is expected at byte \(position)")
        }
        let start = position
        let whole = digits()
        var fraction = ""
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            let dot = position
            position += 1
            fraction = digits()
            guard !fraction.isEmpty else { throw Malformed("\(shown): byte \(dot) is no part of a number") }
        }
        let number = String(decoding: bytes[start..<position], as: UTF8.self).trimmingSpace
        guard let nanoseconds = try unit(behind: number), let count = UInt64(whole) else { throw tooLarge }
        total += UInt128(count) * UInt128(nanoseconds)
        total += try part(fraction, of: nanoseconds)
        guard Interval(totalNanoseconds: total) != nil else { throw tooLarge }
    }

    /// Digits, with white space anywhere between and behind them.
    private mutating func digits() -> String {
        var digits = ""
        while position < bytes.count, Self.isDigit(bytes[position]) || Self.isSpace(bytes[position]) {
            if Self.isDigit(bytes[position]) { digits.unicodeScalars.append(Unicode.Scalar(bytes[position])) }
            position += 1
        }
        return digits
    }

    /// The fraction of a unit, if that is a whole number of nanoseconds.
    private func part(_ fraction: String, of nanoseconds: UInt64) throws(Malformed) -> UInt128 {
        var digits = fraction[...]
        while digits.last == "0" { digits.removeLast() }
        guard !digits.isEmpty else { return 0 }
        // No unit is a multiple of more than 2^14 or 5^11: more digits never make a whole nanosecond.
        guard digits.utf8.count <= 18, let numerator = UInt128(digits) else { throw tooLarge }
        let denominator = (0..<digits.utf8.count).reduce(UInt128(1)) { product, _ in product * 10 }
        let (part, rest) = (numerator * UInt128(nanoseconds)).quotientAndRemainder(dividingBy: denominator)
        guard rest == 0 else { throw tooLarge }
        return part
    }

    /// The unit's nanoseconds: letters up to anything else, among them the micro sign.
    private mutating func unit(behind number: String) throws(Malformed) -> UInt64? {
        let start = position
        while position < bytes.count {
            if Self.isLetter(bytes[position]) {
                position += 1
            } else if bytes[position...].starts(with: [0xC2, 0xB5]) {
                position += 2
            } else {
                break
            }
        }
        if position < bytes.count, !Self.isDigit(bytes[position]), !Self.isSpace(bytes[position]) {
            throw Malformed("\(shown): byte \(position) is part of no number and no unit")
        }
        let unit = String(decoding: bytes[start..<position], as: UTF8.self)
        guard !unit.isEmpty else {
            throw Malformed("\(shown): a unit is needed, for example \(shortened(number))s or \(shortened(number))ms")
        }
        guard let nanoseconds = Self.nanoseconds(of: unit) else {
            throw Malformed(
                "\(quoted(unit)) is not a unit of time; write ns, us, ms, s, m, h, days, weeks, months or years")
        }
        return nanoseconds
    }

    /// A month is a twelfth of a year of 365.25 days, rounded as the field does: 30.44 days.
    private static func nanoseconds(of unit: String) -> UInt64? {
        switch unit {
        case "ns", "nsec", "nanos": 1
        case "us", "usec", "µs": 1_000
        case "ms", "msec", "millis": 1_000_000
        case "s", "sec", "secs", "second", "seconds": 1_000_000_000
        case "m", "min", "mins", "minute", "minutes": 60_000_000_000
        case "h", "hr", "hrs", "hour", "hours": 3_600_000_000_000
        case "d", "day", "days": 86_400_000_000_000
        case "w", "wk", "wks", "week", "weeks": 604_800_000_000_000
        case "M", "month", "months": 2_630_016_000_000_000
        case "y", "yr", "yrs", "year", "years": 31_557_600_000_000_000
        default: nil
        }
    }

    private var shown: String { quoted(text) }

    private var tooLarge: Malformed {
        Malformed("\(shown) is more than 2^64−1 seconds, or no whole number of nanoseconds")
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}

extension String {
    fileprivate var trimmingSpace: String {
        var characters = self[...]
        while characters.last?.isWhitespace == true { characters.removeLast() }
        return String(characters)
    }
}
