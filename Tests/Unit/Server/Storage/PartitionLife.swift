import Platform
import Server
import Testing

/// A short life of a partition that goes through everything: first append, group commits, rotations, a reader
/// crossing them, stored offsets, the background sync.
enum PartitionLife {
    static func play(_ rig: StoreRig, _ level: Durability) throws {
        let slot = try rig.open(level: level, isNew: true)
        for round in 0..<10 {
            if rig.isOver { return }
            try rig.append(slot, count: 1 + round % 3, isSubmitted: false)
            if round % 2 == 0 { try rig.append(slot, count: 1, payloadByteCount: 100, isSubmitted: false) }
            try rig.submit()
            try rig.run(max: 1 + round % 4)
            if round == 4 { _ = try rig.beginRead(slot) }
            if round == 5, let current = rig.acknowledged.keys.max() { try rig.storeOffset(slot, current) }
            if round == 6 { try rig.tick() }
            if round == 8 { try rig.run() }
        }
        try rig.run()
        if rig.isOver { return }
        try rig.tick()
    }

    /// How many operations the whole life takes.
    static func operationCount(_ level: Durability) throws -> Int {
        let rig = StoreRig()
        try play(rig, level)
        return rig.world.performedCount
    }

    /// All messages, in as many reads as it takes.
    static func everything(_ rig: StoreRig, _ slot: PartitionSlot) throws -> [StoreRig.Message]? {
        var all: [StoreRig.Message] = []
        while true {
            let start = all.last.map { ReadQuery.Start.offset($0.offset + 1) } ?? .first
            guard case .messages(let some) = try rig.read(slot, start, countMax: 7) else { return nil }
            if some.isEmpty { return all }
            all += some
        }
    }

    /// The log is dense, holds every acknowledged message at its offset, and none that was refused.
    static func expectKept(
        _ rig: StoreRig, _ slot: PartitionSlot, acknowledged: [UInt64: UInt64], refused: Set<UInt64> = [],
        _ comment: Comment
    ) throws {
        guard let messages = try everything(rig, slot) else {
            Issue.record("a read was refused: \(comment)")
            return
        }
        #expect(messages.map(\.offset) == messages.indices.map { UInt64($0) }, comment)
        for (offset, tag) in acknowledged {
            let found = offset < messages.count ? messages[Int(offset)].tag : nil
            #expect(found == tag, comment)
        }
        #expect(messages.allSatisfy { !refused.contains($0.tag) }, comment)
        #expect(Set(messages.map(\.tag)).count == messages.count, comment)
    }

    /// The log takes a batch and an offset, stops clean, and has lost neither nor begun an epoch after a power cut.
    static func expectStoresOn(
        _ rig: StoreRig, _ level: Durability, _ key: ConsumerKey, _ comment: Comment
    ) throws {
        let slot: PartitionSlot = 0
        let ref = try rig.append(slot)
        try rig.run()
        let answers = rig.outcomes.compactMap { outcome -> Bool? in
            if case .appended(ref, _, let answer) = outcome, case .done = answer { true } else { nil }
        }
        #expect(answers == [true], comment)
        let last = try #require(rig.acknowledged.keys.max())
        let settled = rig.outcomes.count
        try rig.storeOffset(slot, last)
        try rig.run()
        let isStored = rig.outcomes[settled...].contains { outcome in
            if case .offsetSettled(_, _, _, .done) = outcome { true } else { false }
        }
        #expect(isStored, comment)
        try rig.stop()
        #expect(rig.isStopped, comment)
        rig.disk.cutPower(.everything)

        let next = rig.restarted()
        let again = try next.open(level: level, isSameBoot: false)
        #expect(next.opened?.epoch == 0, comment)
        try expectKept(next, again, acknowledged: rig.acknowledged, refused: rig.refusedTags, comment)
        #expect(next.store.storedOffset(again, key) == last, comment)
    }

    /// A second recovery of the same files changes nothing: at most it writes again what is there.
    static func expectIdempotent(_ rig: StoreRig, isSameBoot: Bool, level: Durability, _ comment: Comment) throws {
        let settled = rig.disk.image
        let again = rig.restarted()
        _ = try again.open(level: level, isSameBoot: isSameBoot)
        #expect(again.disk.image == settled, comment)
        #expect(again.opened?.epoch == rig.opened?.epoch, comment)
    }
}
