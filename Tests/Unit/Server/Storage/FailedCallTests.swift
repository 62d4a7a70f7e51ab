import Platform
import Server
import Testing

/// A call fails with EIO, once or for a while. What has changed nothing, or may have its effect twice, is made again.
@Suite struct FailedCallTests {
    private static let key = ConsumerKey(.single, id: 1)

    private static var settings: StorageSettings {
        var settings = StoreRig.small
        settings.openFilesMax = 2
        settings.offsetsCompactBytes = 100
        return settings
    }

    /// All but syncs: a sync that failed has lost what nobody can bring back, so a restart has to look.
    @Test(arguments: [Durability.process, .power], [1, 3])
    func `a partition whose calls failed stores on without a restart`(level: Durability, count: Int) throws {
        for number in 1...(try Self.operationCount(level)) {
            let rig = StoreRig(TestDisk(), Self.settings)
            for failing in number..<number + count { rig.world.failures[failing] = .inputOutput }
            try Self.play(rig, level)
            let isSync = rig.world.failed.contains { operation in
                switch operation {
                case .sync, .syncDirectory: true
                default: false
                }
            }
            if isSync { continue }
            try expectStoresOn(
                rig, level, "\(count) from operation \(number) on: \(String(describing: rig.world.failed.first))")
        }
    }

    @Test(arguments: [Durability.process, .power])
    func `a stop right after calls failed gives everything back`(level: Durability) throws {
        for number in 1...(try Self.operationCount(level)) {
            for count in 1...4 {
                let rig = StoreRig(TestDisk(), Self.settings)
                for failing in number..<number + count { rig.world.failures[failing] = .readOnlyFileSystem }
                rig.operationBudget = number + count - 1
                try Self.play(rig, level)
                rig.operationBudget = .max

                try rig.stop()

                let comment: Comment =
                    "\(count) from operation \(number) on: \(String(describing: rig.world.failed.first))"
                for case .read(_, _, let pieces, _) in rig.outcomes {
                    try rig.store.releaseRead(pieces, &rig.world, &rig.buffers)
                }
                // What rests after a failure ends with one of the next ticks.
                for _ in 0..<12 where !rig.isStopped { try rig.tick() }
                #expect(rig.isStopped, comment)
                #expect(rig.world.pool.liveCount == 0 && rig.world.openCount == 0, comment)
            }
        }
    }

    /// Seed 55594 of the simulator: the block of a seal whose file could not be opened was nobody's in the stop.
    @Test(arguments: 1...6)
    func `a stop does not wait for a seal that cannot be written, and gives its block back`(refusals: Int) throws {
        var settings = Self.settings
        settings.openFilesMax = 1
        settings.tailBatchesMax = 1
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(level: .process, isNew: true)
        try rig.append(slot, count: 9)
        try rig.run()
        // The segment becomes full while the partition rests after a rename that failed.
        var isResting = false
        for number in 0..<30 where !isResting {
            try rig.storeOffset(slot, UInt64(number % 9))
            while let next = rig.world.queue.first {
                if case .rename = next.operation {
                    isResting = true
                    try rig.append(slot, count: 9)
                    try rig.runUnchecked { if case .open = $0 { true } else { false } }
                    try #require(rig.world.queue.contains { if case .write = $0.operation { true } else { false } })
                    rig.world.failures[rig.world.performedCount + 1] = .inputOutput
                }
                try rig.run(max: 1)
            }
        }
        try #require(isResting)
        #expect(try rig.read(slot, countMax: 1) == .messages([StoreRig.Message(offset: 0, tag: 1)]))

        var refusedCount = 0
        func runRefusing() throws {
            while let next = rig.world.queue.first {
                if case .open(.segmentLog, .readWrite, _) = next.operation, refusedCount < refusals {
                    refusedCount += 1
                    rig.world.failures[rig.world.performedCount + 1] = .readOnlyFileSystem
                }
                try rig.run(max: 1)
            }
        }
        for _ in 0..<3 where refusedCount == 0 {
            try rig.tick(max: 0)
            try runRefusing()
        }
        #expect(refusedCount > 0)
        try rig.store.stop(ref: 0, &rig.world, &rig.buffers, at: rig.now)
        try runRefusing()
        for _ in 0..<12 where !rig.isStopped {
            try rig.tick(max: 0)
            try runRefusing()
        }

        #expect(rig.isStopped)
        #expect(rig.world.pool.liveCount == 0 && rig.world.openCount == 0)
        let after = rig.restarted()
        let again = try after.open()
        #expect(try PartitionLife.everything(after, again)?.count == 18)
    }

