import Platform

/// The state of one partition's log. What moves it are the extensions of `PartitionStore`, one file for each activity;
/// each activity has a phase of its own and at most one operation in flight.
struct PartitionLog {
    enum Health: Equatable {
        /// No partition: the slot waits for one.
        case free
        /// Being recovered: no requests yet.
        case opening
        case serving
        /// Damaged: kept as it is, serves nothing.
        case quarantined(Damage)
        /// A sync or an undo failed: readable, but no more writes until a restart.
        case readOnly(Errno)
        /// Accepts nothing; what was accepted is finished.
        case stopping
        case removing
    }

    enum WriterPhase: Equatable {
        case idle, makingDirectory, syncingParent, writing, sealing, trimming, cutting, allocating
    }

    enum SyncPhase: Equatable { case idle, busy }

    /// Whether what was cut off behind the last batch, by this process or one before it, is gone for good.
    enum Cut {
        case durable
        /// A power cut may bring it back: a stop syncs the file before it vouches for the end.
        case volatile
        /// The sync in flight covers it.
        case syncing
        /// That sync found no space: the end is not vouched for.
        case unsyncable
    }

    /// Something that failed and must be undone when no write is in flight.
    enum Fault: Equatable {
        /// A sync found no space, that of a segment or (nil) of the directory: cut what no reader has seen.
        case syncWithoutSpace(Errno, base: UInt64?)
        /// A sync failed: stop writing.
        case syncFailed(Errno)
    }

    /// A request whose batch was taken back while the undo is under way.
    struct Undone: BitwiseCopyable {
        let ref: UInt64
        let refusal: StoreRefusal
        /// All its bytes reached the file, and a power cut may bring back what the cut took.
        let isUnknown: Bool

        var answer: Settled<StoredRange> { isUnknown ? .unknown : .refused(refusal) }
    }

    struct FlushTask: BitwiseCopyable {
        let ref: UInt64
        let end: UInt64
        let isSync: Bool
    }

    let incarnation: UInt64
    var level: Durability
    var health = Health.opening
    var epoch: UInt32 = 0

    // The log.
    var segments: [Segment] = []
    var tail = Tail()
    /// Bytes appended since somebody read.
    var unreadByteCount: Int64 = 0
    /// The offset of the next message appended.
    var nextOffset: UInt64 = 0
    /// Offsets below it are written.
    var writtenEnd: UInt64 = 0
    /// Offsets below it have their data synced; not yet durable while a directory entry is not.
    var syncedEnd: UInt64 = 0
    /// Offsets below it survive a power cut.
    var durableEnd: UInt64 = 0
    /// Offsets below it are acknowledged and readable.
    var readableEnd: UInt64 = 0
    /// No message before this one survives: the base of the first segment, and while there is none that of the first
    /// batch in the tail, which may be acknowledged before it is written.
    @inline(__always) var firstOffset: UInt64 {
        if !segments.isEmpty { return segments[0].base }
        return tail.count > 0 ? tail[tail.head].header.baseOffset : nextOffset
    }
    var lastTimestamp: UInt64 = 0

    // Writer.
    var hasDirectory = false
    var writer = WriterPhase.idle
    /// Bytes of the write or seal in flight that are done.
    var writeProgress = 0
    /// The write in flight has messages of a shard that is gone: its rest cannot be submitted again.
    var isLoanLost = false
    var sealBlock: Slice?
    var isAllocating = false
    /// Waits for room: tried again by the next append or tick.
    var isStuck = false
    /// A write found no room since the last one that did.
    var hasMetNoSpace = false
    /// Waits for a buffer.
    var isHungry = false
    /// A call failed that may be made again: syncs, cuts and stored offsets rest until the next tick.
    var isResting = false
    /// Such calls in a row.
    var failuresInRow = 0
    /// The last segment was sealed by this life: the next one is created at once.
    var wantsSegment = false
    /// The next segment's file is there, but nothing has been written to it yet.
    var createdBase: UInt64?
    var fault: Fault?
    /// The file may hold bytes behind the last batch that counts.
    var needsCut = false
    var cut = Cut.durable
    var undone: [Undone] = []

