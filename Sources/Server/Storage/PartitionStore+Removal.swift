public import Platform
import Primitives

/// A partition on its way out.
struct Removal {
    enum Phase: Equatable { case draining, listing, unlinking, removingDirectory, syncingParent, resting, done }

    /// The longest rest, in ticks, and how many there are: together about a quarter of a minute.
    private static let ticksMax = 8, restsMax = 16

    let ref: UInt64
    var phase = Phase.draining
    var buffer: BufferID?
    var names: [Path] = []
    var failure: Errno?
    var isBusy = false
    var listedByteCount = 0
    var bufferByteCount = 64 << 10
    /// The directory was there, and is not any more.
    var hasRemovedDirectory = false
    private var restsLeft = restsMax
    private var ticksNext = 1
    private var ticksLeft = 0

    init(ref: UInt64) { self.ref = ref }

    /// A step failed. It begins again after a rest; the rests get longer, and end some time: then the next start does
    /// it.
    mutating func failed(_ errno: Errno) {
        failure = errno
        names = []
        guard restsLeft > 0 else { return phase = .done }
        restsLeft -= 1
        phase = .resting
        ticksLeft = ticksNext
        ticksNext = min(Self.ticksMax, 2 * ticksNext)
    }

    /// True when it has rested long enough and begins again.
    mutating func tick() -> Bool {
        ticksLeft -= 1
        guard phase == .resting, ticksLeft <= 0 else { return false }
        failure = nil
        phase = .draining
        return true
    }

    /// A stop waits for it: it rests no more.
    mutating func hurry() {
        restsLeft = 0
        ticksLeft = 0
        _ = tick()
    }
}

// Deleting a partition: everything in flight ends, every file is closed and unlinked, then the directory goes and its
// parent is synced. What fails is begun again from the list of names. Finishing a deletion that a crash interrupted is
// the same thing.

extension PartitionStore {
    /// Removes a partition for good; its slot is free after `.removed`.
    public mutating func remove<W: World & ~Copyable>(
        _ slot: PartitionSlot, ref: UInt64, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        guard has(slot), logs[Int(slot)].removal == nil else {
            return outcomes.append(.removed(ref: ref, slot, .noEntry))
        }
        let index = Int(slot)
        logs[index].removal = Removal(ref: ref)
        if logs[index].isParked, logs[index].recovery?.phase == .queued { logs[index].recovery = nil }
        if logs[index].health != .opening || logs[index].recovery == nil { logs[index].health = .removing }
        for task in logs[index].flushes {
            outcomes.append(.flushed(ref: task.ref, slot, .refused(.unavailable)))
        }
        logs[index].flushes = []
        ready.append(index)
        try driveReady(&world, &buffers, at: now)
    }

    /// Finishes the deletion of a partition that was never opened in this life. Its outcome is `.removed` too.
    public mutating func removeAbandoned<W: World & ~Copyable>(
        incarnation: UInt64, ref: UInt64, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) -> PartitionSlot {
        let slot = allocateSlot(PartitionLog(incarnation: incarnation, level: .process))
        logs[slot].health = .serving
        try remove(UInt32(slot), ref: ref, &world, &buffers, at: now)
        return UInt32(slot)
    }

