public import Platform

/// All partition logs of one shard: the façade of storage.
///
/// Synchronous and pure: a call decides, submits operations to the World, and appends what became known to
/// `outcomes`, which the shard drains after each call. Appends and stored offsets gather until `submitDirty`, so that
/// whatever one event brought goes out as one write for each file. Only broken laws are thrown.
///
/// Completions routed to `Route.Part.partition` belong here (`completed`); everything else the store knows comes
/// through its calls. A partition is named by its slot, from `open` to `.removed`.
public struct PartitionStore {
    public let settings: StorageSettings
    /// What became known since the last drain, in order.
    public internal(set) var outcomes: [Outcome] = []

    var logs: [PartitionLog] = []
    var freeSlots: [Int] = []
    var operations = InFlightTable()
    var files: OpenFiles
    var slab: HeaderSlab
    /// Partitions with something that waits for `submitDirty`.
    var dirty: [Int] = []
    /// Partitions to look at again before the current call ends.
    var ready: [Int] = []
    /// Partitions that wait for memory or room until the next tick.
    var hungry = SlotQueue()
    /// When they are tried again.
    var nextRetry: Int64?
    /// Partitions with written bytes that the background sync will cover.
    var unsynced: [Int] = []
    var nextSync: Int64?
    /// Partitions waiting for their turn to recover.
    var recoveryQueue: [Int] = []
    var recoveriesUnderWay = 0
    var slices: [Slice] = []
    /// Bytes that tails hold.
    var tailBytes = 0
    /// Partitions whose tails have batches that may go.
    var evictable = SlotQueue()
    /// Pieces in the order in which they were read.
    var pieceOrder = PieceOrder()
    var indexOrder = IndexOrder()
    var nextReadTask: UInt32 = 0
    /// Empty, with the room that reads gave back.
    var sparePieces: [[ReadPiece]] = []
    /// What a stop still waits for, once it has begun.
    var ending: Ending?

    public init(settings: StorageSettings = StorageSettings()) {
        self.settings = settings
        files = OpenFiles(openMax: settings.openFilesMax)
        slab = HeaderSlab(blocksPerBuffer: settings.headersPerSlab)
    }

    /// Takes the outcomes.
    public mutating func takeOutcomes() -> [Outcome] {
        let taken = outcomes
        outcomes = []
        return taken
    }

    /// Begins to serve a partition. A new one has no files yet and is open at once; another is recovered from disk.
    /// The outcome is `.opened` or `.quarantined`.
    ///
    /// `isSameBoot`: the machine has not been restarted since the files were last written, so that everything written
    /// is still there.
    public mutating func open<W: World & ~Copyable>(
        incarnation: UInt64, level: Durability, isNew: Bool, isSameBoot: Bool,
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) -> PartitionSlot {
        let slot = allocateSlot(PartitionLog(incarnation: incarnation, level: level))
        if isNew {
            logs[slot].health = .serving
            outcomes.append(.opened(UInt32(slot), PartitionLog(incarnation: incarnation, level: level).stats))
            if ending != nil {
                beginStop(slot)
                dirty.append(slot)
            }
        } else {
            logs[slot].recovery = Recovery(isSameBoot: isSameBoot)
            recoveryQueue.append(slot)
            try startRecoveries(&world, &buffers, at: now)
        }
        ending?.note(slot, isQuiet: logs[slot].isQuiet)
        return UInt32(slot)
    }

    public func stats(_ slot: PartitionSlot) -> PartitionStats? { has(slot) ? logs[Int(slot)].stats : nil }

    public func segmentCount(_ slot: PartitionSlot) -> Int { has(slot) ? logs[Int(slot)].segments.count : 0 }

    public func segment(_ slot: PartitionSlot, at index: Int) -> SegmentFacts? {
        guard has(slot), logs[Int(slot)].segments.indices.contains(index) else { return nil }
        let segment = logs[Int(slot)].segments[index]
        return SegmentFacts(
            baseOffset: segment.base, endOffset: segment.end, isSealed: segment.isSealed,
            firstTimestamp: segment.firstTimestamp, lastTimestamp: segment.lastTimestamp,
            classicByteCount: segment.classicByteCount, vsrBatchCount: segment.vsrBatchCount)
    }

    /// Sends out what the calls of this event gathered.
    public mutating func submitDirty<W: World & ~Copyable>(
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        if dirty.isEmpty && ready.isEmpty { return }
        ready.append(contentsOf: dirty)
        dirty.removeAll(keepingCapacity: true)
        try driveReady(&world, &buffers, at: now)
    }

