import Primitives

/// The decisions that cannot be planned before the run: latencies, who is next, which unsynced sector survives.
///
/// Each decision is a number below a bound, and 0 always means the benign choice: the shortest latency, first in
/// first out, everything survives. A replay past the end of a given lane reads zeros, so a shorter lane and a
/// smaller number are always simpler runs.
public struct Tape: Sendable {
    /// What a decision is about. Each lane of a recorded tape is read by itself: a plan that loses an operation still
    /// finds in the other lanes what it found before.
    public enum Lane: String, CaseIterable, Sendable {
        /// The order of what happens at one time, the cost of steps, mail and alarms between shards.
        case schedule
        case network
        case disk
        case clients
        /// What a crash or a failed sync leaves.
        case survival
        /// Which of what could be next is next, where a plan has its order explored.
        case order
    }

    private let planned: PlannedTape?
    private let seed: UInt64
    /// Draws for all lanes, in the order in which they ask.
    private var dice: PRNG
    /// Draws for one lane.
    private var laneDice: [PRNG?]
    /// Draws for all lanes in place of all others, once a branch was taken.
    private var branchDice: PRNG?
    /// How many of its planned decisions each lane has given.
    private var counts = Array(repeating: 0, count: Lane.allCases.count)
    /// What was drawn so far, by lane, if somebody wants to know: a long run decides a hundred thousand times.
    private var drawn = Array(repeating: [UInt32](), count: Lane.allCases.count)
    private let isRecording: Bool

    /// Repeats what is planned; nil draws everything from the seed's own substream.
    public init(_ planned: PlannedTape? = nil, seed: UInt64, isRecording: Bool = true) {
        self.planned = planned
        self.seed = seed
        self.isRecording = isRecording
        dice = PRNG(seed: seed, label: "tape")
        laneDice = Lane.allCases.map { lane in
            planned?[lane].drawing.map { PRNG(seed: seed, label: "tape/\(lane.rawValue)/\($0)") }
        }
    }

    /// From now on all lanes draw from the branch's own substream.
    mutating func draw(from branch: Branch) { branchDice = PRNG(seed: seed, label: "tape/branch/\(branch.number)") }

    /// What was drawn so far: a run of the same plan with this tape is the same run. nil if nothing was recorded.
    public var recorded: PlannedTape? {
        guard isRecording else { return nil }
        var result = PlannedTape()
        for lane in Lane.allCases { result[lane] = .choices(drawn[lane.index]) }
        return result.trimmed
    }

    /// A number below `bound`, which is at least 1.
    public mutating func draw(_ bound: UInt32, _ lane: Lane) -> UInt32 {
        let choice: UInt32
        if branchDice != nil {
            choice = UInt32(truncatingIfNeeded: branchDice?.next(below: UInt64(bound)) ?? 0)
        } else if planned == nil {
            choice = UInt32(truncatingIfNeeded: dice.next(below: UInt64(bound)))
        } else {
            choice = drawPlanned(bound, lane)
        }
        if isRecording { drawn[lane.index].append(choice) }
        return choice
    }

    private mutating func drawPlanned(_ bound: UInt32, _ lane: Lane) -> UInt32 {
        if laneDice[lane.index] != nil {
            return UInt32(truncatingIfNeeded: laneDice[lane.index]?.next(below: UInt64(bound)) ?? 0)
        }
        defer { counts[lane.index] += 1 }
        return min(planned?[lane].choice(at: counts[lane.index]) ?? 0, bound - 1)
    }

    /// True `weight` times out of `of`; never in the benign run.
    public mutating func happens(_ weight: UInt32, of: UInt32, _ lane: Lane) -> Bool {
        weight > 0 && draw(of, lane) > of - 1 - min(weight, of - 1)
    }

    /// A time from `shortest` on, in nanoseconds: usually near it, seldom up to `longest`.
    public mutating func latency(_ range: ClosedRange<Int64>, _ lane: Lane) -> Int64 {
        let width = range.upperBound - range.lowerBound
        guard width > 0 else { return range.lowerBound }
        // The square of a uniform number: short ones are common. Integers only, so that every machine agrees.
        let uniform = Int64(draw(1 << 16, lane))
        let scaled = (uniform * uniform) >> 16
        return range.lowerBound + Int64((UInt64(scaled) * UInt64(min(width, 1 << 46))) >> 16)
    }
}

extension Tape.Lane {
    /// Its place among all cases.
    var index: Int {
        switch self {
        case .schedule: 0
        case .network: 1
        case .disk: 2
        case .clients: 3
        case .survival: 4
        case .order: 5
        }
    }
}