    @Test func `a cut that fails again and again ends the writing, and says so`() throws {
        let rig = StoreRig(TestDisk(), Self.settings)
        let slot = try rig.open(isNew: true)
        try rig.append(slot)
        try rig.run()
        let ref = try rig.append(slot)
        while let next = rig.world.queue.first {
            switch next.operation {
            case .write, .truncate: rig.world.failures[rig.world.performedCount + 1] = .inputOutput
            default: break
            }
            try rig.run(max: 1)
        }
        #expect(!Self.isSettled(rig, ref))
        for _ in 0..<12 {
            rig.world.failures[rig.world.performedCount + 1] = .inputOutput
            try rig.tick(seconds: 1)
        }

        #expect(Self.isSettled(rig, ref))
        #expect(rig.world.notices.contains { $0.subject == .syncFailed })
        #expect(try PartitionLife.everything(rig, slot)?.count == 1)
        try rig.stop()
        #expect(rig.isStopped)
    }

    /// The compaction of `offsets.log` ends with a rename of which nobody knows whether it has happened.
    @Test(arguments: [false, true])
    func `stored offsets whose file may have another name are stored in a new one`(happens: Bool) throws {
        let rig = StoreRig(TestDisk(), Self.settings)
        let slot = try rig.open(isNew: true)
        try rig.append(slot, count: 9)
        try rig.run()
        var isMet = false
        for number in 0..<30 {
            try rig.storeOffset(slot, UInt64(number % 9))
            while let next = rig.world.queue.first {
                if case .rename(let source, let target, _) = next.operation, !isMet {
                    isMet = true
                    if happens { #expect(rig.disk.rename(source, target) == nil) }
                    rig.world.failures[rig.world.performedCount + 1] = .inputOutput
                }
                try rig.run(max: 1)
            }
        }
        #expect(isMet)
        for _ in 0..<3 { try rig.tick() }
        try rig.storeOffset(slot, 7)
        try rig.run()

        #expect(rig.store.storedOffset(slot, Self.key) == 7)
        let after = rig.restarted()
        let again = try after.open()
        #expect(after.store.storedOffset(again, Self.key) == 7)
        #expect(after.disk.bytes(.offsetsTemporary(incarnation: 7)) == nil)
    }

    // MARK: Recovery

    @Test func `a recovery whose calls failed is begun again, and ends as it would have`() throws {
        let first = StoreRig(TestDisk(), Self.settings)
        try PartitionLife.play(first, .power)
        first.disk.cutPower(.everything)
        let whole = StoreRig(first.disk.copy(), Self.settings)
        let slot = try whole.open(level: .power, isSameBoot: false)
        let count = whole.world.performedCount
        let messages = try PartitionLife.everything(whole, slot)

        for number in 1...count {
            let rig = StoreRig(first.disk.copy(), Self.settings)
            for failing in number..<number + 3 { rig.world.failures[failing] = .inputOutput }
            let again = try rig.open(level: .power, isSameBoot: false)
            for _ in 0..<6 { try rig.tick(seconds: 1) }
            rig.world.failures = [:]

            let comment: Comment = "operations from \(number) on fail"
            #expect(rig.quarantine == nil && rig.opened != nil, comment)
            #expect(try PartitionLife.everything(rig, again) == messages, comment)
        }
    }

    /// `sweep stored-offsets --refusals`: it began a compaction that was due, too, and when its rename failed the partition
    /// stored no offset any more.
    @Test(arguments: [1, 2])
    func `stored offsets go on to be stored when a rename fails in the recovery that writes them anew`(failing: Int) throws {
        var settings = Self.settings
        settings.offsetsCompactBytes = 10_000
        let first = StoreRig(TestDisk(), settings)
        let slot = try first.open(level: .power, isNew: true)
        try first.append(slot, count: 9)
        try first.run()
        for number in 0..<12 {
            try first.storeOffset(slot, UInt64(number % 9))
            try first.run()
        }
        first.disk.cutPower(.everything)

        let rig = StoreRig(first.disk, Self.settings)
        let again = try rig.store.open(
            incarnation: 7, level: .power, isNew: false, isSameBoot: false, &rig.world, &rig.buffers, at: rig.now)
        var renames = 0
        for second in 0..<6 {
            if second > 0 { try rig.tick(seconds: 1, max: 0) }
            while let next = rig.world.queue.first {
                if case .rename(.offsetsTemporary, _, _) = next.operation {
                    renames += 1
                    if renames == failing { rig.world.failures[rig.world.performedCount + 1] = .inputOutput }
                }
                try rig.run(max: 1)
            }
        }

        #expect(renames >= failing)
        #expect(rig.quarantine == nil && rig.opened != nil)
        #expect(rig.store.storedOffset(again, Self.key) == 2)
        try rig.storeOffset(again, 5)
        try rig.run()
        #expect(rig.store.storedOffset(again, Self.key) == 5)
    }

    /// Seed 16519 of the simulator: it began once more among what it had found, and took each segment for two.
    @Test func `a recovery that was begun again and waits for memory goes on where it stands`() throws {
        let first = StoreRig(TestDisk(), Self.settings)
        try PartitionLife.play(first, .power)
        first.disk.cutPower(.everything)
        let whole = StoreRig(first.disk.copy(), Self.settings)
        let slot = try whole.open(level: .power, isSameBoot: false)
        let messages = try PartitionLife.everything(whole, slot)
        var waitCount = 0

        for operationCount in 0...whole.world.performedCount {
            let rig = StoreRig(first.disk.copy(), Self.settings)
            rig.world.failures[1] = .inputOutput
            let again = try rig.open(level: .power, isSameBoot: false)
            #expect(rig.opened == nil)
            try rig.tick(max: operationCount)
            rig.world.pool.liveMax = rig.world.pool.liveCount
            try rig.run()
            if rig.opened == nil { waitCount += 1 }
            for _ in 0..<3 { try rig.tick() }
            rig.world.pool.liveMax = .max
            for _ in 0..<3 { try rig.tick() }

            let comment: Comment = "no memory from operation \(operationCount) on"
            #expect(rig.quarantine == nil && rig.opened != nil, comment)
            #expect(try PartitionLife.everything(rig, again) == messages, comment)
            let isSame = rig.disk.image == whole.disk.image
            #expect(isSame, comment)
        }
        #expect(waitCount > 3)
    }

    @Test func `a recovery that fails again and again is left to the next start`() throws {
        let first = StoreRig(TestDisk(), Self.settings)
        try PartitionLife.play(first, .process)
        let rig = first.restarted()
        for number in 1...10_000 { rig.world.failures[number] = .inputOutput }
        _ = try rig.open()
        #expect(rig.quarantine == nil)
        for _ in 0..<10 { try rig.tick(seconds: 1) }

        #expect(rig.quarantine?.place == .unreadable)
        #expect(rig.world.notices.map(\.subject) == [.recoveryTriedAgain, .recoveryFailed])
        try rig.stop()
        #expect(rig.isStopped)
        let after = rig.restarted()
        _ = try after.open()
        #expect(after.opened != nil)
    }

    // MARK: Removal

    @Test(arguments: [1, 3])
    func `a removal whose calls failed is finished later`(count: Int) throws {
        for number in 1...60 {
            let rig = StoreRig(TestDisk(), Self.settings)
            try PartitionLife.play(rig, .process)
            let start = rig.world.performedCount
            for failing in number..<number + count { rig.world.failures[start + failing] = .inputOutput }
            try rig.store.remove(0, ref: 500, &rig.world, &rig.buffers, at: rig.now)
            try rig.run()
            let isThrough = rig.world.failed.isEmpty
            for _ in 0..<12 { try rig.tick(seconds: 1) }

            let comment: Comment = "\(count) from operation \(number) on"
            #expect(rig.outcomes.contains { if case .removed(500, _, nil) = $0 { true } else { false } }, comment)
            #expect(rig.disk.paths.isEmpty && !rig.disk.directories.contains(.partition(incarnation: 7)), comment)
            try rig.stop()
            #expect(rig.isStopped, comment)
            if isThrough { return }
        }
        Issue.record("the removal never ended")
    }

    @Test func `a removal that fails again and again is left to the next start, and a stop does not wait for it`()
        throws
    {
        let rig = StoreRig(TestDisk(), Self.settings)
        try PartitionLife.play(rig, .process)
        for number in rig.world.performedCount + 1...rig.world.performedCount + 10_000 {
            rig.world.failures[number] = .inputOutput
        }
        try rig.store.remove(0, ref: 500, &rig.world, &rig.buffers, at: rig.now)
        try rig.run()
        for _ in 0..<3 { try rig.tick(seconds: 1) }
        #expect(!rig.outcomes.contains { if case .removed = $0 { true } else { false } })
        try rig.stop()

        #expect(rig.isStopped)
        #expect(rig.outcomes.contains { if case .removed(500, _, .inputOutput?) = $0 { true } else { false } })
        let after = rig.restarted()
        _ = try after.store.removeAbandoned(incarnation: 7, ref: 501, &after.world, &after.buffers, at: after.now)
        try after.run()
        #expect(after.disk.paths.isEmpty)
    }

    // MARK: Details

    private static func play(_ rig: StoreRig, _ level: Durability) throws {
        try PartitionLife.play(rig, level)
        for number in 0..<6 {
            guard let last = rig.acknowledged.keys.max() else { return }
            try rig.storeOffset(0, last - min(last, UInt64(number % 2)))
            try rig.run()
        }
    }

    private static func operationCount(_ level: Durability) throws -> Int {
        let rig = StoreRig(TestDisk(), settings)
        try play(rig, level)
        return rig.world.performedCount
    }

    private static func isSettled(_ rig: StoreRig, _ ref: UInt64) -> Bool {
        rig.outcomes.contains { if case .appended(ref, _, _) = $0 { true } else { false } }
    }

    private func expectStoresOn(_ rig: StoreRig, _ level: Durability, _ comment: Comment) throws {
        for _ in 0..<12 { try rig.tick() }
        try PartitionLife.expectStoresOn(rig, level, Self.key, comment)
    }
}
