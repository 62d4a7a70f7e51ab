import Platform

/// One connection: a client actor on one side, a shard on the other, a byte stream each way.
struct Connection {
    let actor: UInt16
    let peer: PeerAddress
    var toServer: ByteStream
    var toClient: ByteStream

    /// The only shard that the client wants to be accepted by; nil for whichever is first.
    var wanted: ShardID?
    /// Whose it is once it was accepted.
    var shard: ShardID?
    var name: ConnectionID?
    /// Of the shard's Machine that accepted it.
    var generation: UInt32 = 0

    var isClientClosed = false
    var isServerClosed = false
    /// Either side sent a reset; both see it.
    var isReset = false
    /// The client's actor was told that it is over.
    var clientKnowsEnd = false
    /// A completion of the receive is on its way: no second one for the same bytes.
    var isReceiveScheduled = false
    var isSendScheduled = false
    /// Nothing moves towards the server before this time, in nanoseconds.
    var stalledUntil: Int64 = 0
}

/// How the network behaves in this run; times in nanoseconds.
public struct NetworkKnobs: Equatable, Sendable {
    public var latency: ClosedRange<Int64> = 20_000...400_000
    /// Bytes that a direction holds before its sender waits.
    public var windowBytes = 1 << 18
    /// One send in so many is cut into small pieces; 0 for never.
    public var segmentation: UInt32 = 8

    public init() {}
}