    /// Takes a completion of the part `.partition`.
    public mutating func completed<W: World & ~Copyable>(
        slot: PartitionSlot, detail: UInt32, _ completion: Completion,
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        let operation = try operations.end(detail)
        let slot = Int(slot)
        switch operation {
        case .open(let path):
            let isNew = try files.opened(path, completion, &world, &operations)
            if isNew, has(UInt32(slot)) { noteCreated(path, slot) }
        case .close(let path):
            try files.closed(path)
        default:
            guard has(UInt32(slot)) else { throw MachineFailure("an operation ends before its partition is gone") }
            logs[slot].inFlightCount -= 1
            logs[slot].isHungry = false
            try finish(operation, slot, completion, &world, &buffers, at: now)
        }
        if !world.isMutated(.completionWakesNobody) { ready.insert(slot, at: 0) }
        try driveReady(&world, &buffers, at: now)
    }

    /// The background: syncs what is due, tries again what waits for memory or room.
    public mutating func tick<W: World & ~Copyable>(
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        if let due = nextSync, due <= now.nanoseconds {
            nextSync = nil
            for slot in unsynced where has(UInt32(slot)) {
                logs[slot].isInSyncList = false
                logs[slot].syncWanted = max(logs[slot].syncWanted, logs[slot].writtenEnd)
                logs[slot].offsets.isSyncWanted = true
                logs[slot].index.isForced = true
                ready.append(slot)
            }
            unsynced.removeAll(keepingCapacity: true)
        }
        if let due = nextRetry, due <= now.nanoseconds, !world.isMutated(.waitingForRoomForgotten) {
            nextRetry = nil
            // Who has to wait once more stands behind those who wait now.
            for _ in 0..<hungry.count {
                guard let slot = hungry.popFirst(), has(UInt32(slot)) else { continue }
                logs[slot].isHungry = false
                logs[slot].isResting = false
                if logs[slot].removal?.phase == .resting, logs[slot].removal?.tick() == false { waitForTick(slot) }
                // A stop has given what waits for room its last try.
                if ending == nil { tryRoomAgain(slot) }
                ready.append(slot)
            }
        }
        try driveReady(&world, &buffers, at: now)
    }

    private mutating func tryRoomAgain(_ slot: Int) {
        logs[slot].isStuck = false
        logs[slot].offsets.isStuck = false
        // One that waits for memory has begun again already, and goes on where it stands.
        if logs[slot].isParked, logs[slot].recovery?.phase == .queued {
            logs[slot].recovery?.phase = .listing
        }
        if let doubt = logs[slot].doubt, doubt.ticksLeft > 0 {
            logs[slot].doubt?.ticksLeft -= 1
            if doubt.ticksLeft > 1 { waitForTick(slot) }
        }
    }

    /// Whether nothing can be said of what the partition holds.
    public func isQuarantined(_ slot: PartitionSlot) -> Bool {
        guard has(slot), case .quarantined = logs[Int(slot)].health else { return false }
        return true
    }

    public func storedOffset(_ slot: PartitionSlot, _ key: ConsumerKey) -> UInt64? {
        has(slot) ? logs[Int(slot)].offsets.value(of: key) : nil
    }

    /// The smallest stored offset of the partition: segments above it are still needed by somebody.
    public func smallestStoredOffset(_ slot: PartitionSlot) -> UInt64? {
        has(slot) ? logs[Int(slot)].offsets.smallest : nil
    }

    // MARK: Moving

    /// A new file is noted when it is there, not when it is first used: it may be closed for another's sake before.
    private mutating func noteCreated(_ path: Path, _ slot: Int) {
        switch path {
        case .segmentLog(_, let base): logs[slot].createdBase = base
        case .offsets:
            logs[slot].offsets.hasFile = true
            logs[slot].offsets.isEntryDirty = true
        default: break
        }
    }

    func has(_ slot: PartitionSlot) -> Bool { Int(slot) < logs.count && logs[Int(slot)].health != .free }

    mutating func allocateSlot(_ log: PartitionLog) -> Int {
        if let slot = freeSlots.popLast() {
            logs[slot] = log
            return slot
        }
        logs.append(log)
        return logs.count - 1
    }

