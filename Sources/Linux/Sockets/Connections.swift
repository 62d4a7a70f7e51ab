import Platform

/// One connection as the loop sees it.
struct Connection {
    enum Receive {
        case none
        case into(Hold)
        case fresh
    }

    /// A send that the socket had no room for.
    struct ParkedSend {
        let token: Token
        let holds: [Hold]
    }

    /// -1 in a free slot.
    var descriptor: Int32
    var generation: UInt32
    var receive = Receive.none
    var send: ParkedSend?
    /// There may be something to receive: no edge is to be waited for.
    var isReadable = false
    var hasHungUp = false
    /// Its receive waits until everything ready has been handled.
    var isPatient = false
    /// Its receive waits for memory.
    var isStarved = false

    var isOpen: Bool { descriptor >= 0 }
    var isReceiving: Bool {
        switch receive {
        case .none: false
        case .into, .fresh: true
        }
    }
}

/// A shard's connections by slot. Slots are used again, each time with a new generation, also across the lives of
/// a Machine.
struct Connections {
    private var slots: [Connection] = []
    private var free: [UInt32] = []

    /// Open connections.
    var count: Int { slots.count - free.count }

    mutating func insert(_ descriptor: Int32) -> ConnectionID {
        if let slot = free.popLast() {
            let generation = slots[Int(slot)].generation &+ 1
            slots[Int(slot)] = Connection(descriptor: descriptor, generation: generation)
            return ConnectionID(slot: slot, generation: generation)
        }
        slots.append(Connection(descriptor: descriptor, generation: 1))
        return ConnectionID(slot: UInt32(truncatingIfNeeded: slots.count - 1), generation: 1)
    }

    mutating func remove(_ id: ConnectionID) {
        slots[Int(id.slot)] = Connection(descriptor: -1, generation: id.generation)
        free.append(id.slot)
    }

    func contains(_ id: ConnectionID) -> Bool {
        let slot = Int(id.slot)
        return slot < slots.count && slots[slot].isOpen && slots[slot].generation == id.generation
    }

    /// The connection of an id that `contains` or `check` knows.
    subscript(id: ConnectionID) -> Connection {
        _read { yield slots[Int(id.slot)] }
        _modify { yield &slots[Int(id.slot)] }
    }

    func check(_ id: ConnectionID) throws(MachineFailure) {
        try invariant(contains(id), "a connection's name is used only until it is disconnected")
    }

    /// All open connections, in the order of their slots.
    var all: [ConnectionID] {
        slots.indices.lazy.filter { slots[$0].isOpen }.map {
            ConnectionID(slot: UInt32(truncatingIfNeeded: $0), generation: slots[$0].generation)
        }
    }
}
