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

        /// It is for one of the shards, by its number.
        var isOfMachine: Bool {
            switch self {
            case .run, .complete, .mail, .wake, .rebuild: true
            case .arriveAtServer, .arriveAtClient, .connect, .clientTimer, .faultBegins, .faultEnds, .start: false
            }
        }
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

/// All happenings to come, the next one first.
///
/// What was far away when it was pushed has a heap of its own: each request sets an alarm for its patience, and hundreds
/// of these, stale by then, would make each step through the near ones longer.
struct EventHeap {
    private var near = Heap()
    private var far = Heap()
    /// The latest time that was next, in nanoseconds.
    private var reached: Int64 = 0

    /// Nanoseconds.
    private static let farAway: Int64 = second

    var isEmpty: Bool { near.items.isEmpty && far.items.isEmpty }
    var count: Int { near.items.count + far.items.count }

    var next: Happening? {
        guard let first = near.items.first else { return far.items.first }
        guard let other = far.items.first, Happening.isBefore(other, first) else { return first }
        return other
    }

    /// Where items stand, in no order that means anything.
    var places: Range<Int> { 0..<count }

    subscript(place: Int) -> Happening {
        place < near.items.count ? near.items[place] : far.items[place - near.items.count]
    }

    /// Takes out the item at this place.
    mutating func remove(at place: Int) -> Happening {
        let removed = self[place]
        reached = max(reached, removed.time)
        if place < near.items.count { near.remove(at: place) } else { far.remove(at: place - near.items.count) }
        return removed
    }

    mutating func push(_ item: Happening) {
        if item.time - reached > Self.farAway { far.push(item) } else { near.push(item) }
    }

    mutating func pop() -> Happening? {
        let isFarNext =
            if let other = far.items.first { near.items.first.map { Happening.isBefore(other, $0) } ?? true } else { false }
        guard let next = isFarNext ? far.pop() : near.pop() else { return nil }
        reached = next.time
        return next
    }

    /// A binary heap.
    private struct Heap {
        private(set) var items: [Happening] = []

        mutating func push(_ item: Happening) {
            items.append(item)
            raise(item, from: items.count - 1)
        }

        mutating func pop() -> Happening? {
            guard let top = items.first, let last = items.popLast() else { return nil }
            if !items.isEmpty { lower(last, from: 0) }
            return top
        }

        mutating func remove(at place: Int) {
            guard let last = items.popLast(), place < items.count else { return }
            if place > 0, Happening.isBefore(last, items[(place - 1) / 2]) {
                raise(last, from: place)
            } else {
                lower(last, from: place)
            }
        }

        private mutating func raise(_ item: Happening, from place: Int) {
            var places = items.mutableSpan
            var child = place
            while child > 0 {
                let parent = (child - 1) / 2
                guard Happening.isBefore(item, places[parent]) else { break }
                places[child] = places[parent]
                child = parent
            }
            places[child] = item
        }

        private mutating func lower(_ last: Happening, from place: Int) {
            var places = items.mutableSpan
            let count = places.count
            var parent = place
            while true {
                var child = 2 * parent + 1
                guard child < count else { break }
                if child + 1 < count, Happening.isBefore(places[child + 1], places[child]) { child += 1 }
                guard Happening.isBefore(places[child], last) else { break }
                places[parent] = places[child]
                parent = child
            }
            places[parent] = last
        }
    }
}
