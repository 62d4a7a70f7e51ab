public import Platform
import Primitives

// Stored offsets: records gather while a write is in flight, and go out together; each is answered and visible when
// its level is reached.

extension PartitionStore {
    /// Stores a consumer's offset; it may go back, but never beyond what is readable. The outcome is `.offsetSettled`.
    public mutating func storeOffset<W: World & ~Copyable>(
        _ slot: PartitionSlot, _ key: ConsumerKey, _ offset: UInt64, ref: UInt64, _ world: inout W
    ) {
        guard offsetsAccept(slot, key, ref) else { return }
        let end = logs[Int(slot)].readableEnd
        let isBeyond = offset >= end && !(world.isMutated(.endOfLogStored) && offset == end)
        if isBeyond, !world.isMutated(.offsetPastEndStored) {
            let refusal = StoreRefusal.offsetPastEnd(last: end == 0 ? nil : end - 1)
            return outcomes.append(.offsetSettled(ref: ref, slot, key, .refused(refusal)))
        }
        let least = world.isMutated(.offsetNeverGoesBack) ? logs[Int(slot)].offsets.value(of: key) ?? 0 : 0
        logs[Int(slot)].offsets.pending.append(OffsetStore.Pending(record: .store(key, max(offset, least)), ref: ref))
        dirty.append(Int(slot))
    }

    /// Forgets a consumer's offset. The outcome is `.offsetSettled`.
    public mutating func deleteOffset(_ slot: PartitionSlot, _ key: ConsumerKey, ref: UInt64) {
        guard offsetsAccept(slot, key, ref) else { return }
        if logs[Int(slot)].offsets.pendingValue(of: key) == nil {
            return outcomes.append(.offsetSettled(ref: ref, slot, key, .refused(.nothingStored)))
        }
        logs[Int(slot)].offsets.pending.append(OffsetStore.Pending(record: .delete(key), ref: ref))
        dirty.append(Int(slot))
    }

    private mutating func offsetsAccept(_ slot: PartitionSlot, _ key: ConsumerKey, _ ref: UInt64) -> Bool {
        var refusal: StoreRefusal?
        if !has(slot) {
            refusal = .unavailable
        } else if let errno = logs[Int(slot)].offsets.failure {
            refusal = .syncFailed(errno)
        } else {
            switch logs[Int(slot)].health {
            case .serving, .readOnly: break
            case .free, .opening, .quarantined, .stopping, .removing: refusal = logs[Int(slot)].refusal
            }
        }
        guard let refusal else { return true }
        outcomes.append(.offsetSettled(ref: ref, slot, key, .refused(refusal)))
        return false
    }

    func offsetsSyncFirst(_ slot: Int) -> Bool {
        settings.offsetsLevel == .power || logs[slot].level == .power
    }

    /// Nobody is answered before the sync. What recovery records counts only when it is durable, at every level.
    private func isOffsetsSyncAwaited(_ slot: Int) -> Bool {
        offsetsSyncFirst(slot) || logs[slot].health == .opening
    }

