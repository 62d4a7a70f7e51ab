/// The order of what could happen in another one.
public enum Schedule: Equatable, Sendable {
    /// First come, first served.
    case firstCome
    /// What is due at one time comes in an order that the tape draws.
    case random
    case priorities(PriorityChanges)
}

/// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, 2010): every lane has a priority, and
/// of what could happen next the lane with the highest goes first. At a few points the one that is at its turn falls
/// behind all others. A bug that takes `depth` events in order is met with a probability that falls with the length of
/// the run to the power of `depth - 1`, not with the number of orders.
///
/// A lane is a shard, a shard's disk, its mail, the network toward the server, a client, or the world with its faults.
public struct PriorityChanges: Equatable, Sendable {
    /// What is due so many nanoseconds after the earliest could happen now. Nothing waits longer for its turn.
    public var window: Int64
    /// The substream of the seed that the first priorities come from.
    public var order: UInt32
    /// How many things have happened when the lane at its turn falls behind; in order.
    public var changes: [UInt32]

    /// The rare events in order that are looked for.
    public var depth: Int { changes.count + 1 }

    public init(window: Int64, order: UInt32, changes: [UInt32]) {
        self.window = window
        self.order = order
        self.changes = changes
    }
}

extension Schedule {
    /// As a line of a plan says it.
    var text: String {
        switch self {
        case .firstCome: "first-come"
        case .random: "random"
        case .priorities(let pct):
            "pct depth \(pct.depth) window \(pct.window / microsecond)us order \(pct.order) changes"
                + pct.changes.map { " \($0)" }.joined()
        }
    }

    init?(_ words: ArraySlice<String>) {
        let words = Array(words)
        switch words.first {
        case "first-come" where words.count == 1: self = .firstCome
        case "random" where words.count == 1: self = .random
        case "pct":
            guard words.count >= 8, words[1] == "depth", words[3] == "window", words[5] == "order",
                words[7] == "changes", let window = nanoseconds(words[4]), window >= 0, let order = UInt32(words[6])
            else { return nil }
            let changes = words.dropFirst(8).compactMap { UInt32($0) }
            guard changes.count == words.count - 8, Int(words[2]) == changes.count + 1, changes == changes.sorted()
            else { return nil }
            self = .priorities(PriorityChanges(window: window, order: order, changes: changes))
        default: return nil
        }
    }

    /// The plainer ones, the plainest first.
    var simpler: [Schedule] {
        switch self {
        case .firstCome: []
        case .random: [.firstCome]
        case .priorities(let pct):
            [.firstCome, .random]
                + pct.changes.indices.map { place in
                    var fewer = pct
                    fewer.changes.remove(at: place)
                    return .priorities(fewer)
                }
                + pct.window.smaller(than: microsecond).map { window in
                    var narrower = pct
                    narrower.window = window / microsecond * microsecond
                    return .priorities(narrower)
                }.filter { $0 != self }
        }
    }
}
