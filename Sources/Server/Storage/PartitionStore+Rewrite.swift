import Platform
import Primitives

/// What a sync without space left in doubt.
struct Doubt {
    /// The segment whose sync failed; nil if it was the directory's, where trying again is enough.
    let base: UInt64?
    /// Ticks to wait for room before the next try.
    var ticksLeft: Int
    /// Where the next batch stands that is to be written again.
    var position: Int64
    var offset: UInt64
    var isSealDone = false
    var window = Window()
    /// What is being written again, and how many bytes of it are done.
    var slice: Slice?
    var progress = 0
    var endPosition: Int64 = 0
    var endOffset: UInt64 = 0
    var isWriting = false

    var isBusy: Bool { window.isReading || isWriting }
}

// After a sync that found no space the file's pages may be lost though they look clean, so that another sync would
// succeed and save nothing. What readers may have seen is therefore read, verified and written again in place, and
// only then synced again. Appends are refused meanwhile: the volume could not even take what it already has.

extension PartitionStore {
    /// The longest wait for room, in ticks.
    private static var ticksMax: Int { 8 }

    mutating func doubt<W: World & ~Copyable>(
        _ base: UInt64?, _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        try endDoubt(slot, &world, &buffers)
        let ticks = min(1 << min(logs[slot].syncsWithoutSpace, 8), Self.ticksMax)
        logs[slot].syncsWithoutSpace += 1
        var doubt = Doubt(base: base, ticksLeft: ticks, position: 0, offset: base ?? 0)
        if let base, let place = logs[slot].segmentIndex(base: base),
            let waypoint = logs[slot].segments[place].index?.waypoint(offset: logs[slot].durableEnd) {
            doubt.position = waypoint.position
            doubt.offset = waypoint.offset
        }
        logs[slot].doubt = doubt
        waitForTick(slot)
    }

