import Platform

/// How far each ambush of a run has come. Every run is watched for all of them, so that a search tells how near it
/// came; harm is done by the planted one alone.
struct Lookout {
    private var watches = Ambush.allCases.map { Watch($0) }
    private let planted: Ambush?
    /// By shard: what has begun and is not durable yet.
    private var begun: [Begun]

    private struct Begun {
        /// Partitions with a new segment, with new offsets, with segments to be removed.
        var rotations: [UInt64] = [], compactions: [UInt64] = [], removals: [UInt64] = []
        var isCatalogCompacted = false
    }

    private struct Watch {
        let ambush: Ambush
        let row: Ambush.Row
        var stage = 0
        var timesLeft = 0
        /// It came so far as to do harm.
        var isSprung = false

        init(_ ambush: Ambush) {
            self.ambush = ambush
            row = ambush.row
        }

        mutating func see(_ sight: Ambush.Sight, isGoingOn: (Ambush.Meanwhile) -> Bool) {
            guard row.stages[stage].sights.contains(sight), isGoingOn(row.stages[stage].meanwhile) else {
                if row.forgottenBy.contains(sight) { stage = 0 }
                return
            }
            stage += 1
            guard stage == row.stages.count else { return }
            stage = 0
            timesLeft = Ambush.times
            isSprung = true
        }
    }

    init(shardCount: Int, planted: Ambush?) {
        self.planted = planted
        begun = Array(repeating: Begun(), count: shardCount)
    }

    /// The next process has so many shards, and nothing under way.
    mutating func change(shardCount: Int) { begun = Array(repeating: Begun(), count: shardCount) }

    /// Those that have come so far as to do harm, if they were planted.
    var sprung: [Ambush] { watches.filter(\.isSprung).map(\.ambush) }

    mutating func began(_ operation: Operation, of shard: Int) {
        switch operation {
        case .open(.segmentLog(let partition, _), .create, _): begun[shard].rotations.append(partition)
        case .open(.offsetsTemporary(let partition), _, _): begun[shard].compactions.append(partition)
        case .open(.catalogSnapshotTemporary, _, _): begun[shard].isCatalogCompacted = true
        case .unlink(.segmentLog(let partition, _), _): begun[shard].removals.append(partition)
        default: break
        }
    }

    /// It succeeded.
    mutating func ended(_ operation: Operation, of shard: Int) {
        switch operation {
        case .syncDirectory(.partition(let partition), _):
            if begun[shard].compactions.contains(partition) { see(.compacted, of: shard, isRecovering: false) }
            begun[shard].rotations.removeAll { $0 == partition }
            begun[shard].compactions.removeAll { $0 == partition }
            begun[shard].removals.removeAll { $0 == partition }
        case .syncDirectory(.catalog, _): begun[shard].isCatalogCompacted = false
        default: break
        }
    }

    mutating func see(_ sight: Ambush.Sight, of shard: Int, isRecovering: Bool) {
        let isCrash = if case .crash = sight { true } else { false }
        let concerned = isCrash ? begun : [begun[shard]]
        for index in watches.indices {
            watches[index].see(sight) { meanwhile in
                switch meanwhile {
                case .anything: true
                case .rotation: concerned.contains { !$0.rotations.isEmpty }
                case .compaction: concerned.contains { !$0.compactions.isEmpty }
                case .removal: concerned.contains { !$0.removals.isEmpty }
                case .catalogCompaction: concerned.contains(where: \.isCatalogCompacted)
                case .recovery: isRecovering
                }
            }
        }
        for lost in begun.indices where isCrash || (sight == .shardFailed && lost == shard) { begun[lost] = Begun() }
    }

    /// Whether the planted ambush swallows a sync of such a file.
    mutating func swallows(_ ioClass: IOClass) -> Bool {
        guard let place = watches.firstIndex(where: { $0.ambush == planted }), watches[place].timesLeft > 0 else {
            return false
        }
        let harm: Ambush.Harm
        switch ioClass {
        case .segment: harm = .segments
        // A handle keeps the class of the name that it was opened with.
        case .offsets, .temporary: harm = .offsets
        case .index, .catalogLog, .snapshot, .identity: return false
        }
        guard watches[place].row.harm == harm else { return false }
        watches[place].timesLeft -= 1
        return true
    }
}

extension Universe {
    func see(_ sight: Ambush.Sight, of shard: Int = 0) {
        lookout.see(sight, of: shard, isRecovering: process.isRunning && !isServing)
    }
}
