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
        /// The same shape, a tenth of it: for tests.
        case quick
        /// No faults at all: what fails here fails in fair weather.
        case calm
        /// Faults of the whole catalogue, of some families often and of others never.
        case wide

        var operationCount: Int {
            switch self {
            case .std, .calm, .wide: 500
            case .quick: 60
            }
        }

        var faultCount: Int {
            switch self {
            case .std, .wide: 12
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
        plan.families = drawsWide ? wideFamilies(seed) : families(seed)
        plan.clients = clients(seed, partitions: UInt32(plan.knobs[.partitions]))
        plan.owners = owners(seed)
        var dice = PRNG(seed: seed, label: "schedule")
        plan.isScheduleRandom = dice.chance(7, in: 8)
        plan.metadataOrder = dice.chance(1, in: 2) ? .ordered : .writeback
        demand(&plan, seed)
        plan.faults = drawsWide ? wideFaults(seed, plan) : faults(seed, plan)
        plan.lastCrash = lastCrash(seed, plan)
        leaveOut(without, of: &plan)
        return plan
    }

    /// Takes faults out of a plan that was drawn with them. Nothing else moves and nothing takes their place, so that
    /// what changes in the run is their doing.
    private func leaveOut(_ families: [Fault.Family], of plan: inout Plan) {
        plan.families.removeAll { families.contains($0) }
        plan.faults.removeAll { families.contains($0.family) || withoutKinds.contains($0.id) }
        if let crash = plan.lastCrash, families.contains(where: { $0.rawValue == crash.rawValue }) { plan.lastCrash = nil }
    }

    /// What some faults need to meet anybody: shards that can get in each other's way, segments that fill up, a volume
    /// that is not allocated far ahead.
    private func demand(_ plan: inout Plan, _ seed: UInt64) {
        if drawsWide { demandWide(&plan) }
        var dice = PRNG(seed: seed, label: "demand")
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

    private func lastCrash(_ seed: UInt64, _ plan: Plan) -> CrashKind? {
        var dice = PRNG(seed: seed, label: "last-crash")
        guard profile.faultCount > 0 else { return nil }
        switch (plan.families.contains(.powerCut), plan.families.contains(.processKill)) {
        case (true, true): return dice.chance(2, in: 3) ? .powerCut : .processKill
        case (true, false): return .powerCut
        case (false, true): return .processKill
        case (false, false): return nil
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

    /// The swarm: half of the families are off, so that those that are on are fierce.
    private func families(_ seed: UInt64) -> [Fault.Family] {
        let allowed = Fault.Family.standard.filter { only?.contains($0) ?? true }
        var drawn = allowed.filter {
            var dice = PRNG(seed: seed, label: "swarm/\($0.rawValue)")
            return only != nil || dice.chance(1, in: 2)
        }
        // Too few families meet too little: the quietest seeds get one more, and one more.
        var more = PRNG(seed: seed, label: "swarm/more")
        while profile == .std, only == nil, drawn.count < min(6, allowed.count) {
            let added = allowed[more.next(below: allowed.count)]
            if !drawn.contains(added) { drawn.append(added) }
        }
        let isCrash: (Fault.Family) -> Bool = { $0 == .processKill || $0 == .powerCut }
        guard !drawn.contains(where: isCrash), let crash = allowed.first(where: isCrash) else { return drawn }
        // Every run recovers at least once.
        var dice = PRNG(seed: seed, label: "swarm/crash")
        let other = allowed.last(where: isCrash) ?? crash
        return drawn + [dice.chance(1, in: 2) ? crash : other]
    }

    // MARK: Clients

    private func clients(_ seed: UInt64, partitions: UInt32) -> [PlannedClient] {
        var dice = PRNG(seed: seed, label: "clients")
        let count = 2 + dice.next(below: 5)
        let share = (profile.operationCount + count - 1) / count
        return (0..<count).map { client in
            var dice = PRNG(seed: seed, label: "client/\(client)")
            let behaviour = PlannedClient.Behaviour.allCases[dice.pick(weights: [5, 1, 2]) ?? 0]
            // What a client likes to do: a weight for each kind, some of them none.
            let weights: [UInt64] = [20, 12, 2, 4, 3, 2, 1, 1, 4].map { $0 * UInt64(dice.next(below: 4)) + ($0 > 10 ? 1 : 0) }
            let isBulky = dice.chance(1, in: 4)
            var operations = (0..<share).map { _ in
                operation(&dice, weights, partitions: partitions, isBulky: isBulky)
            }
            // Pauses and the like ask nothing: whoever likes them gets more to do.
            while operations.count(where: \.asks) * 3 < share * 2 {
                operations.append(operation(&dice, weights, partitions: partitions, isBulky: isBulky))
            }
            return PlannedClient(behaviour, operations)
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
            return PlannedOwner(behaviour, [.make(topic: 0, partitions: 1), .look(topic: 0)] + operations)
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

    // MARK: Faults

    /// How long the clients are busy, roughly: faults later than this would meet nobody.
    private static let busyTime: Int64 = 600 * millisecond

    private func faults(_ seed: UInt64, _ plan: Plan) -> [Fault] {
        guard profile.faultCount > 0, !plan.families.isEmpty else { return [] }
        var dice = PRNG(seed: seed, label: "faults")
        let count = profile.faultCount + dice.next(below: 5)
        var faults: [Fault] = []
        for index in 0..<count {
            // Each family once before any of them twice.
            let family =
                index < plan.families.count
                ? plan.families[index] : plan.families[dice.next(below: plan.families.count)]
            var own = PRNG(seed: seed, label: "fault/\(family.rawValue)/\(index)")
            faults.append(fault(family, &own, plan))
        }
        return faults + spares(seed, plan)
    }

    /// Faults for a run that feels too few of the others: of families that never pass unnoticed.
    private func spares(_ seed: UInt64, _ plan: Plan) -> [Fault] {
        guard profile == .std else { return [] }
        let families = plan.families.filter { [.shardStall, .connectionReset, .processKill, .powerCut].contains($0) }
        guard !families.isEmpty else { return [] }
        return (0..<FaultEngine.feltMin).map { index in
            let family = families[index % families.count]
            var dice = PRNG(seed: seed, label: "spare/\(family.rawValue)/\(index)")
            let drawn = fault(family, &dice, plan)
            return Fault(drawn.kind, when: .spare, for: drawn.duration)
        }
    }

    func fault(_ family: Fault.Family, _ dice: inout PRNG, _ plan: Plan) -> Fault {
        let shard = ShardID(UInt16(dice.next(below: UInt64(plan.knobs[.shards]))))
        let time = Fault.Trigger.at(Int64(dice.next(below: UInt64(Self.busyTime / microsecond))) * microsecond)
        let short = Int64(1 + dice.nextSkewed(below: 400)) * millisecond
        switch family {
        case .diskFull:
            let mode = Fault.FullMode.allCases[dice.next(below: Fault.FullMode.allCases.count)]
            return Fault(.diskFull(mode, freeBlocks: dice.next(below: 4)), when: time, for: short)
        case .shardPanic:
            return Fault(.shardPanic(panicTarget(&dice, shard)), when: trigger(&dice, shard, time, marks: Self.marks))
        case .smtOversubscription:
            let quota: Int64? = dice.chance(1, in: 3) ? Int64(5 + dice.next(below: 60)) * millisecond : nil
            return Fault(
                .smtOversubscription(siblingPercent: Int64(55 + dice.next(below: 21)), quotaPerPeriod: quota),
                when: time, for: short)
        case .rotationRace:
            let action = Fault.RaceAction.allCases[dice.pick(weights: [5, 2, 2, 2]) ?? 0]
            let mark = Mark.rotation[dice.next(below: Mark.rotation.count)]
            return Fault(.rotationRace(action), when: .mark(mark, nth: UInt32(1 + dice.nextSkewed(below: 12))))
        case .processKill:
            return Fault(
                .processKill(restartIn: Int64(1 + dice.next(below: 100)) * millisecond),
                when: trigger(&dice, shard, time, marks: Self.marks))
        case .powerCut:
            return Fault(
                .powerCut(restartIn: Int64(1 + dice.next(below: 100)) * millisecond),
                when: trigger(&dice, shard, time, marks: Self.marks))
        case .syncFails:
            let ioClass: IOClass = [.segment, .segment, .offsets, .catalogLog][dice.next(below: 4)]
            return Fault(.syncFails(ioClass, count: 1 + dice.next(below: 2)), when: time, for: second)
        case .slowIO:
            return Fault(.slowIO(factor: Int64(2 + dice.next(below: 30))), when: time, for: short)
        case .shardStall:
            return Fault(.shardStall(shard), when: time, for: short)
        case .clockStep:
            let micros = Int64(dice.nextSkewed(below: 3_600_000_000))
            return Fault(.clockStep(microseconds: dice.chance(1, in: 2) ? micros : -micros), when: time)
        case .connectionReset:
            return Fault(.connectionReset(nth: UInt32(dice.next(below: 8))), when: time)
        case .diskError, .shortage, .diskTime, .medium, .network, .timing, .memory, .processor, .crash, .stop, .mail:
            return disturbance(family, &dice, plan, when: time, trigger(&dice, shard, time, marks: Self.marks))
        }
    }

    private func panicTarget(_ dice: inout PRNG, _ shard: ShardID) -> ShardID? {
        dice.chance(1, in: 2) ? shard : nil
    }

    /// Mostly by what happens, not by when: windows are narrow.
    private func trigger(
        _ dice: inout PRNG, _ shard: ShardID, _ time: Fault.Trigger, marks: [Mark]
    ) -> Fault.Trigger {
        switch dice.next(below: 4) {
        case 0: return time
        case 1: return .event(shard, nth: UInt32(1 + dice.nextSkewed(below: 2_000)))
        case 2:
            let ioClass: IOClass = [.segment, .segment, .index, .offsets, .catalogLog][dice.next(below: 5)]
            let kind: IOKind = [.write, .sync, .open, .syncDirectory, .allocate][dice.next(below: 5)]
            return .io(ioClass, kind, nth: UInt32(1 + dice.nextSkewed(below: 120)))
        default:
            return .mark(marks[dice.next(below: marks.count)], nth: UInt32(1 + dice.nextSkewed(below: 60)))
        }
    }

    private static let marks: [Mark] =
        Mark.rotation + [
            .appended, .writeSubmitted, .writeShort, .groupCommit, .syncSubmitted, .syncCovered, .recoveryStarted,
            .recoveryTailCut, .recoveryDone, .offsetStored, .offsetsCompacted, .diskFullMet, .pollFromDisk,
        ]
}
