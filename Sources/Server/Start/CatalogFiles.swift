import Platform

/// The files in `catalog/`, as its names tell them, and which of them a start no longer needs.
struct CatalogFiles {
    /// By sequence, ascending.
    private(set) var snapshots: [UInt64] = []
    /// By sequence, ascending.
    private var logs: [UInt64] = []
    private var unreadCount: Int
    private let all: [Path]
    /// Ascending by name, once it is said which to keep.
    private(set) var superfluous: [Path] = []

    /// Names that the server never makes are left alone and mean nothing.
    init(_ names: [String]) {
        all = names.sorted().compactMap { Path(name: $0, in: .catalog) }
        for path in all {
            switch path {
            case .catalogSnapshot(let sequence): snapshots.append(sequence)
            case .catalogLog(let sequence): logs.append(sequence)
            default: break
            }
        }
        unreadCount = logs.count
    }

    /// The logs one after the other, ascending by sequence.
    mutating func takeLog() -> UInt64? {
        guard unreadCount > 0 else { return nil }
        unreadCount -= 1
        return logs[logs.count - 1 - unreadCount]
    }

    /// All others are superfluous.
    mutating func keep(snapshot: UInt64?, log: UInt64) {
        let kept = [snapshot.map { Path.catalogSnapshot(sequence: $0) }, .catalogLog(sequence: log)]
        superfluous = all.filter { !kept.contains($0) }
    }

    mutating func takeSuperfluous() -> Path? { superfluous.isEmpty ? nil : superfluous.removeFirst() }
}
