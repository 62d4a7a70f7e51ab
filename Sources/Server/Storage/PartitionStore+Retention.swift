public import Platform

/// Segments taken out of the log whose files are still to be unlinked.
struct Retention {
    struct Doomed {
        let base: UInt64
        var readerCount: Int
    }

    struct Request: BitwiseCopyable {
        let ref: UInt64
        let count: UInt32
        /// The last doomed base that belongs to it.
        let lastBase: UInt64
    }

    enum Phase: Equatable { case idle, closing, unlinkingLog, unlinkingIndex, syncing }

    /// Oldest first, and unlinked in this order: what survives a crash is a suffix.
    var doomed: [Doomed] = []
    var requests: [Request] = []
    var phase = Phase.idle

    mutating func readerLeft(_ base: UInt64) {
        if let place = doomed.firstIndex(where: { $0.base == base }) { doomed[place].readerCount -= 1 }
    }
}

extension PartitionStore {
    /// Deletes the oldest sealed segments, at most `countMax`, none with an offset above `barrier`. They are gone for
    /// readers at once; the outcome `.segmentsDeleted` comes when no crash can bring them back.
    public mutating func deleteSegments<W: World & ~Copyable>(
        _ slot: PartitionSlot, countMax: UInt32, barrier: UInt64?, ref: UInt64,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard has(slot), logs[Int(slot)].health == .serving else {
            return outcomes.append(.segmentsDeleted(ref: ref, slot, count: 0))
        }
        let index = Int(slot)
        var count: UInt32 = 0
        var lastBase: UInt64 = 0
        while count < countMax, logs[index].segments.count > 1, let oldest = logs[index].segments.first, oldest.isSealed,
            oldest.end <= logs[index].readableEnd, barrier.map({ oldest.end - 1 <= $0 }) ?? true {
            logs[index].segments.removeFirst()
            logs[index].unsyncedSealed.removeAll { $0 == oldest.base }
            logs[index].retention.doomed.append(Retention.Doomed(base: oldest.base, readerCount: oldest.readerCount))
            lastBase = oldest.base
            count += 1
        }
        guard count > 0 else { return outcomes.append(.segmentsDeleted(ref: ref, slot, count: 0)) }
        logs[index].retention.requests.append(Retention.Request(ref: ref, count: count, lastBase: lastBase))
        dirty.append(index)
    }

    mutating func driveRetention<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        if logs[slot].retention.doomed.isEmpty { return }
        switch logs[slot].health {
        case .serving, .readOnly, .stopping: break
        case .free, .opening, .quarantined, .removing: return
        }
        guard logs[slot].retention.phase == .idle, let oldest = logs[slot].retention.doomed.first,
            oldest.readerCount == 0
        else { return }
        let log = logs[slot].path(logOf: oldest.base)
        let index = logs[slot].path(indexOf: oldest.base)
        try files.discard(log, &world, &operations)
        try files.discard(index, &world, &operations)
        if files.holds(log) || files.holds(index) { return }
        logs[slot].retention.phase = .unlinkingLog
        try submit(.retention, slot, &world) { .unlink(log, $0) }
    }

    mutating func finishRetention<W: World & ~Copyable>(
        _ slot: Int, _ completion: Completion, _ world: inout W
    ) throws(MachineFailure) {
        guard let oldest = logs[slot].retention.doomed.first else {
            throw MachineFailure("retention finishes what it began")
        }
        if case .failed(let errno) = completion, errno != .noEntry {
            // The files stay; a start finds them again. Whoever waits is told that nothing is gone for good.
            for request in logs[slot].retention.requests {
                outcomes.append(.segmentsDeleted(ref: request.ref, UInt32(slot), count: 0))
            }
            logs[slot].retention = Retention()
            return
        }
        switch logs[slot].retention.phase {
        case .unlinkingLog:
            logs[slot].retention.phase = .unlinkingIndex
            let path = logs[slot].path(indexOf: oldest.base)
            try submit(.retention, slot, &world) { .unlink(path, $0) }
        case .unlinkingIndex:
            logs[slot].retention.phase = .syncing
            let directory = Directory.partition(incarnation: logs[slot].incarnation)
            try submit(.retention, slot, &world) { .syncDirectory(directory, $0) }
        case .syncing:
            logs[slot].retention.phase = .idle
            logs[slot].retention.doomed.removeFirst()
            if let request = logs[slot].retention.requests.first, request.lastBase == oldest.base {
                logs[slot].retention.requests.removeFirst()
                outcomes.append(.segmentsDeleted(ref: request.ref, UInt32(slot), count: request.count))
            }
        case .idle, .closing: throw MachineFailure("retention finishes what it began")
        }
    }
}
