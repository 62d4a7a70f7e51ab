import Platform

/// What is known of each buffer of one shard, at an address that never changes.
///
/// The owner's thread writes. Another shard reads a slot only after a letter gave it the name, which orders the two;
/// the owner leaves the slot alone until the buffer came home.
@safe struct SlotTable: @unchecked Sendable {
    @safe struct Slot {
        /// Nil while the slot has no memory.
        var address: UnsafeMutableRawPointer?
        var byteCount: Int
        /// Raised at each release, so an old name fails.
        var generation: UInt16
        var isOwned: Bool
        /// Its Machine is gone; it is kept for those who borrowed it.
        var isOrphan: Bool
        /// Operations in flight that use the buffer's bytes.
        var inFlight: UInt32
    }

    /// Slots enough for `limitBytes` of buffers, whatever their sizes are and were before.
    ///
    /// A small buffer's slot stays of its size for good. So one shard may use up a slot for each smallest buffer, then
    /// half as many of the next size, and so on; together with the large ones, and a mapping begun for each size, that
    /// is less than two for each smallest buffer. A slot costs nothing until it is used.
    static func capacity(forBytes limitBytes: Int) -> Int {
        let smallest = limitBytes >> BufferClass.smallestShift
        return min(2 * smallest + 1 << 10, 1 << 23)
    }

    let capacity: Int
    private let slots: UnsafeMutablePointer<Slot>

    /// Room for `capacity` slots; pages are touched when they are used.
    init(capacity: Int) throws(StartFailure) {
        let byteCount = capacity * MemoryLayout<Slot>.stride
        guard let mapped = unsafe Pages.map(byteCount) else { throw .noMemory(byteCount) }
        self.capacity = capacity
        // SAFETY: the mapping is page aligned, zeroed and large enough; all-zero bytes are a valid Slot.
        unsafe slots = mapped.bindMemory(to: Slot.self, capacity: capacity)
    }

    /// Unmaps the table and all its buffers. Nobody may use either afterwards.
    func end() {
        // Slots are used in order; the first that never had memory is the last to look at.
        for slot in 0..<capacity {
            guard self[slot].byteCount > 0 else { break }
            // SAFETY: the address and the length are those of a mapping, or of a piece of one.
            unsafe Pages.unmap(self[slot].address, self[slot].byteCount)
        }
        unsafe Pages.unmap(slots, capacity * MemoryLayout<Slot>.stride)
    }

    subscript(slot: Int) -> Slot {
        @inline(__always) unsafeAddress {
            // SAFETY: callers pass slots that the pool made or `find` checked.
            unsafe UnsafePointer(slots + slot)
        }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe slots + slot }
    }

    /// The slot of a live name.
    @inline(__always)
    func find(_ buffer: BufferID) throws(MachineFailure) -> Int {
        let slot = Int(buffer.slot)
        try invariant(
            slot < capacity && self[slot].isOwned && self[slot].generation == buffer.generation,
            "a buffer's name is used only while it is owned")
        return slot
    }

    /// The address of a slice's first byte. It stays valid until the buffer is released.
    @inline(__always)
    func address(of slice: Slice) throws(MachineFailure) -> UnsafeMutableRawPointer {
        let slot = try find(slice.buffer)
        let entry = self[slot]
        try invariant(slice.end <= entry.byteCount, "a slice lies inside its buffer")
        guard let base = unsafe entry.address else { throw MachineFailure("an owned buffer has memory") }
        return unsafe base + Int(slice.position)
    }
}
