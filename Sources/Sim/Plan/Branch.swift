/// Where a run leaves the path of its seed: from that point on all late decisions are drawn anew, whatever the tape says.
/// Up to there it is the same run, step by step.
public struct Branch: Equatable, Sendable {
    public let at: Point
    /// The substream of the seed that decisions come from then.
    public let number: UInt32

    public enum Point: Equatable, Sendable {
        case waypoint(Waypoint)
        /// Behind so many happenings; 0 for the beginning.
        case happening(Int)

        /// In words, for a person.
        public var text: String {
            switch self {
            case .waypoint(let waypoint): "\(waypoint.moment.text).\(waypoint.nth)"
            case .happening(let count): "event \(count)"
            }
        }
    }

    public init(at waypoint: Waypoint, number: UInt32) {
        at = .waypoint(waypoint)
        self.number = number
    }

    public init(after happenings: Int, number: UInt32) {
        at = .happening(happenings)
        self.number = number
    }

    /// As a line of a plan says it: `rotationSealed 3 17`, or `event 1200 17`.
    var text: String {
        switch at {
        case .waypoint(let waypoint): "\(waypoint.moment.text) \(waypoint.nth) \(number)"
        case .happening(let count): "\(Self.event) \(count) \(number)"
        }
    }

    /// No moment has this name.
    private static let event = "event"

    init?(_ words: ArraySlice<String>) {
        let words = Array(words)
        guard words.count == 3, let count = UInt32(words[1]), let number = UInt32(words[2]) else { return nil }
        if words[0] == Self.event {
            self.init(after: Int(count), number: number)
        } else if let moment = Moment(text: words[0]), count > 0 {
            self.init(at: Waypoint(moment, nth: count), number: number)
        } else {
            return nil
        }
    }
}
