public import Platform

// When a write, an allocation, a creation or a sync fails: take back what nobody has been told of, cut it from the
// file, and only then say so. What was acknowledged stays, in the file or (at `memory`) in its buffer.

extension PartitionStore {
    /// The next bytes could not be written. Everything not yet written is refused once the file has been cut back;
    /// batches acknowledged from memory wait for another try.
    ///
    /// `isTouched`: bytes may have reached the file. A batch of which all may have is not refused but unknown: the cut
    /// is not durable, and a power cut could bring it back.
    mutating func undoWrite<W: World & ~Copyable>(
        _ slot: Int, _ errno: Errno, isTouched: Bool, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        if errno.isNoSpace { meetNoSpace(slot, &world) }
        for index in logs[slot].tail.written..<logs[slot].tail.submitted {
            if let block = logs[slot].tail[index].block { slab.give(block) }
            logs[slot].tail[index].block = nil
        }
        let isDoubtful = isTouched && !world.isMutated(.failedWriteRefused)
        let whole = logs[slot].tail.written + (isDoubtful ? wholeCount(slot, errno) : 0)
        logs[slot].tail.submitted = logs[slot].tail.written
        let keep = max(logs[slot].tail.written, logs[slot].tail.acknowledged)
        try takeBack(slot, downTo: keep, unknownBelow: whole, refusal(errno), &world, &buffers)
        if logs[slot].tail.pendingCount > 0 || isFull(slot) {
            logs[slot].isStuck = true
            waitForTick(slot)
        }
        if isTouched, !world.isMutated(.failedWriteNotCut) { logs[slot].needsCut = true } else { answerUndone(slot) }
    }

    /// A sync failed while nothing else was in flight any more.
    mutating func meet<W: World & ~Copyable>(
        _ fault: PartitionLog.Fault, _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        switch fault {
        case .syncFailed(let errno):
            try stopWriting(slot, errno, &world, &buffers)
        case .syncWithoutSpace(let errno, let base):
            meetNoSpace(slot, &world)
            let keep = leaveSealedUnknown(slot, &world)
            try takeBack(
                slot, downTo: keep, unknownBelow: logs[slot].tail.written, refusal(errno), &world, &buffers)
            logs[slot].needsCut = true
            logs[slot].syncWanted = min(logs[slot].syncWanted, logs[slot].writtenEnd)
            guard logs[slot].writtenEnd > logs[slot].durableEnd || !logs[slot].unsyncedSealed.isEmpty,
                !world.isMutated(.syncWithoutSpaceRetried)
            else { return }
            try doubt(base, slot, &world, &buffers)
        }
    }

    /// Sealed segments are not cut: who waits for a batch there is told that its fate is unknown, and it stays.
    /// Returns the tail index of the first batch that may be taken back.
    private mutating func leaveSealedUnknown<W: World & ~Copyable>(_ slot: Int, _ world: inout W) -> Int {
        let writable = logs[slot].activeIndex.map { logs[slot].segments[$0].base } ?? logs[slot].writtenEnd
        var keep = logs[slot].tail.acknowledged
        while keep < logs[slot].tail.written, logs[slot].tail[keep].header.baseOffset < writable {
            if let ref = logs[slot].tail[keep].ref {
                world.mark(.requestUnknown)
                outcomes.append(.appended(ref: ref, UInt32(slot), .unknown))
                logs[slot].tail[keep].ref = nil
            }
            keep += 1
        }
        return keep
    }

    /// No more writes until a restart: what was written without being acknowledged may or may not be there then.
    private mutating func stopWriting<W: World & ~Copyable>(
        _ slot: Int, _ errno: Errno, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        logs[slot].health = world.isMutated(.writesGoOnAfterFailedSync) ? .serving : .readOnly(errno)
        logs[slot].needsCut = false
        try endDoubt(slot, &world, &buffers)
        try world.submit(.notice(Notice(.error, .syncFailed, logs[slot].incarnation, UInt64(clamping: errno.rawValue))))
        let firstAnswer = outcomes.count
        while logs[slot].tail.end > max(logs[slot].tail.acknowledged, logs[slot].tail.head) {
            let isWritten = logs[slot].tail.end <= logs[slot].tail.written && !world.isMutated(.failedSyncRefused)
            guard let batch = try takeBackLast(slot, &world, &buffers) else { break }
            guard let ref = batch.ref else { continue }
            let answer: Settled<StoredRange> = isWritten ? .unknown : .refused(.syncFailed(errno))
            if isWritten { world.mark(.requestUnknown) }
            outcomes.append(.appended(ref: ref, UInt32(slot), answer))
        }
        outcomes[firstAnswer...].reverse()
        for undone in logs[slot].undone {
            outcomes.append(.appended(ref: undone.ref, UInt32(slot), .unknown))
        }
        logs[slot].undone = []
    }

    /// A shard is gone, and with it the messages it lent. What of them waits for its write is taken back, with all
    /// that came behind it: nobody has been told of any of it. A write in flight has the bytes and goes on.
    public mutating func forgetLoans<W: World & ~Copyable>(
        of lost: ShardID, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        for slot in logs.indices {
            func isLost(_ index: Int) -> Bool { logs[slot].tail[index].messages?.buffer.owner == lost }
            let tail = logs[slot].tail
            logs[slot].isLoanLost = (tail.written..<tail.submitted).contains(where: isLost)
            guard let first = (max(tail.submitted, tail.head)..<tail.end).first(where: isLost) else { continue }
            try takeBack(slot, downTo: first, unknownBelow: 0, .unavailable, &world, &buffers)
            // An undo in progress answers for these too, once the file has been cut.
            if !logs[slot].needsCut, logs[slot].writer != .cutting { answerUndone(slot) }
        }
    }

