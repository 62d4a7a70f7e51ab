import Platform
import Primitives

// The swarm: which families of the catalogue a plan draws from, how often each, and every fault with its trigger.

extension PlanGenerator {
    /// Only some of the catalogue was asked for.
    var isRestricted: Bool { only != nil || onlyKinds != nil }

    func isAllowed(_ family: Fault.Family) -> Bool {
        !isRestricted || only?.contains(family) ?? false
            || Fault.catalogue.contains { $0.family == family && onlyKinds?.contains($0.id) ?? false }
    }

    func isAllowed(_ fault: Fault) -> Bool {
        !isRestricted || only?.contains(fault.family) ?? false || onlyKinds?.contains(fault.id) ?? false
    }

    /// Half of the families are off, so that those that are on are fierce.
    func families(_ seed: UInt64) -> [Fault.Family] {
        let allowed = Fault.Family.allCases.filter(isAllowed)
        if isRestricted { return allowed }
        let candidates =
            switch profile {
            case .disk: Fault.Family.ofTheDisk
            case .shards: Fault.Family.ofShards
            case .std, .quick, .calm: allowed
            }
        var drawn = candidates.filter {
            var dice = PRNG(seed: seed, label: "swarm/\($0.rawValue)")
            return dice.chance(1, in: 2)
        }
        if profile == .disk, !drawn.contains(.diskError) { drawn.append(.diskError) }
        if profile == .shards { return drawn.contains(.shardPanic) ? drawn : drawn + [.shardPanic] }
        // Too few families meet too little: the quietest seeds get one more, and one more.
        var more = PRNG(seed: seed, label: "swarm/more")
        while profile == .std, drawn.count < 6 {
            let added = allowed[more.next(below: allowed.count)]
            if !drawn.contains(added) { drawn.append(added) }
        }
        if drawn.contains(.processKill) || drawn.contains(.powerCut) { return drawn }
        // Every run recovers at least once.
        var dice = PRNG(seed: seed, label: "swarm/crash")
        return drawn + [dice.chance(1, in: 2) ? .processKill : .powerCut]
    }

    func lastCrash(_ seed: UInt64, _ plan: Plan) -> CrashKind? {
        var dice = PRNG(seed: seed, label: "last-crash")
        guard profile.faultCount > 0 else { return nil }
        // A crash makes the server forget what has gone wrong slowly: some runs end without one.
        var peace = PRNG(seed: seed, label: "last-crash/none")
        if peace.chance(1, in: 3) { return nil }
        switch (plan.families.contains(.powerCut), plan.families.contains(.processKill)) {
        case (true, true): return dice.chance(2, in: 3) ? .powerCut : .processKill
        case (true, false): return .powerCut
        case (false, true): return .processKill
        case (false, false): return nil
        }
    }

    /// How long the clients are busy, roughly: faults later than this would meet nobody.
    private static let busyTime: Int64 = 600 * millisecond

    func faults(_ seed: UInt64, _ plan: Plan) -> [Fault] {
        guard profile.faultCount > 0, !plan.families.isEmpty else { return [] }
        // Each that is on comes often or seldom.
        let weights = plan.families.map {
            var dice = PRNG(seed: seed, label: "weight/\($0.rawValue)")
            return UInt64(1 + dice.next(below: 100))
        }
        var dice = PRNG(seed: seed, label: "faults")
        let drawn = (0..<profile.faultCount + dice.next(below: 5)).map { index in
            let family = plan.families[dice.pick(weights: weights) ?? 0]
            var own = PRNG(seed: seed, label: "fault/\(family.rawValue)/\(index)")
            // A family has many kinds: again, until it is one that was asked for.
            var fault = fault(family, &own, plan)
            while !isAllowed(fault) { fault = self.fault(family, &own, plan) }
            return fault
        }
        return entangled(drawn, seed) + spares(seed, plan)
    }

