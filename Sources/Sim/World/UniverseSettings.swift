public import Platform

/// What a universe is like, before anything happens in it.
public struct UniverseSettings: Sendable {
    public var seed: UInt64 = 0
    public var shardCount = 1
    public var topology = Topology(
        cpus: (0..<4).map { Topology.LogicalCPU(number: $0, core: $0, node: 0, isAllowed: true) }, quotaMilliCPU: nil,
        memoryBytes: 64 << 20)
    /// The logical CPU (index into the topology) of each shard; empty for one after the other.
    public var placement: [Int] = []
    /// What each shard takes of the topology's memory while its process runs; a start that needs more than there is
    /// fails. 0 for nothing.
    public var bytesPerShard = 0
    /// What the buffers of the node may take together.
    public var bufferBytesMax = 32 << 20
    /// The buffer that a `receiveFresh` takes.
    public var receiveByteCount = 4_096
    public var network = NetworkKnobs()
    public var disk = Disk.Limits()
    public var diskLatency = DiskLatency()
    public var mailLatency: ClosedRange<Int64> = 300...30_000
    public var metadataOrder = MetadataOrder.ordered
    public var schedule = Schedule.random
    /// Where late decisions are drawn anew, one after the other.
    public var branches: [Branch] = []
    /// More happenings than this in one simulated second are a livelock.
    public var happeningsPerSecondMax = 2_000_000
    public var rebuild = RebuildPolicy()
    public var mutations: [Mutation] = []
    public var sabotage: Sabotage?
    public var ambush: Ambush?
    public var leak: Leak?
    /// The sabotage strikes each time that so many of its calls have come; nil for as often as it usually does.
    public var sabotagePeriod: Int?
    /// Power cuts and refusals, in their order; boundaries are counted from the power cut before.
    public var diskPoints: [DiskPoint] = []
    /// The order of what could be next is chosen, decision by decision; nil for as time has it.
    public var interleaving: PlannedInterleaving?

    public init() {}
}

/// How long calls take, in nanoseconds.
public struct DiskLatency: Equatable, Sendable {
    public var metadata: ClosedRange<Int64> = 5 * microsecond...300 * microsecond
    public var read: ClosedRange<Int64> = 3 * microsecond...500 * microsecond
    public var write: ClosedRange<Int64> = 4 * microsecond...200 * microsecond
    public var sync: ClosedRange<Int64> = 100 * microsecond...8 * millisecond

    public init() {}
}

/// How often a failed shard is made anew before the process gives up and ends.
public struct RebuildPolicy: Equatable, Sendable {
    public var firstDelay: Int64 = 10 * millisecond
    public var delayMax: Int64 = second
    /// So many failures of one shard within `window` nanoseconds end the process.
    public var failuresMax = 8
    public var window: Int64 = 60 * second
    /// What the supervisor waits before it starts an ended process again.
    public var restartDelay: Int64 = 100 * millisecond

    public init() {}
}
