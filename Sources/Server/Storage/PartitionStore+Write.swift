import Platform
import Primitives

// The writer: directory, segment, vectored write, seal, in this order, one at a time.
//
// It is driven after every event of the partition and does what is next: make the directory and wait until its entry
// is durable (offsets are never given out twice because a directory vanished), create a segment, write what waits as
// one vectored write, seal the segment that became full. What fails is undone before anything else is written.

extension PartitionStore {
    mutating func driveWriter<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        while logs[slot].writer == .idle, !logs[slot].isHungry, try writerStep(slot, &world, &buffers, at: now) {}
    }

    /// Does the next thing; true if it is already done and another may follow.
    private mutating func writerStep<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) -> Bool {
        if let fault = logs[slot].fault {
            if logs[slot].isAllocating || logs[slot].doubt?.isBusy == true { return false }
            logs[slot].fault = nil
            try meet(fault, slot, &world, &buffers)
            return true
        }
        if logs[slot].needsCut { return logs[slot].isResting ? false : try cut(slot, &world, &buffers) }
        switch logs[slot].health {
        case .serving, .stopping: break
        case .free, .opening, .quarantined, .readOnly, .removing: return false
        }
        if let active = logs[slot].activeIndex,
            logs[slot].segments[active].classicByteCount >= settings.segmentBytes, !logs[slot].isStuck {
            if logs[slot].isResting { return false }
            return try seal(slot, active, &world, &buffers)
        }
        if logs[slot].wantsSegment, !logs[slot].isStuck { return try createSegment(slot, &world, &buffers) }
        guard logs[slot].tail.pendingCount > 0, !logs[slot].isStuck else { return false }
        if !logs[slot].hasDirectory {
            if logs[slot].isResting { return false }
            logs[slot].writer = .makingDirectory
            let directory = Directory.partition(incarnation: logs[slot].incarnation)
            try submit(.makeDirectory, slot, &world) { .makeDirectory(directory, $0) }
            return false
        }
        guard let active = logs[slot].activeIndex else { return try createSegment(slot, &world, &buffers) }
        return try write(slot, active, &world, &buffers)
    }

    // MARK: Rotation

    private mutating func seal<W: World & ~Copyable>(
        _ slot: Int, _ active: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        if logs[slot].isAllocating { return false }
        let segment = logs[slot].segments[active]
        if logs[slot].sealBlock == nil {
            guard let block = try slab.take(&world, &buffers) else {
                wait(forMemory: slot)
                return false
            }
            world.mark(.rotationDecided)
            let seal = segment.seal(incarnation: logs[slot].incarnation, durableEnd: logs[slot].durableEnd)
            var bytes = try world.mutableBytes(of: block)
            try invariant(seal.encode(into: &bytes), "a seal fits its block")
            logs[slot].sealBlock = block
            if !world.isMutated(.sealBeginsInTheMiddle) { logs[slot].writeProgress = 0 }
        }
        switch try acquire(logs[slot].path(logOf: segment.base), .readWrite, slot, &world) {
        case .waiting: return false
        case .failed(let errno):
            try undoWrite(slot, errno, isTouched: false, &world, &buffers)
            return false
        case .open(let file, _):
            logs[slot].writer = .sealing
            try submitSeal(slot, file, segment.position, &world)
            return false
        }
    }

    private mutating func submitSeal<W: World & ~Copyable>(
        _ slot: Int, _ file: FileID, _ position: Int64, _ world: inout W
    ) throws(MachineFailure) {
        guard let block = logs[slot].sealBlock else { throw MachineFailure("a seal being written has its block") }
        let done = logs[slot].writeProgress
        slices.removeAll(keepingCapacity: true)
        slices.append(
            Slice(block.buffer, position: block.position + UInt32(done), byteCount: block.byteCount - UInt32(done)))
        logs[slot].inFlightCount += 1
        try world.submit(
            .write(file, at: position + Int64(done), slices: 1, operations.begin(.seal, slot: slot)), slices.span)
    }

    private mutating func sealed<W: World & ~Copyable>(
        _ slot: Int, _ active: Int, _ world: inout W
    ) throws(MachineFailure) {
        world.mark(.rotationSealed)
        logs[slot].segments[active].isSealed = true
        if !world.isMutated(.sealedSegmentNotSynced) {
            logs[slot].unsyncedSealed.append(logs[slot].segments[active].base)
        }
        logs[slot].index.queue.append(logs[slot].segments[active].base)
        logs[slot].wantsSegment = true
    }

    private mutating func createSegment<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        let base = logs[slot].writtenEnd + (world.isMutated(.segmentBaseOffByOne) ? 1 : 0)
        let path = logs[slot].path(logOf: base)
        switch try acquire(path, logs[slot].createdBase == base ? .readWrite : .create, slot, &world) {
        case .waiting: return false
        case .failed(let errno):
            // The sealed segment stays the last one until the next append tries again.
            logs[slot].wantsSegment = false
            try undoWrite(slot, errno, isTouched: false, &world, &buffers)
            return false
        case .open:
            try release(path, &world)
            var segment = Segment(base: base)
            segment.index = SegmentIndex()
            let isFirst = logs[slot].segments.isEmpty
            logs[slot].segments.append(segment)
            logs[slot].wantsSegment = false
            logs[slot].createdBase = nil
            if !world.isMutated(.segmentPublishedEarly) { logs[slot].directoryChanges += 1 }
            if !isFirst {
                world.mark(.rotationCreated)
                world.mark(.rotationPublished)
            }
            return true
        }
    }

    // MARK: Writing

    private mutating func write<W: World & ~Copyable>(
        _ slot: Int, _ active: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        let path = logs[slot].path(logOf: logs[slot].segments[active].base)
        let file: FileID
        switch try acquire(path, .readWrite, slot, &world) {
        case .waiting: return false
        case .failed(let errno):
            try undoWrite(slot, errno, isTouched: false, &world, &buffers)
            return false
        case .open(let opened, _): file = opened
        }
        guard let end = try gather(slot, active, &world, &buffers) else {
            try release(path, &world)
            wait(forMemory: slot)
            return false
        }
        if logs[slot].level == .power, try !hasRoom(slot, active, file, until: end, &world) {
            try ungather(slot)
            try release(path, &world)
            return false
        }
        if logs[slot].tail.submitted - logs[slot].tail.written > 1 { world.mark(.groupCommit) }
        world.mark(.writeSubmitted)
        logs[slot].writer = .writing
        logs[slot].writeProgress = 0
        if world.isMutated(.halfBatchVisible) {
            logs[slot].readableEnd = logs[slot].tail[logs[slot].tail.submitted - 1].header.endOffset
        }
        try submitWrite(slot, active, file, &world)
        if logs[slot].level == .power { try allocateAhead(slot, active, file, from: end, &world) }
        return false
    }

    /// Chooses the batches of the next write and makes their headers: as many as fit one write and this segment.
    /// The position after them, or nil if there is no memory for a header.
    private mutating func gather<W: World & ~Copyable>(
        _ slot: Int, _ active: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Int64? {
        var position = logs[slot].segments[active].position
        var classicByteCount = logs[slot].segments[active].classicByteCount
        let start = position
        let first = logs[slot].tail.written
        while logs[slot].tail.pendingCount > 0, classicByteCount < settings.segmentBytes {
            let index = logs[slot].tail.submitted
            let header = logs[slot].tail[index].header
            if index > first {
                guard index - first < settings.writeBatchesMax,
                    position - start + header.totalByteCount <= Int64(settings.writeBytesMax)
                else { break }
            }
            guard let block = try slab.take(&world, &buffers) else { break }
            logs[slot].tail[index].header.durableEnd =
                world.isMutated(.headerVouchesForUnsynced) ? header.baseOffset : logs[slot].durableEnd
            logs[slot].tail[index].block = block
            logs[slot].tail[index].position = position
            var bytes = try world.mutableBytes(of: block)
            try invariant(logs[slot].tail[index].header.encode(into: &bytes), "a header fits its block")
            position += header.totalByteCount
            classicByteCount &+= header.classicByteCount
            logs[slot].tail.submitted += 1
        }
        return logs[slot].tail.submitted > first ? position : nil
    }

    private mutating func ungather(_ slot: Int) throws(MachineFailure) {
        for index in logs[slot].tail.written..<logs[slot].tail.submitted { giveBlock(slot, index) }
        logs[slot].tail.submitted = logs[slot].tail.written
    }

    private mutating func giveBlock(_ slot: Int, _ index: Int) {
        if let block = logs[slot].tail[index].block { slab.give(block) }
        logs[slot].tail[index].block = nil
    }

    /// Submits what is left of the write in flight.
    private mutating func submitWrite<W: World & ~Copyable>(
        _ slot: Int, _ active: Int, _ file: FileID, _ world: inout W
    ) throws(MachineFailure) {
        slices.removeAll(keepingCapacity: true)
        var skip = logs[slot].writeProgress
        for index in logs[slot].tail.written..<logs[slot].tail.submitted {
            let batch = logs[slot].tail[index]
            guard let block = batch.block, let messages = batch.messages else {
                throw MachineFailure("a batch being written has its header and its messages")
            }
            push(block, &skip)
            push(messages, &skip)
        }
        let done = world.isMutated(.restOfWriteMisplaced) ? 0 : logs[slot].writeProgress
        let position = logs[slot].segments[active].position + Int64(done)
        logs[slot].inFlightCount += 1
        try world.submit(
            .write(file, at: position, slices: slices.count, operations.begin(.write, slot: slot)), slices.span)
    }

    private mutating func push(_ slice: Slice, _ skip: inout Int) {
        let byteCount = Int(slice.byteCount)
        if skip >= byteCount {
            skip -= byteCount
        } else {
            slices.append(
                Slice(slice.buffer, position: slice.position + UInt32(skip), byteCount: UInt32(byteCount - skip)))
            skip = 0
        }
    }

    private func inFlightByteCount(_ slot: Int) -> Int {
        var byteCount = 0
        for index in logs[slot].tail.written..<logs[slot].tail.submitted {
            byteCount += Int(logs[slot].tail[index].header.totalByteCount)
        }
        return byteCount
    }

    private mutating func written<W: World & ~Copyable>(
        _ slot: Int, _ active: Int, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        let start = logs[slot].segments[active].position
        for index in logs[slot].tail.written..<logs[slot].tail.submitted {
            giveBlock(slot, index)
            let batch = logs[slot].tail[index]
            logs[slot].segments[active].add(batch.header, indexInterval: settings.indexIntervalBytes)
            if let messages = batch.messages, buffers.isForeign(messages.buffer), !world.isMutated(.lentBytesKept) {
                logs[slot].tail[index].messages = nil
                tailBytes -= batch.costBytes
                logs[slot].tail[index].costBytes = 0
            }
            logs[slot].writtenEnd = batch.header.endOffset
            if batch.header.level == .power {
                logs[slot].syncWanted = max(logs[slot].syncWanted, batch.header.endOffset)
                logs[slot].syncAwaited = max(logs[slot].syncAwaited, batch.header.endOffset)
            }
        }
        logs[slot].tail.written = logs[slot].tail.submitted
        logs[slot].segments[active].allocatedEnd = max(
            logs[slot].segments[active].allocatedEnd, logs[slot].segments[active].position)
        world.mark(.appended)
        if logs[slot].hasMetNoSpace {
            logs[slot].hasMetNoSpace = false
            world.mark(.diskFullRecovered)
        }
        logs[slot].unsyncedByteCount += logs[slot].segments[active].position - start
        if logs[slot].unsyncedByteCount > settings.syncBytesMax {
            logs[slot].syncWanted = max(logs[slot].syncWanted, logs[slot].writtenEnd)
        }
        noteUnsynced(slot, at: now)
        try settleAppends(slot, &world, &buffers)
    }

    mutating func noteUnsynced(_ slot: Int, at now: Instant) {
        if nextSync == nil { nextSync = now.nanoseconds + settings.syncInterval }
        if logs[slot].isInSyncList { return }
        logs[slot].isInSyncList = true
        unsynced.append(slot)
    }

    // MARK: Space ahead of need

    /// Whether the blocks up to `end` are there; if not, their allocation is under way.
    private mutating func hasRoom<W: World & ~Copyable>(
        _ slot: Int, _ active: Int, _ file: FileID, until end: Int64, _ world: inout W
    ) throws(MachineFailure) -> Bool {
        let allocated = logs[slot].segments[active].allocatedEnd
        if end <= allocated { return true }
        if logs[slot].isAllocating { return false }
        let chunk = max(1, settings.allocateChunkBytes)
        let target = (end / chunk + 1) * chunk
        logs[slot].writer = .allocating
        try allocate(slot, active, file, until: target, &world)
        return false
    }

    private mutating func allocateAhead<W: World & ~Copyable>(
        _ slot: Int, _ active: Int, _ file: FileID, from end: Int64, _ world: inout W
    ) throws(MachineFailure) {
        let chunk = settings.allocateChunkBytes
        let allocated = logs[slot].segments[active].allocatedEnd
        guard !logs[slot].isAllocating, allocated - end < chunk / 2, allocated < Int64(clamping: settings.segmentBytes)
        else { return }
        try allocate(slot, active, file, until: allocated + chunk, &world)
    }

    private mutating func allocate<W: World & ~Copyable>(
        _ slot: Int, _ active: Int, _ file: FileID, until end: Int64, _ world: inout W
    ) throws(MachineFailure) {
        let start = logs[slot].segments[active].allocatedEnd
        // One more user: this operation and a write may be in flight together.
        let path = logs[slot].path(logOf: logs[slot].segments[active].base)
        guard case .open = try acquire(path, .readWrite, slot, &world) else {
            throw MachineFailure("a file that is pinned is open")
        }
        logs[slot].isAllocating = true
        try submit(.allocate(end: end), slot, &world) { .allocate(file, at: start, byteCount: end - start, $0) }
    }

    // MARK: Completions

    mutating func finishWriter<W: World & ~Copyable>(
        _ operation: InFlight, _ slot: Int, _ completion: Completion,
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        switch operation {
        case .makeDirectory: try finishMakeDirectory(slot, completion, &world, &buffers)
        case .syncParent: try finishSyncParent(slot, completion, &world, &buffers)
        case .write: try finishWrite(slot, completion, &world, &buffers, at: now)
        case .seal: try finishSeal(slot, completion, &world, &buffers)
        case .trim: try finishTrim(slot, completion, &world)
        case .cut: try finishCut(slot, completion, &world)
        case .allocate(let end): try finishAllocate(slot, end, completion, &world, &buffers)
        default: throw MachineFailure("the writer finishes only its own operations")
        }
    }

    private mutating func finishMakeDirectory<W: World & ~Copyable>(
        _ slot: Int, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        if case .failed(let errno) = completion, errno != .exists {
            logs[slot].writer = .idle
            return try undoWrite(slot, errno, isTouched: false, &world, &buffers)
        }
        logs[slot].writer = .syncingParent
        let parent = world.isMutated(.wrongParentSynced) ? Directory.root : .partitions
        try submit(.syncParent, slot, &world) { .syncDirectory(parent, $0) }
    }

    private mutating func finishSyncParent<W: World & ~Copyable>(
        _ slot: Int, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        logs[slot].writer = .idle
        // It could not begin, for want of a descriptor.
        if case .failed(let errno) = completion, errno.isNoDescriptor, rest(slot, after: errno) { return }
        if case .failed(let errno) = completion { return try undoWrite(slot, errno, isTouched: false, &world, &buffers) }
        logs[slot].hasDirectory = true
        try settleAppends(slot, &world, &buffers)
    }

    private mutating func finishWrite<W: World & ~Copyable>(
        _ slot: Int, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        guard let active = logs[slot].activeIndex else { throw MachineFailure("a write goes to a writable segment") }
        let path = logs[slot].path(logOf: logs[slot].segments[active].base)
        var result = completion
        if case .failed(let errno) = completion, errno.isNoSpace, world.isMutated(.noSpaceSwallowed) {
            result = .done(count: inFlightByteCount(slot) - logs[slot].writeProgress)
        }
        switch result {
        case .done(let count) where count > 0:
            logs[slot].writeProgress += count
            let total = inFlightByteCount(slot)
            try invariant(logs[slot].writeProgress <= total, "a write moves no more than it was given")
            if logs[slot].writeProgress < total, logs[slot].isLoanLost {
                logs[slot].isLoanLost = false
                logs[slot].writer = .idle
                try release(path, &world)
                return try undoWrite(slot, .canceled, isTouched: true, &world, &buffers)
            }
            if logs[slot].writeProgress < total {
                world.mark(.writeShort)
                guard case .open(let file, _) = try acquire(path, .readWrite, slot, &world) else {
                    throw MachineFailure("a file that is pinned is open")
                }
                try submitWrite(slot, active, file, &world)
                return try release(path, &world)
            }
            logs[slot].writer = .idle
            logs[slot].isLoanLost = false
            try release(path, &world)
            try written(slot, active, &world, &buffers, at: now)
        case .failed(let errno):
            logs[slot].writer = .idle
            try release(path, &world)
            try undoWrite(slot, errno, isTouched: true, &world, &buffers)
        case .done, .opened, .space:
            logs[slot].writer = .idle
            try release(path, &world)
            try undoWrite(slot, .inputOutput, isTouched: true, &world, &buffers)
        }
    }

    private mutating func finishSeal<W: World & ~Copyable>(
        _ slot: Int, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard let active = logs[slot].activeIndex else { throw MachineFailure("only a writable segment is sealed") }
        let segment = logs[slot].segments[active]
        let path = logs[slot].path(logOf: segment.base)
        logs[slot].writer = .idle
        if case .done(let count) = completion, count > 0 {
            logs[slot].writeProgress += count
            guard case .open(let file, _) = try acquire(path, .readWrite, slot, &world) else {
                throw MachineFailure("a file that is pinned is open")
            }
            try release(path, &world)
            if logs[slot].writeProgress < SegmentSeal.byteCount, !world.isMutated(.shortSealCountsAsWhole) {
                world.mark(.writeShort)
                logs[slot].writer = .sealing
                return try submitSeal(slot, file, segment.position, &world)
            }
            giveSealBlock(slot)
            let end = segment.position + Int64(SegmentSeal.byteCount)
            if segment.allocatedEnd > end {
                logs[slot].writer = .trimming
                return try submit(.trim, slot, &world) { .truncate(file, to: end, $0) }
            }
            try sealed(slot, active, &world)
            return try release(path, &world)
        }
        try release(path, &world)
        giveSealBlock(slot)
        if case .failed(let errno) = completion {
            try undoWrite(slot, errno, isTouched: true, &world, &buffers)
        } else {
            try undoWrite(slot, .inputOutput, isTouched: true, &world, &buffers)
        }
    }

    mutating func giveSealBlock(_ slot: Int) {
        if let block = logs[slot].sealBlock { slab.give(block) }
        logs[slot].sealBlock = nil
    }

    /// The zeros behind a seal are only a nuisance: a trim that fails too often changes nothing.
    private mutating func finishTrim<W: World & ~Copyable>(
        _ slot: Int, _ completion: Completion, _ world: inout W
    ) throws(MachineFailure) {
        guard let active = logs[slot].activeIndex else { throw MachineFailure("only a writable segment is sealed") }
        logs[slot].writer = .idle
        try release(logs[slot].path(logOf: logs[slot].segments[active].base), &world)
        // Sealed once more after a rest, with the same bytes, and trimmed then.
        if case .failed(let errno) = completion, rest(slot, after: errno) { return }
        try sealed(slot, active, &world)
    }

    private mutating func finishAllocate<W: World & ~Copyable>(
        _ slot: Int, _ end: Int64, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard let active = logs[slot].activeIndex else { throw MachineFailure("only a writable segment grows") }
        logs[slot].isAllocating = false
        try release(logs[slot].path(logOf: logs[slot].segments[active].base), &world)
        let isAwaited = logs[slot].writer == .allocating
        if isAwaited { logs[slot].writer = .idle }
        switch completion {
        case .done, .opened, .space:
            logs[slot].segments[active].allocatedEnd = max(logs[slot].segments[active].allocatedEnd, end)
        case .failed(let errno):
            // Ahead of need nobody is waiting: the write that needs the room will ask again.
            if isAwaited { try undoWrite(slot, errno, isTouched: true, &world, &buffers) }
        }
    }

    mutating func acquire<W: World & ~Copyable>(
        _ path: Path, _ mode: OpenMode, _ slot: Int, _ world: inout W
    ) throws(MachineFailure) -> OpenFiles.Answer {
        try files.acquire(path, mode, slot: slot, &world, &operations)
    }
}
