public import Platform

/// The same operations under other circumstances: whatever the size of segments, the number of shards, the split into
/// batches, the load of the processors or the delays are, the same is stored in the end. No model says what that is; runs
/// of one plan judge each other.
///
/// Nothing fails in these plans, so that every operation has one possible outcome. Each client reads, stores offsets and
/// mostly appends in a partition of its own; all of them race for one more, where each one's messages have an order and
/// those of two have none.
public struct Metamorphosis: Sendable {
    public enum Variant: String, CaseIterable, Sendable {
        case plain
        case smallSegments = "small-segments"
        case largeSegments = "large-segments"
        case oneShard = "one-shard"
        case manyShards = "many-shards"
        case splitBatches = "split-batches"
        case oversubscribed
        case smallCaches = "small-caches"
        case largeCaches = "large-caches"
        case pieces
        case delays
        case otherLevel = "other-level"

        public var summary: String {
            switch self {
            case .plain: "as drawn, but that nothing fails"
            case .smallSegments: "segments of one batch or two, an index entry for each"
            case .largeSegments: "one segment"
            case .oneShard: "one shard"
            case .manyShards: "four shards"
            case .splitBatches: "each message of the clients in a batch of its own"
            case .oversubscribed: "four shards on the siblings of one core, with a fifth of it"
            case .smallCaches: "tails, caches and files open at their smallest"
            case .largeCaches: "the same at their largest"
            case .pieces: "small windows and buffers, every other send cut into pieces"
            case .delays: "a slow disk, a slow network, late letters and alarms, a stalled shard"
            case .otherLevel: "acknowledged at the other level"
            }
        }
    }

    public let seed: UInt64
    public var mutation: Mutation?
    public var sabotage: Sabotage?

    public init(seed: UInt64) { self.seed = seed }

    /// Operations of each client and owner, so that a dozen runs take no longer than a few of the standard profile.
    private static let operationsEach = 40

    public func plan(_ variant: Variant) -> Plan {
        var plan = drawn
        plan.mutation = mutation
        plan.sabotage = sabotage
        switch variant {
        case .plain: break
        case .smallSegments: plan.set([.segmentBytes, .indexIntervalBytes, .indexEntriesPending], \.minimum)
        case .largeSegments: plan.knobs[.segmentBytes] = 64 << 20
        case .oneShard: plan.knobs[.shards] = 1
        case .manyShards: plan.knobs[.shards] = 4
        case .splitBatches: plan.clients = plan.clients.map(\.split)
        case .oversubscribed:
            plan.knobs[.shards] = 4
            plan.topology.cores = 1
            plan.topology.threadsPerCore = 2
            plan.faults = [
                Fault(
                    .smtOversubscription(siblingPercent: 55, quotaPerPeriod: 20 * millisecond), when: .at(0),
                    for: 2 * second)
            ]
        case .smallCaches: plan.set(Knob.caches, \.minimum)
        case .largeCaches: plan.set(Knob.caches, \.maximum)
        case .pieces:
            plan.set([.receiveBytes, .windowBytes, .segmentation], \.minimum)
            plan.faults = [Fault(.disturbance(Disturbance(.onePieces, strength: 1)), when: .at(0), for: second)]
        case .delays: plan.faults = Self.delays
        case .otherLevel:
            for knob in [Knob.durability, .offsetsDurability] { plan.knobs[knob] = 3 - plan.knobs[knob] }
        }
        return plan
    }

    private static var delays: [Fault] {
        [
            Fault(.slowIO(factor: 12), when: .at(0), for: 300 * millisecond),
            Fault(.disturbance(Disturbance(.slowPath, strength: 8)), when: .at(0), for: second),
            Fault(.disturbance(Disturbance(.lateMail, strength: 3)), when: .at(0), for: second),
            Fault(.disturbance(Disturbance(.lateAlarms, strength: 20)), when: .at(0), for: second),
            Fault(.shardStall(ShardID(0)), when: .at(20 * millisecond), for: 150 * millisecond),
        ]
    }

