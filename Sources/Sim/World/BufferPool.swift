import Platform
import Primitives

/// All buffers of the simulated node: whose they are, and what of them is in flight.
///
/// What a letter lends is the shards' own business (a lent list may name further buffers), so a foreign buffer is
/// anybody's to touch as long as its name is current; its owner must not release or change it under an operation of
/// the borrower's, and a lost owner's buffers stay until every other shard has heard of the loss. It knows exactly what the real world can only hope for: each touch of a byte is checked against every operation
/// in flight, and a fresh or returned buffer is filled with a pattern that no one can mistake for data.
final class BufferPool {
    /// Operations that read a range (a send, a write) or fill it (a receive, a read).
    private struct Use {
        let start, end: Int
        let fills: Bool
        let shard: ShardID
        let operation: UInt32
    }

    /// One buffer. A class: each touch asks several things of it.
    private final class Entry {
        let block: ByteBlock
        /// Bytes behind it have not been handed out to be changed since all were poisoned.
        var touchedEnd = 0
        var generation: UInt16 = 0
        var isOwned = false
        /// Its shard is lost; it stays readable for those that have not heard of it, in the order of shards.
        var orphanOf: [ShardID]?
        var uses: [Use] = []

        init(_ block: ByteBlock) { self.block = block }

        /// Whether an operation uses bytes of the slice, or fills some of them.
        func isUsed(_ slice: Slice, fillsOnly: Bool) -> Bool {
            for place in uses.indices
            where uses[place].start < slice.end && Int(slice.position) < uses[place].end {
                if uses[place].fills || !fillsOnly { return true }
            }
            return false
        }

        /// So many bytes at the slice's beginning are no poison any more.
        func touch(_ slice: Slice, byteCount: Int) { touchedEnd = max(touchedEnd, Int(slice.position) + byteCount) }
    }

    /// By shard, then by slot.
    private var tables: [[Entry]]
    /// Free slots by shard, then by the block's size: entry `n` holds blocks of 2^n bytes.
    private var free: [[[UInt32]]]
    /// Blocks of an earlier pool, by size as in `free`.
    private var spare = Array(repeating: [ByteBlock](), count: scaleCount)
    var memory: MemoryBudget
    /// What serving shards are refused; nil for nothing.
    var shortage: Shortage?
    /// Of the free buffers the one at the lowest address is given, not the last that became free: see `Leak.address`.
    var prefersLowAddresses = false

    struct Shortage {
        /// The next buffers that are refused, so many of them.
        var refusalsLeft = 0
        /// Bytes that the node may have; nil for as many as its budget has.
        var limitBytes: Int?
        /// Buffers refused so far.
        var refusals = 0

        mutating func refuses(_ byteCount: Int, usedBytes: Int) -> Bool {
            let isOver = limitBytes.map { usedBytes + byteCount > $0 } ?? false
            guard refusalsLeft > 0 || isOver else { return false }
            refusalsLeft = max(0, refusalsLeft - 1)
            refusals += 1
            return true
        }
    }

    init(shardCount: Int, memory: MemoryBudget) {
        tables = Array(repeating: [], count: shardCount)
        free = Array(repeating: Array(repeating: [], count: Self.scaleCount), count: shardCount)
        self.memory = memory
    }

    private static let scaleCount = 40

    deinit {
        for table in tables {
            for entry in table { entry.block.free() }
        }
        for blocks in spare {
            for block in blocks { block.free() }
        }
    }

    /// A pool without buffers for the next process, which uses this one's blocks again: nobody holds any of them.
    func successor(shardCount: Int, memory: MemoryBudget) -> BufferPool {
        let next = BufferPool(shardCount: shardCount, memory: memory)
        swap(&next.spare, &spare)
        for table in tables {
            for entry in table {
                entry.block.fill(Self.poison, upTo: entry.touchedEnd)
                next.spare[entry.block.byteCount.trailingZeroBitCount].append(entry.block)
            }
        }
        for shard in tables.indices {
            tables[shard] = []
            free[shard] = Array(repeating: [], count: Self.scaleCount)
        }
        return next
    }

    /// Buffers that `shard` owns now.
    func ownedCount(of shard: ShardID) -> Int {
        tables[Int(shard.number)].count { $0.isOwned && $0.orphanOf == nil }
    }

