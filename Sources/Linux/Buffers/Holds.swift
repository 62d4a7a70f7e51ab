import Platform

/// A slice in flight: its buffer may not be released until the operation ends.
struct Hold: BitwiseCopyable {
    let slice: Slice
    /// The life in which a foreign buffer was lent; 0 for the shard's own.
    let lenderGeneration: UInt32
}

/// What a shard's operations in flight use: of its own buffers by buffer, of foreign ones by lender and life.
struct Holds {
    private let map: BufferMap
    private let own: SlotTable
    /// By lender: how many of each of its lives that still count.
    private var foreign: [[(generation: UInt32, count: Int)]]

    init(map: BufferMap, own: SlotTable, shardCount: Int) {
        self.map = map
        self.own = own
        foreign = Array(repeating: [], count: shardCount)
    }

    mutating func take(_ slice: Slice, lenderGeneration: UInt32) throws(MachineFailure) -> Hold {
        // Checks the name and the bounds.
        unsafe _ = try map.address(of: slice)
        if slice.buffer.owner == map.owner {
            own[Int(slice.buffer.slot)].inFlight += 1
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
        if hold.slice.buffer.owner == map.owner {
            own[Int(hold.slice.buffer.slot)].inFlight -= 1
            return
        }
        let lender = Int(hold.slice.buffer.owner.number)
        guard let life = foreign[lender].firstIndex(where: { $0.generation == hold.lenderGeneration }) else { return }
        foreign[lender][life].count -= 1
        if foreign[lender][life].count == 0 { foreign[lender].remove(at: life) }
    }

    /// Does an operation still use what a life before `generation` lent?
    func usesLoans(of lender: ShardID, before generation: UInt32) -> Bool {
        foreign[Int(lender.number)].contains { $0.generation < generation }
    }
}
