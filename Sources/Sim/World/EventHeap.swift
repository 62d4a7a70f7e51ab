/// One thing that will happen, as 32 plain bytes. What does not fit stands in a slab or a queue of its kind.
struct Happening: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
        /// Shard `actor` of generation `generation` takes the next event from its inbox.
        case run
        /// Operation `slot` of shard `actor` ends.
        case complete
        /// The next letter from shard `slot` to shard `actor`.
        case mail
        /// The wake-up number `slot` of shard `actor`.
        case wake
        /// Bytes, or the end of them, come to the server's side of connection `slot`.
        case arriveAtServer
        case arriveAtClient
        /// Connection `slot` reaches a listener, or finds none.
        case connect
        /// Timer `slot` of client `actor`.
        case clientTimer
        /// Fault number `slot` begins.
        case faultBegins
        case faultEnds
        /// The server process starts.
        case start
        /// Shard `actor` is made anew after a failure.
        case rebuild
    }

    var time: Int64
    /// Drawn by the schedule strategy: it orders what happens at the same time. 0 under first come, first served.
    var order: UInt32
    /// Counts all happenings, so that the order is total.
    var sequence: UInt32
    var slot: UInt32
    /// Of the process or the shard that it belongs to; a stale one is dropped.
    var generation: UInt32
    var actor: UInt16
    var kind: Kind

    static func isBefore(_ left: Happening, _ right: Happening) -> Bool {
        if left.time != right.time { return left.time < right.time }
        if left.order != right.order { return left.order < right.order }
        return left.sequence < right.sequence
    }
}

/// A binary heap of happenings, the next one on top.
struct EventHeap {
    private var items: [Happening] = []

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }
    var next: Happening? { items.first }

    mutating func push(_ item: Happening) {
        items.append(item)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Happening.isBefore(item, items[parent]) else { break }
            items[child] = items[parent]
            child = parent
        }
        items[child] = item
    }

    mutating func pop() -> Happening? {
        guard let top = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return top }
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < items.count else { break }
            if child + 1 < items.count, Happening.isBefore(items[child + 1], items[child]) { child += 1 }
            guard Happening.isBefore(items[child], last) else { break }
            items[parent] = items[child]
            parent = child
        }
        items[parent] = last
        return top
    }
}
