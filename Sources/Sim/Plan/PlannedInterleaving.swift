/// What a plan has explored beside the order of events: one interruption may come between any two of them.
public struct PlannedInterleaving: Equatable, Sendable {
    /// In the order in which a decision counts them, behind the happenings that could be next.
    public var interruptions: [Interruption]

    public init(_ interruptions: [Interruption]) { self.interruptions = interruptions }

    public enum Interruption: Equatable, Sendable {
        /// The process ends at once.
        case kill
        case powerCut(Survival)
        /// The server is asked to stop, and is started again once it has.
        case stop
        /// The next alarm of a shard rings now: everything else that is under way takes as long.
        case alarm
    }
}

extension PlannedInterleaving {
    /// Its line in a plan.
    var line: String { (["interleave"] + interruptions.map(\.text)).joined(separator: " ") }

    init?(_ words: ArraySlice<String>) {
        interruptions = words.compactMap { Interruption($0) }
        guard interruptions.count == words.count else { return nil }
    }
}

extension PlannedInterleaving.Interruption {
    public var text: String {
        switch self {
        case .kill: "kill"
        case .powerCut(let survival): "power.\(survival.rawValue)"
        case .stop: "stop"
        case .alarm: "alarm"
        }
    }

    fileprivate init?(_ text: String) {
        switch text {
        case "kill": self = .kill
        case "stop": self = .stop
        case "alarm": self = .alarm
        default:
            guard text.hasPrefix("power."), let survival = Survival(rawValue: String(text.dropFirst("power.".count)))
            else { return nil }
            self = .powerCut(survival)
        }
    }
}
