import Platform
import Primitives

/// Draws a plan from a seed. Each part draws from a substream of its own, so that a change in one moves no other.
public struct PlanGenerator: Sendable {
    /// Only these families of faults; nil for all.
    public var only: [Fault.Family]?
    /// Only these kinds of faults, by their ids in the catalogue; nil for all.
    public var onlyKinds: [String]?
    /// Not these: the plan is the one drawn with them, less what they do.
    public var without: [Fault.Family] = []
    public var withoutKinds: [String] = []
    public var profile = Profile.std

    public enum Profile: String, CaseIterable, Sendable {
        /// At least 500 operations of clients, 12 faults and a crash.
        case std
        /// The same shape with faults of the disk and crashes alone.
        case disk
        /// The same shape with faults of shards, connections and memory alone: nothing restarts the process.
        case shards
        /// The same shape, a tenth of it: for tests.
        case quick
        /// No faults at all: what fails here fails in fair weather.
        case calm

        var operationCount: Int {
            switch self {
            case .std, .disk, .shards, .calm: 500
            case .quick: 60
            }
        }

        /// What happens in a run, roughly: the median of 300 seeds of `std` is 15,900.
        var happeningCount: Int { operationCount * 32 }

        var faultCount: Int {
            switch self {
            case .std, .disk, .shards: 12
            case .quick: 4
            case .calm: 0
            }
        }
    }

    public init() {}

    public func plan(seed: UInt64) -> Plan {
        var plan = Plan(seed: seed)
        for knob in Knob.allCases { plan.knobs[knob] = draw(knob, seed) }
        plan.topology = topology(seed)
        plan.families = families(seed)
        plan.clients = clients(seed, partitions: UInt32(plan.knobs[.partitions]))
        plan.owners = owners(seed)
        var dice = PRNG(seed: seed, label: "schedule")
        plan.schedule = dice.chance(7, in: 8) ? .random : .firstCome
        if let priorities = priorities(seed) { plan.schedule = .priorities(priorities) }
        plan.metadataOrder = dice.chance(1, in: 2) ? .ordered : .writeback
        demand(&plan, seed)
        plan.faults = faults(seed, plan)
        plan.lastCrash = lastCrash(seed, plan)
        plan.chapters = Chapter.allCases.filter {
            var dice = PRNG(seed: seed, label: "chapter/\($0.rawValue)")
            return dice.chance(1, in: 2)
        }
        leaveOut(without, of: &plan)
        return plan
    }

    /// For one seed in eight: priorities with one to four changes.
    private func priorities(_ seed: UInt64) -> PriorityChanges? {
        var dice = PRNG(seed: seed, label: "schedule/pct")
        guard dice.chance(1, in: 8) else { return nil }
        let window = Int64(20 + dice.nextSkewed(below: 5_000)) * microsecond
        let changes = (0..<1 + dice.nextSkewed(below: 4)).map { _ in
            UInt32(1 + dice.next(below: profile.happeningCount))
        }
        return PriorityChanges(
            window: window, order: UInt32(dice.next(below: 1 << 16)), changes: changes.sorted())
    }

    /// Takes faults out of a plan that was drawn with them. Nothing else moves and nothing takes their place, so that
    /// what changes in the run is their doing.
    private func leaveOut(_ families: [Fault.Family], of plan: inout Plan) {
        plan.families.removeAll { families.contains($0) }
        plan.faults.removeAll { families.contains($0.family) || withoutKinds.contains($0.id) }
        if let crash = plan.lastCrash, families.contains(where: { $0.rawValue == crash.rawValue }) { plan.lastCrash = nil }
    }

    /// What some faults need to meet anybody: shards that can get in each other's way, fail together and write to each
    /// other, segments that fill up, a volume that is not allocated far ahead. Half of the plans do with one shard all
    /// the same.
    private func demand(_ plan: inout Plan, _ seed: UInt64) {
        var dice = PRNG(seed: seed, label: "demand")
        let needsOthers = plan.families.contains { [.crash, .processor, .mail].contains($0) }
        if needsOthers, isRestricted || dice.chance(1, in: 2) { plan.knobs[.shards] = max(2, plan.knobs[.shards]) }
        if plan.families.contains(.smtOversubscription), plan.knobs[.shards] < 2 {
            plan.knobs[.shards] = UInt64(2 + dice.next(below: 3))
        }
        if plan.families.contains(.rotationRace) {
            plan.knobs[.segmentBytes] = min(plan.knobs[.segmentBytes], UInt64(600 + dice.nextSkewed(below: 4_000)))
        }
        if plan.families.contains(.diskFull) {
            plan.knobs[.allocateChunkBytes] = Knob.allocateChunkBytes.range.minimum
        }
    }

    private func draw(_ knob: Knob, _ seed: UInt64) -> UInt64 {
        var dice = PRNG(seed: seed, label: "knob/\(knob.rawValue)")
        let range = knob.range
        switch dice.next(below: 4) {
        case 0, 1: return range.minimum
        case 2: return range.usual
        default:
            let low = min(range.minimum, range.maximum)
            // Offsets and messages at `memory` promise nothing, so nothing could be checked: not drawn.
            if knob == .durability || knob == .offsetsDurability { return 1 + dice.next(below: 2) }
            return low + dice.nextSkewed(below: range.maximum - low + 1)
        }
    }

