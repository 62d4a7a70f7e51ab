import Platform

// What is simpler than a thing of a plan, the simplest first. Every step makes a number smaller, so they come to an end.

extension FixedWidthInteger {
    /// Smaller numbers from `least` on.
    func smaller(than least: Self = 0) -> [Self] {
        guard self > least else { return [] }
        var result = [least]
        let middle = least + (self - least) / 2
        if middle > least { result.append(middle) }
        // An eighth less: one less at a time would take as many steps as the number says.
        let little = self - Swift.max(1, (self - least) / 8)
        if little > middle { result.append(little) }
        return result
    }
}

/// Shorter times in nanoseconds, in whole milliseconds from `least` on.
private func sooner(_ time: Int64, least: Int64 = 0) -> [Int64] {
    var result: [Int64] = []
    for candidate in [least, time / 2 / millisecond * millisecond, time / millisecond * millisecond]
    where candidate >= least && candidate < time && !result.contains(candidate) {
        result.append(candidate)
    }
    return result
}

extension PlannedOperation {
    var simpler: [PlannedOperation] {
        switch self {
        case .append(let partition, let messages, let bytes):
            partition.smaller().map { .append(partition: $0, messages: messages, payloadBytes: bytes) }
                + messages.smaller(than: 1).map { .append(partition: partition, messages: $0, payloadBytes: bytes) }
                + bytes.smaller().map { .append(partition: partition, messages: messages, payloadBytes: $0) }
        case .poll(let partition, let messages):
            partition.smaller().map { .poll(partition: $0, messages: messages) }
                + messages.smaller(than: 1).map { .poll(partition: partition, messages: $0) }
        case .next(let partition, let messages):
            partition.smaller().map { .next(partition: $0, messages: messages) }
                + messages.smaller(than: 1).map { .next(partition: partition, messages: $0) }
        case .rewind(let partition): partition.smaller().map { .rewind(partition: $0) }
        case .store(let partition): partition.smaller().map { .store(partition: $0) }
        case .storeBeyond(let partition): partition.smaller().map { .storeBeyond(partition: $0) }
        case .fetch(let partition): partition.smaller().map { .fetch(partition: $0) }
        case .forget(let partition): partition.smaller().map { .forget(partition: $0) }
        case .pause(let micros): sooner(Int64(micros) * microsecond).map { .pause(micros: UInt32($0 / microsecond)) }
        case .reconnect, .purge, .meet: []
        }
    }

    /// The same in a topic of so many partitions.
    func within(_ partitions: UInt32) -> PlannedOperation {
        switch self {
        case .append(let partition, let messages, let bytes):
            .append(partition: partition % partitions, messages: messages, payloadBytes: bytes)
        case .poll(let partition, let messages): .poll(partition: partition % partitions, messages: messages)
        case .next(let partition, let messages): .next(partition: partition % partitions, messages: messages)
        case .rewind(let partition): .rewind(partition: partition % partitions)
        case .store(let partition): .store(partition: partition % partitions)
        case .storeBeyond(let partition): .storeBeyond(partition: partition % partitions)
        case .fetch(let partition): .fetch(partition: partition % partitions)
        case .forget(let partition): .forget(partition: partition % partitions)
        case .pause, .reconnect, .purge, .meet: self
        }
    }
}

extension OwnerOperation {
    var simpler: [OwnerOperation] {
        switch self {
        case .make(let topic, let partitions):
            topic.smaller().map { .make(topic: $0, partitions: partitions) }
                + partitions.smaller(than: 1).map { .make(topic: topic, partitions: $0) }
        case .drop(let topic): topic.smaller().map { .drop(topic: $0) }
        case .purge(let topic): topic.smaller().map { .purge(topic: $0) }
        case .widen(let topic, let partitions):
            topic.smaller().map { .widen(topic: $0, partitions: partitions) }
                + partitions.smaller(than: 1).map { .widen(topic: topic, partitions: $0) }
        case .narrow(let topic, let partitions):
            topic.smaller().map { .narrow(topic: $0, partitions: partitions) }
                + partitions.smaller(than: 1).map { .narrow(topic: topic, partitions: $0) }
        case .look(let topic): topic.smaller().map { .look(topic: $0) }
        case .revisit(let topic): [.look(topic: topic)] + topic.smaller().map { .revisit(topic: $0) }
        case .rename(let topic): topic.smaller().map { .rename(topic: $0) }
        case .meet: []
        case .append(let topic, let partition, let messages, let bytes):
            topic.smaller().map {
                .append(topic: $0, partition: partition, messages: messages, payloadBytes: bytes)
            }
                + partition.smaller().map {
                    .append(topic: topic, partition: $0, messages: messages, payloadBytes: bytes)
                }
                + messages.smaller(than: 1).map {
                    .append(topic: topic, partition: partition, messages: $0, payloadBytes: bytes)
                }
                + bytes.smaller().map {
                    .append(topic: topic, partition: partition, messages: messages, payloadBytes: $0)
                }
        case .read(let topic, let partition, let messages):
            topic.smaller().map { .read(topic: $0, partition: partition, messages: messages) }
                + partition.smaller().map { .read(topic: topic, partition: $0, messages: messages) }
                + messages.smaller(than: 1).map { .read(topic: topic, partition: partition, messages: $0) }
        }
    }
}

