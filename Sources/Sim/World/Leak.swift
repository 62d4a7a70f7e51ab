import Platform

/// Planted nondeterminism: something of the outside world decides, from the second process of a run on. Two runs of one
/// seed must be seen to differ, and where.
public enum Leak: String, CaseIterable, Sendable {
    /// The order of a `Set`, in which a process's end resets its connections.
    case hashOrder = "hash-order"
    /// A hash value, by which every eighth alarm rings a nanosecond later.
    case hashValue = "hash-value"
    /// Addresses, by which a shard is given one of the free buffers.
    case address
}

extension Universe {
    /// Of the leaks this one, once it is in force.
    func leaks(_ leak: Leak) -> Bool { settings.leak == leak && process.generation > 1 }

    /// The connections of a process that ends, in the order in which they are reset.
    var heldConnections: [Int] {
        let held = connections.indices.filter { connections[$0].shard != nil }
        return leaks(.hashOrder) ? Array(Set(held)) : held
    }

    /// Nanoseconds by which the alarm is late.
    func leakedLateness(of alarm: UInt32) -> Int64 {
        leaks(.hashValue) && alarm % 8 == 7 ? Int64(alarm.hashValue & 1) : 0
    }
}
