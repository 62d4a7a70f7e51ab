public import Platform
import Primitives

// Appending: stamp in place, queue for the write, acknowledge in order as levels are reached.

extension PartitionStore {
    /// Appends messages as one batch, whole or not at all. The outcome is `.appended`.
    public mutating func append<W: World & ~Copyable>(
        _ slot: PartitionSlot, _ request: AppendRequest, ref: UInt64,
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        guard has(slot) else { return refuseAppend(ref, slot, .unavailable) }
        let slot = Int(slot)
        if let refusal = appendRefusal(slot, request) { return refuseAppend(ref, UInt32(slot), refusal) }

        let base = logs[slot].nextOffset
        let last = world.isMutated(.timestampFollowsClock) ? 0 : logs[slot].lastTimestamp
        var stamped = now.timestamp
        if world.isMutated(.timestampFromMonotonicClock) { stamped = UInt64(clamping: now.nanoseconds / 1_000) }
        if world.isMutated(.timestampStandsStill), last > 0 { stamped = last }
        let timestamp = max(stamped, last)
        var ids = BatchBody.IDs(world.entropy(), world.entropy())
        guard
            let sum = try stamp(request, baseOffset: base, timestamp: timestamp, &ids, &world)
        else { return refuseAppend(ref, UInt32(slot), .malformed) }

        try buffers.retain(request.messages.buffer)
        let header = BatchHeader(
            dialect: request.dialect, level: level(slot, request), bodyChecksum: sum,
            incarnation: logs[slot].incarnation, baseOffset: base, messageCount: request.messageCount, epoch: logs[slot].epoch,
            bodyByteCount: UInt64(request.messages.byteCount), classicByteCount: request.classicByteCount,
            timestamp: timestamp, minOrigin: request.minOrigin, durableEnd: 0, vsrBatchCount: request.vsrBatchCount)
        let cost = try tailCost(slot, request.messages, &world)
        logs[slot].tail.push(Tail.Batch(header: header, messages: request.messages, ref: ref, costBytes: cost))
        tailBytes += cost
        logs[slot].unreadByteCount += Int64(request.messages.byteCount)
        logs[slot].nextOffset = header.endOffset
        logs[slot].lastTimestamp = timestamp
        logs[slot].isStuck = false
        logs[slot].isHungry = false
        if header.level == .memory { try settleAppends(slot, &world, &buffers) }
        dirty.append(slot)
    }

    /// The first batch behind an end that is vouched for waits for `power`, whatever was asked. Were it lost, and all
    /// that came after it, the log would end as vouched again: nobody would know that its offset had been given out.
    private func level(_ slot: Int, _ request: AppendRequest) -> Durability {
        if logs[slot].offsets.vouchedEnd == logs[slot].nextOffset { return .power }
        return max(logs[slot].level, request.level)
    }

    private func appendRefusal(_ slot: Int, _ request: AppendRequest) -> StoreRefusal? {
        if let refusal = logs[slot].refusal { return refusal }
        if let fault = logs[slot].fault {
            switch fault {
            case .syncWithoutSpace: return .noSpace
            case .syncFailed(let errno): return .syncFailed(errno)
            }
        }
        if logs[slot].doubt != nil { return .noSpace }
        if logs[slot].tail.pendingCount >= settings.batchesPendingMax { return .busy }
        guard request.messageCount > 0, UInt64(request.messages.byteCount) <= settings.bodyBytesMax,
            request.classicByteCount <= 1 << 40,
            logs[slot].nextOffset <= UInt64.max - UInt64(request.messageCount)
        else { return .malformed }
        return nil
    }

    private mutating func refuseAppend(_ ref: UInt64, _ slot: PartitionSlot, _ refusal: StoreRefusal) {
        outcomes.append(.appended(ref: ref, slot, .refused(refusal)))
    }

    private func stamp<W: World & ~Copyable>(
        _ request: AppendRequest, baseOffset: UInt64, timestamp: UInt64, _ ids: inout BatchBody.IDs,
        _ world: inout W
    ) throws(MachineFailure) -> UInt64? {
        var bytes = try world.mutableBytes(of: request.messages)
        return BatchBody.stamp(
            &bytes, dialect: request.dialect, count: request.messageCount, baseOffset: baseOffset,
            timestamp: timestamp, ids: &ids)
    }

