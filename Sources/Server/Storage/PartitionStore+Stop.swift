public import Platform

/// A stop under way.
struct Ending {
    let ref: UInt64
    /// By slot.
    private var restless: [Bool] = []
    private(set) var restlessCount = 0
    /// Every file has been told to close, and nothing has moved since.
    var hasDiscarded = false

    init(ref: UInt64) { self.ref = ref }

    func isRestless(_ slot: Int) -> Bool { slot < restless.count && restless[slot] }

    mutating func note(_ slot: Int, isQuiet: Bool) {
        while restless.count <= slot { restless.append(false) }
        if restless[slot] != isQuiet { return }
        restless[slot] = !isQuiet
        restlessCount += isQuiet ? -1 : 1
        if !isQuiet { hasDiscarded = false }
    }
}

// Stopping: what was accepted is written, synced and vouched for, every file is closed, every buffer given back.

extension PartitionStore {
    /// Takes nothing more, finishes what was accepted. The outcome `.stopped` is the store's last.
    public mutating func stop<W: World & ~Copyable>(
        ref: UInt64, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        var ending = Ending(ref: ref)
        for slot in logs.indices {
            ready.append(slot)
            beginStop(slot)
            logs[slot].removal?.hurry()
            ending.note(slot, isQuiet: logs[slot].isQuiet)
        }
        self.ending = ending
        try driveReady(&world, &buffers, at: now)
    }

    /// A partition that is still opening begins to stop when it has opened.
    mutating func beginStop(_ slot: Int) {
        guard logs[slot].health == .serving else { return }
        logs[slot].health = .stopping
        // Whatever waits for room gets one more try. Who waits for memory gets others later: a stop has to end.
        logs[slot].isHungry = false
        logs[slot].isStuck = false
        logs[slot].offsets.isStuck = false
        logs[slot].doubt?.ticksLeft = 0
        logs[slot].syncWanted = logs[slot].nextOffset
        logs[slot].offsets.isSyncWanted = true
        logs[slot].index.isForced = true
    }

    /// Vouches for the end of a log that stops clean: the next start need not fear that a reader saw more.
    mutating func vouch(_ slot: Int) {
        guard ending != nil, logs[slot].health == .stopping, logs[slot].hasDirectory,
            logs[slot].durableEnd == logs[slot].nextOffset, logs[slot].isEndDurable, logs[slot].offsets.failure == nil,
            logs[slot].offsets.pending.isEmpty, logs[slot].offsets.phase == .idle,
            logs[slot].offsets.vouchedEnd != logs[slot].nextOffset, !logs[slot].isVouched
        else { return }
        logs[slot].isVouched = true
        logs[slot].offsets.pending.append(
            OffsetStore.Pending(record: .closed(end: logs[slot].nextOffset), ref: nil))
        logs[slot].offsets.isSyncWanted = true
        ready.append(slot)
    }

    /// Closes everything once nothing moves any more.
    mutating func finishStop<W: World & ~Copyable>(
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard let ending, ending.restlessCount == 0 else { return }
        if !ending.hasDiscarded {
            self.ending?.hasDiscarded = true
            try files.discardAll(&world, &operations)
        }
        guard operations.count == 0 else { return }
        // What has opened meanwhile, as the successor of a segment that was sealed just before, closes like the others.
        guard files.count == 0 else { return try files.discardAll(&world, &operations) }
        for slot in logs.indices {
            // A segment whose seal was refused is sealed by the next start.
            giveSealBlock(slot)
            try dropTail(slot, &world, &buffers)
            try dropPieces(slot, &world, &buffers)
        }
        try slab.close(&world, &buffers)
        self.ending = nil
        outcomes.append(.stopped(ref: ending.ref))
    }
}

extension PartitionLog {
    /// Nothing of it moves, or will before the next tick: a stop need not wait for it.
    @inline(__always) var isQuiet: Bool {
        guard inFlightCount == 0, reads.isEmpty else { return false }
        switch health {
        case .free, .quarantined, .readOnly: return true
        case .opening: return isParked && recovery?.phase == .queued
        case .removing, .serving: return false
        case .stopping:
            let isWritten = tail.pendingCount == 0 || isStuck
            let isSynced = doubt.map { $0.ticksLeft > 0 }
                ?? (durableEnd >= writtenEnd && (isEndDurable || cut == .unsyncable || tail.pendingCount > 0))
            let isStored = offsets.failure != nil
                || (offsets.pending.isEmpty && offsets.phase == .idle && (!offsets.isSyncWanted || offsets.isStuck))
            return isWritten && isSynced && isStored && fault == nil && !needsCut && index.queue.isEmpty
                && retention.doomed.isEmpty
        }
    }
}