    private func refusal(_ errno: Errno) -> StoreRefusal { errno.isNoSpace ? .noSpace : .failed(errno) }

    private func isFull(_ slot: Int) -> Bool {
        guard let active = logs[slot].activeIndex else { return false }
        return logs[slot].segments[active].classicByteCount >= settings.segmentBytes
    }

    private mutating func meetNoSpace<W: World & ~Copyable>(_ slot: Int, _ world: inout W) {
        world.mark(.diskFullMet)
        logs[slot].hasMetNoSpace = true
        outcomes.append(.noSpaceMet(UInt32(slot)))
    }

    /// How many of the batches in flight may stand in the file to their last byte.
    private func wholeCount(_ slot: Int, _ errno: Errno) -> Int {
        let inFlight = logs[slot].tail.written..<logs[slot].tail.submitted
        // Only of a lack of space it is known that nothing was written beyond what was counted.
        if !errno.isNoSpace { return inFlight.count }
        var end = 0
        return inFlight.prefix { index in
            end += Int(logs[slot].tail[index].header.totalByteCount)
            return end <= logs[slot].writeProgress
        }.count
    }

    /// Takes back the newest batches down to tail index `first`; their producers hear of it after the cut. Those
    /// below tail index `unknownBelow` stood in the file.
    private mutating func takeBack<W: World & ~Copyable>(
        _ slot: Int, downTo first: Int, unknownBelow: Int, _ refusal: StoreRefusal,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        let start = logs[slot].undone.count
        while logs[slot].tail.end > max(first, logs[slot].tail.head) {
            let wasWritten = logs[slot].tail.end <= logs[slot].tail.written
            let isUnknown = logs[slot].tail.end <= unknownBelow
            guard let batch = try takeBackLast(slot, &world, &buffers) else { break }
            if wasWritten { forget(slot, batch) }
            guard let ref = batch.ref else { continue }
            if isUnknown { world.mark(.requestUnknown) }
            logs[slot].undone.append(PartitionLog.Undone(ref: ref, refusal: refusal, isUnknown: isUnknown))
        }
        logs[slot].undone[start...].reverse()
    }

    /// A written batch goes: the segment is as it was before it.
    private mutating func forget(_ slot: Int, _ batch: Tail.Batch) {
        logs[slot].writtenEnd = batch.header.baseOffset
        logs[slot].syncedEnd = min(logs[slot].syncedEnd, logs[slot].writtenEnd)
        guard let active = logs[slot].activeIndex else { return }
        logs[slot].segments[active].end = batch.header.baseOffset
        logs[slot].segments[active].position = batch.position
        logs[slot].segments[active].classicByteCount &-= batch.header.classicByteCount
        logs[slot].segments[active].vsrBatchCount &-= UInt64(batch.header.vsrBatchCount)
        logs[slot].segments[active].index?.removeAll(from: batch.position)
        let base = logs[slot].segments[active].base
        let before = logs[slot].tail.end - 1
        if before >= logs[slot].tail.head, logs[slot].tail[before].header.baseOffset >= base {
            logs[slot].segments[active].lastTimestamp = logs[slot].tail[before].header.timestamp
        }
    }

    /// Cuts the file behind the last whole batch; true if there is nothing to wait for.
    mutating func cut<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        if logs[slot].isAllocating { return false }
        guard let active = logs[slot].activeIndex else {
            logs[slot].needsCut = false
            answerUndone(slot)
            return true
        }
        let segment = logs[slot].segments[active]
        switch try acquire(logs[slot].path(logOf: segment.base), .readWrite, slot, &world) {
        case .open(let file, _):
            logs[slot].needsCut = false
            logs[slot].writer = .cutting
            if !world.isMutated(.cutLeavesAllocation) { logs[slot].segments[active].allocatedEnd = segment.position }
            try submit(.cut, slot, &world) { .truncate(file, to: segment.position, $0) }
            return false
        case .waiting:
            return false
        case .failed(let errno):
            if rest(slot, after: errno) { return false }
            logs[slot].needsCut = false
            logs[slot].fault = .syncFailed(errno)
            return true
        }
    }

    mutating func finishCut<W: World & ~Copyable>(
        _ slot: Int, _ completion: Completion, _ world: inout W
    ) throws(MachineFailure) {
        guard let active = logs[slot].activeIndex else { throw MachineFailure("only a writable segment is cut") }
        logs[slot].writer = .idle
        try release(logs[slot].path(logOf: logs[slot].segments[active].base), &world)
        if case .failed(let errno) = completion {
            if rest(slot, after: errno) {
                logs[slot].needsCut = true
                return
            }
            // The bytes may still be there: whoever was waiting can't be told that nothing happened.
            logs[slot].fault = .syncFailed(errno)
            return
        }
        logs[slot].failuresInRow = 0
        logs[slot].cut = world.isMutated(.cutCountsAsDurable) ? .durable : .volatile
        answerUndone(slot)
    }

    private mutating func answerUndone(_ slot: Int) {
        for undone in logs[slot].undone {
            outcomes.append(.appended(ref: undone.ref, UInt32(slot), undone.answer))
        }
        logs[slot].undone.removeAll(keepingCapacity: true)
    }
}