    mutating func driveOffsets<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        switch logs[slot].health {
        case .free, .opening, .quarantined, .removing: return
        case .serving, .readOnly, .stopping: try pushOffsets(slot, &world, &buffers)
        }
    }

    /// The same, for recovery too, which settles its own records before the partition opens.
    mutating func pushOffsets<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        if logs[slot].isResting { return }
        switch logs[slot].offsets.phase {
        case .cutOpening: return try submitOffsetsCut(slot, &world)
        case .compactOpening: return try beginCompaction(slot, &world, &buffers)
        case .compactClosing: return try unlinkCompaction(slot, &world)
        default: break
        }
        guard logs[slot].offsets.phase == .idle, logs[slot].offsets.failure == nil, !logs[slot].isHungry else { return }
        // Written, and waiting for the sync that its answer needs: the file was closed meanwhile.
        if logs[slot].offsets.inFlight > 0 { return try syncOffsets(slot, &world, &buffers) }
        if logs[slot].offsets.isDoubtful, !logs[slot].offsets.isStuck {
            return try beginCompaction(slot, &world, &buffers)
        }
        if !logs[slot].offsets.pending.isEmpty {
            if logs[slot].offsets.isNameDoubtful {
                let errno = logs[slot].offsets.compactFailure ?? .inputOutput
                return refuseOffsets(slot, logs[slot].offsets.pending.count, .failed(errno))
            }
            if logs[slot].offsets.isStuck, isOffsetsSyncAwaited(slot) {
                return refuseOffsets(slot, logs[slot].offsets.pending.count, .noSpace)
            }
            return try writeOffsets(slot, &world, &buffers)
        }
        if logs[slot].offsets.isStuck { return }
        if isCompactionDue(slot) { return try beginCompaction(slot, &world, &buffers) }
        if logs[slot].offsets.isSyncWanted { try syncOffsets(slot, &world, &buffers) }
    }

    // MARK: Writing

    private mutating func writeOffsets<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard logs[slot].hasDirectory else { return refuseOffsets(slot, logs[slot].offsets.pending.count, .unavailable) }
        let path = Path.offsets(incarnation: logs[slot].incarnation)
        let file: FileID
        switch try acquire(path, logs[slot].offsets.hasFile ? .readWrite : .create, slot, &world) {
        case .waiting: return
        case .failed(let errno): return refuseOffsets(slot, logs[slot].offsets.pending.count, refusal(errno, slot))
        case .open(let opened, _): file = opened
        }
        let records = logs[slot].offsets.pending.map(\.record)
        guard try fillOffsetsBuffer(slot, records, from: logs[slot].offsets.nextSequence, durable: logs[slot].offsets.durableFileEnd, &world, &buffers)
        else {
            try release(path, &world)
            return wait(forMemory: slot)
        }
        logs[slot].offsets.inFlight = records.count
        logs[slot].offsets.phase = .writing
        try submitOffsetsWrite(slot, .write, file, at: logs[slot].offsets.fileEnd, &world)
    }

    private mutating func fillOffsetsBuffer<W: World & ~Copyable>(
        _ slot: Int, _ records: [OffsetRecord], from sequence: UInt64, durable: Int64,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        let each = RecordCodec.headByteCount + OffsetRecord.byteCount
        var writer = ByteWriter(reserving: records.count * each)
        var sequence = sequence
        for record in records {
            RecordCodec.append(
                body: record.encode(durable: durable), sequence: sequence, owner: logs[slot].incarnation, to: &writer)
            sequence += 1
        }
        return try fillOffsetsBuffer(slot, writer.bytes, &world, &buffers)
    }

    mutating func fillCompactBuffer<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        if let bytes = logs[slot].offsets.copyDue { return try fillOffsetsBuffer(slot, bytes, &world, &buffers) }
        return try fillOffsetsBuffer(
            slot, logs[slot].offsets.compacted, from: 0, durable: 0, &world, &buffers)
    }

    private mutating func fillOffsetsBuffer<W: World & ~Copyable>(
        _ slot: Int, _ content: [UInt8], _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        guard let buffer = try buffers.allocate(byteCount: content.count, &world) else { return false }
        var bytes = try world.mutableBytes(of: Slice(buffer, position: 0, byteCount: UInt32(content.count)))
        try invariant(bytes.store(content.rawSpan, at: 0), "records fit their buffer")
        logs[slot].offsets.buffer = buffer
        logs[slot].offsets.bufferByteCount = content.count
        logs[slot].offsets.progress = 0
        return true
    }

    mutating func submitOffsetsWrite<W: World & ~Copyable>(
        _ slot: Int, _ step: OffsetsStep, _ file: FileID, at position: Int64, _ world: inout W
    ) throws(MachineFailure) {
        guard let buffer = logs[slot].offsets.buffer else { throw MachineFailure("records being written have a buffer") }
        let done = logs[slot].offsets.progress
        slices.removeAll(keepingCapacity: true)
        slices.append(
            Slice(buffer, position: UInt32(done), byteCount: UInt32(logs[slot].offsets.bufferByteCount - done)))
        logs[slot].inFlightCount += 1
        try world.submit(
            .write(file, at: position + Int64(done), slices: 1, operations.begin(.offsets(step), slot: slot)),
            slices.span)
    }

    mutating func giveOffsetsBuffer<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        if let buffer = logs[slot].offsets.buffer { try buffers.release(buffer, &world) }
        logs[slot].offsets.buffer = nil
    }

    private mutating func syncOffsets<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        let isDurable =
            logs[slot].offsets.fileEnd <= logs[slot].offsets.durableFileEnd && !logs[slot].offsets.isCutVolatile
        guard logs[slot].offsets.hasFile, !isDurable else {
            logs[slot].offsets.isSyncWanted = false
            return
        }
        if logs[slot].offsets.isEntryDirty, !world.isMutated(.offsetsNameNotSynced) {
            logs[slot].offsets.phase = .syncingDirectory
            let directory = Directory.partition(incarnation: logs[slot].incarnation)
            return try submit(.offsets(.syncDirectory), slot, &world) { .syncDirectory(directory, $0) }
        }
        switch try acquire(.offsets(incarnation: logs[slot].incarnation), .readWrite, slot, &world) {
        case .waiting: return
        case .failed(let errno): restOrFailOffsets(slot, errno)
        case .open(let file, _):
            logs[slot].offsets.isSyncWanted = false
            logs[slot].offsets.phase = .syncing
            try submit(.offsets(.sync), slot, &world) { .sync(file, $0) }
        }
    }

    // MARK: Completions

    mutating func finishOffsets<W: World & ~Copyable>(
        _ step: OffsetsStep, _ slot: Int, _ completion: Completion,
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        let path = Path.offsets(incarnation: logs[slot].incarnation)
        switch step {
        case .write:
            // Released last: as long as it is pinned it is open for what follows.
            try finishOffsetsWrite(slot, completion, &world, &buffers, at: now)
            try release(path, &world)
        case .sync:
            try release(path, &world)
            logs[slot].offsets.phase = .idle
            if case .failed(let errno) = completion, !world.isMutated(.offsetsSyncErrorIgnored) {
                logs[slot].offsets.isDoubtful = errno.isNoSpace
                return try offsetsSyncFailed(slot, errno, &world)
            }
            logs[slot].offsets.failuresInRow = 0
            logs[slot].offsets.durableFileEnd = logs[slot].offsets.fileEnd
            logs[slot].offsets.isCutVolatile = false
            settleOffsets(slot, &world)
        case .syncDirectory:
            logs[slot].offsets.phase = .idle
            if case .failed(let errno) = completion { return try offsetsEntryFailed(slot, errno, &world) }
            logs[slot].offsets.isEntryDirty = false
            try syncOffsets(slot, &world, &buffers)
        case .cut:
            try release(path, &world)
            logs[slot].offsets.phase = .idle
            if case .failed(let errno) = completion {
                logs[slot].offsets.phase = .cutOpening
                return restOrFailOffsets(slot, errno)
            }
            logs[slot].offsets.failuresInRow = 0
            logs[slot].offsets.isCutVolatile = true
            answerCutOffsets(slot, &world)
        case .compactWrite, .compactSync, .compactRename, .compactDirectory, .compactUnlink:
            try finishCompaction(step, slot, completion, &world, &buffers)
        }
    }

    private mutating func finishOffsetsWrite<W: World & ~Copyable>(
        _ slot: Int, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        let path = Path.offsets(incarnation: logs[slot].incarnation)
        if case .done(let count) = completion, count > 0 {
            logs[slot].offsets.progress += count
            let isWhole = logs[slot].offsets.progress >= logs[slot].offsets.bufferByteCount
            if !isWhole {
                if case .open(let file, _) = try acquire(path, .readWrite, slot, &world) {
                    return try submitOffsetsWrite(slot, .write, file, at: logs[slot].offsets.fileEnd, &world)
                }
                try giveOffsetsBuffer(slot, &world, &buffers)
                return failOffsets(slot, .inputOutput)
            }
            try giveOffsetsBuffer(slot, &world, &buffers)
            logs[slot].offsets.phase = .idle
            logs[slot].offsets.fileEnd += Int64(logs[slot].offsets.bufferByteCount)
            logs[slot].offsets.nextSequence += UInt64(logs[slot].offsets.inFlight)
            if isOffsetsSyncAwaited(slot), !world.isMutated(.offsetAcknowledgedBeforeSync) {
                logs[slot].offsets.isSyncWanted = true
                return try syncOffsets(slot, &world, &buffers)
            }
            settleOffsets(slot, &world)
            return noteUnsynced(slot, at: now)
        }
        try giveOffsetsBuffer(slot, &world, &buffers)
        var errno = Errno.inputOutput
        if case .failed(let given) = completion { errno = given }
        try cutOffsets(slot, errno, &world)
    }

    /// Without room the records that waited for the sync are cut, and the rest waits for the next tick: the file may
    /// have lost what looks written, so it is made anew from memory. Other failed syncs can't be put right.
    private mutating func offsetsSyncFailed<W: World & ~Copyable>(
        _ slot: Int, _ errno: Errno, _ world: inout W
    ) throws(MachineFailure) {
        guard errno.isNoSpace else { return failOffsets(slot, errno) }
        logs[slot].offsets.isStuck = true
        logs[slot].offsets.isSyncWanted = true
        waitForTick(slot)
        if logs[slot].offsets.inFlight == 0 { return outcomes.append(.noSpaceMet(UInt32(slot))) }
        logs[slot].offsets.fileEnd -= Int64(logs[slot].offsets.bufferByteCount)
        logs[slot].offsets.nextSequence -= UInt64(logs[slot].offsets.inFlight)
        try cutOffsets(slot, errno, &world)
    }

    /// The sync of the directory failed. One that could not begin is only tried again.
    mutating func offsetsEntryFailed<W: World & ~Copyable>(
        _ slot: Int, _ errno: Errno, _ world: inout W
    ) throws(MachineFailure) {
        guard errno.isNoDescriptor else { return try offsetsSyncFailed(slot, errno, &world) }
        logs[slot].offsets.isSyncWanted = true
        restOrFailOffsets(slot, errno)
    }

    /// What failed is made again after a rest, unless it has failed too often.
    private mutating func restOrFailOffsets(_ slot: Int, _ errno: Errno) {
        if !rest(slot, after: errno, counting: \.offsets.failuresInRow) { failOffsets(slot, errno) }
    }

    /// Cuts the file behind its last whole record; the records in flight are answered then. Those that may have
    /// reached the file to their last byte are unknown: the cut is not durable, and a power cut could bring them back.
    private mutating func cutOffsets<W: World & ~Copyable>(
        _ slot: Int, _ errno: Errno, _ world: inout W
    ) throws(MachineFailure) {
        // Only of a lack of space it is known that nothing was written beyond what was counted.
        let whole = logs[slot].offsets.progress / (RecordCodec.headByteCount + OffsetRecord.byteCount)
        let unknown = errno.isNoSpace ? whole : logs[slot].offsets.inFlight
        logs[slot].offsets.cut = OffsetStore.Cut(
            errno: errno, unknownCount: world.isMutated(.failedOffsetRefused) ? 0 : unknown)
        if errno.isNoSpace { outcomes.append(.noSpaceMet(UInt32(slot))) }
        logs[slot].offsets.phase = .cutOpening
        try submitOffsetsCut(slot, &world)
    }

    private mutating func submitOffsetsCut<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W
    ) throws(MachineFailure) {
        switch try acquire(.offsets(incarnation: logs[slot].incarnation), .readWrite, slot, &world) {
        case .waiting: return
        case .failed(let errno): restOrFailOffsets(slot, errno)
        case .open(let file, _):
            logs[slot].offsets.phase = .cutting
            let end = logs[slot].offsets.fileEnd
            try submit(.offsets(.cut), slot, &world) { .truncate(file, to: end, $0) }
        }
    }

    /// The records in flight count: they are visible and answered.
    private mutating func settleOffsets<W: World & ~Copyable>(_ slot: Int, _ world: inout W) {
        let count = logs[slot].offsets.inFlight
        for item in logs[slot].offsets.pending.prefix(count) {
            logs[slot].offsets.apply(item.record)
            if let ref = item.ref, let key = item.record.key {
                world.mark(.offsetStored)
                outcomes.append(.offsetSettled(ref: ref, UInt32(slot), key, .done(NoValue())))
            }
        }
        logs[slot].offsets.pending.removeFirst(count)
        logs[slot].offsets.inFlight = 0
    }

    /// The file is as it was before the records in flight.
    private mutating func answerCutOffsets<W: World & ~Copyable>(_ slot: Int, _ world: inout W) {
        guard let cut = logs[slot].offsets.cut else { return }
        logs[slot].offsets.cut = nil
        for item in logs[slot].offsets.pending.prefix(cut.unknownCount) {
            guard let ref = item.ref, let key = item.record.key else { continue }
            world.mark(.requestUnknown)
            outcomes.append(.offsetSettled(ref: ref, UInt32(slot), key, .unknown))
        }
        logs[slot].offsets.pending.removeFirst(cut.unknownCount)
        let refusedCount = logs[slot].offsets.inFlight - cut.unknownCount
        refuseOffsets(slot, refusedCount, cut.errno.isNoSpace ? .noSpace : .failed(cut.errno))
    }

    private mutating func refuseOffsets(_ slot: Int, _ count: Int, _ refusal: StoreRefusal) {
        for item in logs[slot].offsets.pending.prefix(count) {
            if let ref = item.ref, let key = item.record.key {
                outcomes.append(.offsetSettled(ref: ref, UInt32(slot), key, .refused(refusal)))
            }
        }
        logs[slot].offsets.pending.removeFirst(count)
        logs[slot].offsets.inFlight = 0
        ready.append(slot)
    }

    private mutating func refusal(_ errno: Errno, _ slot: Int) -> StoreRefusal {
        if errno.isNoSpace {
            outcomes.append(.noSpaceMet(UInt32(slot)))
            return .noSpace
        }
        return .failed(errno)
    }

    /// A sync or an undo failed: what the file holds is no longer known, so nothing more is stored.
    mutating func failOffsets(_ slot: Int, _ errno: Errno) {
        logs[slot].offsets.phase = .idle
        logs[slot].offsets.failure = errno
        logs[slot].offsets.cut = nil
        logs[slot].offsets.copyDue = nil
        logs[slot].offsets.isSyncWanted = false
        for (index, item) in logs[slot].offsets.pending.enumerated() {
            guard let ref = item.ref, let key = item.record.key else { continue }
            let answer: Settled<NoValue> = index < logs[slot].offsets.inFlight ? .unknown : .refused(.syncFailed(errno))
            outcomes.append(.offsetSettled(ref: ref, UInt32(slot), key, answer))
        }
        logs[slot].offsets.pending = []
        logs[slot].offsets.inFlight = 0
    }
}

extension OffsetRecord {
    var key: ConsumerKey? {
        switch self {
        case .store(let key, _), .delete(let key): key
        case .epoch, .closed: nil
        }
    }
}
