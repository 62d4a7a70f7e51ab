public import Platform

/// The machine, as one shard's core sees it: a handle to its thread's `Desk`.
public struct LinuxWorld: World, ~Copyable {
    let desk: Desk
    private let operations: Ring<Operation>
    private let slices: Ring<Slice>
    private let map: BufferMap

    init(_ desk: Desk) {
        self.desk = desk
        operations = desk.operations
        slices = desk.slices
        map = desk.map
    }

    // MARK: Operations

    public mutating func submit(_ operation: Operation) throws(MachineFailure) {
        try invariant(operation.sliceCount == nil, "a vectored operation is submitted with its slices")
        operations.append(operation)
    }

    public mutating func submit(_ operation: Operation, _ slices: Span<Slice>) throws(MachineFailure) {
        try invariant(operation.sliceCount == slices.count, "an operation says how many slices it has")
        for index in slices.indices { self.slices.append(slices[index]) }
        operations.append(operation)
    }

    /// At once: the name's bytes are the caller's only until it returns.
    public mutating func note(_ notice: Notice, naming name: Span<UInt8>) {
        desk.exchange.log.note(notice, of: desk.shard, naming: name)
    }

    // MARK: Buffers

    public mutating func allocateBuffer(byteCount: Int) -> BufferID? { desk.pool.allocate(byteCount: byteCount) }

    public mutating func release(_ buffer: BufferID) throws(MachineFailure) { try desk.pool.release(buffer) }

    public func byteCount(of buffer: BufferID) throws(MachineFailure) -> Int { try map.byteCount(of: buffer) }

    @_lifetime(borrow self)
    public func bytes(of slice: Slice) throws(MachineFailure) -> RawSpan {
        let address = unsafe try map.address(of: slice)
        // SAFETY: the slice lies in a live buffer, which only `release`, a mutation of self, takes away.
        let span = unsafe RawSpan(_unsafeStart: address, byteCount: Int(slice.byteCount))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    @_lifetime(borrow self)
    public func mutableBytes(of slice: Slice) throws(MachineFailure) -> MutableRawSpan {
        let address = unsafe try map.address(of: slice)
        // SAFETY: as above. That nobody else changes these bytes is the core's law; the simulator checks it.
        let span = unsafe MutableRawSpan(_unsafeStart: address, byteCount: Int(slice.byteCount))
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    // MARK: Facts

    public mutating func entropy() -> UInt64 { desk.entropy.next() }

    public var bootIdentity: BootIdentity { .current }

    public func hostFacts() -> HostFacts { desk.facts.take(directory: desk.exchange.directory) }

    // MARK: The simulator's

    @inlinable public mutating func mark(_ mark: Mark) {}

    @inlinable public func isMutated(_ mutation: Mutation) -> Bool { false }
}

extension Operation {
    /// The slices of a vectored operation; nil for the others.
    fileprivate var sliceCount: Int? {
        switch self {
        case .send(_, let count, _), .write(_, _, let count, _), .crypt(let count, _): count
        case .startAccepting, .receive, .receiveFresh, .disconnect, .open, .close, .read, .allocate, .truncate, .sync,
            .syncDirectory, .makeDirectory, .removeDirectory, .moveDirectory, .unlink, .rename, .list, .measureSpace,
            .lock, .mail, .wake, .notice, .stopped, .refuseStart:
            nil
        }
    }
}
