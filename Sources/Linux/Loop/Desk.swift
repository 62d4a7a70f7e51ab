import CLinux
public import Platform
import Synchronization

/// All that one shard's thread owns: the rings between the core and the loop, buffers, connections, files.
///
/// It outlives the Machines that sit at it. Only the shard's thread touches it; what other threads may touch is in
/// `ShardPort`.
public final class Desk {
    let shard: ShardID
    let exchange: Exchange
    let port: ShardPort
    let configuration: LinuxConfiguration
    let listenPoint: ListenPoint
    let connectionsMax: Int

    /// What the core submitted and the loop has not carried out.
    let operations = Ring<Operation>()
    let slices = Ring<Slice>()
    /// What happened and the core has not been told.
    let ready = Ring<Event>()
    /// Large receives that can be made at once, and wait until everything ready has been handled; each once.
    let patient = Ring<ConnectionID>()
    /// This round has made one of them.
    @exclusivity(unchecked) var hasReceivedPatiently = false
    /// Read once for each round of the loop.
    @exclusivity(unchecked) public internal(set) var now = Clock.now()
    @exclusivity(unchecked) var roundLeft = 0

    let pool: BufferPool
    let map: BufferMap
    var holds: Holds
    let poller: Poller
    let parts: Parts
    var connections = Connections()
    var listener: Listener?
    var lingering = Lingering()
    /// Connections whose `receiveFresh` found no memory.
    var starved: [ConnectionID] = []
    var files = FileTable()
    var pending = PendingTable()
    var pageCost = PageCost()
    /// Reused: empty between rounds.
    var takenFinished: [Finished] = []

    /// The lives of the other shards as this shard's Machine knows them.
    var knownGenerations: [UInt32]
    /// Losses that wait in `ready`.
    @exclusivity(unchecked) var lossesQueued = 0
    /// Losses that were reported to the Machine and whose loans are still in use here.
    var unreleased: [ShardID] = []
    /// Buffers of a dead Machine that others may still read, with the life that follows it.
    var orphans: [(generation: UInt32, slots: [UInt32])] = []

    var wakeAt: Int64?
    var acceptAt: Int64?
    var feedAt: Int64?
    var complainAt: Int64 = .min
    var isAcceptPending = false
    var isStopDelivered = false
    var spin = Spin()
    var entropy = Entropy()
    var facts = FactsSample()

    init(
        shard: ShardID, exchange: Exchange, configuration: LinuxConfiguration, listenPoint: ListenPoint,
        connectionsMax: Int, listening: Int32
    ) throws(StartFailure) {
        self.shard = shard
        self.exchange = exchange
        self.configuration = configuration
        self.listenPoint = listenPoint
        self.connectionsMax = connectionsMax
        port = exchange.ports[Int(shard.number)]
        pool = BufferPool(
            owner: shard, table: port.table, budget: exchange.budget,
            warmBytesMax: configuration.spareBytesPerShard,
            hints: configuration.wantsHugePages ? exchange.hints : nil)
        map = BufferMap(owner: shard, tables: exchange.ports.map(\.table))
        holds = Holds(map: map, own: port.table, shardCount: exchange.shardCount)
        poller = try Poller()
        parts = Parts()
        listener = Listener(owning: listening)
        knownGenerations = Array(repeating: 0, count: exchange.shardCount)
        guard poller.add(port.waker, .waker) else { throw .noDescriptor(.outOfMemory) }
    }

    deinit {
        operations.end()
        slices.end()
        ready.end()
        patient.end()
        parts.end()
    }

    var generation: UInt32 { port.generation.load(ordering: .relaxed) }

    /// The next event of this round, or nil when the loop should look at the world again.
    @inline(__always)
    public func nextEvent() throws(MachineFailure) -> Event? {
        guard unsafe roundLeft > 0 else { return nil }
        if ready.isEmpty, unsafe !hasReceivedPatiently { try receivePatiently() }
        guard let event = ready.take() else { return nil }
        unsafe roundLeft -= 1
        if unsafe lossesQueued > 0, case .shardLost(let lost, let generation) = event { learnLoss(lost, generation) }
        return event
    }

    func log(_ level: Notice.Level, _ text: @autoclosure () -> String) {
        exchange.log.write(level, .linux, from: .shard(shard.number), text())
    }
}

/// Scratch space for vectored calls.
@safe struct Parts {
    /// The kernel takes no more; what is beyond is left over, as after a short write.
    static let capacity = 1024
    let pointer: UnsafeMutablePointer<iovec>

    init() { unsafe pointer = .allocate(capacity: Self.capacity) }

    func end() { unsafe pointer.deallocate() }
}