    /// Half of those that end something strike soon after another one was felt: what that one has left half done is where
    /// they hurt, above all what the disk has refused.
    private func entangled(_ drawn: [Fault], _ seed: UInt64) -> [Fault] {
        var dice = PRNG(seed: seed, label: "faults/entangled")
        let isLed = drawn.map { $0.family.endsSomething && dice.chance(1, in: 2) }
        let leaders = drawn.indices.filter { !isLed[$0] }
        guard !leaders.isEmpty else { return drawn }
        let weights: [UInt64] = leaders.map { drawn[$0].family.isRefusal ? 3 : 1 }
        var followers = drawn.map { _ in [Fault]() }
        for index in drawn.indices where isLed[index] {
            let steps = UInt32(dice.nextSkewed(below: 300))
            followers[leaders[dice.pick(weights: weights) ?? 0]].append(
                Fault(drawn[index].kind, when: .felt(steps: steps), for: drawn[index].duration))
        }
        return leaders.flatMap { [drawn[$0]] + followers[$0] }
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
            // Cuts and renames are rare, and what follows them at once is where their crashes hurt.
            if dice.chance(1, in: 4) {
                let kind: IOKind = dice.chance(3, in: 4) ? .truncate : .rename
                return .io(kind == .rename ? .offsets : .segment, kind, nth: UInt32(1 + dice.nextSkewed(below: 6)))
            }
            let ioClass = Self.ioClasses[dice.next(below: Self.ioClasses.count)]
            let kind = Self.ioKinds[dice.next(below: Self.ioKinds.count)]
            return .io(ioClass, kind, nth: UInt32(1 + dice.nextSkewed(below: 120)))
        default:
            return .mark(marks[dice.next(below: marks.count)], nth: UInt32(1 + dice.nextSkewed(below: 60)))
        }
    }

    private static let ioClasses: [IOClass] = [.segment, .segment, .segment, .index, .offsets, .catalogLog, .temporary]
    private static let ioKinds: [IOKind] = [
        .write, .write, .sync, .sync, .open, .open, .syncDirectory, .allocate, .truncate, .rename, .unlink,
    ]

    private static let marks: [Mark] =
        Mark.rotation + [
            .appended, .writeSubmitted, .writeShort, .groupCommit, .syncSubmitted, .syncCovered, .recoveryStarted,
            .recoveryTailCut, .recoveryDone, .offsetStored, .offsetsCompacted, .diskFullMet, .pollFromDisk,
        ]

    /// The kinds of a family that a plan draws from: in half of the plans all of them, else some, which come the more
    /// often.
    private func names(of family: Fault.Family, _ seed: UInt64) -> [Disturbance.Name] {
        var names = Disturbance.Name.allCases.filter { $0.row.family == family }
        var dice = PRNG(seed: seed, label: "kinds/\(family.rawValue)")
        if isRestricted || dice.chance(1, in: 2) { return names }
        let count = 1 + Int(dice.nextSkewed(below: UInt64(names.count)))
        while names.count > count { names.remove(at: dice.next(below: names.count)) }
        return names
    }

    func disturbance(
        _ family: Fault.Family, _ dice: inout PRNG, _ plan: Plan, when time: Fault.Trigger, _ other: Fault.Trigger
    ) -> Fault {
        let names = names(of: family, plan.seed)
        let name = names[dice.next(below: names.count)]
        let row = name.row
        let strength = row.strength.lowerBound
            + Int64(dice.nextSkewed(below: UInt64(row.strength.upperBound - row.strength.lowerBound + 1)))
        let target: UInt32 =
            switch row.target {
            case .none: 0
            case .file(let classes): UInt32(classes[dice.next(below: classes.count)].rawValue)
            case .shard: UInt32(dice.next(below: plan.knobs[.shards]))
            case .connection: UInt32(dice.next(below: 8))
            case .number(let range):
                UInt32(range.lowerBound)
                    + UInt32(dice.next(below: UInt64(range.upperBound - range.lowerBound + 1)))
            }
        let trigger = dice.chance(1, in: 2) ? time : other
        return Fault(
            .disturbance(Disturbance(name, strength: strength, target: target)), when: trigger,
            for: Int64(1 + dice.nextSkewed(below: 600)) * millisecond)
    }
}

extension Fault.Family {
    /// What the disk does, and the ends of a process that show what it has kept.
    static let ofTheDisk: [Fault.Family] = [
        .diskError, .diskFull, .shortage, .syncFails, .medium, .shardPanic, .processKill, .powerCut, .crash,
    ]

    /// It ends a process, a boot or the life of a shard.
    fileprivate var endsSomething: Bool {
        switch self {
        case .shardPanic, .processKill, .powerCut, .crash, .stop: true
        case .diskFull, .smtOversubscription, .rotationRace, .syncFails, .slowIO, .shardStall, .clockStep, .connectionReset,
            .diskError, .shortage, .diskTime, .medium, .network, .timing, .memory, .processor, .mail:
            false
        }
    }

    /// The disk refuses something, and what it did to the files before is in doubt.
    fileprivate var isRefusal: Bool {
        switch self {
        case .diskFull, .diskError, .shortage, .syncFails: true
        case .shardPanic, .processKill, .powerCut, .crash, .stop, .smtOversubscription, .rotationRace, .slowIO,
            .shardStall, .clockStep, .connectionReset, .diskTime, .medium, .network, .timing, .memory, .processor, .mail:
            false
        }
    }

    /// What shards, their mail and their connections meet while the process lives.
    static let ofShards: [Fault.Family] = [
        .shardPanic, .shardStall, .mail, .network, .connectionReset, .memory, .processor, .timing, .slowIO,
    ]
}
