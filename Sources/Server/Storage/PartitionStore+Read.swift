public import Platform
import Primitives

// Reading: from the tail's buffers, from pieces read before, else from disk, until a limit is met. Whatever comes from
// disk is verified whole before a byte of it goes on, and only what is readable is looked at.

extension PartitionStore {
    /// Reads messages. The outcome is `.read`, often at once, or `.readRefused`.
    public mutating func read<W: World & ~Copyable>(
        _ slot: PartitionSlot, _ query: ReadQuery, ref: UInt64, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard has(slot) else { return outcomes.append(.readRefused(ref: ref, slot, .unavailable)) }
        let index = Int(slot)
        switch logs[index].health {
        case .serving, .readOnly: break
        case .free, .opening, .quarantined, .stopping, .removing:
            return outcomes.append(.readRefused(ref: ref, slot, logs[index].refusal ?? .unavailable))
        }
        logs[index].unreadByteCount = 0
        nextReadTask &+= 1
        var task = ReadTask(
            id: nextReadTask, ref: ref, next: logs[index].firstOffset, timestampMin: 0, countLeft: query.countMax,
            bytesLeft: query.byteCountMax)
        let end = logs[index].readableEnd
        switch query.start {
        case .first: break
        case .offset(let offset): task.next = max(task.next, offset)
        case .last(let count):
            let wanted = UInt64(count) + (world.isMutated(.lastBeginsTooEarly) ? 1 : 0)
            task.next = max(task.next, end > wanted ? end - wanted : 0)
        case .timestamp(let timestamp):
            task.timestampMin = world.isMutated(.timeFoundTooLate) ? timestamp.addingReportingOverflow(1).partialValue : timestamp
        }
        if try driveRead(index, &task, &world, &buffers) { logs[index].reads.append(task) }
    }

    /// Gives back what a read handed out. The room of the pieces serves another read, if nobody else holds it.
    public mutating func releaseRead<W: World & ~Copyable>(
        _ pieces: consuming [ReadPiece], _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        for place in pieces.indices { try buffers.release(pieces[place].messages.buffer, &world) }
        guard (1...settings.sparePiecesEach).contains(pieces.capacity), sparePieces.count < settings.sparePiecesMax
        else { return }
        pieces.removeAll(keepingCapacity: true)
        sparePieces.append(pieces)
    }

