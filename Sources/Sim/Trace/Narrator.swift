public import Platform

/// The last things that happened, for a person; or all of them, when the whole trace is asked for.
public struct Narrator {
    public enum Entry: Sendable {
        /// With the operation that it ends, and the class of its file.
        case event(ShardID, Event, ended: Operation?, IOClass?)
        case operation(ShardID, Operation, IOClass?)
        case text(String)
    }

    private var recent: [(time: Int64, entry: Entry)] = []
    private var next = 0
    static let recentCount = 48
    /// Called with each line when the whole trace is wanted.
    public var tell: ((String) -> Void)?

    mutating func note(_ time: Int64, _ entry: Entry) {
        if let tell { tell(Self.line(time, entry)) }
        if recent.count < Self.recentCount {
            recent.append((time, entry))
        } else {
            recent[next] = (time, entry)
            next = (next + 1) % Self.recentCount
        }
    }

    /// The last lines, oldest first.
    public func lines(last count: Int) -> [String] {
        let ordered = recent[next...] + recent[..<next]
        return ordered.suffix(count).map { Self.line($0.time, $0.entry) }
    }

    private static func line(_ time: Int64, _ entry: Entry) -> String {
        let micros = String(time / 1_000)
        let stamp = String(repeating: " ", count: max(0, 10 - micros.utf8.count)) + micros + " µs"
        switch entry {
        case .event(let shard, let event, let ended, let ioClass):
            return "\(stamp)  \(shard) ← \(event.words(ended: ended.map { ($0, ioClass) }))"
        case .operation(let shard, let operation, let ioClass):
            return "\(stamp)  \(shard) → \(operation.words(ioClass))"
        case .text(let text): return "\(stamp)  \(text)"
        }
    }
}
