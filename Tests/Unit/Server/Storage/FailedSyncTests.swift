import Platform
import Server
import Testing

/// A failed sync leaves pages that look clean and are not: what the next process finds in the page cache must be
/// written again before any sync of its own can count.
@Suite struct FailedSyncTests {
    private static let key = ConsumerKey(.single, id: 1)

    @Test(arguments: [Durability.process, .power])
    func `what a failed sync lost is durable after the next process has stopped clean`(level: Durability) throws {
        for number in 1...(try PartitionLife.operationCount(level)) {
            let rig = StoreRig()
            rig.world.failures[number] = .inputOutput
            rig.world.failedSyncsLose = true
            try PartitionLife.play(rig, level)

            let next = rig.restarted()
            let slot = try next.open(level: level)
            try next.append(slot)
            try next.run()
            let kept = try PartitionLife.everything(next, slot)
            let stored = next.store.storedOffset(slot, Self.key)
            try next.stop()
            next.disk.cutPower(.everything)

            let after = next.restarted()
            let again = try after.open(level: level, isSameBoot: false)
            let comment: Comment = "operation \(number) fails"
            #expect(after.quarantine == nil, comment)
            #expect(after.opened?.epoch == 0, comment)
            #expect(try PartitionLife.everything(after, again) == kept, comment)
            #expect(after.store.storedOffset(again, Self.key) == stored, comment)
        }
    }

    @Test func `a kill while a sync fails unseen loses nothing acknowledged at power later`() throws {
        for number in 1...(try PartitionLife.operationCount(.power)) {
            let rig = StoreRig()
            rig.world.failures[number] = .inputOutput
            rig.world.failedSyncsLose = true
            rig.operationBudget = number - 1
            try PartitionLife.play(rig, .power)
            if !rig.world.queue.isEmpty { _ = rig.world.perform() }

            let next = rig.restarted()
            let slot = try next.open(level: .power)
            for _ in 0..<3 { try next.append(slot) }
            try next.run()
            next.disk.cutPower(.everything)

            let after = next.restarted()
            let again = try after.open(level: .power, isSameBoot: false)
            let comment: Comment = "operation \(number) fails"
            #expect(after.quarantine == nil, comment)
            try PartitionLife.expectKept(after, again, acknowledged: next.acknowledged, comment)
        }
    }

    @Test(arguments: [10, 17, 23, 31, 38])
    func `a power cut during a recovery loses nothing promised to survive one`(behindEnd: Int) throws {
        let total = try PartitionLife.operationCount(.power)
        let rig = StoreRig()
        rig.operationBudget = total - behindEnd
        try PartitionLife.play(rig, .power)
        rig.world.killDuringWrite(60)
        for budget in 0..<90 {
            let killed = StoreRig(rig.disk.copy(), rig.settings)
            killed.operationBudget = budget
            _ = try killed.open(level: .power)
            killed.disk.cutPower(.garbled)

            let after = StoreRig(killed.disk, rig.settings)
            let slot = try after.open(level: .power, isSameBoot: false)
            let comment: Comment = "cut after \(budget)"
            #expect(after.quarantine == nil, comment)
            try PartitionLife.expectKept(after, slot, acknowledged: rig.acknowledged, comment)
        }
    }

    @Test(arguments: [Durability.process, .power])
    func `a damaged seal before a segment that goes on is made again`(level: Durability) throws {
        let rig = StoreRig()
        let slot = try rig.open(level: level, isNew: true)
        for _ in 0..<12 {
            try rig.append(slot)
            try rig.run()
        }
        let segments = rig.disk.paths.filter { $0.ioClass == .segment }
        let before = rig.disk.image
        let sealed = segments[segments.count - 2]
        rig.disk.change(sealed) { $0.removeLast(50) }
        rig.disk.change(segments[segments.count - 1]) { $0 = [] }

        let after = rig.restarted()
        let again = try after.open(level: level, isSameBoot: false)

        #expect(after.quarantine == nil)
        #expect(after.disk.bytes(sealed)?.count == before[sealed.text]?.count)
        let messages = try PartitionLife.everything(after, again)
        try PartitionLife.expectIdempotent(after, isSameBoot: false, level: level, "seal made again")
        try after.stop()
        after.disk.cutPower(.everything)
        let last = after.restarted()
        let end = try last.open(level: level, isSameBoot: false)
        #expect(try PartitionLife.everything(last, end) == messages)
    }

