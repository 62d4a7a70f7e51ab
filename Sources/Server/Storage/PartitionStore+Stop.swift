public import Platform

// Stopping: what was accepted is written, synced and vouched for, every file is closed, every buffer given back.

extension PartitionStore {
    /// Takes nothing more, finishes what was accepted. The outcome `.stopped` is the store's last.
    public mutating func stop<W: World & ~Copyable>(
        ref: UInt64, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        stopRef = ref
        for slot in logs.indices {
            ready.append(slot)
            beginStop(slot)
        }
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
        guard stopRef != nil, logs[slot].health == .stopping, logs[slot].hasDirectory,
            logs[slot].durableEnd == logs[slot].nextOffset, logs[slot].offsets.failure == nil,
            logs[slot].offsets.pending.isEmpty, logs[slot].offsets.phase == .idle,
            logs[slot].offsets.vouchedEnd != logs[slot].nextOffset, !logs[slot].isVouched
        else { return }
        logs[slot].isVouched = true
        logs[slot].offsets.pending.append(
            OffsetStore.Pending(record: .closed(end: logs[slot].nextOffset), ref: nil))
        logs[slot].offsets.isSyncWanted = true
        ready.append(slot)
    }

    private func isQuiet(_ slot: Int) -> Bool {
        let log = logs[slot]
        guard log.inFlightCount == 0, log.reads.isEmpty else { return false }
        switch log.health {
        case .free, .quarantined, .readOnly: return true
        case .opening: return log.isParked && log.recovery?.phase == .queued
        case .removing, .serving: return false
        case .stopping:
            let isWritten = log.tail.pendingCount == 0 || log.isStuck
            let isSynced = log.doubt.map { $0.ticksLeft > 0 } ?? (log.durableEnd >= log.writtenEnd)
            let isStored = log.offsets.failure != nil
                || (log.offsets.pending.isEmpty && log.offsets.phase == .idle
                    && (!log.offsets.isSyncWanted || log.offsets.isStuck))
            return isWritten && isSynced && isStored && log.fault == nil && !log.needsCut
                && log.index.queue.isEmpty && log.retention.doomed.isEmpty
        }
    }

    /// Closes everything once nothing moves any more.
    mutating func finishStop<W: World & ~Copyable>(
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard let ref = stopRef, logs.indices.allSatisfy({ isQuiet($0) }) else { return }
        for slot in logs.indices { try files.discardAll(slot: slot, &world, &operations) }
        guard files.count == 0, operations.count == 0 else { return }
        for slot in logs.indices {
            try dropTail(slot, &world, &buffers)
            try dropPieces(slot, &world, &buffers)
        }
        try slab.close(&world, &buffers)
        stopRef = nil
        outcomes.append(.stopped(ref: ref))
    }
}
