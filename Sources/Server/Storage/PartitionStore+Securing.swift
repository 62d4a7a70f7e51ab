import Platform

// What the process before wrote may be lost although it is there.
//
// A failed sync leaves pages that look clean in the page cache and never reach the disk; a later sync, of this process
// or the next, answers well and does not bring them. Whether a sync failed is not known for sure: the process may have
// ended before it could say so. Nor is it known for sure that what is found comes from the disk: a start that found no
// room to note its boot has served and written all the same. So every recovery writes everything once more that no
// header, seal or record vouches for, as it is. Then the pages are dirty again, and the next sync that succeeds has
// brought them.

extension PartitionStore {
    /// Plans to write again what may not be durable, and at `power` to sync it: there nothing is readable that is not
    /// durable. False once that has been planned.
    mutating func secure<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W
    ) throws(MachineFailure) -> Bool {
        if recovery.hasSecured || world.isMutated(.recoveryTrustsPageCache) { return false }
        recovery.hasSecured = true
        let planned = recovery.actions.count
        // The entry of a directory with files was durable before the first of them was made.
        if recovery.found.isEmpty, !recovery.hasOffsets { recovery.actions.append(.syncParent) }
        let certainEnd = recovery.durableEnd + (world.isMutated(.securingOffByOne) ? 1 : 0)
        let doubtful = recovery.found.filter { $0.segment.end >= certainEnd && !$0.tail.isEmpty }
        let promised = recovery.hasPromised ? doubtful.filter { $0.segment.end > recovery.durableEnd } : []
        planCopies(slot, world.isMutated(.tailRewrittenWithoutCopy) ? [] : promised, &recovery)
        let hasCuts = recovery.offsetsTail == .dispensable || (promised.isEmpty && !doubtful.isEmpty)
        if hasCuts, !world.isMutated(.cutNotSyncedBeforeRewrite) { settleCuts(slot, &recovery) }
        if recovery.offsetsTail == .dispensable { rewriteOffsets(slot, &recovery) }
        for found in doubtful {
            recovery.actions.append(.rewrite(logs[slot].path(logOf: found.segment.base), found.tail))
        }
        if !promised.isEmpty || (logs[slot].level == .power && !doubtful.isEmpty) {
            for found in doubtful { recovery.actions.append(.sync(logs[slot].path(logOf: found.segment.base))) }
            recovery.actions.append(.syncDirectory)
            recovery.hasSynced = true
        }
        if !promised.isEmpty {
            for found in promised { recovery.actions.append(.unlink(logs[slot].path(tailOf: found.segment.base))) }
            recovery.actions.append(.syncDirectory)
        }
        return recovery.actions.count > planned
    }

    /// What is written over without a copy may be torn by a power cut. Nothing that vouches for it may come back then:
    /// what this start or a process before it has cut off is gone for good before the first byte is written.
    private func settleCuts(_ slot: Int, _ recovery: inout Recovery) {
        for found in recovery.found where found.segment.end >= recovery.durableEnd {
            recovery.actions.append(.sync(logs[slot].path(logOf: found.segment.base)))
        }
        if recovery.hasOffsets { recovery.actions.append(.sync(.offsets(incarnation: logs[slot].incarnation))) }
        recovery.actions.append(.syncDirectory)
    }

    /// Writes the next piece of a file once more.
    mutating func rewrite<W: World & ~Copyable>(
        _ slot: Int, _ path: Path, _ range: Range<Int64>, _ recovery: inout Recovery,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        let position = range.lowerBound + recovery.rewritten
        if position >= range.upperBound {
            recovery.rewritten = 0
            recovery.nextAction += 1
            return .again
        }
        let byteCount = Int(min(Int64(settings.readPieceBytes), range.upperBound - position))
        var length = range.upperBound
        let start: Int
        switch try look(
            slot, &recovery, path, at: position, need: byteCount, prefer: settings.readPieceBytes, &length, &world,
            &buffers) {
        case .ready(let found): start = found
        case .short: return .quarantined(unreadable(.inputOutput))
        case .step(let step): return step
        }
        return try writeAgain(
            slot, path, try recovery.window.slice(start, byteCount), at: position, &recovery, &world)
    }

    mutating func writeAgain<W: World & ~Copyable>(
        _ slot: Int, _ path: Path, _ slice: Slice, at position: Int64, mode: OpenMode = .readWrite,
        _ recovery: inout Recovery, _ world: inout W
    ) throws(MachineFailure) -> RecoveryStep {
        switch try acquire(path, mode, slot, &world) {
        case .waiting: return .waiting
        case .failed(let errno): return .quarantined(unreadable(errno))
        case .open(let file, _):
            recovery.pinned = path
            recovery.isBusy = true
            recovery.isRewriting = true
            slices.removeAll(keepingCapacity: true)
            slices.append(slice)
            logs[slot].inFlightCount += 1
            try world.submit(
                .write(file, at: position, slices: 1, operations.begin(.recovery, slot: slot)), slices.span)
            return .waiting
        }
    }

    // MARK: Seals

    /// Where a seal is damaged although the next segment begins where the batches end, that says the same: the seal
    /// is made again.
    mutating func mendSeals(_ slot: Int, _ recovery: inout Recovery) {
        for place in recovery.found.indices.dropLast() where !recovery.found[place].segment.isSealed {
            let segment = recovery.found[place].segment
            let path = logs[slot].path(logOf: segment.base)
            // No more than its last batch says: batches of the next segment may say as little.
            let seal = segment.seal(
                incarnation: logs[slot].incarnation, durableEnd: recovery.found[place].lastDurableEnd)
            // One after the other for a power cut too: behind a seal stands nothing.
            recovery.actions.append(.truncate(path, to: segment.position))
            recovery.actions.append(.sync(path))
            recovery.actions.append(.writeSeal(path, seal, at: segment.position))
            recovery.actions.append(.sync(path))
            recovery.found[place].segment.isSealed = true
            recovery.found[place].segment.index = nil
        }
    }

    mutating func writeSeal<W: World & ~Copyable>(
        _ slot: Int, _ path: Path, _ seal: SegmentSeal, _ position: Int64, _ recovery: inout Recovery,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        if recovery.rewritten == Int64(SegmentSeal.byteCount) {
            recovery.rewritten = 0
            recovery.nextAction += 1
            giveSealBlock(slot)
            recovery.window.forget()
            return .again
        }
        if logs[slot].sealBlock == nil {
            guard let block = try slab.take(&world, &buffers) else {
                wait(forMemory: slot)
                return .waiting
            }
            logs[slot].sealBlock = block
            var bytes = try world.mutableBytes(of: block)
            try invariant(seal.encode(into: &bytes), "a seal fits its block")
        }
        guard let block = logs[slot].sealBlock else { throw MachineFailure("a seal being written has its block") }
        let done = UInt32(recovery.rewritten)
        return try writeAgain(
            slot, path, Slice(block.buffer, position: block.position + done, byteCount: block.byteCount - done),
            at: position + recovery.rewritten, &recovery, &world)
    }

    // MARK: Stored offsets

    /// Records that are promised are not written over: until that is synced, a power cut could take them. The file
    /// is made anew instead, of the same bytes. Without room that waits, like the whole recovery, until there is some.
    mutating func secureOffsets<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        switch recovery.offsetsTail {
        case .nothing: return .again
        case .dispensable:
            recovery.offsetsTail = .nothing
            return .again
        case .promised:
            recovery.offsetsTail = .anew
            logs[slot].offsets.compactFailure = nil
            logs[slot].offsets.copyDue = recovery.offsetsBytes
        case .anew: break
        }
        // Only that: a compaction that is due waits until the partition serves, where it may fail without harm.
        let isDone = logs[slot].offsets.phase == .idle && logs[slot].offsets.copyDue == nil
        if !isDone { try pushOffsets(slot, &world, &buffers) }
        if logs[slot].offsets.phase != .idle || logs[slot].offsets.copyDue != nil { return .waiting }
        if logs[slot].offsets.durableFileEnd < logs[slot].offsets.fileEnd {
            let errno = logs[slot].offsets.failure ?? logs[slot].offsets.compactFailure ?? .noSpace
            guard errno == .outOfMemory else { return .quarantined(unreadable(errno)) }
            recovery.offsetsTail = .promised
            wait(forMemory: slot)
            return .waiting
        }
        recovery.offsetsBytes = []
        recovery.offsetsTail = .nothing
        return .again
    }

    private func rewriteOffsets(_ slot: Int, _ recovery: inout Recovery) {
        let store = logs[slot].offsets
        recovery.actions.append(
            .rewrite(.offsets(incarnation: logs[slot].incarnation), store.durableFileEnd..<store.fileEnd))
    }
}
