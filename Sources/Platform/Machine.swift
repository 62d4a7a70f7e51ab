/// A synchronous state machine: an event comes in, it decides, it submits operations to its World, it returns.
///
/// No `async`, no locks, no Foundation, no clock, no dice, no globals, and nothing that happens in a `deinit`.
/// Both worlds drive Machines by calling `handle` for one event at a time, and drain the submitted operations
/// after it returns. A thrown `MachineFailure` drops this Machine and rebuilds it from disk; the process lives.
public protocol Machine: ~Copyable, SendableMetatype {
    mutating func handle(_ event: Event, at now: Instant) throws(MachineFailure)
    /// Checks every law that is too costly for `handle`. The simulator calls it after each event.
    mutating func checkInvariants() throws(MachineFailure)
}

/// A broken law of our own: the shard fails, not the process.
public struct MachineFailure: Error, Sendable, CustomStringConvertible {
    /// The law, as a sentence that holds while the Machine is well.
    public let law: StaticString

    public init(_ law: StaticString) { self.law = law }

    public var description: String { "broken law: \(law)" }
}

/// Throws unless `condition` holds. On in release: a law that is checked only in tests is a hope.
@inlinable @inline(__always)
public func invariant(
    _ condition: @autoclosure () -> Bool, _ law: @autoclosure () -> StaticString
) throws(MachineFailure) {
    if !condition() { throw MachineFailure(law()) }
}