    /// Bytes of the buffers that `shard` owns now.
    func ownedBytes(of shard: ShardID) -> Int {
        var sum = 0
        for entry in tables[Int(shard.number)] where entry.isOwned && entry.orphanOf == nil { sum += entry.block.byteCount }
        return sum
    }

    // MARK: Owning

    /// Nothing is scarce for a shard that does not serve yet: without memory for its start no process begins.
    func allocate(byteCount: Int, for owner: ShardID, isServing: Bool) -> BufferID? {
        if isServing, shortage?.refuses(byteCount, usedBytes: memory.usedBytes) == true { return nil }
        guard byteCount > 0, byteCount <= 1 << 30 else { return nil }
        let scale = max(6, Int.bitWidth - (byteCount - 1).leadingZeroBitCount)
        guard memory.reserve(1 << scale) else { return nil }
        let shard = Int(owner.number)
        let slot: UInt32
        if let reused = takeFree(shard, scale) {
            slot = reused
        } else {
            slot = UInt32(tables[shard].count)
            tables[shard].append(Entry(spare[scale].popLast() ?? ByteBlock(byteCount: 1 << scale, Self.poison)))
        }
        let entry = tables[shard][Int(slot)]
        entry.isOwned = true
        return BufferID(owner: owner, slot: slot, generation: entry.generation)
    }

    private func takeFree(_ shard: Int, _ scale: Int) -> UInt32? {
        guard prefersLowAddresses else { return free[shard][scale].popLast() }
        let place = free[shard][scale].indices.min {
            tables[shard][Int(free[shard][scale][$0])].block.address
                < tables[shard][Int(free[shard][scale][$1])].block.address
        }
        return place.map { free[shard][scale].remove(at: $0) }
    }

    func release(_ buffer: BufferID, by shard: ShardID) throws(MachineFailure) {
        let entry = try entry(buffer)
        try invariant(buffer.owner == shard && entry.orphanOf == nil, "a shard releases only buffers of its own")
        try invariant(entry.uses.isEmpty, "nothing of a released buffer is in flight")
        reclaim(entry, Int(buffer.owner.number), Int(buffer.slot))
    }

    private func reclaim(_ entry: Entry, _ shard: Int, _ slot: Int) {
        entry.isOwned = false
        entry.orphanOf = nil
        entry.generation &+= 1
        entry.block.fill(Self.poison, upTo: entry.touchedEnd)
        entry.touchedEnd = 0
        memory.release(entry.block.byteCount)
        free[shard][entry.block.byteCount.trailingZeroBitCount].append(UInt32(slot))
    }

    func byteCount(of buffer: BufferID, by shard: ShardID) throws(MachineFailure) -> Int {
        try entry(buffer).block.byteCount
    }

    /// The buffer, if that is its current name.
    private func entry(_ buffer: BufferID) throws(MachineFailure) -> Entry {
        let shard = Int(buffer.owner.number), slot = Int(buffer.slot)
        try invariant(shard < tables.count && slot < tables[shard].count, "a buffer has a name that was given")
        let entry = tables[shard][slot]
        try invariant(entry.isOwned && entry.generation == buffer.generation, "a buffer is used by its current name")
        return entry
    }

    // MARK: Touching

    /// The slice's memory, once `shard` may read it.
    func readable(_ slice: Slice, by shard: ShardID) throws(MachineFailure) -> ByteBlock {
        try entry(readable: slice, by: shard).block
    }

    /// The slice's memory, for `shard` to change it at once.
    func changed(_ slice: Slice, by shard: ShardID) throws(MachineFailure) -> ByteBlock {
        let entry = try entry(changeable: slice, by: shard)
        entry.touch(slice, byteCount: Int(slice.byteCount))
        return entry.block
    }

    private func entry(readable slice: Slice, by shard: ShardID) throws(MachineFailure) -> Entry {
        let entry = try entry(around: slice, by: shard)
        try invariant(!entry.isUsed(slice, fillsOnly: true), "bytes that are being filled are not read")
        return entry
    }

    private func entry(changeable slice: Slice, by shard: ShardID) throws(MachineFailure) -> Entry {
        let entry = try entry(around: slice, by: shard)
        try invariant(!entry.isUsed(slice, fillsOnly: false), "bytes in flight are not changed")
        return entry
    }

