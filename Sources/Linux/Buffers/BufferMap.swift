import Platform

/// Finds the bytes of any shard's buffers: of its own for a Machine, of a lender's for one who borrowed.
struct BufferMap {
    let owner: ShardID
    private let own: SlotTable
    /// By shard.
    private let tables: [SlotTable]

    init(owner: ShardID, tables: [SlotTable]) {
        self.owner = owner
        self.tables = tables
        own = tables[Int(owner.number)]
    }

    /// Where the slice's bytes are, as long as its buffer is not released.
    @inline(__always)
    func address(of slice: Slice) throws(MachineFailure) -> UnsafeMutableRawPointer {
        unsafe try table(of: slice.buffer).address(of: slice)
    }

    func byteCount(of buffer: BufferID) throws(MachineFailure) -> Int {
        let table = try table(of: buffer)
        return table[try table.find(buffer)].byteCount
    }

    @inline(__always)
    func table(of buffer: BufferID) throws(MachineFailure) -> SlotTable {
        if buffer.owner == owner { return own }
        try invariant(Int(buffer.owner.number) < tables.count, "a buffer's owner is a shard")
        return tables[Int(buffer.owner.number)]
    }
}