    mutating func driveRemoval<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        guard let removal = logs[slot].removal, !removal.isBusy, logs[slot].recovery == nil else { return }
        let incarnation = logs[slot].incarnation
        switch removal.phase {
        case .draining:
            guard logs[slot].inFlightCount == 0, logs[slot].reads.isEmpty else { return }
            try answerRemoved(slot, &world, &buffers)
            if !world.isMutated(.removalKeepsFilesOpen) { try files.discardAll(slot: slot, &world, &operations) }
            if files.holdsAny(slot: slot) { return }
            try list(slot, &world, &buffers)
        case .listing:
            try takeNames(slot, &world, &buffers)
        case .unlinking:
            guard !world.isMutated(.removalLeavesFiles), let path = logs[slot].removal?.names.popLast() else {
                logs[slot].removal?.phase = .removingDirectory
                logs[slot].removal?.isBusy = true
                return try submit(.removal, slot, &world) { .removeDirectory(.partition(incarnation: incarnation), $0) }
            }
            logs[slot].removal?.isBusy = true
            try submit(.removal, slot, &world) { .unlink(path, $0) }
        case .removingDirectory:
            logs[slot].removal?.hasRemovedDirectory = true
            try syncParent(slot, &world)
        case .resting: return
        case .syncingParent, .done:
            outcomes.append(.removed(ref: removal.ref, UInt32(slot), removal.failure))
            logs[slot] = PartitionLog(incarnation: 0, level: .process)
            logs[slot].health = .free
            freeSlots.append(slot)
        }
    }

    private mutating func list<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard let removal = logs[slot].removal else { return }
        guard let buffer = try buffers.allocate(byteCount: removal.bufferByteCount, &world) else {
            return wait(forMemory: slot)
        }
        logs[slot].removal?.buffer = buffer
        logs[slot].removal?.phase = .listing
        logs[slot].removal?.isBusy = true
        let slice = Slice(buffer, position: 0, byteCount: UInt32(removal.bufferByteCount))
        let directory = Directory.partition(incarnation: logs[slot].incarnation)
        try submit(.removal, slot, &world) { .list(directory, into: slice, $0) }
    }

    private mutating func takeNames<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard let removal = logs[slot].removal, let buffer = removal.buffer else { return }
        if removal.failure == nil, removal.listedByteCount <= removal.bufferByteCount {
            let bytes = try world.bytes(of: Slice(buffer, position: 0, byteCount: UInt32(removal.listedByteCount)))
            // The newest goes first: what a crash leaves is a prefix, and the next start goes on with it.
            let directory = Directory.partition(incarnation: logs[slot].incarnation)
            logs[slot].removal?.names = DirectoryListing.paths(bytes, in: directory)
        }
        try buffers.release(buffer, &world)
        logs[slot].removal?.buffer = nil
        switch removal.failure {
        case .noEntry where removal.hasRemovedDirectory:
            logs[slot].removal?.failure = nil
            return try syncParent(slot, &world)
        case .noEntry:
            logs[slot].removal?.failure = nil
            logs[slot].removal?.phase = .done
        case .some(let errno):
            removalFailed(slot, errno)
        case nil where removal.listedByteCount > removal.bufferByteCount:
            logs[slot].removal?.bufferByteCount = removal.listedByteCount + (4 << 10)
            return try list(slot, &world, &buffers)
        case nil:
            logs[slot].removal?.phase = .unlinking
        }
        ready.append(slot)
    }

    private mutating func syncParent<W: World & ~Copyable>(_ slot: Int, _ world: inout W) throws(MachineFailure) {
        logs[slot].removal?.phase = .syncingParent
        logs[slot].removal?.isBusy = true
        try submit(.removal, slot, &world) { .syncDirectory(.partitions, $0) }
    }

    mutating func finishRemoval(_ slot: Int, _ completion: Completion) {
        logs[slot].removal?.isBusy = false
        switch (completion, logs[slot].removal?.phase) {
        case (.done(let count), .listing): logs[slot].removal?.listedByteCount = count
        // Its buffer goes first.
        case (.failed(let errno), .listing): logs[slot].removal?.failure = errno
        // An entry that is already gone is what we wanted.
        case (.failed(.noEntry), _), (.done, _), (.opened, _), (.space, _): break
        case (.failed(.notEmpty), .removingDirectory):
            // Names that are not ours, or a shard that has not heard of the deletion: it goes on.
            logs[slot].removal?.failure = .notEmpty
            logs[slot].removal?.phase = .done
        case (.failed(let errno), _): removalFailed(slot, errno)
        }
    }

    private mutating func removalFailed(_ slot: Int, _ errno: Errno) {
        logs[slot].removal?.failed(errno)
        if logs[slot].removal?.phase == .resting { waitForTick(slot) }
    }

    /// Whoever waits for a partition that goes can't be told what became of bytes already written.
    private mutating func answerRemoved<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        for index in logs[slot].tail.acknowledged..<logs[slot].tail.end {
            guard let ref = logs[slot].tail[index].ref else { continue }
            let answer: Settled<StoredRange> = index < logs[slot].tail.written ? .unknown : .refused(.unavailable)
            outcomes.append(.appended(ref: ref, UInt32(slot), answer))
        }
        for undone in logs[slot].undone {
            outcomes.append(.appended(ref: undone.ref, UInt32(slot), undone.answer))
        }
        logs[slot].undone = []
        for item in logs[slot].offsets.pending {
            guard let ref = item.ref, let key = item.record.key else { continue }
            outcomes.append(.offsetSettled(ref: ref, UInt32(slot), key, .refused(.unavailable)))
        }
        logs[slot].offsets.pending = []
        for request in logs[slot].retention.requests {
            outcomes.append(.segmentsDeleted(ref: request.ref, UInt32(slot), count: 0))
        }
        logs[slot].retention = Retention()
        giveSealBlock(slot)
        try endDoubt(slot, &world, &buffers)
        try dropTail(slot, &world, &buffers)
        if !world.isMutated(.removalKeepsBuffers) { try dropPieces(slot, &world, &buffers) }
    }
}

/// What `Operation.list` wrote: names, each ended by a zero byte, directories by `/` before it.
enum DirectoryListing {
    /// The names that the server itself gives to files there, in the order of the list; others are nobody's business.
    static func paths(_ bytes: RawSpan, in directory: Directory) -> [Path] {
        var paths: [Path] = []
        var name: [UInt8] = []
        for position in 0..<bytes.byteCount {
            guard let byte = bytes.load(UInt8.self, at: position) else { break }
            if byte != 0 {
                name.append(byte)
                continue
            }
            if let path = Path(name: String(decoding: name, as: UTF8.self), in: directory) { paths.append(path) }
            name.removeAll(keepingCapacity: true)
        }
        return paths
    }
}
