import Synchronization

/// The bytes that all pools of the process may map together.
///
/// One counter for all shards: memory is lent where the load is, and the sum never passes the limit.
public final class MemoryBudget: Sendable {
    public let limitBytes: Int
    private let used = Atomic<Int>(0)

    public init(limitBytes: Int) { self.limitBytes = limitBytes }

    public var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Takes `byteCount` bytes out of the budget, or nothing when they are not there.
    func reserve(_ byteCount: Int) -> Bool {
        let after = used.add(byteCount, ordering: .relaxed).newValue
        if after <= limitBytes { return true }
        give(back: byteCount)
        return false
    }

    func give(back byteCount: Int) {
        used.subtract(byteCount, ordering: .relaxed)
    }
}