    /// A buffer that the batch before already holds costs nothing again.
    private func tailCost<W: World & ~Copyable>(
        _ slot: Int, _ messages: Slice, _ world: inout W
    ) throws(MachineFailure) -> Int {
        if let last = logs[slot].tail.batches.last, logs[slot].tail.count > 0, last.messages?.buffer == messages.buffer {
            return 0
        }
        return try world.byteCount(of: messages.buffer)
    }

    // MARK: Acknowledging

    /// Answers every batch whose level is reached, in order, and lets readers see it.
    mutating func settleAppends<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        while logs[slot].tail.acknowledged < logs[slot].tail.end {
            let index = logs[slot].tail.acknowledged
            let batch = logs[slot].tail[index]
            guard isReached(slot, index, batch, &world, buffers) else { break }
            logs[slot].tail.acknowledged += 1
            logs[slot].readableEnd = max(logs[slot].readableEnd, batch.header.endOffset)
            guard let ref = batch.ref else { continue }
            outcomes.append(
                .appended(
                    ref: ref, UInt32(slot),
                    .done(
                        StoredRange(
                            first: batch.header.baseOffset, last: batch.header.endOffset - 1,
                            timestamp: batch.header.timestamp))))
        }
        try evictTail(slot, &world, &buffers)
    }

    private func isReached<W: World & ~Copyable>(
        _ slot: Int, _ index: Int, _ batch: Tail.Batch, _ world: inout W, _ buffers: BufferLedger
    ) -> Bool {
        let isWritten = index < logs[slot].tail.written
        switch batch.header.level {
        case .memory:
            // A lent buffer goes home with the answer, and offsets may be given out again after a crash that finds
            // no directory: both wait for the disk at this level too.
            let isOwn = batch.messages.map { !buffers.isForeign($0.buffer) } ?? false
            return isWritten || (isOwn && logs[slot].hasDirectory)
        case .process: return isWritten || world.isMutated(.acknowledgeBeforeWrite)
        case .power:
            if world.isMutated(.acknowledgeBeforeSync) { return isWritten }
            return isWritten && batch.header.endOffset <= logs[slot].durableEnd
        }
    }

    // MARK: Keeping

    /// Lets the oldest batches go until the tails fit their bounds again; all that may go, where nobody reads.
    mutating func evictTail<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        let isUnread = logs[slot].unreadByteCount > settings.tailUnreadBytesMax
        while isUnread || logs[slot].tail.count > settings.tailBatchesMax, try dropFirst(slot, &world, &buffers) {}
        while tailBytes > settings.tailBytesMax, try dropFirst(slot, &world, &buffers) {}
        if logs[slot].tail.evictable != nil { evictable.append(slot) }
        while tailBytes > settings.tailBytesMax, let next = evictable.popFirst() {
            while tailBytes > settings.tailBytesMax, try dropFirst(next, &world, &buffers) {}
            if logs[next].tail.evictable != nil { evictable.append(next) }
        }
    }

    private mutating func dropFirst<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        guard let batch = logs[slot].tail.evictable else { return false }
        tailBytes -= logs[slot].tail.dropFirst()
        if let messages = batch.messages { try buffers.release(messages.buffer, &world) }
        return true
    }

    /// Takes back the newest batch, which nobody has been told of; its buffer is released.
    mutating func takeBackLast<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Tail.Batch? {
        guard let batch = logs[slot].tail.popLast() else { return nil }
        tailBytes -= batch.costBytes
        if let block = batch.block { slab.give(block) }
        if let messages = batch.messages { try buffers.release(messages.buffer, &world) }
        logs[slot].nextOffset = batch.header.baseOffset
        return batch
    }

    mutating func dropTail<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        while let batch = logs[slot].tail.popLast() {
            tailBytes -= batch.costBytes
            if let block = batch.block { slab.give(block) }
            if let messages = batch.messages { try buffers.release(messages.buffer, &world) }
        }
    }
}
