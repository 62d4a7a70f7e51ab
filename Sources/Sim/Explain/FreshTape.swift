/// From some event of a run on, late decisions are drawn anew, whatever the tape says: up to there the run is the same.
public struct FreshTape: Equatable, Sendable {
    /// Happenings that still go by the plan's own tape; 0 for none.
    public let after: Int
    /// The substream of the seed that all lanes draw from then.
    public let number: UInt32

    public init(after: Int, number: UInt32) {
        self.after = after
        self.number = number
    }

    /// As the plan's line has it behind `fresh-tape`.
    var text: String { "\(after) \(number)" }

    init?(_ words: ArraySlice<String>) {
        guard words.count == 2, let after = words.first.flatMap({ Int($0) }), after >= 0,
            let number = words.last.flatMap({ UInt32($0) })
        else { return nil }
        self.init(after: after, number: number)
    }
}
