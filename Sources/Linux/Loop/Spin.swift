/// Deciding when a shard that has nothing to do goes on looking instead of sleeping.
///
/// Looking finds a quick peer's next request twice as fast as being woken, and burns the core. So it is done only
/// where it has paid lately, and where nobody else wants the core: a client on the same machine that waits for it
/// would only ask later.
struct Spin {
    /// How a look ended.
    enum Look: Equatable {
        case found
        case nothing
        /// The kernel gave the core to another thread, and back at this time.
        case interrupted(at: Int64)
    }

    private var failures = 0
    private var skipped = 0
    private var restsUntil = Int64.min
    private static let failuresMax = 8
    private static let skipsMax = 32
    /// After a look was interrupted.
    static let rest: Int64 = 5_000_000

    /// `now`: monotonic, in nanoseconds.
    mutating func isWorthwhile(at now: Int64) -> Bool {
        if now < restsUntil { return false }
        if failures < Self.failuresMax { return true }
        skipped += 1
        if skipped < Self.skipsMax { return false }
        skipped = 0
        return true
    }

    mutating func learn(_ look: Look) {
        switch look {
        case .found: failures = 0
        case .nothing: failures = min(failures + 1, Self.failuresMax)
        case .interrupted(let now): restsUntil = now + Self.rest
        }
    }
}
