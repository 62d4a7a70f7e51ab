import Platform
import Server
import Testing

/// A power cut may undo a cut that nobody synced: batches come back, whole, whose offsets have been given out again
/// meanwhile. Seed 5330.
@Suite struct StaleBatchTests {
    private static let path = Path.segmentLog(incarnation: 7, base: 0)
    private static let batchByteCount = 96 + 64 + 40

    /// The bytes of the first segment after batches of so many messages, appended so many seconds after the start.
    private func log(_ counts: [Int], after seconds: Int64 = 0) throws -> [UInt8] {
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)
        if seconds > 0 { try rig.tick(seconds: seconds) }
        for count in counts { try rig.append(slot, count: count) }
        try rig.run()
        return try #require(rig.disk.bytes(Self.path))
    }

    /// A log in which epoch 1 begins at 0, with batches of that epoch; their tags begin at 2.
    private func renewed(_ counts: [Int]) throws -> StoreRig {
        let before = StoreRig()
        let lost = try before.open(isNew: true)
        try before.append(lost)
        try before.run()
        before.disk.change(Self.path) { $0.removeLast(2) }
        before.acknowledged = [:]
        let rig = before.restarted()
        let slot = try rig.open(isSameBoot: false)
        #expect(rig.opened?.epoch == 1)
        #expect(rig.opened?.readableEnd == 0)
        for count in counts { try rig.append(slot, count: count) }
        try rig.run()
        return rig
    }

    /// On the same boot no cut is undone, so it is damage there. On a new one the log is cut to its first `count`
    /// messages.
    private func expectCut(_ disk: TestDisk, at position: Int, count: UInt64, firstTag: UInt64 = 2) throws {
        let image = disk.image
        let sameBoot = StoreRig(disk.copy())
        _ = try sameBoot.open()
        #expect(sameBoot.quarantine?.position == UInt64(position))
        #expect(sameBoot.disk.image == image)

        let newBoot = StoreRig(disk.copy())
        let slot = try newBoot.open(isSameBoot: false)
        #expect(newBoot.quarantine == nil)
        #expect(newBoot.disk.bytes(Self.path)?.count == position)
        let found = try #require(try PartitionLife.everything(newBoot, slot))
        #expect(found == (0..<count).map { StoreRig.Message(offset: $0, tag: $0 + firstTag) })
        try PartitionLife.expectIdempotent(newBoot, isSameBoot: false, level: .process, "stale batches")
        try newBoot.append(slot)
        try newBoot.run()
        #expect(newBoot.appendAnswers == ["\(count)-\(count)"])
    }

    @Test func `a batch of an epoch before the recorded one is not the first of the log`() throws {
        let stale = try log([1])
        let rig = try renewed([1])
        rig.disk.change(Self.path) { $0 = stale }

        try expectCut(rig.disk, at: 0, count: 0)
    }

    @Test func `nor does it follow a batch of the recorded one`() throws {
        let stale = try log([1, 1, 1])
        let rig = try renewed([1])
        rig.disk.change(Self.path) { $0 += stale.dropFirst(Self.batchByteCount) }

        try expectCut(rig.disk, at: Self.batchByteCount, count: 1)
    }

    @Test func `a batch in the middle of the log ends it`() throws {
        let stale = try log([1, 1])
        let rig = try renewed([1, 1, 1])
        rig.disk.change(Self.path) {
            $0.replaceSubrange(
                Self.batchByteCount..<2 * Self.batchByteCount, with: stale.dropFirst(Self.batchByteCount))
        }

        try expectCut(rig.disk, at: Self.batchByteCount, count: 1)
    }

    @Test func `a time that goes back ends the log`() throws {
        let stale = try log([1, 1])
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)
        try rig.tick(seconds: 3)
        try rig.append(slot)
        try rig.run()
        rig.disk.change(Self.path) { $0 += stale.dropFirst(Self.batchByteCount) }

        try expectCut(rig.disk, at: Self.batchByteCount, count: 1, firstTag: 1)
    }

    @Test func `a clock that was set back makes no batch stale`() throws {
        let rig = StoreRig()
        rig.now = Instant(nanoseconds: 0, wallMicroseconds: 9_000_000)
        let slot = try rig.open(isNew: true)
        try rig.append(slot)
        try rig.run()
        let after = rig.restarted()
        after.now = Instant(nanoseconds: 0, wallMicroseconds: 1_000)
        let again = try after.open(isSameBoot: false)
        for _ in 0..<8 { try after.append(again) }
        try after.run()

        for isSameBoot in [true, false] {
            let last = after.restarted()
            let slot = try last.open(isSameBoot: isSameBoot)
            #expect(last.quarantine == nil)
            try PartitionLife.expectKept(last, slot, acknowledged: after.acknowledged, "a clock set back")
        }
    }

    @Test func `a sealed segment that nothing vouches for may be stale as a whole`() throws {
        let stale = try log([6])
        let rig = try renewed([6, 1])
        #expect(rig.disk.bytes(.segmentLog(incarnation: 7, base: 6)) != nil)
        rig.disk.change(Self.path) { $0 = stale }
        _ = rig.disk.unlink(.segmentLog(incarnation: 7, base: 6))

        try expectCut(rig.disk, at: 0, count: 0)
    }

    @Test func `a stale batch under the seal of newer ones takes the segments behind along`() throws {
        let stale = try log([3, 3])
        let rig = try renewed([3, 3, 1])
        let half = 96 + 3 * 104
        rig.disk.change(Self.path) { $0.replaceSubrange(half..<2 * half, with: stale[half..<2 * half]) }
        rig.disk.change(.segmentLog(incarnation: 7, base: 6)) { $0 = [] }

        try expectCut(rig.disk, at: half, count: 3)
    }

    @Test func `a seal goes if the batches before it are not those that it was made for`() throws {
        let older = try log([3, 3])
        let newer = try log([3, 3], after: 3)
        let half = 96 + 3 * 104
        #expect(older.count == newer.count)
        let disk = TestDisk()
        let rig = StoreRig(disk)
        let slot = try rig.open(isNew: true)
        for _ in 0..<2 { try rig.append(slot, count: 3) }
        try rig.run()
        disk.change(Self.path) {
            $0 = older
            $0.replaceSubrange(half..<2 * half, with: newer[half..<2 * half])
        }

        let sameBoot = StoreRig(disk.copy())
        _ = try sameBoot.open()
        #expect(sameBoot.quarantine?.position == UInt64(2 * half))

        // Nobody knows which are stale, so all stay, and get another seal.
        let newBoot = StoreRig(disk)
        let again = try newBoot.open(isSameBoot: false)
        #expect(try PartitionLife.everything(newBoot, again)?.map(\.tag) == Array(1...6))
        try newBoot.append(again)
        try newBoot.run()
        let after = newBoot.restarted()
        _ = try after.open()
        #expect(after.opened?.readableEnd == 7)
    }

    /// What is called synced cannot have been cut, so what stands there instead is no leftover.
    @Test(arguments: [true, false])
    func `a stale batch below what was synced is damage`(isSameBoot: Bool) throws {
        let stale = try log([1])
        let rig = try renewed([1])
        try rig.tick()
        try rig.append(0)
        try rig.run()
        rig.disk.change(Self.path) { $0.replaceSubrange(..<Self.batchByteCount, with: stale) }

        let after = StoreRig(rig.disk)
        _ = try after.open(isSameBoot: isSameBoot)

        #expect(after.quarantine?.position == 0)
    }
}
