/// A length of time as people write it: `30s`, `1h 30m`, `7 days`. Never negative, exact to the nanosecond.
public struct Interval: Equatable, Hashable, Sendable {
    public let seconds: UInt64
    /// Below a second: 0 to 999,999,999.
    public let nanoseconds: UInt32

    public static let zero = Interval(seconds: 0)

    public init(seconds: UInt64) {
        self.seconds = seconds
        nanoseconds = 0
    }

    /// Nil when there are more seconds than 64 bits hold.
    init?(totalNanoseconds: UInt128) {
        let (seconds, rest) = totalNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard let seconds = UInt64(exactly: seconds) else { return nil }
        self.seconds = seconds
        nanoseconds = UInt32(rest)
    }

    /// What a key of an interval or a timeout may say: items in any order (`30s 1h`), in any case, or one of the words
    /// `0`, `unlimited`, `disabled` and `none`, which mean zero.
    ///
    /// In any case, so that `1 M` is a minute here: only an expiry knows months by that letter.
    public init(parsing text: String) throws(Malformed) {
        let lowered = text.lowercased()
        switch lowered {
        case "0", "unlimited", "disabled", "none": self = .zero
        default: self = try IntervalParser.parse(lowered)
        }
    }

    /// On the wire and in the catalog; finer parts are cut off. At most 2^64−1.
    public var microseconds: UInt64 {
        UInt64(clamping: UInt128(seconds) * 1_000_000 + UInt128(nanoseconds / 1_000))
    }

    /// At most 2^64−1, five hundred years.
    public var totalNanoseconds: UInt64 {
        UInt64(clamping: UInt128(seconds) * 1_000_000_000 + UInt128(nanoseconds))
    }
}

extension Interval: Comparable {
    public static func < (left: Interval, right: Interval) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

extension Interval: CustomStringConvertible {
    /// Largest unit first, zero parts left out: `1year 1month 28days 1h 13m 37s`. Reads back as the same interval.
    public var description: String {
        var parts: [String] = []
        var rest = seconds
        for (unit, seconds) in [("year", 31_557_600), ("month", 2_630_016), ("day", 86_400)] as [(String, UInt64)] {
            let count = rest / seconds
            rest %= seconds
            if count > 0 { parts.append("\(count)\(unit)\(count == 1 ? "" : "s")") }
        }
        let small: [(UInt64, String)] = [
            (rest / 3_600, "h"), (rest % 3_600 / 60, "m"), (rest % 60, "s"),
            (UInt64(nanoseconds / 1_000_000), "ms"), (UInt64(nanoseconds / 1_000 % 1_000), "us"),
            (UInt64(nanoseconds % 1_000), "ns"),
        ]
        parts += small.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }
        return parts.isEmpty ? "0s" : parts.joined(separator: " ")
    }
}