    /// Submits an operation of a partition and counts it.
    mutating func submit<W: World & ~Copyable>(
        _ purpose: InFlight, _ slot: Int, _ world: inout W, _ operation: (Token) -> Operation
    ) throws(MachineFailure) {
        logs[slot].inFlightCount += 1
        try world.submit(operation(operations.begin(purpose, slot: slot)))
    }

    mutating func release<W: World & ~Copyable>(_ path: Path, _ world: inout W) throws(MachineFailure) {
        try files.release(path, &world, &operations)
    }

    /// Looks at every partition that may go on, until none can.
    mutating func driveReady<W: World & ~Copyable>(
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        repeat {
            var next = 0
            while next < ready.count {
                let slot = ready[next]
                next += 1
                if has(UInt32(slot)) { try advance(slot, &world, &buffers, at: now) }
            }
            ready.removeAll(keepingCapacity: true)
            if let slot = files.takeTurn() { ready.append(slot) }
        } while !ready.isEmpty
        // Not before: who has just got a file uses it first.
        try files.makeRoom(&world, &operations)
        if !hungry.isEmpty, nextRetry == nil { nextRetry = now.nanoseconds + settings.retryInterval }
        if ending != nil { try finishStop(&world, &buffers) }
    }

    /// Every activity of one partition goes as far as it can.
    mutating func advance<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        if logs[slot].health == .opening { try driveRecovery(slot, &world, &buffers, at: now) }
        try driveWriter(slot, &world, &buffers, at: now)
        if logs[slot].doubt != nil { try driveRewrite(slot, &world, &buffers) }
        try driveSync(slot, &world, &buffers, at: now)
        try driveOffsets(slot, &world, &buffers, at: now)
        try driveIndex(slot, &world, &buffers)
        if !logs[slot].reads.isEmpty { try driveReads(slot, &world, &buffers) }
        if !logs[slot].retention.doomed.isEmpty { try driveRetention(slot, &world, &buffers) }
        if !logs[slot].flushes.isEmpty { try settleFlushes(slot) }
        if ending != nil, !world.isMutated(.cleanEndNotVouched) { vouch(slot) }
        if logs[slot].removal != nil { try driveRemoval(slot, &world, &buffers, at: now) }
        if ending != nil { ending?.note(slot, isQuiet: logs[slot].isQuiet) }
    }

    private mutating func finish<W: World & ~Copyable>(
        _ operation: InFlight, _ slot: Int, _ completion: Completion,
        _ world: inout W, _ buffers: inout BufferLedger, at now: Instant
    ) throws(MachineFailure) {
        switch operation {
        case .open, .close: break
        case .makeDirectory, .syncParent, .write, .seal, .trim, .cut, .allocate:
            try finishWriter(operation, slot, completion, &world, &buffers, at: now)
        case .syncSealed, .syncPartitionDirectory, .syncActive, .syncCut:
            try finishSync(operation, slot, completion, &world, &buffers)
        case .rewriteRead, .rewriteWrite: try finishRewrite(operation, slot, completion, &world, &buffers)
        case .index(let step): try finishIndex(step, slot, completion, &world, &buffers)
        case .offsets(let step): try finishOffsets(step, slot, completion, &world, &buffers, at: now)
        case .read(let task): try finishRead(task, slot, completion, &world)
        case .recovery: try finishRecovery(slot, completion, &world)
        case .removal: finishRemoval(slot, completion)
        case .retention: try finishRetention(slot, completion, &world)
        }
    }

    /// There was no buffer. What needs one rests until the next tick or until something of the partition completes:
    /// trying again at once would only open and close files in turn.
    mutating func wait(forMemory slot: Int) {
        logs[slot].isHungry = true
        waitForTick(slot)
    }

    /// A call failed that may be made again, because it has changed nothing or may have its effect twice: what needs it
    /// rests until the next tick. False if such calls have failed too often in a row. What is short is waited for
    /// without end.
    mutating func rest(
        _ slot: Int, after errno: Errno, counting failures: WritableKeyPath<PartitionLog, Int> = \.failuresInRow
    ) -> Bool {
        if !errno.isShortage {
            logs[slot][keyPath: failures] += 1
            if logs[slot][keyPath: failures] >= Self.failuresMax { return false }
        }
        logs[slot].isResting = true
        waitForTick(slot)
        return true
    }

    private static var failuresMax: Int { 8 }

    mutating func waitForTick(_ slot: Int) {
        hungry.append(slot)
    }
}
