public import Platform

/// A run before it happens: everything that is decided beforehand, as data that prints and reads back.
public struct Plan: Equatable, Sendable {
    /// Of the text.
    public static let format = 1
    /// A seed means a plan only together with this: a change of the generator changes it.
    public static let generator = 9

    public var seed: UInt64
    public var knobs = Knobs()
    public var topology = PlannedTopology()
    /// What all buffers may take, in bytes, divided as an operator's limit is; nil for the limits that the server has by
    /// itself, and what the knobs say. It is never drawn.
    public var memoryLimitBytes: UInt64?
    /// Families of faults that may occur.
    public var families: [Fault.Family] = []
    public var clients: [PlannedClient] = []
    public var owners: [PlannedOwner] = []
    public var faults: [Fault] = []
    /// How the workload ends: in the middle of writes, before everything heals. nil for in peace.
    public var lastCrash: CrashKind?
    /// What it meets; nil for what the seed draws.
    public var lastWrites: LastWrites?
    /// What else the run has, beside what every run has.
    public var chapters: [Chapter] = []
    public var schedule = Schedule.random
    public var metadataOrder = MetadataOrder.ordered
    /// Late decisions; nil to draw them from the seed.
    public var tape: PlannedTape?
    /// Where they are drawn anew, one after the other, whatever the tape says.
    public var branches: [Branch] = []
    public var mutation: Mutation?
    public var sabotage: Sabotage?
    public var ambush: Ambush?
    public var leak: Leak?
    /// It strikes each time that so many of its calls have come; nil for as often as it usually does.
    public var sabotagePeriod: Int?
    /// Power cuts and refusals at given operations, of a sweep, in their order.
    public var diskPoints: [DiskPoint] = []
    /// The order of what could be next, once the clients have met, is the tape's to choose; nil for as time has it.
    public var interleaving: PlannedInterleaving?

    public init(seed: UInt64) { self.seed = seed }

    /// In every message: a message of another run is nobody's.
    public var stamp: UInt64 { seed &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(clients.count) }
}

/// A part of a run that not every plan has.
public enum Chapter: String, CaseIterable, Sendable {
    /// After the last crash there are more of them, each soon after the server serves again.
    case crashesInARow = "crashes-in-a-row"
    /// The server is stopped while clients write, and started again.
    case stopUnderLoad = "stop-under-load"
    /// Clients ask for much, take nothing of it, and go.
    case quitters
    /// While the server is down, a bit of a log changes.
    case rot
}

/// The processors of a run.
public struct PlannedTopology: Equatable, Sendable {
    public var cores: UInt32 = 4
    public var threadsPerCore: UInt32 = 1
    /// Thousandths of a CPU; nil when unlimited.
    public var quotaMilliCPU: UInt32?

    public init() {}

    public var topology: Topology {
        let cpus = (0..<cores * threadsPerCore).map {
            // As Linux numbers them: first one thread of each core, then the siblings.
            Topology.LogicalCPU(number: $0, core: $0 % cores, node: 0, isAllowed: true)
        }
        return Topology(cpus: cpus, quotaMilliCPU: quotaMilliCPU, memoryBytes: 1 << 30)
    }
}

/// One client and what it does, one thing after the other.
public struct PlannedClient: Equatable, Sendable {
    public enum Behaviour: String, CaseIterable, Sendable {
        /// Waits for every answer, reconnects when the connection is lost.
        case patient
        /// Takes its bytes slowly.
        case slow
        /// Now and then breaks its connection while it waits for an answer.
        case impatient
        /// Appends again, as a new request, what it got no answer to: then the messages may be there twice.
        case persistent
    }

    public var behaviour: Behaviour
    public var operations: [PlannedOperation]

    public init(_ behaviour: Behaviour, _ operations: [PlannedOperation]) {
        self.behaviour = behaviour
        self.operations = operations
    }
}

/// What a client does next. What it needs of the past (its cursor, its last offset) it knows when it is there.
public enum PlannedOperation: Equatable, Sendable {
    case append(partition: UInt32, messages: UInt32, payloadBytes: UInt32)
    /// From the client's cursor in the partition.
    case poll(partition: UInt32, messages: UInt32)
    /// From behind the stored offset, which the server then sets to the last message of its answer.
    case next(partition: UInt32, messages: UInt32)
    /// From the first offset; the cursor goes back.
    case rewind(partition: UInt32)
    /// Stores the offset before the cursor.
    case store(partition: UInt32)
    /// Stores an offset far behind the end, which the server must refuse.
    case storeBeyond(partition: UInt32)
    case fetch(partition: UInt32)
    /// Deletes the stored offset.
    case forget(partition: UInt32)
    /// Does nothing for so many microseconds.
    case pause(micros: UInt32)
    case reconnect
    /// Empties the topic that all clients share: one client of a plan at most does.
    case purge
    /// Waits until every other client is finished or waits like it.
    case meet
}

extension PlannedOperation {
    /// The same with a batch that is like all others.
    var alike: PlannedOperation {
        guard case .append(let partition, _, _) = self else { return self }
        return .append(partition: partition, messages: 1, payloadBytes: 100)
    }

    /// Whether a request is sent for it, whatever the client has seen before.
    var asks: Bool {
        switch self {
        case .append, .poll, .next, .fetch, .forget, .storeBeyond, .purge: true
        case .rewind, .store, .pause, .reconnect, .meet: false
        }
    }
}
