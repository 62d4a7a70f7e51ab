import Platform

/// A worker's job as the shard remembers it.
struct Pending {
    /// What the core is told when the job is finished.
    enum Answer {
        case count
        case none
        case opened
        case space
    }

    let token: Token
    let answer: Answer
    let file: FileID?
    let holds: [Hold]
}

/// The jobs of one shard that workers have, by ticket.
struct PendingTable {
    private var slots: [Pending?] = []
    private var free: [UInt32] = []
    private(set) var count = 0

    mutating func insert(_ pending: Pending) -> UInt32 {
        count += 1
        if let ticket = free.popLast() {
            slots[Int(ticket)] = pending
            return ticket
        }
        slots.append(pending)
        return UInt32(truncatingIfNeeded: slots.count - 1)
    }

    mutating func remove(_ ticket: UInt32) -> Pending? {
        guard let pending = slots[Int(ticket)] else { return nil }
        slots[Int(ticket)] = nil
        free.append(ticket)
        count -= 1
        return pending
    }
}
