/// Somebody outside the server: it opens connections, sends bytes, and is told what comes back.
///
/// Its moves are events like all others; it draws only from its own substream or from the universe's tape.
open class Actor {
    public init() {}
    open func handle(_ event: ActorEvent, in universe: Universe) {}
    /// Who it is, for a person.
    open var title: String { "somebody" }
}

/// What an actor is told. `UInt32` names a connection.
public enum ActorEvent: Sendable {
    /// The number that it gave to `Universe.remind`.
    case timer(UInt32)
    case connected(UInt32)
    case refused(UInt32)
    /// Bytes wait to be taken.
    case readable(UInt32)
    /// The server's side is over: nothing comes any more, and with a reset what was sent may be lost.
    case ended(UInt32, isReset: Bool)
}
