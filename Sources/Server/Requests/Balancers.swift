import Primitives

/// Where the next balanced batch of each topic goes: one step per batch, from 0 after a start.
struct Balancers {
    /// By stream and topic: ids are given out lowest first, so this has at most as many entries as there ever were
    /// topics at a time.
    private var next = SortedMap<UInt64, UInt32>()

    /// The partition that the next batch goes to. `partitionCount` is not 0.
    func partition(stream: UInt32, topic: UInt32, partitionCount: UInt32) -> UInt32 {
        (next[key(stream, topic)] ?? 0) % max(partitionCount, 1)
    }

    /// A batch went to `partition`.
    mutating func step(stream: UInt32, topic: UInt32, from partition: UInt32) {
        next[key(stream, topic)] = partition &+ 1
    }

    private func key(_ stream: UInt32, _ topic: UInt32) -> UInt64 { UInt64(stream) << 32 | UInt64(topic) }
}
