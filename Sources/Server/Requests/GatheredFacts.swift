/// What all shards know of their partitions, in the order of the partitions: those of one stream, and in it those of
/// one topic, stand together, so that a list of ten thousand topics does not look at every partition for each.
struct GatheredFacts {
    /// Ascending by address.
    private let facts: [PartitionFacts]

    init(_ facts: [PartitionFacts]) {
        self.facts = facts.sorted { $0.address < $1.address }
    }

    var total: Facts { sum(facts[...]) }

    func total(stream: UInt32) -> Facts {
        let first = place { $0.stream < stream }
        return sum(facts[first...].prefix { $0.address.stream == stream })
    }

    func total(stream: UInt32, topic: UInt32) -> Facts {
        let first = place { ($0.stream, $0.topic) < (stream, topic) }
        return sum(facts[first...].prefix { $0.address.stream == stream && $0.address.topic == topic })
    }

    subscript(address: PartitionAddress) -> PartitionFacts? {
        let first = place { $0 < address }
        return first < facts.count && facts[first].address == address ? facts[first] : nil
    }

    private func sum(_ facts: ArraySlice<PartitionFacts>) -> Facts {
        var total = Facts()
        for facts in facts { total += facts.total }
        return total
    }

    /// The first place whose address is not `isBelow`.
    private func place(_ isBelow: (PartitionAddress) -> Bool) -> Int {
        var low = 0
        var high = facts.count
        while low < high {
            let middle = low + (high - low) / 2
            if isBelow(facts[middle].address) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
