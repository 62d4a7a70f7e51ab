public import Platform

/// Who still needs each buffer, as a count: a frame's bytes serve the write, the cache and readers at once.
///
/// The World knows only owned or not. The ledger gives a buffer back when the last user is done with it. Buffers
/// lent by another shard are not counted here: they go home with the letter that answers the loan.
public struct BufferLedger {
    /// Users by slot; 0 for a slot that this shard does not own.
    private var users: [UInt32] = []
    public private(set) var ownedCount = 0
    private let owner: ShardID

    public init(owner: ShardID) { self.owner = owner }

    public func isForeign(_ buffer: BufferID) -> Bool { buffer.owner != owner }

    /// Takes a buffer that the World just gave to this shard; its first user is the caller.
    public mutating func adopt(_ buffer: BufferID) throws(MachineFailure) {
        try invariant(buffer.owner == owner, "a shard adopts only buffers of its own pool")
        let slot = Int(buffer.slot)
        while users.count <= slot { users.append(0) }
        try invariant(users[slot] == 0, "a buffer is adopted once")
        users[slot] = 1
        ownedCount += 1
    }

    public mutating func allocate<W: World & ~Copyable>(
        byteCount: Int, _ world: inout W
    ) throws(MachineFailure) -> BufferID? {
        guard let buffer = world.allocateBuffer(byteCount: byteCount) else { return nil }
        try adopt(buffer)
        return buffer
    }

    public mutating func retain(_ buffer: BufferID) throws(MachineFailure) {
        if isForeign(buffer) { return }
        let slot = Int(buffer.slot)
        try invariant(slot < users.count && users[slot] > 0, "only a buffer in use gets another user")
        users[slot] += 1
    }

    public mutating func release<W: World & ~Copyable>(
        _ buffer: BufferID, _ world: inout W
    ) throws(MachineFailure) {
        if isForeign(buffer) { return }
        let slot = Int(buffer.slot)
        try invariant(slot < users.count && users[slot] > 0, "only a buffer in use is released")
        users[slot] -= 1
        if users[slot] == 0 {
            ownedCount -= 1
            try world.release(buffer)
        }
    }
}