    private func topology(_ seed: UInt64) -> PlannedTopology {
        var dice = PRNG(seed: seed, label: "topology")
        var topology = PlannedTopology()
        topology.cores = UInt32(1 + dice.next(below: 4))
        topology.threadsPerCore = dice.chance(1, in: 2) ? 2 : 1
        if dice.chance(1, in: 8) { topology.quotaMilliCPU = UInt32(500 + dice.next(below: 2_000)) }
        return topology
    }

    // MARK: Clients

    private func clients(_ seed: UInt64, partitions: UInt32) -> [PlannedClient] {
        var dice = PRNG(seed: seed, label: "clients")
        let count = 2 + dice.next(below: 5)
        let share = (profile.operationCount + count - 1) / count
        // Batches that are all alike: what a crash brings back may fit in where another one stood.
        var uniform = PRNG(seed: seed, label: "clients/alike")
        let isUniform = uniform.chance(1, in: 4)
        return (0..<count).map { client in
            var dice = PRNG(seed: seed, label: "client/\(client)")
            let behaviour = PlannedClient.Behaviour.allCases[dice.pick(weights: [4, 1, 2, 2]) ?? 0]
            // What a client likes to do: a weight for each kind, some of them none.
            let weights: [UInt64] = [20, 12, 2, 4, 3, 2, 1, 1, 4, 1].map { $0 * UInt64(dice.next(below: 4)) + ($0 > 10 ? 1 : 0) }
            let isBulky = dice.chance(1, in: 4)
            var operations = (0..<share).map { _ in
                operation(&dice, weights, partitions: partitions, isBulky: isBulky)
            }
            // Pauses and the like ask nothing: whoever likes them gets more to do.
            while operations.count(where: \.asks) * 3 < share * 2 {
                operations.append(operation(&dice, weights, partitions: partitions, isBulky: isBulky))
            }
            return PlannedClient(behaviour, isUniform ? operations.map(\.alike) : operations)
        }
    }

    private func operation(
        _ dice: inout PRNG, _ weights: [UInt64], partitions: UInt32, isBulky: Bool
    ) -> PlannedOperation {
        let partition = UInt32(dice.next(below: UInt64(partitions)))
        switch dice.pick(weights: weights) {
        case 1: return .poll(partition: partition, messages: UInt32(1 + dice.nextSkewed(below: 100)))
        case 2: return .rewind(partition: partition)
        case 3: return .store(partition: partition)
        case 4: return .fetch(partition: partition)
        case 5: return .pause(micros: UInt32(dice.nextSkewed(below: 50_000)))
        case 6: return .reconnect
        case 7: return .storeBeyond(partition: partition)
        case 8: return .next(partition: partition, messages: UInt32(1 + dice.nextSkewed(below: 30)))
        case 9: return .forget(partition: partition)
        default:
            let bytes = dice.nextSkewed(below: isBulky ? 3_000 : 300)
            return .append(
                partition: partition, messages: UInt32(1 + dice.nextSkewed(below: 8)), payloadBytes: UInt32(bytes))
        }
    }

    /// One, or two that make the catalog's changes wait for each other.
    private func owners(_ seed: UInt64) -> [PlannedOwner] {
        var dice = PRNG(seed: seed, label: "owners")
        return (0..<1 + dice.next(below: 2)).map { owner in
            var dice = PRNG(seed: seed, label: "owner/\(owner)")
            let behaviour = PlannedClient.Behaviour.allCases[dice.pick(weights: [5, 1, 2]) ?? 0]
            let operations = (0..<profile.operationCount / 12).map { _ in operation(of: &dice) }
            // Whatever it likes to do: something is made, and looked for.
            let all = [.make(topic: 0, partitions: 1), .look(topic: 0)] + operations
            return PlannedOwner(behaviour, withNames(all, seed, owner))
        }
    }

    /// What is done to names, and looked at through other shards, between the other operations.
    private func withNames(_ operations: [OwnerOperation], _ seed: UInt64, _ owner: Int) -> [OwnerOperation] {
        var dice = PRNG(seed: seed, label: "owner/\(owner)/names")
        return operations.flatMap { operation in
            switch dice.next(below: 12) {
            case 0: [operation, .rename(topic: operation.topic)]
            case 1, 2: [operation, .revisit(topic: operation.topic)]
            default: [operation]
            }
        }
    }

    private func operation(of dice: inout PRNG) -> OwnerOperation {
        let topic = UInt32(dice.nextSkewed(below: UInt64(OwnerOperation.topicCount)))
        let partition = UInt32(dice.next(below: 3))
        switch dice.pick(weights: [6, 2, 2, 5, 6, 4, 1, 1]) {
        case 1: return .drop(topic: topic)
        case 2: return .purge(topic: topic)
        case 3: return .look(topic: topic)
        case 4:
            return .append(
                topic: topic, partition: partition, messages: UInt32(1 + dice.nextSkewed(below: 6)),
                payloadBytes: UInt32(dice.nextSkewed(below: 1_000)))
        case 6: return .widen(topic: topic, partitions: UInt32(1 + dice.nextSkewed(below: 2)))
        case 7: return .narrow(topic: topic, partitions: 1)
        case 5: return .read(topic: topic, partition: partition, messages: UInt32(1 + dice.nextSkewed(below: 50)))
        default: return .make(topic: topic, partitions: UInt32(1 + dice.nextSkewed(below: 3)))
        }
    }
}
