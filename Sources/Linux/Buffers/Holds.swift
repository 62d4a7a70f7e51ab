import Platform

/// A slice in flight: its buffer may not be released until the operation ends.
struct Hold: BitwiseCopyable {
    let slice: Slice
    /// The life in which a foreign buffer was lent; 0 for the shard's own.
    let lenderGeneration: UInt32
}

/// What a shard's operations in flight use: of its own buffers by buffer, of foreign ones by lender and life.
struct Holds {
    private let pool: BufferPool
    private let tables: [SlotTable]
    /// By lender: how many of each of its lives that still count.
    private var foreign: [[(generation: UInt32, count: Int)]]
    private(set) var count = 0

    init(pool: BufferPool, tables: [SlotTable]) {
        self.pool = pool
        self.tables = tables
        foreign = Array(repeating: [], count: tables.count)
    }

    /// Where the slice's bytes are.
    @inline(__always)
    func address(of slice: Slice) throws(MachineFailure) -> UnsafeMutableRawPointer {
        if slice.buffer.owner == pool.owner { return unsafe try pool.table.address(of: slice) }
        let owner = Int(slice.buffer.owner.number)
        try invariant(owner < tables.count, "a buffer's owner is a shard")
        return unsafe try tables[owner].address(of: slice)
    }

    func byteCount(of buffer: BufferID) throws(MachineFailure) -> Int {
        let owner = Int(buffer.owner.number)
        try invariant(owner < tables.count, "a buffer's owner is a shard")
        return tables[owner][try tables[owner].find(buffer)].byteCount
    }

    mutating func take(_ slice: Slice, lenderGeneration: UInt32) throws(MachineFailure) -> Hold {
        unsafe _ = try address(of: slice)
        count += 1
        if slice.buffer.owner == pool.owner {
            pool.table[Int(slice.buffer.slot)].inFlight += 1
            return Hold(slice: slice, lenderGeneration: 0)
        }
        let lender = Int(slice.buffer.owner.number)
        if let life = foreign[lender].firstIndex(where: { $0.generation == lenderGeneration }) {
            foreign[lender][life].count += 1
        } else {
            foreign[lender].append((lenderGeneration, 1))
        }
        return Hold(slice: slice, lenderGeneration: lenderGeneration)
    }

    mutating func end(_ hold: Hold) {
        count -= 1
        if hold.slice.buffer.owner == pool.owner {
            pool.table[Int(hold.slice.buffer.slot)].inFlight -= 1
        } else {
            let lender = Int(hold.slice.buffer.owner.number)
            guard let life = foreign[lender].firstIndex(where: { $0.generation == hold.lenderGeneration }) else { return }
            foreign[lender][life].count -= 1
            if foreign[lender][life].count == 0 { foreign[lender].remove(at: life) }
        }
    }

    /// Does an operation still use what a life before `generation` lent?
    func usesLoans(of lender: ShardID, before generation: UInt32) -> Bool {
        foreign[Int(lender.number)].contains { $0.generation < generation }
    }
}
