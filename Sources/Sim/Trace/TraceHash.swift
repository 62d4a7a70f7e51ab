import Primitives

/// What happened, as 128 bits: two runs are equal if theirs are.
///
/// Two lanes of multiply and xor-shift over every event and every effect. Each 4,096 steps the hash goes on a ladder,
/// so that two runs that differ can be told apart by a binary search.
public struct TraceHash: Sendable, Equatable {
    public private(set) var high: UInt64 = 0x9e37_79b9_7f4a_7c15
    public private(set) var low: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    public private(set) var count: UInt64 = 0
    public private(set) var ladder: [Rung] = []

    public struct Rung: Sendable, Equatable {
        public let high, low: UInt64
    }

    public static let stepsPerRung: UInt64 = 4_096

    /// What was added as the number that it has.
    public struct Word: Sendable, Equatable {
        public let number: UInt64
        public let a, b: UInt64
    }

    /// Words of these numbers are kept beside the hash.
    private var window: Range<UInt64> = .max ..< .max
    private var kept: [Word] = []

    public mutating func add(_ a: UInt64, _ b: UInt64) {
        low = (low ^ a) &* 0x9fb2_1c65_1e98_df25
        low ^= low >> 29
        high = (high ^ b ^ (low << 1)) &* 0xd6e8_feb8_6659_fd93
        high ^= high >> 32
        if count >= window.lowerBound { keep(a, b) }
        count &+= 1
        if count % Self.stepsPerRung == 0 { ladder.append(Rung(high: high, low: low)) }
    }

    @inline(never)
    private mutating func keep(_ a: UInt64, _ b: UInt64) {
        if count < window.upperBound { kept.append(Word(number: count, a: a, b: b)) }
    }

    mutating func keep(_ numbers: Range<UInt64>) { window = numbers }

    /// The last word is one of those that are kept.
    var isKeeping: Bool { count > window.lowerBound && count <= window.upperBound }

    /// What was kept since the last call.
    mutating func takeKept() -> [Word] {
        defer { kept = [] }
        return kept
    }

    /// Thirty-two hexadecimal digits.
    public var text: String { hexadecimal(high) + hexadecimal(low) }
}

/// Sixteen hexadecimal digits.
func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

/// A digest of bytes for the trace: not a checksum, only a cheap way to see that two runs moved different bytes.
func digest(_ bytes: RawSpan) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: bytes.byteCount) &* 0x9fb2_1c65_1e98_df25
    var position = 0
    while let word = bytes.load(UInt64.self, at: position) {
        hash = (hash ^ word) &* 0xd6e8_feb8_6659_fd93
        hash ^= hash >> 32
        position += 8
    }
    while let byte = bytes.load(UInt8.self, at: position) {
        hash = (hash ^ UInt64(byte)) &* 0x9fb2_1c65_1e98_df25
        position += 1
    }
    return hash ^ (hash >> 29)
}
