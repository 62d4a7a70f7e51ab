import Platform

/// Where this shard's partitions are in its store, by incarnation.
struct PartitionTable {
    /// Ascending by incarnation.
    private var entries: [Entry] = []
    /// By slot of the store, 0 where there is none.
    private var incarnations: [UInt64] = []
    private var awaitedCount = 0

    struct Entry {
        let incarnation: UInt64
        let address: PartitionAddress
        let slot: UInt32
        var recovery: Recovery
    }

    enum Recovery {
        /// A start waits for it.
        case underWay
        /// It found no room and goes on later: a start does not wait for it.
        case parked
        /// It could not read or write: what a crash left there is still unknown. The partition serves nothing.
        case failed
        /// What is there is known, be it damage.
        case ended
    }

    var all: [Entry] { entries }
    /// No partition keeps a start waiting.
    var isRecovered: Bool { awaitedCount == 0 }
    /// It is known of every partition what is there.
    var isKnown: Bool { entries.allSatisfy { $0.recovery == .ended } }

    func slot(of incarnation: UInt64) -> UInt32? { place(of: incarnation).map { entries[$0].slot } }

    func isRecovered(_ incarnation: UInt64) -> Bool {
        place(of: incarnation).map { entries[$0].recovery == .ended } ?? false
    }

    func entry(slot: UInt32) -> Entry? { place(ofSlot: slot).map { entries[$0] } }

    mutating func insert(_ entry: Entry) throws(MachineFailure) {
        let place = lowerBound(entry.incarnation)
        try invariant(
            place == entries.count || entries[place].incarnation != entry.incarnation,
            "a partition life is opened once")
        entries.insert(entry, at: place)
        while incarnations.count <= Int(entry.slot) { incarnations.append(0) }
        incarnations[Int(entry.slot)] = entry.incarnation
        if entry.recovery == .underWay { awaitedCount += 1 }
    }

    mutating func set(_ recovery: Recovery, slot: UInt32) {
        guard let place = place(ofSlot: slot) else { return }
        if entries[place].recovery == .underWay { awaitedCount -= 1 }
        entries[place].recovery = recovery
        if recovery == .underWay { awaitedCount += 1 }
    }

    mutating func remove(_ incarnation: UInt64) -> Entry? {
        guard let place = place(of: incarnation) else { return nil }
        let entry = entries.remove(at: place)
        incarnations[Int(entry.slot)] = 0
        if entry.recovery == .underWay { awaitedCount -= 1 }
        return entry
    }

    private func place(ofSlot slot: UInt32) -> Int? {
        guard Int(slot) < incarnations.count, incarnations[Int(slot)] != 0 else { return nil }
        return place(of: incarnations[Int(slot)])
    }

    private func place(of incarnation: UInt64) -> Int? {
        let place = lowerBound(incarnation)
        return place < entries.count && entries[place].incarnation == incarnation ? place : nil
    }

    private func lowerBound(_ incarnation: UInt64) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].incarnation < incarnation { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
