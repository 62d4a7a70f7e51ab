import Platform

/// The open files of one shard by slot, each life of a slot with a generation of its own.
struct FileTable {
    struct File {
        /// -1 in a free slot.
        var descriptor: Int32
        var generation: UInt32
        var reservation: Reservation
        /// Operations that workers are busy with.
        var inFlight = 0
    }

    private var slots: [File] = []
    private var free: [UInt32] = []

    mutating func insert(_ descriptor: Int32, byteCount: Int64) -> FileID {
        let reservation = Reservation(byteCount: byteCount)
        if let slot = free.popLast() {
            let generation = slots[Int(slot)].generation &+ 1
            slots[Int(slot)] = File(descriptor: descriptor, generation: generation, reservation: reservation)
            return FileID(slot: slot, generation: generation)
        }
        slots.append(File(descriptor: descriptor, generation: 1, reservation: reservation))
        return FileID(slot: UInt32(truncatingIfNeeded: slots.count - 1), generation: 1)
    }

    /// The descriptor of an open file.
    func descriptor(of file: FileID) throws(MachineFailure) -> Int32 {
        let slot = Int(file.slot)
        try invariant(
            slot < slots.count && slots[slot].descriptor >= 0 && slots[slot].generation == file.generation,
            "a file's name is used only until it is closed")
        return slots[slot].descriptor
    }

    /// What is known of the space of a file that `descriptor(of:)` found.
    subscript(reservationOf file: FileID) -> Reservation {
        get { slots[Int(file.slot)].reservation }
        set { slots[Int(file.slot)].reservation = newValue }
    }

    mutating func begin(_ file: FileID) { slots[Int(file.slot)].inFlight += 1 }

    mutating func end(_ file: FileID) { slots[Int(file.slot)].inFlight -= 1 }

    /// Takes an idle file out of the table; its descriptor is the caller's, and so is what is reserved behind its end.
    mutating func remove(_ file: FileID) throws(MachineFailure) -> (descriptor: Int32, hasRest: Bool) {
        let open = try descriptor(of: file)
        try invariant(slots[Int(file.slot)].inFlight == 0, "nothing of a closed file is in flight")
        slots[Int(file.slot)].descriptor = -1
        free.append(file.slot)
        return (open, slots[Int(file.slot)].reservation.hasRest)
    }

    /// Takes all files out; their descriptors are the caller's.
    mutating func removeAll() -> [Int32] {
        var open: [Int32] = []
        for slot in slots.indices where slots[slot].descriptor >= 0 {
            open.append(slots[slot].descriptor)
            slots[slot].descriptor = -1
            free.append(UInt32(truncatingIfNeeded: slot))
        }
        return open
    }
}