    /// Nothing of it is in flight.
    mutating func endDoubt<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard var doubt = logs[slot].doubt else { return }
        logs[slot].doubt = nil
        try doubt.window.close(&world, &buffers)
    }

    mutating func driveRewrite<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        switch logs[slot].health {
        case .serving, .stopping: break
        case .free, .opening, .quarantined, .readOnly, .removing: return
        }
        guard !logs[slot].isHungry, !logs[slot].isResting, logs[slot].fault == nil, !logs[slot].needsCut,
            logs[slot].writer != .cutting,
            var doubt = logs[slot].doubt, !doubt.isBusy, doubt.ticksLeft == 0
        else { return }
        logs[slot].doubt = nil
        let isDone = try rewrite(slot, &doubt, &world, &buffers)
        logs[slot].doubt = doubt
        if !isDone { return }
        try endDoubt(slot, &world, &buffers)
        logs[slot].syncWanted = max(logs[slot].syncWanted, logs[slot].writtenEnd)
    }

    /// Goes on as far as it can; true if everything has been written again.
    private mutating func rewrite<W: World & ~Copyable>(
        _ slot: Int, _ doubt: inout Doubt, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        // Retention may have taken the segment meanwhile.
        guard let base = doubt.base, let place = logs[slot].segmentIndex(base: base) else { return true }
        let segment = logs[slot].segments[place]
        let path = logs[slot].path(logOf: base)
        if doubt.position < segment.position {
            switch try look(slot, &doubt, path, need: BatchHeader.byteCount, segment.position, &world, &buffers) {
            case nil: return false
            case .some(nil): break
            case .some(.some(let start)):
                guard let header = try header(slot, doubt, at: start, &world) else { break }
                let need = Int(header.totalByteCount)
                guard let found = try look(slot, &doubt, path, need: need, segment.position, &world, &buffers) else {
                    return false
                }
                if let found, let end = try verifyBatches(slot, &doubt, from: found, &world) {
                    return try submitRewrite(slot, &doubt, path, found, end - found, &world, &buffers)
                }
            }
            try setBack(slot, &doubt, .inputOutput, &world, &buffers)
            return false
        }
        if !segment.isSealed || doubt.isSealDone { return true }
        let sealByteCount = SegmentSeal.byteCount
        let limit = segment.position + Int64(sealByteCount)
        guard let found = try look(slot, &doubt, path, need: sealByteCount, limit, &world, &buffers) else { return false }
        guard let found,
            SegmentSeal(
                try world.bytes(of: doubt.window.slice(found, sealByteCount)), at: 0, filePosition: segment.position,
                incarnation: logs[slot].incarnation, base: base) != nil
        else {
            try setBack(slot, &doubt, .inputOutput, &world, &buffers)
            return false
        }
        doubt.isSealDone = true
        doubt.endPosition = doubt.position
        doubt.endOffset = doubt.offset
        return try submitRewrite(slot, &doubt, path, found, sealByteCount, &world, &buffers)
    }

    /// What was readable could not be read, or is not what it was. It is looked at once more after a rest; if that has not
    /// helped often enough, nothing can be made durable on top of it.
    private mutating func setBack<W: World & ~Copyable>(
        _ slot: Int, _ doubt: inout Doubt, _ errno: Errno, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        try doubt.window.close(&world, &buffers)
        if rest(slot, after: errno) { return }
        logs[slot].fault = .syncFailed(errno)
        ready.append(slot)
    }

    /// The header at `start` of the window, if it is the one that must stand there.
    private func header<W: World & ~Copyable>(
        _ slot: Int, _ doubt: Doubt, at start: Int, _ world: inout W
    ) throws(MachineFailure) -> BatchHeader? {
        let header = BatchHeader(
            try world.bytes(of: doubt.window.slice(start, BatchHeader.byteCount)), at: 0,
            incarnation: logs[slot].incarnation, bodyBytesMax: settings.bodyBytesMax)
        return header?.baseOffset == doubt.endOffset ? header : nil
    }

    /// Verifies the whole batches in view from `start` on. The place behind them, or nil if the first is not whole.
    private func verifyBatches<W: World & ~Copyable>(
        _ slot: Int, _ doubt: inout Doubt, from start: Int, _ world: inout W
    ) throws(MachineFailure) -> Int? {
        var place = start
        while doubt.window.available(from: place) >= BatchHeader.byteCount,
            let header = try header(slot, doubt, at: place, &world),
            Int64(doubt.window.available(from: place)) >= header.totalByteCount {
            let body = try doubt.window.slice(place + BatchHeader.byteCount, Int(header.bodyByteCount))
            guard BatchBody.verify(try world.bytes(of: body), header) else { break }
            place += Int(header.totalByteCount)
            doubt.endPosition += header.totalByteCount
            doubt.endOffset = header.endOffset
        }
        return place > start ? place : nil
    }

    /// Brings bytes at the doubt's position into view: where they begin, nil inside if they are not there, nil if
    /// that takes time.
    private mutating func look<W: World & ~Copyable>(
        _ slot: Int, _ doubt: inout Doubt, _ path: Path, need: Int, _ limit: Int64,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Int?? {
        doubt.endPosition = doubt.position
        doubt.endOffset = doubt.offset
        if let place = doubt.window.place(of: path, at: doubt.position, need: need) { return .some(place) }
        let file: FileID
        switch try acquire(path, .readWrite, slot, &world) {
        case .waiting: return nil
        case .failed(let errno):
            try setBack(slot, &doubt, errno, &world, &buffers)
            return nil
        case .open(let opened, _): file = opened
        }
        let filled = try doubt.window.fill(
            path, file, at: doubt.position, need: need, prefer: settings.readPieceBytes, limit: limit, &world, &buffers
        ) {
            logs[slot].inFlightCount += 1
            return operations.begin(.rewriteRead, slot: slot)
        }
        if !doubt.window.isReading { try release(path, &world) }
        switch filled {
        case .ready(let place): return .some(place)
        case .short: return .some(nil)
        case .waiting: return nil
        case .noMemory:
            wait(forMemory: slot)
            return nil
        case .failed(let errno):
            try setBack(slot, &doubt, errno, &world, &buffers)
            return nil
        }
    }

    /// Writes bytes in view to where they came from; always false: that takes time.
    private mutating func submitRewrite<W: World & ~Copyable>(
        _ slot: Int, _ doubt: inout Doubt, _ path: Path, _ start: Int, _ byteCount: Int,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        let file: FileID
        switch try acquire(path, .readWrite, slot, &world) {
        case .waiting: return false
        case .failed(let errno):
            try setBack(slot, &doubt, errno, &world, &buffers)
            return false
        case .open(let opened, _): file = opened
        }
        let slice = try doubt.window.slice(start, byteCount)
        doubt.slice = slice
        doubt.progress = 0
        doubt.isWriting = true
        try submitRewrite(slot, file, slice, at: doubt.position, &world)
        return false
    }

    private mutating func submitRewrite<W: World & ~Copyable>(
        _ slot: Int, _ file: FileID, _ slice: Slice, at position: Int64, _ world: inout W
    ) throws(MachineFailure) {
        slices.removeAll(keepingCapacity: true)
        slices.append(slice)
        logs[slot].inFlightCount += 1
        try world.submit(.write(file, at: position, slices: 1, operations.begin(.rewriteWrite, slot: slot)), slices.span)
    }

    mutating func finishRewrite<W: World & ~Copyable>(
        _ operation: InFlight, _ slot: Int, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard var doubt = logs[slot].doubt, let base = doubt.base else {
            throw MachineFailure("what is written again is in doubt until then")
        }
        let path = logs[slot].path(logOf: base)
        try release(path, &world)
        if case .rewriteRead = operation {
            doubt.window.completed(completion)
            logs[slot].doubt = doubt
            return
        }
        doubt.isWriting = false
        guard let slice = doubt.slice else { throw MachineFailure("what is written again is in view") }
        switch completion {
        case .done(let count) where count > 0:
            doubt.progress += count
            if doubt.progress < Int(slice.byteCount) {
                guard case .open(let file, _) = try acquire(path, .readWrite, slot, &world) else {
                    throw MachineFailure("a file just used is open")
                }
                doubt.isWriting = true
                let rest = Slice(
                    slice.buffer, position: slice.position + UInt32(doubt.progress),
                    byteCount: slice.byteCount - UInt32(doubt.progress))
                try submitRewrite(slot, file, rest, at: doubt.position + Int64(doubt.progress), &world)
            } else {
                doubt.position = doubt.endPosition
                doubt.offset = doubt.endOffset
            }
            logs[slot].doubt = doubt
        case .failed(let errno) where errno.isNoSpace:
            logs[slot].doubt = doubt
            try self.doubt(base, slot, &world, &buffers)
        case .failed(let errno): notRewritten(slot, doubt, errno)
        case .done, .opened, .space: notRewritten(slot, doubt, .inputOutput)
        }
    }

    /// A part may have been written, of the same bytes that stood there: it may be written once more.
    private mutating func notRewritten(_ slot: Int, _ doubt: Doubt, _ errno: Errno) {
        logs[slot].doubt = doubt
        if !rest(slot, after: errno) { logs[slot].fault = .syncFailed(errno) }
    }
}
