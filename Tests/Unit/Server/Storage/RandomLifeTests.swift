import Platform
import Primitives
import Server
import Testing

/// Lives of a partition drawn from a seed: operations complete in any order, fail, and end in kills and power cuts.
@Suite struct RandomLifeTests {
    private struct Dice {
        var state: UInt64
        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    }

    private func settings(_ dice: inout Dice) -> StorageSettings {
        var settings = StoreRig.small
        settings.segmentBytes = UInt64(200 + dice.below(1_500))
        settings.tailBytesMax = dice.chance(50) ? 0 : 4_000
        settings.pieceCacheBytesMax = dice.chance(50) ? 0 : 4_000
        settings.indexCacheBytesMax = dice.chance(50) ? 0 : 200
        settings.openFilesMax = 1 + dice.below(4)
        settings.offsetsCompactBytes = 400
        settings.indexEntriesPendingMax = 1 + dice.below(3)
        settings.writeBatchesMax = 1 + dice.below(4)
        return settings
    }

    /// Lets a few operations happen, in any order.
    private func run(_ rig: StoreRig, _ dice: inout Dice, count: Int) throws {
        for _ in 0..<count where !rig.world.queue.isEmpty {
            let index = dice.below(rig.world.queue.count)
            guard let (token, completion) = rig.world.perform(at: index), let route = Route(token) else { continue }
            try rig.store.completed(
                slot: route.slot, detail: route.detail, completion, &rig.world, &rig.buffers, at: rig.now)
            rig.drain()
            try rig.store.checkInvariants()
        }
    }

    private func live(_ rig: StoreRig, _ slot: PartitionSlot, _ dice: inout Dice, failing: Bool) throws {
        var reads: [UInt64] = []
        for _ in 0..<60 {
            switch dice.below(12) {
            case 0...5:
                try rig.append(
                    slot, count: 1 + dice.below(4), payloadByteCount: dice.below(300),
                    level: dice.chance(20) ? .power : .memory, isSubmitted: dice.chance(70))
            case 6: if let end = rig.acknowledged.keys.max() { try rig.storeOffset(slot, end) }
            case 7: rig.store.flush(slot, isSync: dice.chance(50), ref: 0)
            case 8:
                rig.now = Instant(
                    nanoseconds: rig.now.nanoseconds + 1_100_000_000, wallMicroseconds: rig.now.wallMicroseconds + 9)
                try rig.store.tick(&rig.world, &rig.buffers, at: rig.now)
            case 9...10:
                let end = rig.store.stats(slot)?.readableEnd ?? 0
                reads.append(try rig.beginRead(slot, .offset(UInt64(dice.below(Int(end) + 2))), countMax: 9))
            default:
                if failing, dice.chance(30) {
                    rig.world.failures[rig.world.performedCount + 1 + dice.below(5)] =
                        dice.chance(50) ? .noSpace : .inputOutput
                }
            }
            try rig.submit()
            try run(rig, &dice, count: dice.below(5))
            for ref in reads {
                guard case .messages(let messages) = try rig.answer(ref) else { continue }
                for message in messages where !rig.unknownTags.contains(message.tag) {
                    #expect(rig.acknowledged[message.offset] == message.tag)
                }
                reads.removeAll { $0 == ref }
            }
        }
    }

    @Test(arguments: 0..<60)
    func `a random life keeps its promises`(seed: Int) throws {
        var dice = Dice(state: UInt64(seed) &* 7_919 &+ 1)
        let level: Durability = dice.chance(50) ? .process : .power
        var rig = StoreRig(TestDisk(), settings(&dice))
        var slot = try rig.open(level: level, isNew: true)
        let failing = dice.chance(50)
        for _ in 0..<4 {
            try live(rig, slot, &dice, failing: failing)
            let isPowerCut = level == .power && dice.chance(50)
            if isPowerCut {
                rig.disk.cutPower(TestDisk.Loss.allCases[dice.below(4)])
            } else if dice.chance(70) {
                rig.world.killDuringWrite(dice.below(400))
            }
            let refused = rig.refusedTags
            let next = rig.restarted()
            slot = try next.open(level: level, isSameBoot: !isPowerCut)
            #expect(next.quarantine == nil)
            try PartitionLife.expectKept(next, slot, acknowledged: rig.acknowledged, refused: refused, "seed \(seed)")
            try PartitionLife.expectIdempotent(next, isSameBoot: !isPowerCut, level: level, "seed \(seed)")
            // What was not answered may be there; from here on it is as good as acknowledged.
            for message in try PartitionLife.everything(next, slot) ?? [] { next.acknowledged[message.offset] = message.tag }
            rig = next
        }
        rig.world.failures = [:]
        try rig.tick()
        try rig.stop()
        #expect(rig.isStopped)
        #expect(rig.world.pool.liveCount == 0)
        #expect(rig.world.openCount == 0)
    }

    @Test(arguments: 0..<20)
    func `memory that runs out refuses, waits, and harms nothing`(seed: Int) throws {
        var dice = Dice(state: UInt64(seed) &* 104_729 &+ 3)
        let rig = StoreRig(TestDisk(), settings(&dice))
        let slot = try rig.open(isNew: true)
        for _ in 0..<40 {
            rig.world.pool.liveMax = rig.world.pool.liveCount + 1 + dice.below(2)
            try rig.append(slot, count: 1 + dice.below(3))
            if dice.chance(30) { _ = try rig.read(slot, .offset(0), countMax: 5) }
            if dice.chance(30) { try rig.storeOffset(slot, 0) }
            try run(rig, &dice, count: dice.below(4))
        }
        rig.world.pool.liveMax = .max
        try rig.tick()
        try rig.tick()

        #expect(rig.outcomes.count { if case .appended = $0 { true } else { false } } == 40)
        try PartitionLife.expectKept(rig, slot, acknowledged: rig.acknowledged, refused: rig.refusedTags, "\(seed)")
    }
}
