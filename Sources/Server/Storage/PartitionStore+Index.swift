import Platform
import Primitives

/// The state of index writing of one partition.
struct IndexWriter {
    /// Sealed segments whose waypoints are not all in their files yet, oldest first.
    var queue: [UInt64] = []
    var isBusy = false
    /// Write what there is, however little.
    var isForced = false
    var buffer: BufferID?
    /// Waypoints that the write in flight brings.
    var countInFlight = 0
    var baseInFlight: UInt64 = 0
}

enum IndexStep: BitwiseCopyable { case write }

// Index files follow the log: only waypoints to batches that are readable, never synced, rebuilt when they are
// missing. A failure here costs a later reader some time and nothing else.

extension PartitionStore {
    mutating func driveIndex<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        if logs[slot].index.isBusy || logs[slot].isHungry { return }
        switch logs[slot].health {
        case .serving, .stopping: break
        case .free, .opening, .quarantined, .readOnly, .removing: return
        }
        while let base = logs[slot].index.queue.first {
            guard let place = logs[slot].segmentIndex(base: base), logs[slot].segments[place].index != nil,
                !logs[slot].segments[place].isIndexBroken, unwrittenCount(slot, place) > 0
            else {
                if let place = logs[slot].segmentIndex(base: base) { keepSealedIndex(slot, place) }
                logs[slot].index.queue.removeFirst()
                continue
            }
            if logs[slot].readableEnd < logs[slot].segments[place].end { return }
            return try writeIndex(slot, place, &world, &buffers)
        }
        guard let active = logs[slot].activeIndex, !logs[slot].segments[active].isIndexBroken else { return }
        let count = unwrittenCount(slot, active)
        guard count > 0, logs[slot].index.isForced || count >= settings.indexEntriesPendingMax else { return }
        try writeIndex(slot, active, &world, &buffers)
    }

    private func unwrittenCount(_ slot: Int, _ place: Int) -> Int {
        let written = logs[slot].segments[place].indexWrittenCount
        guard var end = logs[slot].segments[place].index?.entries.count else { return 0 }
        while end > written, let offset = logs[slot].segments[place].index?.entries[end - 1].offset,
            offset >= logs[slot].readableEnd { end -= 1 }
        return end - written
    }

    private mutating func writeIndex<W: World & ~Copyable>(
        _ slot: Int, _ place: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        let segment = logs[slot].segments[place]
        guard let index = segment.index else { return }
        let path = logs[slot].path(indexOf: segment.base)
        let start = segment.indexWrittenCount
        // The file of a segment that this life began, or that is made anew, starts empty.
        let file: FileID
        switch try acquire(path, start == 0 ? .replace : .readWrite, slot, &world) {
        case .waiting: return
        case .failed:
            logs[slot].segments[place].isIndexBroken = true
            // Others may be waiting behind it, and so may a stop.
            return ready.append(slot)
        case .open(let opened, _): file = opened
        }
        let count = min(unwrittenCount(slot, place), 1_024)
        guard let buffer = try buffers.allocate(byteCount: count * IndexEntry.byteCount, &world) else {
            try release(path, &world)
            return wait(forMemory: slot)
        }
        let slice = Slice(buffer, position: 0, byteCount: UInt32(count * IndexEntry.byteCount))
        var bytes = try world.mutableBytes(of: slice)
        for number in 0..<count {
            let entry = index.entries[start + (world.isMutated(.indexEntryRepeated) ? 0 : number)]
            let isStored = entry.encode(
                into: &bytes, at: number * IndexEntry.byteCount, incarnation: logs[slot].incarnation)
            try invariant(isStored, "index entries fit their buffer")
        }
        logs[slot].index.isBusy = true
        logs[slot].index.buffer = buffer
        logs[slot].index.countInFlight = count
        logs[slot].index.baseInFlight = segment.base
        slices.removeAll(keepingCapacity: true)
        slices.append(slice)
        logs[slot].inFlightCount += 1
        try world.submit(
            .write(
                file, at: Int64(start * IndexEntry.byteCount), slices: 1,
                operations.begin(.index(.write), slot: slot)),
            slices.span)
    }

    mutating func finishIndex<W: World & ~Copyable>(
        _ step: IndexStep, _ slot: Int, _ completion: Completion, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        let base = logs[slot].index.baseInFlight
        let count = logs[slot].index.countInFlight
        logs[slot].index.isBusy = false
        try release(logs[slot].path(indexOf: base), &world)
        if let buffer = logs[slot].index.buffer { try buffers.release(buffer, &world) }
        logs[slot].index.buffer = nil
        guard let place = logs[slot].segmentIndex(base: base) else { return }
        if case .done(let byteCount) = completion,
            byteCount == count * IndexEntry.byteCount || world.isMutated(.shortIndexCountsAsWhole) {
            logs[slot].segments[place].indexWrittenCount += count
            if place == logs[slot].activeIndex, unwrittenCount(slot, place) == 0 { logs[slot].index.isForced = false }
        } else {
            logs[slot].segments[place].isIndexBroken = true
        }
    }

    /// A sealed segment's waypoints are written: they stay only as a cache.
    private mutating func keepSealedIndex(_ slot: Int, _ place: Int) {
        guard let index = logs[slot].segments[place].index, logs[slot].segments[place].isSealed else { return }
        indexOrder.push(slot: slot, incarnation: logs[slot].incarnation, base: logs[slot].segments[place].base,
            byteCount: index.entries.count * IndexEntry.byteCount)
        trimIndexCache()
    }

    /// Puts a loaded index in place and lets older ones go.
    mutating func adoptIndex(_ slot: Int, _ place: Int, _ index: SegmentIndex, isOnDisk: Bool) {
        guard logs[slot].segments[place].index == nil else { return }
        logs[slot].segments[place].index = index
        logs[slot].segments[place].isIndexBroken = false
        if isOnDisk {
            logs[slot].segments[place].indexWrittenCount = index.entries.count
            keepSealedIndex(slot, place)
        } else {
            logs[slot].segments[place].indexWrittenCount = 0
            logs[slot].index.queue.append(logs[slot].segments[place].base)
        }
    }

    /// Lets the oldest indexes go until the rest fits, but none that a reader is using: it would load it again at once.
    private mutating func trimIndexCache() {
        for _ in 0..<indexOrder.count where indexOrder.byteCount > settings.indexCacheBytesMax {
            guard let oldest = indexOrder.pop() else { return }
            guard has(UInt32(oldest.slot)), logs[oldest.slot].incarnation == oldest.incarnation,
                let place = logs[oldest.slot].segmentIndex(base: oldest.base),
                logs[oldest.slot].segments[place].isSealed, !logs[oldest.slot].index.queue.contains(oldest.base)
            else { continue }
            if logs[oldest.slot].segments[place].readerCount > 0 {
                indexOrder.push(
                    slot: oldest.slot, incarnation: oldest.incarnation, base: oldest.base, byteCount: oldest.byteCount)
            } else {
                logs[oldest.slot].segments[place].index = nil
            }
        }
    }
}

/// The indexes of sealed segments in memory, oldest first.
struct IndexOrder {
    struct Entry: BitwiseCopyable {
        let slot: Int
        let incarnation: UInt64
        let base: UInt64
        let byteCount: Int
    }

    private var entries: [Entry] = []
    private var head = 0
    private(set) var byteCount = 0

    var count: Int { entries.count - head }

    mutating func push(slot: Int, incarnation: UInt64, base: UInt64, byteCount: Int) {
        entries.append(Entry(slot: slot, incarnation: incarnation, base: base, byteCount: byteCount))
        self.byteCount += byteCount
    }

    mutating func pop() -> Entry? {
        guard head < entries.count else { return nil }
        let entry = entries[head]
        head += 1
        byteCount -= entry.byteCount
        if head >= 64, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return entry
    }
}
