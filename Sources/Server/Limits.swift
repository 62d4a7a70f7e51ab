// Every bound of the server that a client or an operator can meet, by name. Each is a knob of the simulator.

import Platform

public struct Limits: Equatable, Sendable {
    /// Largest frame before a login, in bytes: a login with the longest names fits easily.
    public var unauthenticatedFrameBytesMax: UInt32 = 4 << 10
    /// Largest frame that is read over when it is refused; the connection is closed after a larger one.
    public var refusedFrameBytesMax = 1 << 20
    /// Largest frame of any command but SendMessages, in bytes.
    public var controlFrameBytesMax: UInt32 = 10 << 20
    /// Largest SendMessages frame, in bytes: one message of 64,000,000 bytes with headers, or a batch.
    public var sendFrameBytesMax: UInt32 = 72 << 20
    /// A SendMessages frame between that and this is read over and refused; the connection ends at a larger one.
    public var refusedSendBytesMax = 72 << 20
    /// Largest poll reply, in bytes; one message is always allowed.
    public var pollBytesMax: UInt32 = 8 << 20
    /// Bytes of a poll reply that every connection may have, however many there are.
    public var pollBytesMin = 64 << 10
    /// Bytes that the replies of all connections of a shard may take together, as far as `pollBytesMin` and single
    /// messages let them.
    public var replyBytesTotal = 512 << 20
    /// Requests of one connection that may wait for their answers; later frames wait in the socket.
    public var pipelinedRequestsMax = 64
    /// Bytes of replies that may wait to be sent when a connection's next request is begun.
    public var repliesBytesMax = 8 << 20
    /// Requests of sessions that one shard may have unanswered at another: fewer than there are credits, so that a busy
    /// server can still be administered.
    public var sessionMailCredits = MailLimits.requestCredits - 16
    /// Sessions that get another try when memory or credit may have come free; a tick tries all.
    public var retriesMax = 16
    /// Connections of one shard; a further one is closed at once.
    public var connectionsMax = 8_192
    /// Nanoseconds in which refused connections make one line in the log.
    public var complaintInterval: Int64 = 10_000_000_000
    /// Connections that have not logged in, of one shard or, before `divided`, of all; the oldest is closed for a
    /// further one.
    public var unauthenticatedConnectionsMax = 256
    /// Nanoseconds from accept to the first complete frame.
    public var firstFrameWithin: Int64 = 10_000_000_000
    /// Nanoseconds after each of which a frame must be whole, or have grown by so many bytes for each second of them.
    public var frameWindow: Int64 = 30_000_000_000
    public var frameBytesPerSecondMin: Int64 = 1_024
    /// Nanoseconds from a frame's first byte to its last: 2 Mbit/s for the largest.
    public var frameWithin: Int64 = 300_000_000_000
    /// Nanoseconds that a connection waits for memory to receive into, before those end, on any shard, that take nothing
    /// of large replies, or else the largest frame that is not whole, one at each tick.
    public var memoryWithin: Int64 = 2_000_000_000
    /// Nanoseconds without a byte taken by a peer that has replies waiting.
    public var sendProgressWithin: Int64 = 30_000_000_000
    /// First and largest receive buffer of a connection, in bytes. It grows with the frames that come.
    public var receiveBytesMin = 16 << 10
    public var receiveBytesMax = 4 << 20
    /// A receive buffer has room for several frames up to so many bytes: more of them would leave the second-level
    /// cache before they are written.
    public var receiveBytesForSeveral = 1 << 20
    /// Bytes that all connections of a shard may take for receive buffers larger than the first. A frame that is
    /// really coming gets what it needs.
    public var receiveBytesTotal = 256 << 20
    /// A larger frame waits, when its beginning has come, until there is room among the others for all of it.
    public var largeFrameBytes = 4 << 20
    /// Bytes of buffers that the large frames of all shards may take together; one frame is always received.
    public var largeFrameBytesTotal = 512 << 20
    /// Nanoseconds that a large frame may take to be whole while another waits for its room.
    public var largeFrameWithin: Int64 = 30_000_000_000
    /// Nanoseconds that a stop waits for replies to be taken.
    public var stopWithin: Int64 = 5_000_000_000
    /// Nanoseconds between looks at deadlines, free space and background syncs.
    public var tickInterval: Int64 = 250_000_000
    /// Bytes that each shard keeps for its own talk when clients have used up the memory.
    public var memoryReserveBytes = 256 << 10
    /// Passwords being checked at a time; further logins wait in their sockets.
    public var loginsMax = 16
    /// Failed logins of an account, or from an address, before the next one has to wait.
    public var loginFailuresFree = 5
    /// Nanoseconds that it waits at first; each further failure doubles them up to the most.
    public var loginDelayMin: Int64 = 2_000_000_000
    public var loginDelayMax: Int64 = 60_000_000_000
    /// Nanoseconds after which a failure is forgiven, one after the other, and how many there are at most to forgive.
    public var loginForgivenAfter: Int64 = 60_000_000_000
    public var loginFailuresMax = 20
    /// Accounts and addresses whose failures a shard remembers.
    public var loginRecordsMax = 1_024
    public var streamsMax = 10_000
    public var topicsPerStreamMax = 10_000
    /// Topics of all streams. With the longest names they make a catalog of 34 MB, which a shard that joins gets in one
    /// buffer.
    public var topicsMax = 100_000
    public var partitionsMax = 100_000
    public var partitionsPerRequestMax: UInt32 = 1_000
    public var spaceMeasuredEvery: Int64 = 1_000_000_000
    public var reserveBytesMax: Int64 = 5 << 30
    /// A catalog log is compacted when it exceeds so many bytes and so many times what a snapshot would need.
    public var catalogCompactBytes: Int64 = 256 << 10
    public var catalogCompactFactor: Int64 = 4
    /// Nanoseconds from a compaction that failed to the next attempt.
    public var catalogCompactRetryAfter: Int64 = 1_000_000_000

    public init() {}

    /// The part of each shard in what is bounded for all shards together: strangers are a crowd anywhere, and must find
    /// room on the one shard that they come to.
    public func divided(among shardCount: Int) -> Limits {
        var part = self
        part.unauthenticatedConnectionsMax = max(4, unauthenticatedConnectionsMax / max(1, shardCount))
        return part
    }
}