    mutating func driveReads<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        var index = 0
        while index < logs[slot].reads.count {
            if logs[slot].reads[index].window.isReading {
                index += 1
                continue
            }
            var task = logs[slot].reads.remove(at: index)
            if try driveRead(slot, &task, &world, &buffers) {
                logs[slot].reads.insert(task, at: index)
                index += 1
            }
        }
    }

    mutating func finishRead<W: World & ~Copyable>(
        _ task: UInt32, _ slot: Int, _ completion: Completion, _ world: inout W
    ) throws(MachineFailure) {
        guard let index = logs[slot].reads.firstIndex(where: { $0.id == task }) else {
            throw MachineFailure("a read ends before its request is gone")
        }
        logs[slot].reads[index].window.completed(completion)
        if let path = logs[slot].reads[index].pinned { try release(path, &world) }
        logs[slot].reads[index].pinned = nil
    }

    // MARK: One task

    /// Goes on as far as it can; true if the task must wait, false if it has been answered.
    private mutating func driveRead<W: World & ~Copyable>(
        _ slot: Int, _ task: inout ReadTask, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        if case .removing = logs[slot].health { return try refuse(slot, &task, .unavailable, &world, &buffers) }
        while true {
            if let offset = try collect(slot, &task, &world, &buffers) {
                return try refuse(slot, &task, .damaged(offset: offset), &world, &buffers)
            }
            if task.countLeft == 0 || task.bytesLeft <= 0 || task.next >= logs[slot].readableEnd { break }
            switch try scanDisk(slot, &task, &world, &buffers) {
            case .found: continue
            case .nothing: break
            case .waiting: return true
            // Memory holds no more: what there is goes out, and the reader comes again for the rest.
            case .refused(.busy) where !task.pieces.isEmpty: break
            case .refused(let refusal): return try refuse(slot, &task, refusal, &world, &buffers)
            }
            break
        }
        try leave(slot, &task, &world, &buffers)
        let end = logs[slot].readableEnd + (world.isMutated(.endNamedTooFar) ? 1 : 0)
        outcomes.append(
            .read(ref: task.ref, UInt32(slot), pieces: task.pieces, currentOffset: end == 0 ? 0 : end - 1))
        return false
    }

    private mutating func refuse<W: World & ~Copyable>(
        _ slot: Int, _ task: inout ReadTask, _ refusal: StoreRefusal, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        try leave(slot, &task, &world, &buffers)
        try releaseRead(task.pieces, &world, &buffers)
        switch refusal {
        case .damaged(let offset):
            try world.submit(.notice(Notice(.error, .damageFound, logs[slot].incarnation, offset)))
        case .failed(let errno):
            try world.submit(
                .notice(Notice(.error, .readFailed, logs[slot].incarnation, UInt64(clamping: errno.rawValue))))
        default: break
        }
        outcomes.append(.readRefused(ref: task.ref, UInt32(slot), refusal))
        return false
    }

    private mutating func leave<W: World & ~Copyable>(
        _ slot: Int, _ task: inout ReadTask, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        if !world.isMutated(.readKeepsItsBuffer) { try task.window.close(&world, &buffers) }
        enter(slot, &task, nil)
    }

    /// Takes a segment in hand, and lets the one before go.
    private mutating func enter(_ slot: Int, _ task: inout ReadTask, _ base: UInt64?) {
        if task.segmentBase == base { return }
        if let old = task.segmentBase {
            if let place = logs[slot].segmentIndex(base: old) {
                logs[slot].segments[place].readerCount -= 1
            } else {
                logs[slot].retention.readerLeft(old)
            }
        }
        task.segmentBase = base
        task.loading = nil
        task.scanPosition = 0
        task.scanOffset = base ?? 0
        if let base, let place = logs[slot].segmentIndex(base: base) { logs[slot].segments[place].readerCount += 1 }
    }

    // MARK: Memory

    /// Takes what is in memory from `task.next` on. Returns the offset of a batch whose messages make no sense.
    private mutating func collect<W: World & ~Copyable>(
        _ slot: Int, _ task: inout ReadTask, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> UInt64? {
        if task.timestampMin > 0 { findTimestampInTail(slot, &task) }
        if task.timestampMin > 0 { return nil }
        let end = world.isMutated(.unacknowledgedReadable) ? logs[slot].nextOffset : logs[slot].readableEnd
        while task.countLeft > 0, task.bytesLeft > 0, task.next < end {
            let header: BatchHeader
            let messages: Slice
            if let index = logs[slot].tail.index(of: task.next), let held = logs[slot].tail[index].messages {
                header = logs[slot].tail[index].header
                messages = held
                world.mark(.pollFromMemory)
            } else if let cached = cachedBatch(slot, holding: task.next) {
                header = cached.header
                messages = cached.messages
            } else {
                return nil
            }
            let start = task.next
            if try !take(&task, header, messages, &world, &buffers) { return header.baseOffset }
            if task.next == start { break }
        }
        return nil
    }

    /// If the first batch late enough is certainly in the tail, the task goes on from there.
    private mutating func findTimestampInTail(_ slot: Int, _ task: inout ReadTask) {
        guard logs[slot].tail.count > 0 else { return }
        let oldest = logs[slot].tail[logs[slot].tail.head].header
        let isWhole = oldest.baseOffset <= logs[slot].firstOffset
        guard isWhole || oldest.timestamp < task.timestampMin else { return }
        let wanted = task.timestampMin
        let index = logs[slot].tail.firstIndex { $0.header.timestamp >= wanted }
        let isFound = index < logs[slot].tail.end
        task.next = isFound ? max(task.next, logs[slot].tail[index].header.baseOffset) : logs[slot].readableEnd
        task.timestampMin = 0
    }

    /// Adds the messages of one batch that the task wants; false if they are no messages.
    private mutating func take<W: World & ~Copyable>(
        _ task: inout ReadTask, _ header: BatchHeader, _ messages: Slice,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        let skipped = UInt32(clamping: task.next - header.baseOffset)
        var selection = BatchBody.Selection(position: 0, byteCount: Int(messages.byteCount), count: header.messageCount)
        let isWhole = skipped == 0 && header.messageCount <= task.countLeft && selection.byteCount <= task.bytesLeft
        if !isWhole {
            let bytes = try world.bytes(of: messages)
            guard
                let part = BatchBody.select(
                    bytes, dialect: header.dialect, skipping: skipped,
                    countMax: min(task.countLeft, header.messageCount - skipped), byteCountMax: task.bytesLeft,
                    takesOne: task.pieces.isEmpty)
            else { return false }
            selection = part
        }
        if selection.count == 0 {
            task.bytesLeft = 0
            return true
        }
        try buffers.retain(messages.buffer)
        // The usual poll allocates nothing, and a new one once, however many batches it crosses.
        if task.pieces.capacity == 0 {
            task.pieces = sparePieces.popLast() ?? []
            task.pieces.reserveCapacity(Self.piecesReserved)
        }
        task.pieces.append(
            ReadPiece(
                messages: Slice(
                    messages.buffer, position: messages.position + UInt32(selection.position),
                    byteCount: UInt32(selection.byteCount)),
                header: header, firstOffset: task.next, count: selection.count))
        task.next += UInt64(selection.count) + (world.isMutated(.readSkipsOne) ? 1 : 0)
        task.countLeft -= selection.count
        task.bytesLeft -= selection.byteCount
        return true
    }

    private static let piecesReserved = 16

    // MARK: Disk

    private enum Scan {
        /// The batch that holds `next` is in the piece cache now.
        case found
        /// Nothing late enough.
        case nothing
        case waiting
        case refused(StoreRefusal)
    }

    private mutating func scanDisk<W: World & ~Copyable>(
        _ slot: Int, _ task: inout ReadTask, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Scan {
        guard let place = segmentToScan(slot, task) else { return .nothing }
        let base = logs[slot].segments[place].base
        if task.segmentBase != base {
            if task.segmentBase != nil {
                world.mark(.pollAcrossBoundary)
                if world.isMutated(.readEndsWithSegment) { return .nothing }
            }
            if task.segmentBase == nil || !world.isMutated(.readStaysInSegment) { enter(slot, &task, base) }
        }
        guard let index = logs[slot].segments[place].index else {
            return try loadIndex(slot, place, &task, &world, &buffers)
        }
        aim(&task, index)
        return try scan(slot, place, &task, &world, &buffers)
    }

    private func segmentToScan(_ slot: Int, _ task: ReadTask) -> Int? {
        if task.timestampMin == 0 { return logs[slot].segmentIndex(holding: task.next) }
        return logs[slot].segments.firstIndex { !$0.isEmpty && $0.lastTimestamp >= task.timestampMin }
    }

    /// Begins at the nearest waypoint, unless the scan is already between it and the target.
    private func aim(_ task: inout ReadTask, _ index: SegmentIndex) {
        let waypoint = task.timestampMin > 0
            ? index.waypoint(timestamp: task.timestampMin) : index.waypoint(offset: task.next)
        guard let waypoint else { return }
        let isPast = task.timestampMin == 0 && task.scanOffset > task.next
        if waypoint.offset > task.scanOffset || isPast {
            task.scanOffset = waypoint.offset
            task.scanPosition = waypoint.position
        }
    }

    /// Hops to the batch wanted, then verifies it and the whole batches behind it that are in view.
    private mutating func scan<W: World & ~Copyable>(
        _ slot: Int, _ place: Int, _ task: inout ReadTask, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Scan {
        let limit = logs[slot].segments[place].position
        while true {
            let at: Int
            switch try fill(slot, place, &task, at: task.scanPosition, need: BatchHeader.byteCount, limit, &world, &buffers) {
            case .ready(let position): at = position
            case .stop(let scan): return scan
            case .short: return .refused(.damaged(offset: task.scanOffset))
            }
            guard let header = try header(slot, task, at, task.scanOffset, &world) else {
                return .refused(.damaged(offset: task.scanOffset))
            }
            if header.endOffset <= task.next || header.timestamp < task.timestampMin {
                task.scanPosition += header.totalByteCount
                task.scanOffset = header.endOffset
                if task.scanOffset >= logs[slot].readableEnd { return .nothing }
                if task.scanPosition >= limit {
                    if task.timestampMin > 0 { return .nothing }
                    return .refused(.damaged(offset: task.next))
                }
                continue
            }
            let need = Int(header.totalByteCount)
            task.batchByteCount = need
            switch try fill(slot, place, &task, at: task.scanPosition, need: need, limit, &world, &buffers) {
            case .ready(let position): return try keep(slot, &task, position, &world, &buffers)
            case .stop(let scan): return scan
            case .short: return .refused(.damaged(offset: header.baseOffset))
            }
        }
    }

    /// The header at `place` of the window, if it is the one that must stand there: of the batch at `offset`.
    private func header<W: World & ~Copyable>(
        _ slot: Int, _ task: ReadTask, _ place: Int, _ offset: UInt64, _ world: inout W
    ) throws(MachineFailure) -> BatchHeader? {
        let bytes = try world.bytes(of: task.window.slice(place, BatchHeader.byteCount))
        guard
            let header = BatchHeader(
                bytes, at: 0, incarnation: logs[slot].incarnation, bodyBytesMax: settings.bodyBytesMax),
            header.baseOffset == offset
        else { return nil }
        return header
    }

    /// Verifies the batches in view from `place` on and puts them into the cache.
    private mutating func keep<W: World & ~Copyable>(
        _ slot: Int, _ task: inout ReadTask, _ place: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Scan {
        var place = place
        var batches: [CachedPiece.Batch] = []
        while task.window.available(from: place) >= BatchHeader.byteCount, task.scanOffset < logs[slot].readableEnd,
            let header = try header(slot, task, place, task.scanOffset, &world),
            Int64(task.window.available(from: place)) >= header.totalByteCount {
            let messages = try task.window.slice(place + BatchHeader.byteCount, Int(header.bodyByteCount))
            let isWhole = BatchBody.verify(try world.bytes(of: messages), header)
            guard isWhole || world.isMutated(.readNotVerified) else { break }
            batches.append(CachedPiece.Batch(header: header, messages: messages))
            place += Int(header.totalByteCount)
            task.scanPosition += header.totalByteCount
            task.scanOffset = header.endOffset
        }
        guard let first = batches.first else { return .refused(.damaged(offset: task.scanOffset)) }
        world.mark(.pollFromDisk)
        if task.timestampMin > 0 {
            task.next = max(task.next, first.header.baseOffset)
            task.timestampMin = 0
        }
        guard let buffer = task.window.takeBuffer() else { throw MachineFailure("a window in view has a buffer") }
        try cachePiece(slot, buffer, batches, &world, &buffers)
        return .found
    }

    private enum Filled {
        case ready(Int)
        case short(Int, available: Int)
        case stop(Scan)
    }

    /// Brings bytes of the segment's log into view.
    private mutating func fill<W: World & ~Copyable>(
        _ slot: Int, _ place: Int, _ task: inout ReadTask, at position: Int64, need: Int, _ limit: Int64,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Filled {
        let isSealed = logs[slot].segments[place].isSealed
        return try fill(
            slot, logs[slot].path(logOf: logs[slot].segments[place].base), isSealed ? .read : .readWrite, &task,
            at: position, need: need, limit: limit, &world, &buffers)
    }

    private mutating func fill<W: World & ~Copyable>(
        _ slot: Int, _ path: Path, _ mode: OpenMode, _ task: inout ReadTask, at position: Int64, need: Int,
        limit: Int64?, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Filled {
        if let place = task.window.place(of: path, at: position, need: need) { return .ready(place) }
        let file: FileID
        let byteCount: Int64
        switch try acquire(path, mode, slot, &world) {
        case .waiting: return .stop(.waiting)
        case .failed(let errno): return .stop(.refused(.failed(errno)))
        case .open(let opened, let length): (file, byteCount) = (opened, length)
        }
        let id = task.id
        var filled: Window.Fill
        while true {
            filled = try task.window.fill(
                path, file, at: position, need: need, prefer: pieceBytes(task), limit: limit ?? byteCount,
                &world, &buffers
            ) {
                logs[slot].inFlightCount += 1
                return operations.begin(.read(task: id), slot: slot)
            }
            // What is kept for other readers goes before this one is refused.
            guard case .noMemory = filled, try dropOldestPiece(&world, &buffers) else { break }
        }
        if task.window.isReading { task.pinned = path } else { try release(path, &world) }
        switch filled {
        case .ready(let place): return .ready(place)
        case .short(let place, let available): return .short(place, available: available)
        case .waiting: return .stop(.waiting)
        case .noMemory: return .stop(.refused(.busy))
        case .failed(let errno): return .stop(.refused(.failed(errno)))
        }
    }

    /// What one read asks for: as many batches of the usual size as fit, and not the beginning of another, which
    /// would be read again.
    private func pieceBytes(_ task: ReadTask) -> Int {
        let batch = task.batchByteCount
        guard batch > 0, batch < settings.readPieceBytes else { return settings.readPieceBytes }
        return settings.readPieceBytes / batch * batch
    }

    // MARK: The index of a sealed segment

    /// Reads the index file, and hops through what it does not tell.
    private mutating func loadIndex<W: World & ~Copyable>(
        _ slot: Int, _ place: Int, _ task: inout ReadTask, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Scan {
        var load = task.loading ?? ReadTask.IndexLoad()
        defer { task.loading = load }
        let segment = logs[slot].segments[place]
        while !load.isHopping {
            let path = logs[slot].path(indexOf: segment.base)
            switch try fill(slot, path, .readWrite, &task, at: load.position, need: IndexEntry.byteCount, limit: nil, &world, &buffers) {
            case .ready(let at):
                let bytes = try world.bytes(of: task.window.slice(at, IndexEntry.byteCount))
                guard let entry = IndexEntry(bytes, at: 0, incarnation: logs[slot].incarnation),
                    load.index.accepts(entry, base: segment.base), entry.position < segment.position
                else {
                    load.isOnDisk = false
                    load.isHopping = true
                    continue
                }
                load.index.append(entry)
                load.position += Int64(IndexEntry.byteCount)
            case .short(_, let available):
                if available > 0 { load.isOnDisk = false }
                load.isHopping = true
            case .stop(.refused(.failed)):
                load.isOnDisk = false
                load.isHopping = true
            case .stop(let scan): return scan
            }
        }
        if let stopped = try hop(slot, place, &load, &task, &world, &buffers) { return stopped }
        if !load.isOnDisk { world.mark(.recoveryIndexRebuilt) }
        adoptIndex(slot, place, load.index, isOnDisk: load.isOnDisk)
        ready.append(slot)
        return try scanDisk(slot, &task, &world, &buffers)
    }

    /// Makes the waypoints behind the last one by reading headers; nil when the end of the segment is reached.
    private mutating func hop<W: World & ~Copyable>(
        _ slot: Int, _ place: Int, _ load: inout ReadTask.IndexLoad, _ task: inout ReadTask,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Scan? {
        let end = logs[slot].segments[place].position
        if load.hopPosition == 0, let last = load.index.entries.last {
            load.hopPosition = last.position
            load.hopOffset = last.offset
        } else if load.hopPosition == 0 {
            load.hopOffset = logs[slot].segments[place].base
        }
        while load.hopPosition < end {
            let at: Int
            switch try fill(slot, place, &task, at: load.hopPosition, need: BatchHeader.byteCount, end, &world, &buffers) {
            case .ready(let position): at = position
            case .stop(let scan): return scan
            case .short: return .refused(.damaged(offset: load.hopOffset))
            }
            guard let header = try header(slot, task, at, load.hopOffset, &world) else {
                return .refused(.damaged(offset: load.hopOffset))
            }
            let before = load.index.entries.count
            load.index.note(
                offset: header.baseOffset, position: load.hopPosition, timestamp: header.timestamp,
                interval: settings.indexIntervalBytes)
            if load.index.entries.count > before { load.isOnDisk = false }
            load.hopPosition += header.totalByteCount
            load.hopOffset = header.endOffset
        }
        return nil
    }
}
