import Platform

/// The buffers of one shard: powers of two from 4 KiB to 128 MiB, mapped when first needed.
///
/// Memory costs nothing until it is touched, and what was touched is used again first. The budget counts what may
/// be resident: buffers in use and those kept warm. Small buffers are cut out of larger mappings, so that many of
/// them do not need many mappings; their address space is kept, only their pages go back.
final class BufferPool {
    let owner: ShardID
    let table: SlotTable
    private let budget: MemoryBudget
    /// Free and warm: their pages are kept, and paid for.
    private var warm: [[UInt32]]
    /// Free and small: address space without pages.
    private var cold: [[UInt32]]
    /// Slots without memory.
    private var bare: [UInt32] = []
    private var slotCount = 0
    private(set) var warmBytes = 0
    private let warmBytesMax: Int
    private(set) var ownedCount = 0
    /// Where large buffers are to be of huge pages.
    private let hints: Hints?

    init(owner: ShardID, table: SlotTable, budget: MemoryBudget, warmBytesMax: Int, hints: Hints? = nil) {
        self.owner = owner
        self.table = table
        self.budget = budget
        self.warmBytesMax = warmBytesMax
        self.hints = hints
        warm = Array(repeating: [], count: BufferClass.count)
        cold = Array(repeating: [], count: BufferClass.count)
    }

    /// A buffer of at least `byteCount` bytes; nil when the budget or the machine has no more.
    func allocate(byteCount: Int) -> BufferID? {
        guard let kind = BufferClass(atLeast: byteCount) else { return nil }
        guard let slot = takeWarm(kind) ?? takePaid(kind) else { return nil }
        table[Int(slot)].isOwned = true
        ownedCount += 1
        return BufferID(owner: owner, slot: slot, generation: table[Int(slot)].generation)
    }

    func release(_ buffer: BufferID) throws(MachineFailure) {
        try invariant(buffer.owner == owner, "a shard releases only buffers of its own pool")
        let slot = try table.find(buffer)
        try invariant(table[slot].inFlight == 0, "no byte of a released buffer is in flight")
        free(slot)
    }

    /// Takes every buffer away from a Machine that is gone. They stay readable for those who borrowed them, and
    /// paid for, until `free(orphans:)`.
    func orphanAll() -> [UInt32] {
        var orphans: [UInt32] = []
        for slot in 0..<slotCount where table[slot].isOwned && !table[slot].isOrphan {
            table[slot].isOrphan = true
            orphans.append(UInt32(truncatingIfNeeded: slot))
        }
        return orphans
    }

    func free(orphans: [UInt32]) {
        for slot in orphans { free(Int(slot)) }
    }

    /// Gives the warm memory back to the machine.
    func trim() {
        for kind in BufferClass.all {
            while let slot = warm[kind.index].popLast() {
                warmBytes -= kind.byteCount
                giveUp(Int(slot), kind)
            }
        }
    }

    private func free(_ slot: Int) {
        guard let kind = BufferClass(atLeast: table[slot].byteCount) else { return }
        table[slot].generation &+= 1
        table[slot].isOwned = false
        table[slot].isOrphan = false
        ownedCount -= 1
        if warmBytes + kind.byteCount <= warmBytesMax {
            warm[kind.index].append(UInt32(truncatingIfNeeded: slot))
            warmBytes += kind.byteCount
        } else {
            giveUp(slot, kind)
        }
    }

    private func takeWarm(_ kind: BufferClass) -> UInt32? {
        guard let slot = warm[kind.index].popLast() else { return nil }
        warmBytes -= kind.byteCount
        return slot
    }

    private func takePaid(_ kind: BufferClass) -> UInt32? {
        if !budget.reserve(kind.byteCount) {
            trim()
            guard budget.reserve(kind.byteCount) else { return nil }
        }
        guard let slot = cold[kind.index].popLast() ?? map(kind) else {
            budget.give(back: kind.byteCount)
            return nil
        }
        return slot
    }

    /// Makes a buffer, and for small ones its neighbours too.
    private func map(_ kind: BufferClass) -> UInt32? {
        let byteCount = max(kind.byteCount, BufferClass.mappingBytes)
        let pieces = byteCount / kind.byteCount
        guard bare.count + table.capacity - slotCount >= pieces else { return nil }
        guard let base = unsafe Pages.map(byteCount) else { return nil }
        unsafe hints?.makeHuge(base, byteCount)
        for piece in (0..<pieces).reversed() {
            let slot = bare.popLast() ?? nextSlot()
            unsafe table[Int(slot)].address = base + piece * kind.byteCount
            table[Int(slot)].byteCount = kind.byteCount
            cold[kind.index].append(slot)
        }
        return cold[kind.index].popLast()
    }

    private func nextSlot() -> UInt32 {
        defer { slotCount += 1 }
        return UInt32(truncatingIfNeeded: slotCount)
    }

    /// Gives a free buffer's pages back to the machine and its bytes to the budget.
    private func giveUp(_ slot: Int, _ kind: BufferClass) {
        budget.give(back: kind.byteCount)
        let number = UInt32(truncatingIfNeeded: slot)
        if kind.byteCount < BufferClass.mappingBytes {
            // SAFETY: the pages belong to this free buffer alone.
            unsafe Pages.discard(table[slot].address, kind.byteCount)
            cold[kind.index].append(number)
        } else {
            // SAFETY: nobody has a live name of the slot, so nobody uses its address.
            unsafe Pages.unmap(table[slot].address, kind.byteCount)
            unsafe table[slot].address = nil
            bare.append(number)
        }
    }
}

/// A power of two that buffers come in.
struct BufferClass: Equatable {
    let index: Int

    static let smallestShift = 12
    static let largestShift = 27
    static let count = largestShift - smallestShift + 1
    static let all = (0..<count).map { BufferClass(index: $0) }
    /// The smallest mapping; smaller buffers share one.
    static let mappingBytes = 64 << 10

    private init(index: Int) { self.index = index }

    /// The smallest class with room; nil above 128 MiB and for negative counts.
    init?(atLeast byteCount: Int) {
        guard byteCount >= 0, byteCount <= 1 << Self.largestShift else { return nil }
        let shift = byteCount <= 1 ? 0 : Int.bitWidth - (byteCount - 1).leadingZeroBitCount
        index = max(shift, Self.smallestShift) - Self.smallestShift
    }

    var byteCount: Int { 1 << (index + Self.smallestShift) }
}
