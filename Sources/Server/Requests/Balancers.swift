/// Where the next balanced batch of each topic goes: one step per batch, from 0 after a start.
struct Balancers {
    private struct Counter {
        let stream: UInt32
        let topic: UInt32
        var next: UInt32
    }

    private var counters: [Counter] = []

    /// The partition for a batch, and one step on. `partitionCount` is not 0.
    mutating func next(stream: UInt32, topic: UInt32, partitionCount: UInt32) -> UInt32 {
        let place =
            counters.firstIndex { $0.stream == stream && $0.topic == topic } ?? {
                counters.append(Counter(stream: stream, topic: topic, next: 0))
                return counters.count - 1
            }()
        let partition = counters[place].next % max(partitionCount, 1)
        counters[place].next = partition + 1
        return partition
    }
}