extension Fault {
    var simpler: [Fault] {
        trigger.simpler.map { Fault(kind, when: $0, for: duration) }
            + kind.simpler.map { Fault($0, when: trigger, for: duration) }
            + (duration == 0 ? [] : sooner(duration, least: millisecond).map { Fault(kind, when: trigger, for: $0) })
    }
}

extension Fault {
    /// With so many shards.
    func within(_ shards: UInt16) -> Fault {
        func known(_ shard: ShardID) -> ShardID { ShardID(shard.number % shards) }
        let trigger =
            if case .event(let shard, let nth) = self.trigger {
                Trigger.event(known(shard), nth: nth)
            } else {
                self.trigger
            }
        let kind: Kind =
            switch self.kind {
            case .shardPanic(let shard?): .shardPanic(known(shard))
            case .shardStall(let shard): .shardStall(known(shard))
            case .disturbance(let disturbance) where disturbance.name.row.target == .shard:
                .disturbance(
                    Disturbance(
                        disturbance.name, strength: disturbance.strength, target: disturbance.target % UInt32(shards)))
            default: self.kind
            }
        return Fault(kind, when: trigger, for: duration)
    }
}

extension Fault.Trigger {
    fileprivate var simpler: [Fault.Trigger] {
        switch self {
        case .at(let time): sooner(time).map { .at($0) }
        case .io(let ioClass, let kind, let nth): nth.smaller(than: 1).map { .io(ioClass, kind, nth: $0) }
        case .mark(let mark, let nth): nth.smaller(than: 1).map { .mark(mark, nth: $0) }
        case .event(let shard, let nth): nth.smaller(than: 1).map { .event(shard, nth: $0) }
        case .after(let waypoint, let steps):
            steps.smaller().map { .after(waypoint, steps: $0) }
                + waypoint.nth.smaller(than: 1).map { .after(Waypoint(waypoint.moment, nth: $0), steps: steps) }
        case .then(let moment, let steps):
            (moment == nil ? [] : [.then(nil, steps: steps)]) + steps.smaller().map { .then(moment, steps: $0) }
        case .felt(let steps): steps.smaller().map { .felt(steps: $0) }
        // Whether it comes would depend on all the other faults.
        case .spare: [.at(0)]
        }
    }
}

extension Fault.Kind {
    fileprivate var simpler: [Fault.Kind] {
        switch self {
        case .diskFull(let mode, let freeBlocks): freeBlocks.smaller().map { .diskFull(mode, freeBlocks: $0) }
        case .shardPanic(let shard): shard?.number.smaller().map { .shardPanic(ShardID($0)) } ?? []
        case .smtOversubscription(let percent, let quota):
            quota == nil ? [] : [.smtOversubscription(siblingPercent: percent, quotaPerPeriod: nil)]
        case .rotationRace: []
        case .processKill(let delay): sooner(delay, least: millisecond).map { .processKill(restartIn: $0) }
        case .powerCut(let delay): sooner(delay, least: millisecond).map { .powerCut(restartIn: $0) }
        case .syncFails(let ioClass, let count): count.smaller(than: 1).map { .syncFails(ioClass, count: $0) }
        case .slowIO(let factor): factor.smaller(than: 2).map { .slowIO(factor: $0) }
        case .shardStall(let shard): shard.number.smaller().map { .shardStall(ShardID($0)) }
        case .clockStep(let micros):
            micros < 0
                ? sooner(-micros * microsecond).map { .clockStep(microseconds: -$0 / microsecond) }
                : sooner(micros * microsecond).map { .clockStep(microseconds: $0 / microsecond) }
        case .connectionReset(let nth): nth.smaller().map { .connectionReset(nth: $0) }
        case .disturbance(let disturbance): disturbance.simpler.map { .disturbance($0) }
        }
    }
}

extension Disturbance {
    fileprivate var simpler: [Disturbance] {
        let weaker = strength.smaller(than: name.row.strength.lowerBound).map {
            Disturbance(name, strength: $0, target: target)
        }
        guard name.row.target != .none, ioClass == nil else { return weaker }
        return weaker + target.smaller().map { Disturbance(name, strength: strength, target: $0) }
    }
}