    private var drawn: Plan {
        var generator = PlanGenerator()
        generator.profile = .calm
        var plan = generator.plan(seed: seed)
        plan.knobs[.partitions] = UInt64(plan.clients.count + 1)
        // Nobody is refused for want of memory.
        plan.knobs[.bufferBytes] = Knob.bufferBytes.range.maximum
        let shared = UInt32(plan.clients.count)
        plan.clients = plan.clients.enumerated().map { place, client in
            // Whether there is something to forget is no matter of the circumstances, and is told as a refusal.
            let chosen = client.operations.filter { if case .forget = $0 { false } else { true } }
            let operations = chosen.prefix(Self.operationsEach).enumerated().map { number, operation in
                let isRace = if case .append = operation { number % 3 == 0 } else { false }
                return operation.moved(to: isRace ? shared : UInt32(place))
            }
            return PlannedClient(.patient, operations)
        }
        // Who asks by a former name is refused, and no chapter leaves what the plan alone leaves.
        plan.owners = plan.owners.map { owner in
            let operations = owner.operations.filter { if case .rename = $0 { false } else { true } }
            return PlannedOwner(.patient, Array(operations.prefix(Self.operationsEach)))
        }
        plan.chapters = []
        return plan
    }

    /// Of each client the messages of its batches, as the plain plan numbers them, in the order in which it appends them.
    func messages(ofClient client: Int) -> [MessageID] {
        var batches: UInt32 = 0
        return drawn.clients[client].operations.flatMap { operation -> [MessageID] in
            guard case .append(_, let count, _) = operation else { return [] }
            let id = BatchID(client: UInt32(client), number: batches)
            batches += 1
            return (0..<count).map { MessageID(id, index: $0) }
        }
    }

    /// Offsets that no server may store: what has to be refused.
    var refusalCount: Int {
        drawn.clients.reduce(0) { sum, client in
            sum + client.operations.count { if case .storeBeyond = $0 { true } else { false } }
        }
    }
}

extension Plan {
    fileprivate mutating func set(_ chosen: [Knob], _ value: KeyPath<Knob.Range, UInt64>) {
        for knob in chosen { knobs[knob] = knob.range[keyPath: value] }
    }
}

extension Knob {
    /// What the server keeps in memory, open or pending.
    fileprivate static let caches: [Knob] = [
        .tailBytes, .tailBatches, .readPieceBytes, .pieceCacheBytes, .indexCacheBytes, .openFiles, .allocateChunkBytes,
        .writeBatches, .headersPerSlab, .indexEntriesPending, .offsetsCompactBytes, .catalogCompactBytes,
    ]
}

extension PlannedClient {
    fileprivate var split: PlannedClient {
        PlannedClient(
            behaviour,
            operations.flatMap { operation -> [PlannedOperation] in
                guard case .append(let partition, let messages, let payloadBytes) = operation else { return [operation] }
                return Array(
                    repeating: .append(partition: partition, messages: 1, payloadBytes: payloadBytes),
                    count: Int(messages))
            })
    }
}

extension PlannedOperation {
    fileprivate func moved(to partition: UInt32) -> PlannedOperation {
        switch self {
        case .append(_, let messages, let payloadBytes):
            .append(partition: partition, messages: messages, payloadBytes: payloadBytes)
        case .poll(_, let messages): .poll(partition: partition, messages: messages)
        case .next(_, let messages): .next(partition: partition, messages: messages)
        case .rewind: .rewind(partition: partition)
        case .store: .store(partition: partition)
        case .storeBeyond: .storeBeyond(partition: partition)
        case .fetch: .fetch(partition: partition)
        case .forget: .forget(partition: partition)
        case .pause, .reconnect, .purge, .meet: self
        }
    }
}
