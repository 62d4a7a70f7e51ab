import Platform

// `offsets.log` is rewritten when most of it is history: under another name, synced, then renamed over the old one.

extension PartitionStore {
    func isCompactionDue(_ slot: Int) -> Bool {
        let each = Int64(RecordCodec.headByteCount + OffsetRecord.byteCount)
        let store = logs[slot].offsets
        return store.copyDue != nil || store.fileEnd > settings.offsetsCompactBytes && store.fileEnd > store.compactAfter
            && store.fileEnd > 4 * each * Int64(store.entries.count + 1)
    }

    mutating func beginCompaction<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        let path = Path.offsetsTemporary(incarnation: logs[slot].incarnation)
        // Whatever comes while it opens: what has been begun ends in the new file or in none.
        logs[slot].offsets.phase = .compactOpening
        switch try acquire(path, .replace, slot, &world) {
        case .waiting: return
        case .failed(let errno): return try abandonCompaction(slot, errno, &world)
        case .open(let file, _):
            if logs[slot].offsets.copyDue == nil, logs[slot].offsets.compacted.isEmpty {
                logs[slot].offsets.phase = .compactSyncing
                return try submit(.offsets(.compactSync), slot, &world) { .sync(file, $0) }
            }
            guard try fillCompactBuffer(slot, &world, &buffers) else {
                try release(path, &world)
                return try abandonCompaction(slot, .outOfMemory, &world)
            }
            logs[slot].offsets.phase = .compactWriting
            try submitOffsetsWrite(slot, .compactWrite, file, at: 0, &world)
        }
    }

    /// The file stays as it is; what was made of the new one goes.
    private mutating func abandonCompaction<W: World & ~Copyable>(
        _ slot: Int, _ errno: Errno, _ world: inout W
    ) throws(MachineFailure) {
        logs[slot].offsets.phase = .compactClosing
        logs[slot].offsets.compactFailure = errno
        logs[slot].offsets.copyDue = nil
        logs[slot].offsets.compactAfter = 2 * logs[slot].offsets.fileEnd
        if logs[slot].offsets.isDoubtful {
            logs[slot].offsets.isStuck = true
            waitForTick(slot)
        }
        try files.discard(.offsetsTemporary(incarnation: logs[slot].incarnation), &world, &operations)
        try unlinkCompaction(slot, &world)
    }

    mutating func unlinkCompaction<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W
    ) throws(MachineFailure) {
        let path = Path.offsetsTemporary(incarnation: logs[slot].incarnation)
        if files.holds(path) { return }
        logs[slot].offsets.phase = .compactUnlinking
        try submit(.offsets(.compactUnlink), slot, &world) { .unlink(path, $0) }
    }

    /// Either file may be the one that is found now, so no position in it is known. Both say the same: another one is
    /// made and renamed, until that succeeds. A recovery begins again instead.
    private mutating func renameFailed<W: World & ~Copyable>(
        _ slot: Int, _ errno: Errno, _ world: inout W
    ) throws(MachineFailure) {
        guard logs[slot].health != .opening, rest(slot, after: errno, counting: \.offsets.failuresInRow) else {
            return failOffsets(slot, errno)
        }
        logs[slot].offsets.isNameDoubtful = true
        logs[slot].offsets.isDoubtful = true
        try abandonCompaction(slot, errno, &world)
    }

    mutating func finishCompaction<W: World & ~Copyable>(
        _ step: OffsetsStep, _ slot: Int, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        let incarnation = logs[slot].incarnation
        let temporary = Path.offsetsTemporary(incarnation: incarnation)
        var failure: Errno?
        if case .failed(let errno) = completion { failure = errno }
        switch step {
        case .compactWrite:
            try giveOffsetsBuffer(slot, &world, &buffers)
            var isWhole = false
            if case .done(let count) = completion { isWhole = count == logs[slot].offsets.bufferByteCount }
            if world.isMutated(.halfCompactionRenamed) { isWhole = failure == nil }
            if isWhole, case .open(let file, _) = try acquire(temporary, .readWrite, slot, &world) {
                try release(temporary, &world)
                logs[slot].offsets.phase = .compactSyncing
                return try submit(.offsets(.compactSync), slot, &world) { .sync(file, $0) }
            }
            try release(temporary, &world)
            // Part of it was taken: the volume had no room for the rest.
            try abandonCompaction(slot, failure ?? .noSpace, &world)
        case .compactSync:
            try release(temporary, &world)
            try files.discard(temporary, &world, &operations)
            if let failure { return try abandonCompaction(slot, failure, &world) }
            try files.discard(.offsets(incarnation: incarnation), &world, &operations)
            logs[slot].offsets.phase = .compactRenaming
            try submit(.offsets(.compactRename), slot, &world) {
                .rename(temporary, to: .offsets(incarnation: incarnation), $0)
            }
        case .compactRename:
            if case .failed(let errno) = completion {
                if errno.isNoSpace { return try abandonCompaction(slot, errno, &world) }
                return try renameFailed(slot, errno, &world)
            }
            world.mark(.offsetsCompacted)
            logs[slot].offsets.isNameDoubtful = false
            logs[slot].offsets.failuresInRow = 0
            if logs[slot].offsets.copyDue == nil {
                let records = logs[slot].offsets.compacted.count
                logs[slot].offsets.fileEnd = Int64(records * (RecordCodec.headByteCount + OffsetRecord.byteCount))
                if !world.isMutated(.sequenceKeptOverCompaction) { logs[slot].offsets.nextSequence = UInt64(records) }
            }
            logs[slot].offsets.phase = .compactDirectory
            try submit(.offsets(.compactDirectory), slot, &world) {
                .syncDirectory(.partition(incarnation: incarnation), $0)
            }
        case .compactDirectory:
            logs[slot].offsets.phase = .idle
            logs[slot].offsets.isDoubtful = false
            logs[slot].offsets.copyDue = nil
            // Until the name is durable too, nothing of it is.
            logs[slot].offsets.isEntryDirty = true
            logs[slot].offsets.durableFileEnd = 0
            if case .failed(let errno) = completion { return try offsetsEntryFailed(slot, errno, &world) }
            logs[slot].offsets.isEntryDirty = false
            logs[slot].offsets.isCutVolatile = false
            logs[slot].offsets.durableFileEnd = logs[slot].offsets.fileEnd
        case .compactUnlink:
            // If it can't be unlinked the next start does it.
            logs[slot].offsets.phase = .idle
        case .write, .sync, .syncDirectory, .cut: throw MachineFailure("compaction finishes only its own steps")
        }
    }
}