    // Syncer.
    var sync = SyncPhase.idle
    /// Somebody waits for offsets below it to be durable.
    var syncWanted: UInt64 = 0
    /// A producer, a flush or a stop does: then the sync is no background work.
    var syncAwaited: UInt64 = 0
    /// Bytes written since the last sync of data was submitted.
    var unsyncedByteCount: Int64 = 0
    /// Where in the last segment ends what need not stay in the page cache.
    var forgottenEnd: Int64 = 0
    /// Sealed segments not yet synced, oldest first.
    var unsyncedSealed: [UInt64] = []
    /// Counts what changed in the directory; the changes up to `directorySynced` are durable.
    var directoryChanges: UInt64 = 0
    var directorySynced: UInt64 = 0
    /// A sync found no space: nothing becomes durable before this is settled.
    var doubt: Doubt?
    /// Syncs in a row that found no space.
    var syncsWithoutSpace = 0
    var isInSyncList = false

    // Others.
    var index = IndexWriter()
    var flushes: [FlushTask] = []
    var offsets = OffsetStore()
    var reads: [ReadTask] = []
    var pieces: [CachedPiece] = []
    var recovery: Recovery?
    /// The recovery found no room, or a call failed: it is begun again by the next tick, and others need not wait for it.
    var isParked = false
    /// How often for another reason than room.
    var failedRecoveries = 0
    var retention = Retention()
    var removal: Removal?
    /// The clean end has been recorded, or is about to be.
    var isVouched = false
    /// Operations in flight; files that open or close do not count.
    var inFlightCount = 0

    init(incarnation: UInt64, level: Durability) {
        self.incarnation = incarnation
        self.level = level
    }

    // Inlined, so that asking a log in its array never copies it.

    /// The segment that takes writes.
    @inline(__always) var activeIndex: Int? {
        let last = segments.count - 1
        return last >= 0 && !segments[last].isSealed ? last : nil
    }

    /// Nothing that was cut off can come back: a sealed segment is synced whole, with the cuts before its seal.
    @inline(__always) var isEndDurable: Bool { cut == .durable || activeIndex == nil }

    @inline(__always) func segmentIndex(base: UInt64) -> Int? {
        guard let index = segmentIndex(holding: base), segments[index].base == base else { return nil }
        return index
    }

    /// The last segment that begins at or before `offset`.
    @inline(__always) func segmentIndex(holding offset: UInt64) -> Int? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].base <= offset { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }

    @inline(__always) func path(logOf base: UInt64) -> Path { .segmentLog(incarnation: incarnation, base: base) }
    @inline(__always) func path(indexOf base: UInt64) -> Path { .segmentIndex(incarnation: incarnation, base: base) }

    @inline(__always) func path(tailOf base: UInt64) -> Path { .segmentTail(incarnation: incarnation, base: base) }

    @inline(__always) var refusal: StoreRefusal? {
        switch health {
        case .serving: nil
        case .free, .opening, .stopping, .removing: .unavailable
        case .quarantined(let damage): .quarantined(damage)
        case .readOnly(let errno): .syncFailed(errno)
        }
    }

    var stats: PartitionStats {
        var stats = PartitionStats()
        stats.incarnation = incarnation
        stats.level = level
        stats.epoch = epoch
        stats.segmentCount = UInt32(clamping: max(1, segments.count))
        stats.firstOffset = firstOffset
        stats.readableEnd = readableEnd
        stats.durableEnd = durableEnd
        stats.messageCount = readableEnd - min(firstOffset, readableEnd)
        for segment in segments {
            stats.classicByteCount &+= segment.classicByteCount
            stats.vsrBatchCount &+= segment.vsrBatchCount
        }
        return stats
    }
}
