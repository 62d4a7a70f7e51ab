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

    private struct Entry {
        let block: ByteBlock
        var byteCount = 0
        var generation: UInt16 = 0
        var isOwned = false
        /// Its shard is lost; it stays readable for those that have not heard of it, in the order of shards.
        var orphanOf: [ShardID]?
        var uses: [Use] = []
    }

    /// By shard, then by slot.
    private var tables: [[Entry]]
    /// Free slots by shard, then by the block's size: entry `n` holds blocks of 2^n bytes.
    private var free: [[[UInt32]]]
    var memory: MemoryBudget
    /// What serving shards are refused; nil for nothing.
    var shortage: Shortage?

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
        free = Array(repeating: Array(repeating: [], count: 40), count: shardCount)
        self.memory = memory
    }

    deinit {
        for table in tables {
            for entry in table { entry.block.free() }
        }
    }

    /// Buffers that `shard` owns now.
    func ownedCount(of shard: ShardID) -> Int {
        tables[Int(shard.number)].count { $0.isOwned && $0.orphanOf == nil }
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
        if let reused = free[shard][scale].popLast() {
            slot = reused
        } else {
            slot = UInt32(tables[shard].count)
            tables[shard].append(Entry(block: ByteBlock(byteCount: 1 << scale)))
        }
        tables[shard][Int(slot)].isOwned = true
        tables[shard][Int(slot)].byteCount = 1 << scale
        tables[shard][Int(slot)].block.fill(Poison.fresh)
        return BufferID(owner: owner, slot: slot, generation: tables[shard][Int(slot)].generation)
    }

    func release(_ buffer: BufferID, by shard: ShardID) throws(MachineFailure) {
        try checkName(buffer)
        let entry = tables[Int(buffer.owner.number)][Int(buffer.slot)]
        try invariant(buffer.owner == shard && entry.orphanOf == nil, "a shard releases only buffers of its own")
        try invariant(entry.uses.isEmpty, "nothing of a released buffer is in flight")
        reclaim(Int(buffer.owner.number), Int(buffer.slot))
    }

    private func reclaim(_ shard: Int, _ slot: Int) {
        tables[shard][slot].isOwned = false
        tables[shard][slot].orphanOf = nil
        tables[shard][slot].generation &+= 1
        let byteCount = tables[shard][slot].byteCount
        tables[shard][slot].block.fill(Poison.released)
        memory.release(byteCount)
        free[shard][byteCount.trailingZeroBitCount].append(UInt32(slot))
    }

    func byteCount(of buffer: BufferID, by shard: ShardID) throws(MachineFailure) -> Int {
        try checkName(buffer)
        return tables[Int(buffer.owner.number)][Int(buffer.slot)].byteCount
    }

    private func checkName(_ buffer: BufferID) throws(MachineFailure) {
        let shard = Int(buffer.owner.number), slot = Int(buffer.slot)
        try invariant(shard < tables.count && slot < tables[shard].count, "a buffer has a name that was given")
        let entry = tables[shard][slot]
        try invariant(entry.isOwned && entry.generation == buffer.generation, "a buffer is used by its current name")
    }

    // MARK: Touching

    /// The slice's memory, once `shard` may read it.
    func readable(_ slice: Slice, by shard: ShardID) throws(MachineFailure) -> ByteBlock {
        try checkAccess(slice, by: shard)
        let entry = tables[Int(slice.buffer.owner.number)][Int(slice.buffer.slot)]
        for use in entry.uses where use.fills && use.start < slice.end && Int(slice.position) < use.end {
            throw MachineFailure("bytes that are being filled are not read")
        }
        return entry.block
    }

    /// The slice's memory, once `shard` may change it.
    func changeable(_ slice: Slice, by shard: ShardID) throws(MachineFailure) -> ByteBlock {
        try checkAccess(slice, by: shard)
        let entry = tables[Int(slice.buffer.owner.number)][Int(slice.buffer.slot)]
        for use in entry.uses where use.start < slice.end && Int(slice.position) < use.end {
            throw MachineFailure("bytes in flight are not changed")
        }
        return entry.block
    }

    private func checkAccess(_ slice: Slice, by shard: ShardID) throws(MachineFailure) {
        try checkName(slice.buffer)
        let entry = tables[Int(slice.buffer.owner.number)][Int(slice.buffer.slot)]
        try invariant(slice.end <= entry.byteCount, "a slice lies inside its buffer")
        if let waiting = entry.orphanOf {
            try invariant(waiting.contains(shard), "what a lost shard lent is not touched once that is known")
        }
    }

    // MARK: In flight

    func begin(_ operation: UInt32, on slice: Slice, fills: Bool, by shard: ShardID) throws(MachineFailure) {
        if fills {
            _ = try changeable(slice, by: shard)
        } else {
            _ = try readable(slice, by: shard)
        }
        let use = Use(start: Int(slice.position), end: slice.end, fills: fills, shard: shard, operation: operation)
        tables[Int(slice.buffer.owner.number)][Int(slice.buffer.slot)].uses.append(use)
    }

    func end(_ operation: UInt32, on slice: Slice, by shard: ShardID) {
        let owner = Int(slice.buffer.owner.number), slot = Int(slice.buffer.slot)
        guard
            let index = tables[owner][slot].uses.firstIndex(where: { $0.operation == operation && $0.shard == shard })
        else { return }
        tables[owner][slot].uses.remove(at: index)
        reclaimOrphan(owner, slot)
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
        for slot in tables[Int(shard.number)].indices
        where tables[Int(shard.number)][slot].isOwned && tables[Int(shard.number)][slot].orphanOf == nil {
            tables[Int(shard.number)][slot].orphanOf = others
            reclaimOrphan(Int(shard.number), slot)
        }
    }

    /// `borrower` has heard that `shard` is lost, or is itself gone: it holds nothing of its orphans any more.
    func forget(orphansOf shard: ShardID, by borrower: ShardID) {
        for slot in tables[Int(shard.number)].indices where tables[Int(shard.number)][slot].orphanOf != nil {
            tables[Int(shard.number)][slot].orphanOf?.removeAll { $0 == borrower }
            reclaimOrphan(Int(shard.number), slot)
        }
    }

    private func reclaimOrphan(_ shard: Int, _ slot: Int) {
        let entry = tables[shard][slot]
        if entry.orphanOf?.isEmpty == true && entry.uses.isEmpty { reclaim(shard, slot) }
    }

    private enum Poison {
        static let fresh: UInt8 = 0xa5
        static let released: UInt8 = 0xdb
    }
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
