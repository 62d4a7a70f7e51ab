public import Platform
import Primitives
import Wire

/// One shard of the server: its connections, its partitions, its copy of the catalog; shard 0 also decides the
/// catalog. A Machine: everything it does follows from one event and its own state.
///
/// An event goes to the part it belongs to (a session, a partition, the catalog, the start); what the parts want of
/// each other they leave in queues that `settle` works off before `handle` returns. Only then are writes submitted:
/// all batches that an event brought for a file go out as one write, all replies of a connection as one send.
public struct Shard<W: World & ~Copyable>: Machine, ~Copyable {
    let id: ShardID
    let shardCount: UInt16
    let generation: UInt32
    let settings: Settings
    var world: W
    var buffers: BufferLedger
    var phase = Phase.starting
    /// Everything written before this start is still there: a process died, not the machine.
    var isSameBoot = false
    var startedAt: UInt64 = 0
    /// When the event being handled happened.
    var now = Instant(nanoseconds: 0, wallMicroseconds: 0)

    var peers: Peers
    var catalog = Catalog()
    /// Changes with every change of the catalog that this shard applies.
    var catalogVersion: UInt64 = 1
    var keeper: CatalogKeeper?
    var startSteps: StartSteps
    var store: PartitionStore
    var partitions = PartitionTable()
    var space: SpaceGuard

    var sessions: [Session?] = []
    /// Slots of sessions to look at before `handle` returns, in this order, each at most once.
    var touched: [UInt32] = []
    /// Slots of sessions that wait for memory or credit, who waits longest first, each at most once.
    var stalled: [UInt32] = []
    /// Sessions, those that are closing included.
    var openCount = 0 {
        didSet { share() }
    }
    var unauthenticatedCount = 0 {
        didSet { share() }
    }
    var shares: Shares
    /// Until then no line says that a connection was refused.
    var refusalNotedUntil = Int64.min
    var nextClientNumber: UInt32 = 1
    var nextSerial: UInt32 = 1
    var statusPage: StatusPage?
    /// Given up when memory runs out, for what must be said then.
    var memoryReserve: BufferID?
    var roomUse = RoomUse()
    /// Of shard 0.
    var frameRoom: FrameRoom?
    /// Questions to other shards that are under way, because memory has run out here.
    var shortage: Shortage?
    /// Rounds of questions so far.
    var shortageCount: UInt64 = 0

    var operations = Slab<PartitionOperation>()
    var loans = Slab<Loan>()
    var orphanedLoans: [OrphanedLoan] = []
    var lentBytes: [LentBytes] = []
    var gatherings = Slab<Gathering>()
    var logins = Slab<LoginCheck>()
    var loginThrottle = LoginThrottle()
    var balancers = Balancers()

    /// Reused so that the paths of a message allocate nothing.
    var scratchSlices: [Slice] = []
    var scratchHolds: [ReplyOutput.Hold] = []
    var scratchPieces: [MessagePiece] = []
    var takenOutcomes: [Outcome] = []

    enum Phase: Equatable {
        /// Shard 0 reads the catalog; the others wait for it.
        case starting
        /// Partitions are being recovered.
        case recovering
        /// This shard is ready; others are not.
        case waiting
        case serving
        case stopping(deadline: Int64)
        case storeStopping
        case stopped
        /// The start was refused; nothing more happens.
        case refused
    }

    public init(
        id: ShardID, shardCount: UInt16, generation: UInt32, settings: Settings, world: consuming W
    ) {
        self.id = id
        self.shardCount = shardCount
        self.generation = generation
        self.settings = settings
        startSteps = StartSteps(catalog: CatalogStart(boot: world.bootIdentity, placedPaths: settings.placedPaths))
        self.world = world
        shares = Shares(settings.limits, among: 0)
        if id == .catalog {
            frameRoom = FrameRoom(
                limitBytes: settings.limits.largeFrameBytesTotal, shardCount: shardCount, own: id)
        }
        buffers = BufferLedger(owner: id)
        peers = Peers(count: shardCount, own: id, sessionCredits: settings.limits.sessionMailCredits)
        store = PartitionStore(settings: settings.storage)
        space = SpaceGuard(
            interval: settings.limits.spaceMeasuredEvery, reserveMax: settings.limits.reserveBytesMax)
    }

    public mutating func handle(_ event: Event, at now: Instant) throws(MachineFailure) {
        self.now = now
        switch event {
        case .started: try start()
        case .accepted(let connection, let peer): try accepted(connection, peer)
        case .received(let connection, let slice): try received(connection, slice)
        case .receiveFailed(let connection, _): try receiveFailed(connection)
        case .disconnected(let connection): try disconnected(connection)
        case .opened(let token, let file, let byteCount):
            try completed(token, .opened(file, byteCount: byteCount))
        case .completed(let token, let count): try completed(token, .done(count: count))
        case .space(let token, let free, let total): try completed(token, .space(free: free, total: total))
        case .failed(let token, let errno): try completed(token, .failed(errno))
        case .timerDue: try tick()
        case .mail(let sender, let letter): try received(letter, from: sender)
        case .shardLost(let lost, let generation): try shardLost(lost, generation: generation)
        case .stopRequested: try stopRequested()
        }
        try settle()
    }

    /// Completions go to the part that submitted the operation.
    private mutating func completed(_ token: Token, _ completion: Completion) throws(MachineFailure) {
        guard let route = Route(token) else { throw MachineFailure("every token is one of ours") }
        switch route.part {
        case .session: try sendEnded(slot: route.slot, serial: route.detail, completion)
        case .partition:
            try store.completed(
                slot: route.slot, detail: route.detail, completion, &world, &buffers, at: now)
        case .catalog where route.detail == CatalogKeeper.compactionDetail: try compactionStepEnded(completion)
        case .catalog: try catalogLogEnded(completion)
        case .start: try startStepEnded(completion)
        case .access: try cryptEnded(check: route.check, completion)
        case .space: try space.handle(completion, at: now, &world)
        }
    }

    /// Works off what the event set in motion, until nothing moves, then lets the writes and replies go.
    private mutating func settle() throws(MachineFailure) {
        repeat {
            try drainOutcomes()
            try advanceTouched()
            try store.submitDirty(&world, &buffers, at: now)
        } while !touched.isEmpty || !store.outcomes.isEmpty
    }

    /// The costly laws: what the simulator checks after every event.
    public mutating func checkInvariants() throws(MachineFailure) {
        try store.checkInvariants()
        var openSeen = 0
        var unauthenticatedSeen = 0
        for (slot, session) in sessions.enumerated() {
            guard let session else { continue }
            openSeen += 1
            if session.state != .closing, !session.isLoggedIn { unauthenticatedSeen += 1 }
            try invariant(Int(session.connection.slot) == slot, "a session stands at its connection's slot")
            try invariant(
                !session.isStalled || session.isInRow || session.state == .closing,
                "who waits for memory or credit gets another try")
            try session.output.checkInvariants()
            try invariant(
                session.pending.count <= settings.limits.pipelinedRequestsMax, "pipelined requests have a limit")
        }
        try invariant(
            openSeen == openCount && unauthenticatedSeen == unauthenticatedCount, "connections are counted as they are")
        for key in gatherings.keys {
            try invariant(gatherings[key]?.missing.isEmpty == false, "who gathers facts waits for somebody")
        }
        try peers.checkInvariants()
        try checkRoom()
    }

    /// Strangers ask for nothing large: they leave the shares to those who have logged in.
    private mutating func share() { shares = Shares(settings.limits, among: openCount - unauthenticatedCount) }
}
