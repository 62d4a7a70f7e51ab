import Primitives

/// The decisions that cannot be planned before the run: latencies, who is next, which unsynced sector survives.
///
/// Each decision is a number below a bound, and 0 always means the benign choice: the shortest latency, first in
/// first out, everything survives. A replay past the end of a given tape reads zeros, so a shorter tape and a
/// smaller number are always simpler runs.
public struct Tape: Sendable {
    private var dice: PRNG?
    /// What was drawn, or what is to be drawn.
    public private(set) var choices: [UInt32]
    private var position = 0

    /// A tape that draws from the seed's own substream and keeps what it drew.
    public init(seed: UInt64) {
        dice = PRNG(seed: seed, label: "tape")
        choices = []
    }

    /// A tape that repeats these choices, then zeros.
    public init(repeating choices: [UInt32]) {
        self.choices = choices
    }

    /// How many decisions were made.
    public var drawn: Int { position }

    /// A number below `bound`, which is at least 1.
    public mutating func draw(_ bound: UInt32) -> UInt32 {
        defer { position += 1 }
        guard dice != nil else {
            return position < choices.count ? min(choices[position], bound - 1) : 0
        }
        let choice = UInt32(truncatingIfNeeded: dice?.next(below: UInt64(bound)) ?? 0)
        choices.append(choice)
        return choice
    }

    /// True `weight` times out of `of`; never in the benign run.
    public mutating func happens(_ weight: UInt32, of: UInt32) -> Bool {
        weight > 0 && draw(of) > of - 1 - min(weight, of - 1)
    }

    /// A time from `shortest` on, in nanoseconds: usually near it, seldom up to `longest`.
    public mutating func latency(_ range: ClosedRange<Int64>) -> Int64 {
        let width = range.upperBound - range.lowerBound
        guard width > 0 else { return range.lowerBound }
        // The square of a uniform number: short ones are common. Integers only, so that every machine agrees.
        let uniform = Int64(draw(1 << 16))
        let scaled = (uniform * uniform) >> 16
        return range.lowerBound + Int64((UInt64(scaled) * UInt64(min(width, 1 << 46))) >> 16)
    }
}
