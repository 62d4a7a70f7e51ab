public import Platform
import Primitives

/// One shard's handle on the simulated world.
///
/// It appends to the shard's own ring and answers what needs no kernel; the universe behind it is touched by the
/// driver alone. Whatever the contract forbids throws here, with the law by name.
public struct SimWorld: World, ~Copyable {
    let desk: Desk

    init(desk: Desk) { self.desk = desk }

    public mutating func submit(_ operation: Operation) throws(MachineFailure) {
        try desk.submit(operation, [])
    }

    public mutating func submit(_ operation: Operation, _ slices: Span<Slice>) throws(MachineFailure) {
        var copy: [Slice] = []
        copy.reserveCapacity(slices.count)
        for index in slices.indices { copy.append(slices[index]) }
        try desk.submit(operation, copy)
    }

    public mutating func allocateBuffer(byteCount: Int) -> BufferID? {
        desk.pool.allocate(byteCount: byteCount, for: desk.shard, isServing: desk.isAccepting)
    }

    public mutating func release(_ buffer: BufferID) throws(MachineFailure) {
        try desk.failIfPlanned()
        try desk.pool.release(buffer, by: desk.shard)
    }

    public func byteCount(of buffer: BufferID) throws(MachineFailure) -> Int {
        try desk.pool.byteCount(of: buffer, by: desk.shard)
    }

    @_lifetime(borrow self)
    public func bytes(of slice: Slice) throws(MachineFailure) -> RawSpan {
        let block = try desk.pool.readable(slice, by: desk.shard)
        // SAFETY: blocks live as long as the pool, which the desk holds.
        let span = unsafe block.bytes(at: Int(slice.position), byteCount: Int(slice.byteCount))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    @_lifetime(borrow self)
    public func mutableBytes(of slice: Slice) throws(MachineFailure) -> MutableRawSpan {
        let block = try desk.pool.changed(slice, by: desk.shard)
        // SAFETY: as above; nothing of it is in flight.
        let span = unsafe block.mutableBytes(at: Int(slice.position), byteCount: Int(slice.byteCount))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Shards of this process.
    public var shardCount: UInt16 { UInt16(clamping: desk.unreadLetters.count) }

    public mutating func entropy() -> UInt64 { desk.dice.next() }

    public var bootIdentity: BootIdentity { desk.node.boot }

    public func hostFacts() -> HostFacts { desk.node.facts }

    public mutating func mark(_ mark: Mark) {
        let node = desk.node
        node.passage.pass(.mark(mark))
        if node.watchesMarks { node.recentMarks.append(mark) }
        if !node.panicMarks.isEmpty { failIfAwaited(mark) }
    }

    /// A plan may let the step fail that hits this mark: it does at its next call through the seam.
    private func failIfAwaited(_ mark: Mark) {
        let node = desk.node
        for index in node.panicMarks.indices where node.panicMarks[index].mark == mark {
            guard node.panicMarks[index].hitsLeft > 0 else { continue }
            node.panicMarks[index].hitsLeft -= 1
            if node.panicMarks[index].hitsLeft == 0 {
                desk.isFailing = true
                desk.failingFault = node.panicMarks[index].fault
                node.panicked.append(node.panicMarks[index].fault)
            }
        }
    }

    public func isMutated(_ mutation: Mutation) -> Bool { desk.node.isMutated[Int(mutation.rawValue)] }
}
