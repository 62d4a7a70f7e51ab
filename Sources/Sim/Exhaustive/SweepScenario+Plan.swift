import Platform

// What each scenario does. Limits are the smallest, so that a few operations meet all boundaries; tails and caches hold
// something, because what they serve must agree with the disk.

extension Plan {
    /// Nobody does anything, within the smallest limits: what exhaustive scenarios begin with.
    static var smallest: Plan {
        var plan = Plan(seed: 1)
        for knob in Knob.allCases { plan.knobs[knob] = knob.range.minimum }
        plan.knobs[.segmentation] = 0
        plan.knobs[.tailBatches] = 4
        plan.knobs[.openFiles] = 16
        plan.knobs[.catalogCompactBytes] = Knob.catalogCompactBytes.range.usual
        return plan
    }
}

extension SweepScenario {
    /// Without a crash of the sweep.
    var plan: Plan {
        var plan = Plan.smallest
        plan.knobs[.offsetsCompactBytes] = Knob.offsetsCompactBytes.range.usual
        switch self {
        case .firstStart: break
        case .rotation: plan.clients = Self.pair(partitions: [0, 0])
        case .rotationUnsynced:
            plan.clients = Self.pair(partitions: [0, 0])
            plan.setLevels(.process)
        case .lentMessages:
            plan.clients = Self.pair(partitions: [0, 1]) + Self.pair(partitions: [1, 0])
            plan.knobs[.shards] = 2
            plan.knobs[.partitions] = 2
        case .bigBatches: plan.clients = [Self.client(Self.oversized)]
        case .manySegments:
            plan.clients = [Self.client(Self.fills)]
            plan.knobs[.openFiles] = Knob.openFiles.range.minimum
            plan.knobs[.tailBatches] = 1
        case .pollAcross: plan.clients = [Self.client(Self.appends(6)), Self.client(Self.follow)]
        case .storedOffsets:
            plan.clients = [Self.client(Self.stores), Self.client(Self.stores)]
            plan.knobs[.offsetsCompactBytes] = Knob.offsetsCompactBytes.range.minimum
        case .topics: plan.owners = [PlannedOwner(.patient, Self.makesAndDrops)]
        case .purge: plan.owners = [PlannedOwner(.patient, Self.purges)]
        case .partitions: plan.owners = [PlannedOwner(.patient, Self.widensAndNarrows)]
        case .catalogCompaction:
            plan.owners = [PlannedOwner(.patient, Self.changes)]
            plan.knobs[.catalogCompactBytes] = Knob.catalogCompactBytes.range.minimum
        case .stopUnderLoad:
            plan.clients = [Self.client(Self.appends(6)), Self.client(Self.appends(6))]
            plan.faults = [
                Fault(.disturbance(Disturbance(.stop, strength: 1)), when: .mark(.rotationCreated, nth: 1))
            ]
        case .killedTail:
            plan.setLevels(.process)
            plan.lastCrash = .processKill
            plan.lastWrites = LastWrites(
                acknowledgedCount: 3, writers: [Self.client(Self.appends(5)), Self.client(Self.appends(5))])
            // What the kill meets happens in part: 101 bytes of a write.
            var tape = PlannedTape()
            tape[.survival] = .choices(Array(repeating: 100, count: 16))
            plan.tape = tape
        case .diskFull:
            plan.clients = [Self.client(Self.appends(4) + [.pause(micros: 400_000)] + Self.appends(3))]
            plan.faults = [
                Fault(
                    .diskFull(.blocks, freeBlocks: 0), when: .mark(.rotationDecided, nth: 1), for: 100 * millisecond)
            ]
        case .failedSync:
            plan.clients = [Self.client(Self.appends(4))]
            plan.faults = [Fault(.syncFails(.segment, count: 1), when: .io(.segment, .sync, nth: 3))]
        case .shardFailure:
            plan.clients = Self.pair(partitions: [0, 1])
            plan.knobs[.shards] = 2
            plan.knobs[.partitions] = 2
            plan.faults = [Fault(.rotationRace(.panic), when: .mark(.rotationCreated, nth: 1))]
        case .memoryPressure:
            plan.clients = (0..<4 as Range<UInt32>).map { Self.client(Self.heavy(partition: $0 % 2, turn: $0)) }
            plan.knobs[.shards] = 2
            plan.knobs[.partitions] = 2
            plan.knobs[.windowBytes] = Knob.windowBytes.range.usual
            plan.knobs[.receiveBytes] = Knob.receiveBytes.range.usual
            // A recovery that reads a megabyte in the smallest pieces is a sweep of its own.
            plan.knobs[.readPieceBytes] = Knob.readPieceBytes.range.usual
            plan.memoryLimitBytes = 2 << 20
        }
        return plan
    }

    private static func client(_ operations: [PlannedOperation]) -> PlannedClient {
        // The background has time for what it does by the clock.
        PlannedClient(.patient, operations + [.pause(micros: 60_000), .fetch(partition: 0)])
    }