    private func entry(around slice: Slice, by shard: ShardID) throws(MachineFailure) -> Entry {
        let entry = try entry(slice.buffer)
        try invariant(slice.end <= entry.block.byteCount, "a slice lies inside its buffer")
        if let waiting = entry.orphanOf {
            try invariant(waiting.contains(shard), "what a lost shard lent is not touched once that is known")
        }
        return entry
    }

    // MARK: In flight

    func begin(_ operation: UInt32, on slice: Slice, fills: Bool, by shard: ShardID) throws(MachineFailure) {
        let entry = fills ? try entry(changeable: slice, by: shard) : try entry(readable: slice, by: shard)
        entry.uses.append(
            Use(start: Int(slice.position), end: slice.end, fills: fills, shard: shard, operation: operation))
    }

    func end(_ operation: UInt32, on slice: Slice, by shard: ShardID) {
        let owner = Int(slice.buffer.owner.number), slot = Int(slice.buffer.slot)
        let entry = tables[owner][slot]
        guard let index = entry.uses.firstIndex(where: { $0.operation == operation && $0.shard == shard }) else { return }
        entry.uses.remove(at: index)
        reclaimOrphan(entry, owner, slot)
    }

    /// The slice's memory for the driver, to change so many bytes at its beginning: it began an operation on it, or has
    /// just allocated it.
    func changed(_ slice: Slice, byteCount: Int) -> ByteBlock {
        let entry = tables[Int(slice.buffer.owner.number)][Int(slice.buffer.slot)]
        entry.touch(slice, byteCount: byteCount)
        return entry.block
    }

    /// The slice's memory for the driver, which began an operation on it and so needs no check.
    func memory(of slice: Slice) -> ByteBlock {
        tables[Int(slice.buffer.owner.number)][Int(slice.buffer.slot)].block
    }

    // MARK: Lending

    /// A letter with a buffer: it lends one of the sender's, or brings one of the receiver's home.
    func carry(_ slice: Slice, from sender: ShardID, to receiver: ShardID) throws(MachineFailure) {
        try invariant(
            slice.buffer.owner == sender || slice.buffer.owner == receiver, "only its owner lends a buffer")
        _ = try readable(slice, by: sender)
    }

    /// The shard is gone and nothing of it is in flight: what it owned is free as soon as `others` have heard of it
    /// and nothing of theirs is in flight.
    func drop(_ shard: ShardID, heardBy others: [ShardID]) {
        for (slot, entry) in tables[Int(shard.number)].enumerated() where entry.isOwned && entry.orphanOf == nil {
            entry.orphanOf = others
            reclaimOrphan(entry, Int(shard.number), slot)
        }
    }

    /// `borrower` has heard that `shard` is lost, or is itself gone: it holds nothing of its orphans any more.
    func forget(orphansOf shard: ShardID, by borrower: ShardID) {
        for (slot, entry) in tables[Int(shard.number)].enumerated() where entry.orphanOf != nil {
            entry.orphanOf?.removeAll { $0 == borrower }
            reclaimOrphan(entry, Int(shard.number), slot)
        }
    }

    private func reclaimOrphan(_ entry: Entry, _ shard: Int, _ slot: Int) {
        if entry.orphanOf?.isEmpty == true, entry.uses.isEmpty { reclaim(entry, shard, slot) }
    }

    /// What a fresh or returned buffer is filled with.
    private static let poison: UInt8 = 0xa5
}

/// Memory that the node may use, in bytes, with a refusal on demand.
struct MemoryBudget {
    var limitBytes: Int
    private(set) var usedBytes = 0
    private(set) var peakBytes = 0
    /// Reservations to go until one is refused; 0 for never.
    var refusalIn = 0
    private(set) var refusals = 0

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    mutating func reserve(_ byteCount: Int) -> Bool {
        if refusalIn > 0 {
            refusalIn -= 1
            if refusalIn == 0 {
                refusals += 1
                return false
            }
        }
        guard byteCount <= limitBytes - usedBytes else {
            refusals += 1
            return false
        }
        usedBytes += byteCount
        peakBytes = max(peakBytes, usedBytes)
        return true
    }

    mutating func release(_ byteCount: Int) { usedBytes -= byteCount }

    /// The next process begins with nothing used, but the run's highest use stands.
    mutating func adoptPeak(of earlier: MemoryBudget) {
        peakBytes = max(peakBytes, earlier.peakBytes)
        refusals += earlier.refusals
    }
}
