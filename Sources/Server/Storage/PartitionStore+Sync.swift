import Platform

// The syncer: makes what is written durable, in the order in which the log grew.
//
// Sealed segments first, then the directory that names them, then the writable segment. Offsets count as durable only
// when their data and every directory entry on the way are; so at `power` nothing of a new segment is acknowledged
// before the old one, the new file's data and its entry are synced. One sync at a time for each partition; what is
// written meanwhile is covered by the next.

extension PartitionStore {
    mutating func driveSync<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        while logs[slot].sync == .idle, try syncStep(slot, &world, &buffers) {}
    }

    /// Does the next thing; true if it is already done and another may follow.
    private mutating func syncStep<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        switch logs[slot].health {
        case .serving, .stopping: break
        case .free, .opening, .quarantined, .readOnly, .removing: return false
        }
        if logs[slot].doubt != nil || logs[slot].fault != nil || logs[slot].needsCut || logs[slot].writer == .cutting {
            return false
        }
        if logs[slot].isResting { return false }
        if !logs[slot].unsyncedSealed.isEmpty {
            let base = logs[slot].unsyncedSealed[0]
            guard let file = try fileToSync(slot, base, &world) else { return false }
            return try submitSync(.syncSealed(base: base), slot, file, forgetting: sealedBytesUnread(slot, base), &world)
        }
        let isWanted = logs[slot].syncWanted > logs[slot].durableEnd || logs[slot].syncedEnd > logs[slot].durableEnd
        guard isWanted, logs[slot].writtenEnd > logs[slot].durableEnd else { return try syncCut(slot, &world) }
        if logs[slot].directoryChanges > logs[slot].directorySynced {
            logs[slot].sync = .busy
            let directory = Directory.partition(incarnation: logs[slot].incarnation)
            let change = logs[slot].directoryChanges
            try submit(.syncPartitionDirectory(change: change), slot, &world) { .syncDirectory(directory, $0) }
            return false
        }
        guard logs[slot].syncWanted > logs[slot].syncedEnd, let active = logs[slot].activeIndex,
            !logs[slot].segments[active].isEmpty
        else {
            if logs[slot].unsyncedSealed.isEmpty, logs[slot].syncedEnd > logs[slot].durableEnd {
                try raiseDurableEnd(slot, &world, &buffers)
                return true
            }
            return false
        }
        let base = logs[slot].segments[active].base
        guard let file = try fileToSync(slot, base, &world) else { return false }
        if logs[slot].cut == .volatile { logs[slot].cut = .syncing }
        return try submitSync(
            .syncActive(end: logs[slot].writtenEnd, base: base), slot, file,
            forgetting: activeBytesUnread(slot, active), &world)
    }

    /// Before a stop vouches for the end, what was cut off behind it is gone for good.
    private mutating func syncCut<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W
    ) throws(MachineFailure) -> Bool {
        guard logs[slot].health == .stopping, logs[slot].cut == .volatile, logs[slot].tail.pendingCount == 0,
            let active = logs[slot].activeIndex
        else { return false }
        let base = logs[slot].segments[active].base
        guard let file = try fileToSync(slot, base, &world) else { return false }
        logs[slot].cut = .syncing
        return try submitSync(.syncCut(base: base), slot, file, forgetting: 0, &world)
    }

    private mutating func fileToSync<W: World & ~Copyable>(
        _ slot: Int, _ base: UInt64, _ world: inout W
    ) throws(MachineFailure) -> FileID? {
        switch try acquire(logs[slot].path(logOf: base), .readWrite, slot, &world) {
        case .open(let file, _): return file
        case .waiting: return nil
        case .failed(let errno):
            if !rest(slot, after: errno) { syncFailed(slot, errno, base: base) }
            return nil
        }
    }

    private mutating func submitSync<W: World & ~Copyable>(
        _ purpose: InFlight, _ slot: Int, _ file: FileID, forgetting forgotten: Int64, _ world: inout W
    ) throws(MachineFailure) -> Bool {
        world.mark(.syncSubmitted)
        logs[slot].sync = .busy
        logs[slot].unsyncedByteCount = 0
        let isAwaited = logs[slot].health == .stopping || logs[slot].syncAwaited > logs[slot].durableEnd
        try submit(purpose, slot, &world) {
            .sync(file, forgetting: forgotten, urgency: isAwaited ? .awaited : .background, $0)
        }
        return false
    }

    /// A sealed segment's bytes, if nobody has come to read for long.
    private mutating func sealedBytesUnread(_ slot: Int, _ base: UInt64) -> Int64 {
        logs[slot].forgottenEnd = 0
        guard logs[slot].unreadByteCount > settings.cachedUnreadBytesMax, let index = logs[slot].segmentIndex(base: base)
        else { return 0 }
        return logs[slot].segments[index].position
    }

    /// The bytes of the writable segment that need not stay in the page cache; 0 if they are hardly more than before.
    private mutating func activeBytesUnread(_ slot: Int, _ active: Int) -> Int64 {
        let kept = settings.cachedUnreadBytesMax
        let end = logs[slot].segments[active].position - kept
        guard logs[slot].unreadByteCount > kept, end - logs[slot].forgottenEnd > kept / 16 else { return 0 }
        logs[slot].forgottenEnd = end
        return end
    }

    mutating func finishSync<W: World & ~Copyable>(
        _ operation: InFlight, _ slot: Int, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        logs[slot].sync = .idle
        var base: UInt64?
        switch operation {
        case .syncSealed(let sealed): base = sealed
        case .syncActive(_, let active): base = active
        case .syncCut(let active): base = active
        default: break
        }
        if let base { try release(logs[slot].path(logOf: base), &world) }
        if case .failed(let errno) = completion {
            if world.isMutated(.failedSyncRetried) { return ready.append(slot) }
            if logs[slot].cut == .syncing { logs[slot].cut = .volatile }
            if base == nil, errno.isNoDescriptor, rest(slot, after: errno) { return }
            if case .syncCut = operation, errno.isNoSpace {
                logs[slot].cut = .unsyncable
                return
            }
            return syncFailed(slot, errno, base: base)
        }
        logs[slot].syncsWithoutSpace = 0
        logs[slot].failuresInRow = 0
        switch operation {
        case .syncSealed(let base):
            world.mark(.rotationOldSynced)
            // Retention may have taken the segment meanwhile.
            if logs[slot].unsyncedSealed.first == base { logs[slot].unsyncedSealed.removeFirst() }
            if let index = logs[slot].segmentIndex(base: base) {
                logs[slot].syncedEnd = max(logs[slot].syncedEnd, logs[slot].segments[index].end)
            }
            // The writer is done with it; readers open it again when they come.
            try files.discard(logs[slot].path(logOf: base), &world, &operations)
        case .syncPartitionDirectory(let change):
            if logs[slot].segments.count > 1 { world.mark(.rotationDirectorySynced) }
            logs[slot].directorySynced = max(logs[slot].directorySynced, change)
        case .syncCut: coverCut(slot)
        case .syncActive(let end, _):
            coverCut(slot)
            // What was cut or sealed while the sync was under way needs another one.
            if logs[slot].unsyncedSealed.isEmpty {
                let covered = world.isMutated(.syncCoversLaterWrites) ? logs[slot].writtenEnd : end
                logs[slot].syncedEnd = max(logs[slot].syncedEnd, min(covered, logs[slot].writtenEnd))
            }
        default: throw MachineFailure("the syncer finishes only its own operations")
        }
        try raiseDurableEnd(slot, &world, &buffers)
    }

    /// Unless more was cut while the sync was under way.
    private mutating func coverCut(_ slot: Int) {
        if logs[slot].cut == .syncing { logs[slot].cut = .durable }
    }

    private mutating func raiseDurableEnd<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard logs[slot].directoryChanges == logs[slot].directorySynced,
            logs[slot].syncedEnd > logs[slot].durableEnd
        else { return }
        logs[slot].durableEnd = logs[slot].syncedEnd
        world.mark(.syncCovered)
        try settleAppends(slot, &world, &buffers)
    }

    private mutating func syncFailed(_ slot: Int, _ errno: Errno, base: UInt64?) {
        logs[slot].fault = errno.isNoSpace ? .syncWithoutSpace(errno, base: base) : .syncFailed(errno)
        ready.append(slot)
    }

    // MARK: Flush

    /// Hands everything appended so far to the file and, if asked, makes it durable. The outcome is `.flushed`.
    public mutating func flush(_ slot: PartitionSlot, isSync: Bool, ref: UInt64) {
        guard has(slot) else { return outcomes.append(.flushed(ref: ref, slot, .refused(.unavailable))) }
        if let refusal = logs[Int(slot)].refusal {
            return outcomes.append(.flushed(ref: ref, slot, .refused(refusal)))
        }
        beginFlush(Int(slot), isSync: isSync, ref: ref)
    }

    mutating func beginFlush(_ slot: Int, isSync: Bool, ref: UInt64) {
        let end = logs[slot].nextOffset
        logs[slot].flushes.append(PartitionLog.FlushTask(ref: ref, end: end, isSync: isSync))
        if isSync {
            logs[slot].syncWanted = max(logs[slot].syncWanted, end)
            logs[slot].syncAwaited = max(logs[slot].syncAwaited, end)
            logs[slot].offsets.isSyncWanted = true
        }
        logs[slot].isStuck = false
        dirty.append(slot)
    }

    /// Answers the flushes that have what they wait for, or never will.
    mutating func settleFlushes(_ slot: Int) throws(MachineFailure) {
        var kept: [PartitionLog.FlushTask] = []
        for task in logs[slot].flushes {
            let end = min(task.end, logs[slot].nextOffset)
            let isWritten = logs[slot].writtenEnd >= end
            let isDone = task.isSync ? logs[slot].durableEnd >= end : isWritten
            if isDone {
                outcomes.append(.flushed(ref: task.ref, UInt32(slot), .done(NoValue())))
            } else if case .readOnly(let errno) = logs[slot].health {
                outcomes.append(.flushed(ref: task.ref, UInt32(slot), .refused(.syncFailed(errno))))
            } else if logs[slot].doubt != nil, task.isSync {
                outcomes.append(.flushed(ref: task.ref, UInt32(slot), .refused(.noSpace)))
            } else if logs[slot].isStuck {
                outcomes.append(.flushed(ref: task.ref, UInt32(slot), .refused(.noSpace)))
            } else {
                kept.append(task)
            }
        }
        logs[slot].flushes = kept
    }
}
