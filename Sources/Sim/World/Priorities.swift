import Primitives

/// Whose turn it is under probabilistic concurrency testing.
struct Priorities {
    private let rules: PriorityChanges
    private let seed: UInt64
    /// By lane, once it was met: lower goes first.
    private var ranks: [UInt64?] = []
    private var taken: UInt32 = 0
    private var changesDone = 0

    /// Below these are the first priorities of all lanes, above them those that fell behind.
    private static let fallen: UInt64 = 1 << 32

    init(_ rules: PriorityChanges, seed: UInt64) {
        self.rules = rules
        self.seed = seed
    }

    var window: Int64 { rules.window }

    mutating func rank(_ lane: Int) -> UInt64 {
        while ranks.count <= lane { ranks.append(nil) }
        if let rank = ranks[lane] { return rank }
        var dice = PRNG(seed: seed, label: "priority/\(rules.order)/\(lane)")
        let rank = dice.next() % Self.fallen
        ranks[lane] = rank
        return rank
    }

    /// The lane had its turn.
    mutating func took(_ lane: Int) {
        taken &+= 1
        guard changesDone < rules.changes.count, taken >= rules.changes[changesDone] else { return }
        // Who falls later goes before who fell earlier, as in the paper: the last change point is the last to matter.
        changesDone += 1
        _ = rank(lane)
        ranks[lane] = Self.fallen + UInt64(rules.changes.count - changesDone)
    }
}

extension Universe {
    /// What happens next.
    func takeNext() -> Happening? {
        guard priorities != nil else { return heap.pop() }
        guard let earliest = heap.next else { return nil }
        var best: (place: Int, rank: UInt64, item: Happening)?
        for place in heap.places {
            let item = heap[place]
            guard item.time - earliest.time <= priorities?.window ?? 0 else { continue }
            let rank = priorities?.rank(lane(of: item)) ?? 0
            if let best, rank == best.rank ? !Happening.isBefore(item, best.item) : rank > best.rank { continue }
            best = (place, rank, item)
        }
        guard let best else { return nil }
        priorities?.took(lane(of: best.item))
        return heap.remove(at: best.place)
    }

    /// The number of the lane that it belongs to.
    private func lane(of item: Happening) -> Int {
        let clients = 2 + 3 * shards.count
        switch item.kind {
        case .faultBegins, .faultEnds, .start: return 0
        case .connect, .arriveAtServer: return 1
        case .run, .wake, .rebuild: return 2 + 3 * Int(item.actor)
        case .complete: return 3 + 3 * Int(item.actor)
        case .mail: return 4 + 3 * Int(item.actor)
        case .clientTimer: return clients + Int(item.actor)
        case .arriveAtClient: return clients + Int(connections[Int(item.slot)].actor)
        }
    }
}
