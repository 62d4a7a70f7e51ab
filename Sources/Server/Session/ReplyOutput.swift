import Platform

/// A connection's sending side: replies in request order, gathered into one send, each released once it is out.
struct ReplyOutput {
    /// What may be given up once the bytes before and in this slice are sent.
    enum Hold: BitwiseCopyable, Equatable {
        case nothing
        case buffer(BufferID)
        /// Pieces of a read, lent by the partition's owner.
        case loan(ShardID, UInt64)
    }

    private struct Entry: BitwiseCopyable {
        var slice: Slice
        var hold: Hold
    }

    private var entries: [Entry] = []
    /// Entries before this place are sent; they are removed in bulk.
    private var first = 0
    private var inFlightCount = 0
    private(set) var queuedBytes = 0
    /// When bytes last moved while something waited.
    private(set) var progressAt: Int64 = 0

    private static let slicesPerSend = 256

    var isEmpty: Bool { first == entries.count }
    var isSending: Bool { inFlightCount > 0 }

    /// Queues a slice. Neighbouring slices of one buffer without a hold become one: a run of statuses is one slice.
    mutating func append(_ slice: Slice, hold: Hold = .nothing) {
        queuedBytes += Int(slice.byteCount)
        if hold == .nothing, entries.count - first > inFlightCount, let last = entries.last, last.hold == .nothing,
            last.slice.buffer == slice.buffer, last.slice.end == Int(slice.position)
        {
            entries[entries.count - 1].slice = Slice(
                slice.buffer, position: last.slice.position, byteCount: last.slice.byteCount + slice.byteCount)
            return
        }
        entries.append(Entry(slice: slice, hold: hold))
    }

    /// Adds a hold to the newest slice: it is released when all before it is sent too.
    mutating func holdLast(_ hold: Hold) {
        guard let last = entries.last, last.hold == .nothing else {
            // An empty slice carries a second hold.
            if let last = entries.last {
                entries.append(Entry(slice: Slice(last.slice.buffer, position: last.slice.position, byteCount: 0), hold: hold))
            }
            return
        }
        entries[entries.count - 1].hold = hold
    }

    /// The position that would make the next status of `page` join the last slice, if it lies in that buffer.
    func positionAfterLast(in page: BufferID) -> UInt32? {
        guard entries.count - first > inFlightCount, let last = entries.last, last.hold == .nothing,
            last.slice.buffer == page
        else { return nil }
        return UInt32(clamping: last.slice.end)
    }

    /// Sends what waits, unless a send is in flight. `scratch` is reused so that sending allocates nothing.
    mutating func send<W: World & ~Copyable>(
        _ connection: ConnectionID, token: Token, at now: Instant, scratch: inout [Slice], _ world: inout W
    ) throws(MachineFailure) {
        guard inFlightCount == 0, first < entries.count else { return }
        scratch.removeAll(keepingCapacity: true)
        let end = min(entries.count, first + Self.slicesPerSend)
        for place in first..<end { scratch.append(entries[place].slice) }
        inFlightCount = end - first
        progressAt = now.nanoseconds
        try world.submit(.send(connection, slices: inFlightCount, token), scratch.span)
    }

    /// Takes the count of a finished send; adds the holds that are free now to `free`, in order.
    mutating func sent(_ count: Int, releasing free: inout [Hold]) throws(MachineFailure) {
        var rest = count
        queuedBytes -= count
        inFlightCount = 0
        while first < entries.count, rest >= Int(entries[first].slice.byteCount) {
            rest -= Int(entries[first].slice.byteCount)
            if entries[first].hold != .nothing { free.append(entries[first].hold) }
            first += 1
        }
        if rest > 0 {
            try invariant(first < entries.count, "a send moves no more bytes than it was given")
            let slice = entries[first].slice
            let moved = UInt32(clamping: rest)
            entries[first].slice = Slice(
                slice.buffer, position: slice.position + moved, byteCount: slice.byteCount - moved)
        }
        if first == entries.count {
            entries.removeAll(keepingCapacity: true)
            first = 0
        }
    }

    /// Gives up everything, for a connection that is gone. Nothing may be in flight.
    mutating func close(releasing free: inout [Hold]) {
        inFlightCount = 0
        for place in first..<entries.count where entries[place].hold != .nothing { free.append(entries[place].hold) }
        entries = []
        first = 0
        queuedBytes = 0
    }

    /// The owner of these loans is gone and wants nothing back. True if there were any: what they held is lost.
    mutating func forgetLoans(of owner: ShardID) -> Bool {
        var hadAny = false
        for place in first..<entries.count {
            if case .loan(owner, _) = entries[place].hold {
                entries[place].hold = .nothing
                hadAny = true
            }
        }
        return hadAny
    }

    /// The bytes that wait are counted as they are.
    func checkInvariants() throws(MachineFailure) {
        let byteCount = entries[first...].reduce(0) { $0 + Int($1.slice.byteCount) }
        try invariant(byteCount == queuedBytes, "replies that wait are counted")
    }

    /// A send ended without effect (the connection is failing).
    mutating func sendFailed() { inFlightCount = 0 }
}
