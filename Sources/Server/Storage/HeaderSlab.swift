import Platform

/// Small blocks of 96 bytes for headers and seals in flight, cut from a few pool buffers that stay.
struct HeaderSlab {
    private var free: [Slice] = []
    private var buffers: [BufferID] = []
    private let blocksPerBuffer: Int

    init(blocksPerBuffer: Int) { self.blocksPerBuffer = blocksPerBuffer }

    /// A block, or nil when memory is used up.
    mutating func take<W: World & ~Copyable>(
        _ world: inout W, _ ledger: inout BufferLedger
    ) throws(MachineFailure) -> Slice? {
        if free.isEmpty {
            let count = BatchHeader.byteCount
            guard let buffer = try ledger.allocate(byteCount: count * blocksPerBuffer, &world) else { return nil }
            buffers.append(buffer)
            for index in (0..<blocksPerBuffer).reversed() {
                free.append(Slice(buffer, position: UInt32(index * count), byteCount: UInt32(count)))
            }
        }
        return free.removeLast()
    }

    mutating func give(_ block: Slice) { free.append(block) }

    var inUseCount: Int { buffers.count * blocksPerBuffer - free.count }

    /// Gives the buffers back; no block may be in use.
    mutating func close<W: World & ~Copyable>(
        _ world: inout W, _ ledger: inout BufferLedger
    ) throws(MachineFailure) {
        try invariant(inUseCount == 0, "no header is in flight when the slab goes")
        for buffer in buffers { try ledger.release(buffer, &world) }
        buffers = []
        free = []
    }
}