    /// Seeds 534 and 624.
    @Test(arguments: [Errno.inputOutput, .noSpace])
    func `nothing is served before its epoch and its lowered offsets are recorded`(errno: Errno) throws {
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)
        for _ in 0..<5 { try rig.append(slot, count: 3) }
        try rig.run()
        try rig.storeOffset(slot, 14)
        try rig.run()
        rig.disk.change(rig.disk.paths.last { $0.ioClass == .segment }!) { $0 = [] }
        rig.disk.cutPower(.nothing)
        let whole = StoreRig(rig.disk.copy(), rig.settings)
        _ = try whole.open(isSameBoot: false)
        let end = try #require(whole.opened).readableEnd
        #expect(end < 14)

        for number in 1...whole.world.performedCount {
            let after = StoreRig(rig.disk.copy(), rig.settings)
            after.world.failures[number] = errno
            let again = try after.open(isSameBoot: false)
            // What found no room waits for some, what failed is tried again.
            for _ in 0..<5 { try after.tick(seconds: 1) }

            let comment: Comment = "operation \(number) fails"
            let opened = try #require(after.opened, comment)
            #expect(opened.epoch == 1 && opened.readableEnd == end, comment)
            #expect(after.store.storedOffset(again, Self.key) == end - 1, comment)
            after.disk.cutPower(.everything)
            let records = after.disk.bytes(.offsets(incarnation: 7)) ?? []
            #expect(stride(from: 32, to: records.count, by: 56).contains { records[$0] == 3 }, comment)
            let last = after.restarted()
            let lastSlot = try last.open(isSameBoot: false)
            #expect(last.opened?.epoch == 1, comment)
            #expect(last.store.storedOffset(lastSlot, Self.key) == end - 1, comment)
            try PartitionLife.expectIdempotent(last, isSameBoot: false, level: .process, comment)
        }
    }

    @Test func `what a start has cut off vouches for nothing that the next one writes over`() throws {
        var settings = StoreRig.small
        settings.segmentBytes = 1 << 20
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(isNew: true)
        try rig.append(slot, count: 3)
        try rig.run()
        try rig.tick()
        let end = rig.disk.bytes(.segmentLog(incarnation: 7, base: 0))?.count ?? 0
        try rig.append(slot)
        try rig.run()
        // Its header, which says that the three before are durable, is all that came through.
        rig.disk.change(.segmentLog(incarnation: 7, base: 0)) { $0[end + 120] ^= 1 }
        let cutting = rig.restarted()
        _ = try cutting.open(isSameBoot: false)
        #expect(cutting.opened?.readableEnd == 3)

        for budget in 0..<40 {
            let killed = StoreRig(cutting.disk.copy(), settings)
            killed.operationBudget = budget
            _ = try killed.open()
            killed.disk.cutPower(.garbled)
            let after = killed.restarted()
            _ = try after.open(isSameBoot: false)
            #expect(after.quarantine == nil, "cut after \(budget)")
        }
    }

    @Test func `what only a header behind the break vouches for is not written again`() throws {
        var settings = StoreRig.small
        settings.segmentBytes = 1 << 20
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(isNew: true)
        for _ in 0..<5 { try rig.append(slot) }
        try rig.run()
        try rig.tick()
        let end = rig.disk.bytes(.segmentLog(incarnation: 7, base: 0))?.count ?? 0
        for _ in 0..<2 {
            try rig.append(slot)
            try rig.run()
        }
        rig.disk.change(.segmentLog(incarnation: 7, base: 0)) { $0[end + 40] ^= 1 }

        let after = rig.restarted()
        _ = try after.open(isSameBoot: false)
        #expect(after.opened?.readableEnd == 5)
        after.disk.cutPower(.garbled)
        let last = after.restarted()
        let again = try last.open(isSameBoot: false)

        #expect(last.quarantine == nil)
        #expect(try PartitionLife.everything(last, again)?.count == 5)
    }
}
