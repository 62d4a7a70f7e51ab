/// The late decisions of a plan, lane by lane; at first all of them are 0.
public struct PlannedTape: Equatable, Sendable {
    private var sources = Array(repeating: Source.choices([]), count: Tape.Lane.allCases.count)

    /// Where the decisions of one lane come from.
    public enum Source: Equatable, Sendable {
        /// These, then zeros.
        case choices([UInt32])
        /// A substream of the seed with this number.
        case drawn(UInt32)
    }

    public init() {}

    public subscript(_ lane: Tape.Lane) -> Source {
        get { sources[lane.index] }
        set { sources[lane.index] = newValue }
    }

    /// Lanes with a choice that is not benign, or may not be.
    public var liveLanes: [Tape.Lane] { Tape.Lane.allCases.filter { !self[$0].isBenign } }

    /// The same decisions without zeros at the ends of lanes, which mean nothing.
    public var trimmed: PlannedTape {
        var result = self
        for lane in Tape.Lane.allCases {
            guard case .choices(let choices) = self[lane] else { continue }
            result[lane] = .choices(Array(choices.prefix((choices.lastIndex { $0 != 0 } ?? -1) + 1)))
        }
        return result
    }

    /// Decisions that are written down and not benign.
    public var choiceCount: Int {
        Tape.Lane.allCases.reduce(0) { $0 + (self[$1].choices ?? []).count { $0 != 0 } }
    }
}

extension PlannedTape.Source {
    /// The number of the substream, if it is one.
    var drawing: UInt32? {
        if case .drawn(let number) = self { number } else { nil }
    }

    /// What is written down, if it is.
    var choices: [UInt32]? {
        if case .choices(let choices) = self { choices } else { nil }
    }

    func choice(at position: Int) -> UInt32 {
        guard case .choices(let choices) = self, position < choices.count else { return 0 }
        return choices[position]
    }

    var isBenign: Bool {
        switch self {
        case .choices(let choices): choices.allSatisfy { $0 == 0 }
        case .drawn: false
        }
    }
}
