import Primitives

/// Who decides in a run of the log writer: dice, or a path of departures from what is usual.
struct RotationTape {
    private enum Source {
        case dice(PRNG)
        case path([UInt32])
    }

    private var source: Source
    /// With a path: what was decided.
    private(set) var decisions: [Decision] = []

    init(seed: UInt64) { source = .dice(PRNG(seed: seed, label: "rotation/run")) }

    init(_ path: DecisionPath) { source = .path(path.choices) }

    /// One of the choices, as likely as its weight; 0 is the usual one.
    mutating func choose(weights: [UInt64]) -> Int {
        switch source {
        case .dice(var dice):
            defer { source = .dice(dice) }
            return dice.pick(weights: weights) ?? 0
        case .path(let choices):
            guard weights.count > 1 else { return 0 }
            let position = decisions.count
            decisions.append(Decision(count: weights.count))
            return position < choices.count ? min(Int(choices[position]), weights.count - 1) : 0
        }
    }

    /// A number of the range; with a path always the least.
    mutating func draw(_ range: ClosedRange<Int>) -> Int {
        guard case .dice(var dice) = source else { return range.lowerBound }
        defer { source = .dice(dice) }
        return dice.next(in: range)
    }
}
