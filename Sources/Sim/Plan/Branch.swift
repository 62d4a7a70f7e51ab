/// Where a run leaves the path of its seed: from the waypoint on late decisions are drawn anew. Up to there it is the
/// same run, step by step.
public struct Branch: Equatable, Sendable {
    public let at: Waypoint
    /// The substream of the seed that decisions come from then.
    public let number: UInt32

    public init(at waypoint: Waypoint, number: UInt32) {
        at = waypoint
        self.number = number
    }

    /// As a line of a plan says it: `rotationSealed 3 17`.
    var text: String { "\(at.moment.text) \(at.nth) \(number)" }

    init?(_ words: ArraySlice<String>) {
        let words = Array(words)
        guard words.count == 3, let moment = Moment(text: words[0]), let nth = UInt32(words[1]), nth > 0,
            let number = UInt32(words[2])
        else { return nil }
        self.init(at: Waypoint(moment, nth: nth), number: number)
    }
}