    /// A client for each of these partitions, which appends, reads and stores how far it came.
    private static func pair(partitions: [UInt32]) -> [PlannedClient] {
        partitions.map { partition in
            var operations: [PlannedOperation] = []
            for number in 0..<6 as Range<UInt32> {
                operations.append(
                    .append(partition: partition, messages: 1 + number % 3, payloadBytes: 60 + 250 * (number % 2)))
                if number % 2 == 1 {
                    operations += [.poll(partition: partition, messages: 5), .store(partition: partition)]
                }
            }
            return client(operations)
        }
    }

    private static func appends(_ count: UInt32) -> [PlannedOperation] {
        (0..<count).map { .append(partition: 0, messages: 1 + $0 % 2, payloadBytes: 250 + 40 * $0) }
    }

    /// Of 768 KiB for large frames a batch takes 256 KiB or 512 KiB.
    private static func heavy(partition: UInt32, turn: UInt32) -> [PlannedOperation] {
        [
            .append(partition: partition, messages: 1, payloadBytes: 140_000 + 60_000 * turn),
            .poll(partition: partition, messages: 3), .store(partition: partition),
        ]
    }

    private static let follow: [PlannedOperation] =
        (0..<5).flatMap { _ in
            [PlannedOperation.poll(partition: 0, messages: 2), .pause(micros: 300), .poll(partition: 0, messages: 8)]
        } + [.rewind(partition: 0), .poll(partition: 0, messages: 50)]

    private static let oversized: [PlannedOperation] = [
        .append(partition: 0, messages: 3, payloadBytes: 900), .poll(partition: 0, messages: 1),
        .append(partition: 0, messages: 1, payloadBytes: 5_000), .poll(partition: 0, messages: 10),
        .store(partition: 0), .append(partition: 0, messages: 7, payloadBytes: 700), .rewind(partition: 0),
        .poll(partition: 0, messages: 20),
    ]

    private static let fills: [PlannedOperation] =
        (0..<10 as Range<UInt32>).map { .append(partition: 0, messages: 2, payloadBytes: 300 + 10 * $0) }
        + [.poll(partition: 0, messages: 3), .poll(partition: 0, messages: 40), .rewind(partition: 0)]
        + [.poll(partition: 0, messages: 40)]

    private static let stores: [PlannedOperation] =
        [.append(partition: 0, messages: 8, payloadBytes: 20)]
        + (0..<6).flatMap { _ in
            [PlannedOperation.poll(partition: 0, messages: 1), .store(partition: 0), .fetch(partition: 0)]
        }
        + [.next(partition: 0, messages: 1)]

    private static let makesAndDrops: [OwnerOperation] = [
        .make(topic: 0, partitions: 2), .append(topic: 0, partition: 1, messages: 2, payloadBytes: 300),
        .make(topic: 1, partitions: 1), .append(topic: 1, partition: 0, messages: 1, payloadBytes: 700),
        .append(topic: 1, partition: 0, messages: 1, payloadBytes: 700), .drop(topic: 1), .look(topic: 1),
        .make(topic: 1, partitions: 1), .append(topic: 1, partition: 0, messages: 1, payloadBytes: 30),
        .drop(topic: 0), .read(topic: 1, partition: 0, messages: 5),
    ]

    private static let purges: [OwnerOperation] = [
        .make(topic: 0, partitions: 2), .append(topic: 0, partition: 0, messages: 2, payloadBytes: 300),
        .append(topic: 0, partition: 0, messages: 1, payloadBytes: 300),
        .append(topic: 0, partition: 1, messages: 1, payloadBytes: 40), .purge(topic: 0),
        .read(topic: 0, partition: 0, messages: 5), .append(topic: 0, partition: 0, messages: 3, payloadBytes: 200),
        .purge(topic: 0), .append(topic: 0, partition: 0, messages: 1, payloadBytes: 20),
        .read(topic: 0, partition: 0, messages: 5),
    ]

    private static let widensAndNarrows: [OwnerOperation] = [
        .make(topic: 0, partitions: 1), .append(topic: 0, partition: 0, messages: 2, payloadBytes: 100),
        .widen(topic: 0, partitions: 2), .append(topic: 0, partition: 1, messages: 1, payloadBytes: 100),
        .append(topic: 0, partition: 2, messages: 2, payloadBytes: 400), .narrow(topic: 0, partitions: 1),
        .look(topic: 0), .append(topic: 0, partition: 1, messages: 1, payloadBytes: 650),
        .widen(topic: 0, partitions: 1), .append(topic: 0, partition: 2, messages: 1, payloadBytes: 10),
        .read(topic: 0, partition: 2, messages: 5),
    ]

    private static let changes: [OwnerOperation] = [
        .make(topic: 0, partitions: 1), .make(topic: 1, partitions: 2), .widen(topic: 0, partitions: 1),
        .drop(topic: 1), .make(topic: 2, partitions: 1), .append(topic: 2, partition: 0, messages: 1, payloadBytes: 50),
        .drop(topic: 0), .look(topic: 2),
    ]
}

extension Plan {
    /// What an acknowledgement promises, of messages and of stored offsets.
    fileprivate mutating func setLevels(_ level: PromisedLevel) {
        knobs[.durability] = UInt64(level.rawValue)
        knobs[.offsetsDurability] = UInt64(level.rawValue)
    }
}
