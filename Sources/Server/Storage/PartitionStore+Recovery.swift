import Platform
import Primitives

// Recovery, driven by events: list the directory, read the stored offsets, trust seals, hop along headers, verify the
// bodies that nobody vouches for (`PartitionStore+Verification.swift`), decide. `PartitionStore+Decision.swift` says what
// is cut and what is quarantined.

extension PartitionStore {
    /// What a step of recovery needs next.
    enum RecoveryStep {
        case again
        case waiting
        case opened
        case quarantined(Damage)
    }

    mutating func startRecoveries<W: World & ~Copyable>(
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        while recoveriesUnderWay < settings.recoveriesMax, !recoveryQueue.isEmpty {
            let slot = recoveryQueue.removeFirst()
            recoveriesUnderWay += 1
            world.mark(.recoveryStarted)
            logs[slot].recovery?.phase = .listing
            ready.append(slot)
        }
        try driveReady(&world, &buffers, at: now)
    }

    mutating func driveRecovery<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        // Out of its place while it is worked on: its arrays have one owner and are never copied.
        guard !logs[slot].isHungry, var recovery = logs[slot].recovery else { return }
        logs[slot].recovery = nil
        while true {
            if recovery.isBusy || recovery.window.isReading || recovery.phase == .queued { break }
            switch try recoveryStep(slot, &recovery, &world, &buffers, at: now) {
            case .again: continue
            case .waiting: break
            case .opened:
                try recovery.window.close(&world, &buffers)
                return try openRecovered(slot, recovery, &world, &buffers, at: now)
            case .quarantined(let damage):
                if mayTryAgain(slot, damage) { return try park(slot, damage, &recovery, &world, &buffers) }
                try recovery.window.close(&world, &buffers)
                try dropCopying(slot, &recovery, &world, &buffers)
                return try quarantine(slot, damage, &world, &buffers, at: now)
            }
            break
        }
        logs[slot].recovery = recovery
    }

    mutating func finishRecovery<W: World & ~Copyable>(
        _ slot: Int, _ completion: Completion, _ world: inout W
    ) throws(MachineFailure) {
        guard var recovery = logs[slot].recovery else { throw MachineFailure("a recovery ends with its last operation") }
        logs[slot].recovery = nil
        if recovery.isBusy {
            recovery.isBusy = false
            switch completion {
            case .done(let count): recovery.movedByteCount = count
            case .failed(let errno): recovery.failure = errno
            case .opened, .space: break
            }
        } else {
            recovery.window.completed(completion)
        }
        if let path = recovery.pinned { try release(path, &world) }
        recovery.pinned = nil
        logs[slot].recovery = recovery
    }

    private mutating func recoveryStep<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) -> RecoveryStep {
        switch recovery.phase {
        case .queued: .waiting
        case .listing: try listPartition(slot, &recovery, &world, &buffers)
        case .readingOffsets: try readOffsets(slot, &recovery, &world, &buffers)
        case .seal(let place): try lookForSeal(slot, place, &recovery, &world, &buffers)
        case .hop(let place): try hop(slot, place, &recovery, &world, &buffers)
        case .verify(let place): try verifyBodies(slot, place, &recovery, &world, &buffers)
        case .search: try search(slot, &recovery, &world, &buffers)
        case .deciding: try decide(slot, &recovery, &world)
        case .recount(let place): try recount(slot, place, &recovery, &world, &buffers)
        case .index: try compareIndex(slot, &recovery, &world, &buffers)
        case .acting: try act(slot, &recovery, &world, &buffers)
        case .recording: try record(slot, &recovery, &world, &buffers)
        }
    }

    // MARK: Names

    private mutating func listPartition<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        let directory = Directory.partition(incarnation: logs[slot].incarnation)
        guard let buffer = recovery.listBuffer else {
            guard let buffer = try buffers.allocate(byteCount: recovery.listBufferByteCount, &world) else {
                wait(forMemory: slot)
                return .waiting
            }
            recovery.listBuffer = buffer
            recovery.isBusy = true
            let slice = Slice(buffer, position: 0, byteCount: UInt32(recovery.listBufferByteCount))
            try submit(.recovery, slot, &world) { .list(directory, into: slice, $0) }
            return .waiting
        }
        var paths: [Path] = []
        let isWhole = recovery.movedByteCount <= recovery.listBufferByteCount
        if recovery.failure == nil, isWhole {
            paths = DirectoryListing.paths(
                try world.bytes(of: Slice(buffer, position: 0, byteCount: UInt32(recovery.movedByteCount))),
                in: directory)
        }
        try buffers.release(buffer, &world)
        recovery.listBuffer = nil
        if let errno = recovery.failure {
            recovery.failure = nil
            // The directory appears at the first append, and is durable before that is acknowledged.
            return errno == .noEntry ? .opened : .quarantined(unreadable(errno))
        }
        if !isWhole {
            recovery.listBufferByteCount = recovery.movedByteCount + (4 << 10)
            return .again
        }
        try invariant(recovery.found.isEmpty, "a recovery lists its directory once")
        sort(paths, slot, &recovery)
        recovery.phase = recovery.tails.isEmpty ? .readingOffsets : .acting
        restoreTails(slot, &recovery)
        return .again
    }

    private mutating func sort(_ paths: [Path], _ slot: Int, _ recovery: inout Recovery) {
        var indexes: [UInt64] = []
        for path in paths {
            switch path {
            case .segmentLog(_, let base): recovery.found.append(Recovery.Found(segment: Segment(base: base)))
            case .segmentIndex(_, let base): indexes.append(base)
            case .segmentTail(_, let base): recovery.tails.append(base)
            case .segmentTailTemporary: recovery.actions.append(.unlink(path))
            case .offsets: recovery.hasOffsets = true
            case .offsetsTemporary: recovery.actions.append(.unlink(path))
            default: break
            }
        }
        recovery.found.sort { $0.segment.base < $1.segment.base }
        for base in indexes {
            if let place = recovery.found.firstIndex(where: { $0.segment.base == base }) {
                recovery.found[place].hasIndexFile = true
            } else {
                recovery.actions.append(.unlink(logs[slot].path(indexOf: base)))
            }
        }
        logs[slot].hasDirectory = !recovery.found.isEmpty || recovery.hasOffsets
    }

    func unreadable(_ errno: Errno) -> Damage {
        Damage(place: .unreadable, segmentBase: 0, position: UInt64(clamping: errno.rawValue), offset: 0)
    }

    // MARK: Bytes

    enum Look {
        case ready(Int)
        case short(Int, available: Int)
        case step(RecoveryStep)
    }

    /// Brings bytes of a file into view. `fileByteCount` learns how long the file is, unless they already are, or the
    /// caller knows of more.
    mutating func look<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ path: Path, at position: Int64, need: Int, prefer: Int,
        _ fileByteCount: inout Int64, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Look {
        if let place = recovery.window.place(of: path, at: position, need: need) { return .ready(place) }
        let file: FileID
        switch try acquire(path, .readWrite, slot, &world) {
        case .waiting: return .step(.waiting)
        case .failed(let errno): return .step(.quarantined(unreadable(errno)))
        case .open(let opened, let length):
            file = opened
            // It may have grown since it was opened: a seal was made again.
            fileByteCount = max(length, fileByteCount)
        }
        let filled = try recovery.window.fill(
            path, file, at: position, need: need, prefer: prefer, limit: fileByteCount, &world, &buffers
        ) {
            logs[slot].inFlightCount += 1
            return operations.begin(.recovery, slot: slot)
        }
        if recovery.window.isReading { recovery.pinned = path } else { try release(path, &world) }
        switch filled {
        case .ready(let place): return .ready(place)
        case .short(let place, let available): return .short(place, available: available)
        case .waiting: return .step(.waiting)
        case .noMemory:
            wait(forMemory: slot)
            return .step(.waiting)
        case .failed(let errno): return .step(.quarantined(unreadable(errno)))
        }
    }

    // MARK: Segments

    func afterOffsets(_ recovery: inout Recovery) -> RecoveryStep {
        recovery.phase = recovery.found.isEmpty ? .deciding : .seal(0)
        return .again
    }

    private mutating func lookForSeal<W: World & ~Copyable>(
        _ slot: Int, _ place: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        let base = recovery.found[place].segment.base
        let path = logs[slot].path(logOf: base)
        var length: Int64 = 0
        switch try acquire(path, .readWrite, slot, &world) {
        case .waiting: return .waiting
        case .failed(let errno): return .quarantined(unreadable(errno))
        case .open(_, let byteCount):
            length = byteCount
            try release(path, &world)
        }
        recovery.found[place].fileByteCount = length
        let sealByteCount = SegmentSeal.byteCount
        if length >= Int64(sealByteCount) {
            let at = length - Int64(sealByteCount)
            switch try look(slot, &recovery, path, at: at, need: sealByteCount, prefer: sealByteCount, &length, &world, &buffers) {
            case .ready(let start):
                let bytes = try world.bytes(of: recovery.window.slice(start, sealByteCount))
                if let seal = SegmentSeal(
                    bytes, at: 0, filePosition: at, incarnation: logs[slot].incarnation, base: base) {
                    adopt(seal, place, &recovery)
                }
            case .short: break
            case .step(let step): return step
            }
        }
        recovery.phase = place + 1 < recovery.found.count ? .seal(place + 1) : nextHop(from: 0, &recovery)
        return .again
    }

    private func adopt(_ seal: SegmentSeal, _ place: Int, _ recovery: inout Recovery) {
        recovery.found[place].segment.adopt(seal)
        recovery.durableEnd = max(recovery.durableEnd, seal.durableEnd)
    }

    private func nextHop(from place: Int, _ recovery: inout Recovery) -> Recovery.Phase {
        recovery.position = 0
        recovery.hopByteCount = 0
        for next in place..<recovery.found.count where !recovery.found[next].segment.isSealed {
            recovery.found[next].segment.index = SegmentIndex()
            recovery.order = recovery.order(in: next, from: recovery.found[next].segment.base)
            return .hop(next)
        }
        recovery.verifiedFrom = recovery.durableEnd
        return nextVerify(from: 0, &recovery)
    }

    private mutating func hop<W: World & ~Copyable>(
        _ slot: Int, _ place: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        let base = recovery.found[place].segment.base
        let path = logs[slot].path(logOf: base)
        var length = recovery.found[place].fileByteCount
        while true {
            let position = recovery.found[place].segment.position
            let start: Int
            switch try look(
                slot, &recovery, path, at: position, need: BatchHeader.byteCount,
                prefer: hopPrefer(recovery), &length, &world, &buffers) {
            case .ready(let found): start = found
            case .short(_, let available):
                let stop = Recovery.Break(
                    place: place, position: position, offset: recovery.found[place].segment.end, claimedEnd: nil,
                    isClean: available == 0)
                recovery.found[place].stop = stop
                recovery.phase = nextHop(from: place + 1, &recovery)
                return .again
            case .step(let step): return step
            }
            let bytes = try world.bytes(of: recovery.window.slice(start, BatchHeader.byteCount))
            let expected = recovery.found[place].segment.end
            if let seal = SegmentSeal(
                bytes, at: 0, filePosition: position, incarnation: logs[slot].incarnation, base: base),
                seal.endOffset == expected {
                adopt(seal, place, &recovery)
                // Sealed, but the zeros behind the seal are still there.
                recovery.actions.append(
                    .truncate(logs[slot].path(logOf: base), to: position + Int64(SegmentSeal.byteCount)))
                recovery.phase = nextHop(from: place + 1, &recovery)
                return .again
            }
            let header = BatchHeader(
                bytes, at: 0, incarnation: logs[slot].incarnation, bodyBytesMax: settings.bodyBytesMax)
            let fit = header.map(recovery.order.fit) ?? .elsewhere
            guard let header, fit == .next, position + header.totalByteCount <= length else {
                let claimedEnd = fit == .elsewhere ? nil : header.map { position + $0.totalByteCount }
                // A header never counts as no VSR batch: an incomplete one has zeros there, or the file ends before.
                let isComplete = fit == .stale || (header == nil && (bytes.load(UInt32.self, at: 88) ?? 0) != 0)
                recovery.found[place].stop = Recovery.Break(
                    place: place, position: position, offset: expected, claimedEnd: claimedEnd, isComplete: isComplete)
                recovery.phase = nextHop(from: place + 1, &recovery)
                return .again
            }
            recovery.durableEnd = max(recovery.durableEnd, header.durableEnd)
            recovery.found[place].lastDurableEnd = header.durableEnd
            recovery.found[place].segment.add(header, indexInterval: settings.indexIntervalBytes)
            recovery.order.advance(over: header)
            recovery.hopByteCount = header.totalByteCount
        }
    }

    private func hopPrefer(_ recovery: Recovery) -> Int {
        recovery.hopByteCount > Int64(settings.readPieceBytes) / 2 ? settings.hopBytes : settings.readPieceBytes
    }
}
