import Platform
import Primitives

// What recovery does about what it found.
//
// | found | same boot | new boot |
// |---|---|---|
// | nothing behind the last whole batch, or only zeros | clean | clean |
// | a break before the largest `durableEnd` | quarantine | quarantine |
// | a break, nothing valid behind it | cut there | cut there |
// | a break, something valid behind it | quarantine | cut there, later segments go |
// | a batch that is there to its last byte, but wrong or stale | quarantine | cut there |
//
// On the same boot the page cache still holds every write that returned, so only the last one can be incomplete. After
// a power cut whatever was not synced may be there or not, in any mixture; everything synced must be there.

extension PartitionStore {
    mutating func decide<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W
    ) throws(MachineFailure) -> RecoveryStep {
        if recovery.durableEnd > recovery.verifiedFrom {
            // What stands behind the break vouches for more than was known: what is left to doubt is found anew.
            recovery.verifiedFrom = recovery.durableEnd
            recovery.broken = nil
            recovery.hasPromised = false
            for place in recovery.found.indices { recovery.found[place].tailPosition = nil }
            recovery.phase = nextVerify(from: 0, &recovery)
            return .again
        }
        guard let broken = recovery.broken else { return afterCut(slot, &recovery) }
        let isLast = broken.place + 1 == recovery.found.count
        if isLast, !broken.isClean, !recovery.searchSawBytes { return afterCut(slot, &recovery) }

        // Even an empty later segment tells: it was made when everything before it had been written.
        let isFollowed = recovery.searchSawBatch || !isLast || broken.isComplete
        if broken.offset < recovery.durableEnd || (recovery.isSameBoot && isFollowed), !world.isMutated(.damageCutOff) {
            return .quarantined(
                Damage(
                    place: .segment, segmentBase: recovery.found[broken.place].segment.base,
                    position: UInt64(clamping: broken.position), offset: broken.offset))
        }
        try cut(slot, at: broken, &recovery, &world)
        return .again
    }

    /// Plans the cut: later segments go, newest first, so that what a crash leaves is still a log.
    private mutating func cut<W: World & ~Copyable>(
        _ slot: Int, at broken: Recovery.Break, _ recovery: inout Recovery, _ world: inout W
    ) throws(MachineFailure) {
        world.mark(.recoveryTailCut)
        for found in recovery.found[(broken.place + 1)...].reversed() where !world.isMutated(.segmentsBehindCutKept) {
            recovery.cutByteCount &+= UInt64(clamping: found.fileByteCount)
            recovery.actions.append(.unlink(logs[slot].path(logOf: found.segment.base)))
            if found.hasIndexFile { recovery.actions.append(.unlink(logs[slot].path(indexOf: found.segment.base))) }
        }
        if broken.place + 1 < recovery.found.count { recovery.actions.append(.syncDirectory) }
        recovery.found.removeSubrange((broken.place + 1)...)
        let fileByteCount = recovery.found[broken.place].fileByteCount
        if fileByteCount > broken.position, !world.isMutated(.tornTailLeft) {
            recovery.cutByteCount &+= UInt64(clamping: fileByteCount - broken.position)
            let path = logs[slot].path(logOf: recovery.found[broken.place].segment.base)
            recovery.actions.append(.truncate(path, to: broken.position))
            recovery.found[broken.place].fileByteCount = broken.position
        }
        if !recovery.isSameBoot, recovery.found[broken.place].hasIndexFile, !world.isMutated(.indexOutlivesCut) {
            removeIndex(slot, broken.place, &recovery)
        }
        try world.submit(
            .notice(Notice(.warning, .tailCut, logs[slot].incarnation, broken.offset, recovery.cutByteCount)))
        // What was counted beyond the cut, or never counted because a seal was trusted, is counted again.
        var segment = Segment(base: recovery.found[broken.place].segment.base)
        segment.index = SegmentIndex()
        recovery.found[broken.place].segment = segment
        recovery.limit = broken.position
        recovery.phase = world.isMutated(.cutSegmentNotCounted) ? .acting : .recount(broken.place)
    }

    mutating func recount<W: World & ~Copyable>(
        _ slot: Int, _ place: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        let path = logs[slot].path(logOf: recovery.found[place].segment.base)
        var length: Int64 = 0
        while recovery.found[place].segment.position < recovery.limit {
            let position = recovery.found[place].segment.position
            switch try look(slot, &recovery, path, at: position, need: BatchHeader.byteCount, prefer: settings.readPieceBytes, &length, &world, &buffers) {
            case .ready(let start):
                let header = BatchHeader(
                    try world.bytes(of: recovery.window.slice(start, BatchHeader.byteCount)), at: 0,
                    incarnation: logs[slot].incarnation, bodyBytesMax: settings.bodyBytesMax)
                guard let header, header.baseOffset == recovery.found[place].segment.end else {
                    return .quarantined(
                        Damage(
                            place: .segment, segmentBase: recovery.found[place].segment.base,
                            position: UInt64(clamping: position), offset: recovery.found[place].segment.end))
                }
                recovery.found[place].segment.add(header, indexInterval: settings.indexIntervalBytes)
            case .short: return .quarantined(unreadable(.inputOutput))
            case .step(let step): return step
            }
        }
        return afterCut(slot, &recovery)
    }

    // MARK: Offsets

    mutating func readOffsets<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        guard recovery.hasOffsets, !world.isMutated(.storedOffsetsForgotten) else { return afterOffsets(&recovery) }
        let path = Path.offsets(incarnation: logs[slot].incarnation)
        var length: Int64 = 0
        while true {
            let position = Int64(recovery.offsetsBytes.count)
            switch try look(slot, &recovery, path, at: position, need: settings.readPieceBytes, prefer: settings.readPieceBytes, &length, &world, &buffers) {
            case .ready(let start):
                try gatherOffsets(&recovery, start, settings.readPieceBytes, &world)
            case .short(let start, let available):
                try gatherOffsets(&recovery, start, available, &world)
                return try takeOffsets(slot, &recovery, world)
            case .step(let step): return step
            }
        }
    }

    private func gatherOffsets<W: World & ~Copyable>(
        _ recovery: inout Recovery, _ start: Int, _ byteCount: Int, _ world: inout W
    ) throws(MachineFailure) {
        if byteCount == 0 { return }
        let bytes = try world.bytes(of: recovery.window.slice(start, byteCount))
        var writer = ByteWriter(reserving: byteCount)
        writer.write(bytes)
        recovery.offsetsBytes.append(contentsOf: writer.bytes)
    }

    private mutating func takeOffsets<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: borrowing W
    ) throws(MachineFailure) -> RecoveryStep {
        let bytes = recovery.offsetsBytes
        recovery.offsetsBytes = []
        let incarnation = logs[slot].incarnation
        var store = OffsetStore()
        store.hasFile = true
        store.isCutVolatile = true
        var position = 0
        var durable: UInt64 = 0
        var promisedEnd = 0
        var isDamaged = false
        scan: while true {
            switch RecordCodec.scan(bytes.rawSpan, at: position, owner: incarnation) {
            case .record(let sequence, let bodyPosition, let bodyByteCount, let end):
                guard sequence == store.nextSequence,
                    let record = OffsetRecord(bytes.rawSpan, at: bodyPosition, byteCount: bodyByteCount)
                else {
                    isDamaged = true
                    break scan
                }
                durable = max(durable, OffsetRecord.durable(bytes.rawSpan, at: bodyPosition))
                let isOverlooked = if case .delete = record { world.isMutated(.deletionNotRead) } else { false }
                if !isOverlooked { store.apply(record) }
                store.nextSequence += 1
                position = end
                switch record {
                case .store, .delete: if offsetsSyncFirst(slot) { promisedEnd = end }
                case .epoch(let epoch, let logEnd):
                    promisedEnd = end
                    recovery.epochs.begin(epoch, at: logEnd)
                // It was written when everything before had been synced, and promises nothing itself.
                case .closed(let end): recovery.durableEnd = max(recovery.durableEnd, end)
                }
            case .end: break scan
            case .damaged:
                isDamaged = true
                break scan
            }
        }
        store.fileEnd = Int64(position)
        store.durableFileEnd = min(Int64(clamping: durable), store.fileEnd)
        if isDamaged {
            let later = laterDurable(bytes, after: position, incarnation)
            let isFollowed = later != nil
            if UInt64(position) < max(durable, later ?? 0) || (recovery.isSameBoot && isFollowed) {
                return .quarantined(
                    Damage(place: .offsets, segmentBase: 0, position: UInt64(position), offset: 0))
            }
        }
        // The entry is synced before the first byte is.
        store.isEntryDirty = store.durableFileEnd == 0
        if store.fileEnd > store.durableFileEnd {
            recovery.offsetsTail = promisedEnd > store.durableFileEnd ? .promised : .dispensable
            if recovery.offsetsTail == .promised { recovery.offsetsBytes = Array(bytes[..<position]) }
        }
        if position < bytes.count {
            recovery.actions.append(.truncate(.offsets(incarnation: incarnation), to: Int64(position)))
        }
        logs[slot].offsets = store
        return afterOffsets(&recovery)
    }

    /// The largest durable end of the whole records behind a damaged one; nil if there is none.
    private func laterDurable(_ bytes: [UInt8], after position: Int, _ incarnation: UInt64) -> UInt64? {
        var found: UInt64?
        var at = position + 1
        while at + RecordCodec.headByteCount <= bytes.count {
            if case .record(_, let bodyPosition, _, let end) = RecordCodec.scan(bytes.rawSpan, at: at, owner: incarnation) {
                found = max(found ?? 0, OffsetRecord.durable(bytes.rawSpan, at: bodyPosition))
                at = end
            } else {
                at += 1
            }
        }
        return found
    }

    // MARK: Index

    private mutating func afterCut(_ slot: Int, _ recovery: inout Recovery) -> RecoveryStep {
        mendSeals(slot, &recovery)
        guard let last = recovery.found.last, !last.segment.isSealed, last.hasIndexFile else {
            recovery.phase = .acting
            return .again
        }
        recovery.phase = .index
        recovery.indexMatched = 0
        recovery.indexByteCount = 0
        return .again
    }

    /// Keeps as much of the writable segment's index file as says what the log says, and cuts the rest.
    mutating func compareIndex<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        guard let last = recovery.found.indices.last, let index = recovery.found[last].segment.index else {
            throw MachineFailure("a writable segment has its waypoints in memory")
        }
        let path = logs[slot].path(indexOf: recovery.found[last].segment.base)
        var length = recovery.indexByteCount
        defer { recovery.indexByteCount = length }
        while true {
            let position = Int64(recovery.indexMatched * IndexEntry.byteCount)
            switch try look(slot, &recovery, path, at: position, need: IndexEntry.byteCount, prefer: settings.readPieceBytes, &length, &world, &buffers) {
            case .ready(let start):
                let bytes = try world.bytes(of: recovery.window.slice(start, IndexEntry.byteCount))
                let entry = IndexEntry(bytes, at: 0, incarnation: logs[slot].incarnation)
                if recovery.indexMatched < index.entries.count, entry == index.entries[recovery.indexMatched] {
                    recovery.indexMatched += 1
                    continue
                }
            case .short: break
            case .step(.quarantined): break
            case .step(let step): return step
            }
            break
        }
        let end = Int64(recovery.indexMatched * IndexEntry.byteCount)
        if recovery.indexMatched < index.entries.count { world.mark(.recoveryIndexRebuilt) }
        recovery.found[last].segment.indexWrittenCount = recovery.indexMatched
        if length > end, !world.isMutated(.indexNotTruncated) {
            if recovery.isSameBoot {
                recovery.actions.append(.truncate(path, to: end))
            } else {
                removeIndex(slot, last, &recovery)
            }
        }
        recovery.phase = .acting
        return .again
    }

    /// The index file goes, for good: entries of batches that a power cut took would be as valid as the ones that
    /// follow, and a truncation nobody syncs could bring them back.
    private func removeIndex(_ slot: Int, _ place: Int, _ recovery: inout Recovery) {
        recovery.actions.append(.unlink(logs[slot].path(indexOf: recovery.found[place].segment.base)))
        recovery.actions.append(.syncDirectory)
        recovery.found[place].hasIndexFile = false
        recovery.found[place].segment.indexWrittenCount = 0
    }

    // MARK: Acting

    mutating func act<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        if let errno = recovery.failure {
            recovery.failure = nil
            guard errno == .noEntry, !recovery.isRewriting, case .unlink = recovery.actions[recovery.nextAction - 1]
            else { return .quarantined(unreadable(errno)) }
        }
        if recovery.isRewriting {
            recovery.isRewriting = false
            if recovery.movedByteCount == 0 { return .quarantined(unreadable(.inputOutput)) }
            recovery.rewritten += Int64(recovery.movedByteCount)
        }
        if recovery.nextAction == recovery.actions.count {
            if recovery.isRestoring { return try restored(slot, &recovery, &world) }
            if try secure(slot, &recovery, &world) { return .again }
            if recovery.offsetsTail != .nothing { return try secureOffsets(slot, &recovery, &world, &buffers) }
            return plan(slot, &recovery, &world)
        }
        let directory = Directory.partition(incarnation: logs[slot].incarnation)
        switch recovery.actions[recovery.nextAction] {
        case .unlink(let path):
            try files.discard(path, &world, &operations)
            if files.holds(path) { return .waiting }
            try submit(.recovery, slot, &world) { .unlink(path, $0) }
        case .truncate(let path, let end):
            switch try acquire(path, .readWrite, slot, &world) {
            case .waiting: return .waiting
            case .failed(let errno): return .quarantined(unreadable(errno))
            case .open(let file, _):
                recovery.pinned = path
                try submit(.recovery, slot, &world) { .truncate(file, to: end, $0) }
            }
        case .rewrite(let path, let range):
            return try rewrite(slot, path, range, &recovery, &world, &buffers)
        case .writeSeal(let path, let seal, let position):
            return try writeSeal(slot, path, seal, position, &recovery, &world, &buffers)
        case .copy(let source, let range, let target):
            return try copy(slot, source, range, to: target, &recovery, &world, &buffers)
        case .restore(let source, let target):
            return try restore(slot, source, to: target, &recovery, &world, &buffers)
        case .rename(let source, let target):
            try files.discard(source, &world, &operations)
            if files.holds(source) { return .waiting }
            try submit(.recovery, slot, &world) { .rename(source, to: target, $0) }
        case .sync(let path):
            switch try acquire(path, .readWrite, slot, &world) {
            case .waiting: return .waiting
            case .failed(let errno): return .quarantined(unreadable(errno))
            case .open(let file, _):
                recovery.pinned = path
                try submit(.recovery, slot, &world) { .sync(file, $0) }
            }
        case .syncDirectory:
            try submit(.recovery, slot, &world) { .syncDirectory(directory, $0) }
        case .syncParent:
            try submit(.recovery, slot, &world) { .syncDirectory(.partitions, $0) }
        }
        recovery.isBusy = true
        recovery.nextAction += 1
        return .waiting
    }

    /// Decides what has to be recorded: a new epoch, and offsets that point past the end.
    private mutating func plan<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W
    ) -> RecoveryStep {
        let end = recovery.found.last?.segment.end ?? 0
        let mayHaveLost = recovery.isSameBoot ? logs[slot].level == .memory : logs[slot].level < .power
        let epoch = max(logs[slot].offsets.epoch, recovery.found.map(\.segment.epoch).max() ?? 0)
        logs[slot].epoch = epoch
        // An empty directory has the durable entry that comes before the first acknowledgement.
        logs[slot].hasDirectory = true
        if mayHaveLost, logs[slot].offsets.vouchedEnd != end, !world.isMutated(.epochNotBegun) {
            world.mark(.recoveryEpoch)
            logs[slot].epoch = epoch &+ 1
            recovery.newEpoch = logs[slot].epoch
        }
        logs[slot].offsets.pending = recordsDue(slot, recovery).map { OffsetStore.Pending(record: $0, ref: nil) }
        recovery.phase = .recording
        return .again
    }

    /// What `offsets.log` does not say yet about the log that was found.
    private func recordsDue(_ slot: Int, _ recovery: Recovery) -> [OffsetRecord] {
        let end = recovery.found.last?.segment.end ?? 0
        var records: [OffsetRecord] = []
        if let epoch = recovery.newEpoch, logs[slot].offsets.epoch < epoch { records.append(.epoch(epoch, end: end)) }
        for entry in logs[slot].offsets.entries where entry.offset >= end {
            records.append(end == 0 ? .delete(entry.key) : .store(entry.key, end - 1))
        }
        return records
    }

    /// Nothing is served before it is recorded: batches of an epoch that is written nowhere would look like damage to
    /// the next start, and a stored offset beyond the end like one that was passed when the log has grown.
    mutating func record<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        if logs[slot].offsets.failure == nil {
            let isDone = logs[slot].offsets.phase == .idle && logs[slot].offsets.pending.isEmpty
            if !isDone { try pushOffsets(slot, &world, &buffers) }
            guard logs[slot].offsets.phase == .idle, logs[slot].offsets.pending.isEmpty else { return .waiting }
        }
        if recordsDue(slot, recovery).isEmpty { return .opened }
        // A write that failed has been undone, and may be tried again; a sync that failed may not.
        return .quarantined(unreadable(logs[slot].offsets.failure ?? .noSpace))
    }

    // MARK: The end

    mutating func openRecovered<W: World & ~Copyable>(
        _ slot: Int, _ recovery: Recovery, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        let end = recovery.found.last?.segment.end ?? 0
        logs[slot].segments = recovery.found.map(\.segment)
        logs[slot].nextOffset = end - (world.isMutated(.offsetGivenOutAgain) ? min(end, 1) : 0)
        logs[slot].writtenEnd = logs[slot].nextOffset
        logs[slot].readableEnd = end
        let isDoubtful = !recovery.hasSynced && !world.isMutated(.recoveredCountsAsDurable)
        let durableEnd = isDoubtful ? min(recovery.durableEnd, end) : end
        logs[slot].durableEnd = durableEnd
        logs[slot].syncedEnd = durableEnd
        if !world.isMutated(.timestampForgotten) {
            logs[slot].lastTimestamp = recovery.found.map(\.segment.lastTimestamp).max() ?? 0
        }
        for place in logs[slot].segments.indices {
            let segment = logs[slot].segments[place]
            if segment.isSealed {
                world.mark(.recoverySealTrusted)
                if isDoubtful, segment.end >= durableEnd { logs[slot].unsyncedSealed.append(segment.base) }
            } else {
                logs[slot].segments[place].allocatedEnd =
                    world.isMutated(.allocationForgotten) ? 0 : recovery.found[place].fileByteCount
            }
        }
        logs[slot].directoryChanges = isDoubtful ? 1 : 0
        logs[slot].cut = .volatile
        logs[slot].index.isForced = true
        if durableEnd < end || logs[slot].offsets.fileEnd > logs[slot].offsets.durableFileEnd {
            noteUnsynced(slot, at: now)
        }
        if let epoch = recovery.newEpoch {
            try world.submit(.notice(Notice(.warning, .epochStarted, logs[slot].incarnation, UInt64(epoch), end)))
        }
        logs[slot].health = logs[slot].removal == nil ? .serving : .removing
        if ending != nil { beginStop(slot) }
        world.mark(.recoveryDone)
        outcomes.append(.opened(UInt32(slot), logs[slot].stats))
        try recoveryEnded(slot, &world, &buffers, at: now)
    }

    mutating func quarantine<W: World & ~Copyable>(
        _ slot: Int, _ damage: Damage, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        world.mark(.recoveryQuarantine)
        try world.submit(.notice(damage.notice(of: logs[slot].incarnation)))
        logs[slot].health = logs[slot].removal == nil ? .quarantined(damage) : .removing
        outcomes.append(.quarantined(UInt32(slot), damage))
        try recoveryEnded(slot, &world, &buffers, at: now)
    }

    private mutating func recoveryEnded<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        // One that waited for room has made way for others already.
        if logs[slot].isParked {
            logs[slot].isParked = false
            return
        }
        try letNextRecover(&world)
    }

    mutating func letNextRecover<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) {
        recoveriesUnderWay -= 1
        if !recoveryQueue.isEmpty {
            let next = recoveryQueue.removeFirst()
            recoveriesUnderWay += 1
            world.mark(.recoveryStarted)
            logs[next].recovery?.phase = .listing
            ready.append(next)
        }
    }
}
