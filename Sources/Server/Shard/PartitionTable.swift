import Platform

/// Where this shard's partitions are in its store, by incarnation.
struct PartitionTable {
    /// Ascending by incarnation.
    private var entries: [Entry] = []

    struct Entry {
        let incarnation: UInt64
        let address: PartitionAddress
        let slot: UInt32
        var isRecovered: Bool
    }

    var all: [Entry] { entries }
    var isRecovered: Bool { entries.allSatisfy(\.isRecovered) }

    func slot(of incarnation: UInt64) -> UInt32? { place(of: incarnation).map { entries[$0].slot } }

    func isRecovered(_ incarnation: UInt64) -> Bool {
        place(of: incarnation).map { entries[$0].isRecovered } ?? false
    }

    func entry(slot: UInt32) -> Entry? { entries.first { $0.slot == slot } }

    mutating func insert(_ entry: Entry) throws(MachineFailure) {
        let place = lowerBound(entry.incarnation)
        try invariant(
            place == entries.count || entries[place].incarnation != entry.incarnation,
            "a partition life is opened once")
        entries.insert(entry, at: place)
    }

    mutating func setRecovered(slot: UInt32) {
        guard let place = entries.firstIndex(where: { $0.slot == slot }) else { return }
        entries[place].isRecovered = true
    }

    mutating func remove(_ incarnation: UInt64) -> Entry? {
        place(of: incarnation).map { entries.remove(at: $0) }
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
