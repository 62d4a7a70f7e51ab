/// A point of a run at which something had to be decided.
public struct Decision: Equatable, Sendable {
    /// Choices, at least 2; 0 is the usual one.
    public let count: Int
    /// Bit n: choice n is to be tried. The others lead to what another path shows.
    public let awake: UInt64

    public init(count: Int, awake: UInt64 = .max) {
        self.count = count
        self.awake = awake
    }
}

/// One run of something that takes decisions, by those of them that are not the usual ones.
///
/// The tree of all runs is known by running: a run tells its decisions, and each choice that it did not take, behind
/// its last departure, is a path with one departure more. So level n has the runs with n departures, and every path is
/// met once. Nothing here knows what is decided.
public struct DecisionPath: Equatable, Sendable {
    public struct Departure: Equatable, Sendable {
        /// Of the decision, from 0.
        public let position: Int
        /// At least 1.
        public let choice: Int
    }

    public let departures: [Departure]

    /// The run that takes every usual choice.
    public static let root = DecisionPath([])

    public init(_ departures: [Departure]) { self.departures = departures }

    public func departing(_ next: Departure) -> DecisionPath { DecisionPath(departures + [next]) }

    /// The choice at each position; behind them all are 0.
    public var choices: [UInt32] {
        var result = [UInt32](repeating: 0, count: (departures.last?.position ?? -1) + 1)
        for departure in departures { result[departure.position] = UInt32(departure.choice) }
        return result
    }

    /// The departures that lead from this run to those with one more, in their order.
    func nextDepartures(_ decisions: [Decision]) -> [Departure] {
        let first = (departures.last?.position ?? -1) + 1
        guard first < decisions.count else { return [] }
        return (first..<decisions.count).flatMap { position in
            (1..<decisions[position].count).filter { decisions[position].awake & 1 << UInt64($0) != 0 }
                .map { Departure(position: position, choice: $0) }
        }
    }
}

extension DecisionPath {
    /// `12.1+40.3`, or `usual` for the root.
    public var text: String { departures.isEmpty ? "usual" : departures.map(\.text).joined(separator: "+") }

    public init?(text: some StringProtocol) {
        guard text != "usual" else {
            self = .root
            return
        }
        var departures: [Departure] = []
        for part in text.split(separator: "+", omittingEmptySubsequences: false) {
            guard let departure = Departure(text: part), departure.position > departures.last?.position ?? -1 else {
                return nil
            }
            departures.append(departure)
        }
        self.init(departures)
    }
}

extension DecisionPath.Departure {
    public var text: String { "\(position).\(choice)" }

    public init?(text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let position = Int(parts[0]), let choice = Int(parts[1]), position >= 0,
            position < 1 << 20, choice > 0, choice < 64
        else { return nil }
        self.init(position: position, choice: choice)
    }
}
