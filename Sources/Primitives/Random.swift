/// Dice that a seed decides: xoshiro256++ (Blackman and Vigna), seeded by SplitMix64 (Vigna). Not for secrets.
///
/// The stream is a promise: the same seed gives the same numbers on every machine, and a test holds golden values. A
/// change here makes every recorded seed mean something else, so it needs a new `streamVersion`.
///
/// Each family of decisions takes a substream of its own by label, so that one more draw in one family moves no other:
/// `PRNG(seed: seed, label: "faults/disk/node0")`.
public struct PRNG: Sendable {
    /// Of the numbers that a seed gives: part of every report.
    public static var streamVersion: Int { 1 }

    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// Four words of SplitMix64 from `seed`; they are never all zero, the one state that would not move.
    public init(seed: UInt64) {
        var mixer = SplitMix64(state: seed)
        state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
    }

    /// The substream named `label`: seeded by the XXH3 of the seed (little endian) and the label's bytes.
    public init(seed: UInt64, label: String) {
        var bytes = ByteWriter(reserving: 8 + label.utf8.count)
        bytes.write(seed)
        bytes.write(utf8: label)
        let mixed = bytes.bytes
        self.init(seed: XXH3.hash(mixed.rawSpan))
    }

    /// Any of the 2^64 numbers.
    public mutating func next() -> UInt64 {
        let sum = state.0 &+ state.3
        let result = Self.rotate(sum, 23) &+ state.0
        let shifted = state.1 &<< 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotate(state.3, 45)
        return result
    }

    /// A number below `bound`, each equally likely; 0 when the bound is 0.
    ///
    /// Multiply-high with rejection (Lemire): the few products that would favour some numbers are drawn again.
    public mutating func next(below bound: UInt64) -> UInt64 {
        guard bound > 1 else { return 0 }
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let unfair = (0 &- bound) % bound
            while product.low < unfair { product = next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }

    /// A number below `bound`, each equally likely; 0 when the bound is 0 or negative.
    public mutating func next(below bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        return Int(truncatingIfNeeded: next(below: UInt64(truncatingIfNeeded: bound)))
    }

    /// A number of the range, each equally likely.
    public mutating func next(in range: ClosedRange<Int>) -> Int {
        let span = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
        // All 2^64 numbers have no bound that fits a word.
        let step = span == .max ? next() : next(below: span &+ 1)
        return range.lowerBound &+ Int(truncatingIfNeeded: step)
    }

    /// True `numerator` times in `denominator`: never for 0, always from 1 on. Takes one draw either way.
    public mutating func chance(_ numerator: UInt64, in denominator: UInt64) -> Bool {
        next(below: denominator) < numerator
    }

    /// One of the elements, each equally likely; nil when there is none.
    public mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[next(below: elements.count)]
    }

    /// An index into `weights`, as likely as its share of their sum; nil when the sum is 0. Weights that would overflow
    /// the sum count as 0.
    public mutating func pick(weights: [UInt64]) -> Int? {
        var total: UInt64 = 0
        let ends = weights.map { weight in
            let (sum, overflow) = total.addingReportingOverflow(weight)
            if !overflow { total = sum }
            return total
        }
        guard total > 0 else { return nil }
        let drawn = next(below: total)
        return ends.firstIndex { drawn < $0 }
    }

    /// The elements in an order of which each is equally likely (Fisher and Yates).
    public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        for last in stride(from: result.count - 1, to: 0, by: -1) {
            result.swapAt(last, next(below: last + 1))
        }
        return result
    }

    /// A number below `bound` of which every size is equally likely: as often 8...15 as 1024...2047. 0 when the bound
    /// is 0. For latencies, lengths and other things that come in all sizes.
    ///
    /// The number of bits is drawn first, then the number: integers only, so every machine agrees.
    public mutating func nextSkewed(below bound: UInt64) -> UInt64 {
        guard bound > 1 else { return 0 }
        let bits = next(below: UInt64(truncatingIfNeeded: 65 - (bound - 1).leadingZeroBitCount))
        guard bits > 0 else { return 0 }
        let floor = UInt64(1) &<< (bits &- 1)
        return floor &+ next(below: min(floor, bound &- floor))
    }

    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
        (word &<< bits) | (word &>> (64 &- bits))
    }
}

/// One word of state, a good word out: spreads a seed over a bigger generator's state.
public struct SplitMix64: Sendable {
    private var state: UInt64

    public init(state: UInt64) {
        self.state = state
    }

    public mutating func next() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }
}
