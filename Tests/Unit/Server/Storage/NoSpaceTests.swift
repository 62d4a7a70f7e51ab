import Platform
import Server
import Testing

/// The volume is full, at whatever moment that shows: nothing is promised that is not kept, and everything goes on in
/// place once there is room.
@Suite struct NoSpaceTests {
    private let reader = ConsumerKey(.single, id: 1)

    /// Carries out what waits; what `isRefused` names finds no room.
    private func run(_ rig: StoreRig, refusing isRefused: (Operation) -> Bool) throws {
        while let next = rig.world.queue.first {
            if isRefused(next.operation) { rig.world.failures[rig.world.performedCount + 1] = .noSpace }
            try rig.run(max: 1)
        }
    }

    private func isSync(_ operation: Operation) -> Bool {
        switch operation {
        case .sync, .syncDirectory: true
        default: false
        }
    }

    private func isFileSync(_ operation: Operation) -> Bool { if case .sync = operation { true } else { false } }

    private func offsetAnswers(_ rig: StoreRig) -> [String] {
        rig.outcomes.compactMap {
            switch $0 {
            case .offsetSettled(_, _, _, .done): "done"
            case .offsetSettled(_, _, _, .refused(let refusal)): "\(refusal)"
            case .offsetSettled(_, _, _, .unknown): "unknown"
            default: nil
            }
        }
    }

    private func waitFullDiskOut(_ rig: StoreRig) throws {
        for _ in 0..<10 { try rig.tick() }
    }

    private func expectCleanStop(_ rig: StoreRig, end: UInt64, _ comment: Comment) throws {
        try rig.stop()
        #expect(rig.isStopped, comment)
        #expect(rig.world.pool.liveCount == 0, comment)
        rig.disk.cutPower(.everything)
        let after = rig.restarted()
        let slot = try after.open(isSameBoot: false)
        #expect(after.opened?.epoch == 0, comment)
        #expect(after.opened?.readableEnd == end, comment)
        try PartitionLife.expectKept(after, slot, acknowledged: rig.acknowledged, refused: rig.refusedTags, comment)
    }

    @Test func `a sync that finds no room is made good once there is some`() throws {
        for count in [1, 3, 10] {
            let rig = StoreRig()
            let slot = try rig.open(isNew: true)
            for _ in 0..<count {
                try rig.append(slot, count: 3)
                try run(rig, refusing: isSync)
            }
            rig.now = Instant(nanoseconds: 2_000_000_000, wallMicroseconds: 2_000_000)
            try rig.store.tick(&rig.world, &rig.buffers, at: rig.now)
            try run(rig, refusing: isFileSync)
            try rig.append(slot)
            #expect(rig.appendAnswers.last == "noSpace", "\(count)")

            try waitFullDiskOut(rig)
            try rig.append(slot)
            try rig.run()

            let last = rig.acknowledged.keys.max()!
            #expect(rig.appendAnswers.last == "\(last)-\(last)")
            try rig.tick()
            #expect(rig.store.stats(slot)?.durableEnd == last + 1)
            try expectCleanStop(rig, end: last + 1, "\(count)")
        }
    }

    @Test func `what a sync without room left in doubt is written again before it is synced again`() throws {
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)
        for _ in 0..<2 {
            try rig.append(slot, count: 2)
            try rig.run()
        }
        let content = rig.disk.bytes(.segmentLog(incarnation: 7, base: 0))
        rig.now = Instant(nanoseconds: 2_000_000_000, wallMicroseconds: 2_000_000)
        try rig.store.tick(&rig.world, &rig.buffers, at: rig.now)
        try run(rig, refusing: isFileSync)

        var steps: [String] = []
        rig.now = Instant(nanoseconds: 4_000_000_000, wallMicroseconds: 4_000_000)
        try rig.store.tick(&rig.world, &rig.buffers, at: rig.now)
        while let next = rig.world.queue.first {
            switch next.operation {
            case .write: steps.append("write")
            case .sync: steps.append("sync")
            default: break
            }
            try rig.run(max: 1)
        }

        #expect(steps.first == "write")
        #expect(steps.contains("sync"))
        #expect(rig.disk.bytes(.segmentLog(incarnation: 7, base: 0)) == content)
    }

    /// Seed 511 of generator 8 with the profile `disk`.
    @Test(arguments: [0, 6] as [UInt64])
    func `what is in doubt is written again though a reader has the file open for reading alone`(read: UInt64) throws {
        var settings = StoreRig.small
        settings.openFilesMax = 2
        let rig = StoreRig(TestDisk(), settings)
        let written = try rig.open(isNew: true)
        for _ in 0..<8 {
            try rig.append(written, count: 2)
            try rig.run()
        }
        let after = rig.restarted()
        let slot = try after.open()
        // Two segments are sealed, and of one of them the sync is still to come: who reads it opens it, for the recovery's
        // files have made room for others.
        for offset in [6 - read, read] { _ = try after.read(slot, .offset(offset)) }
        after.now = Instant(nanoseconds: 2_000_000_000, wallMicroseconds: 2_000_000)
        try after.store.tick(&after.world, &after.buffers, at: after.now)
        try run(after, refusing: isFileSync)

        try waitFullDiskOut(after)

        #expect(after.store.stats(slot)?.durableEnd == 16)
        try expectCleanStop(after, end: 16, "")
    }

    @Test func `bytes that the disk lost after a sync without room are not made durable`() throws {
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)
        try rig.append(slot, count: 2)
        try rig.run()
        rig.now = Instant(nanoseconds: 2_000_000_000, wallMicroseconds: 2_000_000)
        try rig.store.tick(&rig.world, &rig.buffers, at: rig.now)
        try run(rig, refusing: isFileSync)
        rig.disk.change(.segmentLog(incarnation: 7, base: 0)) { $0[150] ^= 1 }

        try waitFullDiskOut(rig)
        try rig.append(slot)

        #expect(rig.appendAnswers.last == "syncFailed(Platform.Errno.inputOutput)")
        #expect(rig.store.stats(slot)?.durableEnd == 0)
        try rig.stop()
        #expect(rig.isStopped)
    }

    @Test func `at power a sync without room leaves nobody waiting and the partition in place`() throws {
        for count in 1...12 {
            let rig = StoreRig()
            let slot = try rig.open(level: .power, isNew: true)
            try rig.append(slot, count: 2)
            try rig.run()
            // A segment may be sealed and still unsynced when the next batches come.
            for _ in 0..<count {
                try rig.append(slot, count: 2)
                try run(rig, refusing: isSync)
            }
            try rig.run()
            #expect(rig.appendAnswers.count == count + 1)
            #expect(rig.appendAnswers.dropFirst().allSatisfy { $0 == "noSpace" || $0 == "unknown" }, "\(count)")

            try waitFullDiskOut(rig)
            try rig.append(slot)
            try rig.run()

            let last = rig.store.stats(slot)!.readableEnd - 1
            #expect(rig.appendAnswers.last == "\(last)-\(last)", "\(count)")
            try expectCleanStop(rig, end: last + 1, "\(count)")
        }
    }

    @Test func `a batch that stood in the file to its last byte is unknown, not refused`() throws {
        let rig = StoreRig()
        let slot = try rig.open(level: .power, isNew: true)
        try rig.append(slot, count: 2)
        try rig.run()
        // The cut that follows is not durable: a power cut could bring the batch back.
        try rig.append(slot, count: 2)
        try run(rig, refusing: isFileSync)
        try rig.run()

        #expect(rig.appendAnswers.last == "unknown")
    }

    @Test func `a stored offset that stood in the file to its last byte is unknown, not refused`() throws {
        for (errno, answer) in [(Errno.noSpace, "noSpace"), (.inputOutput, "unknown")] {
            let rig = StoreRig()
            let slot = try rig.open(level: .power, isNew: true)
            try rig.append(slot, count: 5)
            try rig.run()
            // The cut that follows is not durable: a power cut could bring the record back.
            try rig.storeOffset(slot, 2)
            try run(rig, refusing: isFileSync)
            #expect(offsetAnswers(rig) == ["unknown"])

            try waitFullDiskOut(rig)
            try rig.storeOffset(slot, 3)
            while let next = rig.world.queue.first {
                if case .write = next.operation { rig.world.failures[rig.world.performedCount + 1] = errno }
                try rig.run(max: 1)
            }
            #expect(offsetAnswers(rig).last == answer)
            #expect(rig.store.storedOffset(slot, reader) == nil)
        }
    }

    @Test func `a stop on a full disk ends all the same`() throws {
        for level in [Durability.process, .power] {
            let rig = StoreRig()
            let slot = try rig.open(level: level, isNew: true)
            for _ in 0..<4 { try rig.append(slot, count: 2) }
            try rig.run()
            try rig.storeOffset(slot, 1)
            try rig.run()
            try rig.append(slot)
            try rig.store.stop(ref: 0, &rig.world, &rig.buffers, at: rig.now)
            try run(rig, refusing: isSync)

            #expect(rig.isStopped)
            #expect(rig.world.pool.liveCount == 0)
        }
    }

    @Test(arguments: [true, false])
    func `a start that finds no room to sync goes on when there is some`(isSameBoot: Bool) throws {
        for count in 1...8 {
            let rig = StoreRig()
            let slot = try rig.open(level: .power, isNew: true)
            for _ in 0..<count { try rig.append(slot, count: 2, isSubmitted: false) }
            try rig.submit()
            while let next = rig.world.queue.first, !isFileSync(next.operation) { try rig.run(max: 1) }

            let after = rig.restarted()
            let again = try after.store.open(
                incarnation: 7, level: .power, isNew: false, isSameBoot: isSameBoot, &after.world, &after.buffers,
                at: after.now)
            try run(after, refusing: isSync)
            #expect(after.world.notices.map(\.subject) == [.recoveryWaitsForRoom])
            #expect(after.outcomes.contains { if case .parked(again) = $0 { true } else { false } })
            #expect(after.opened == nil)
            #expect(try after.read(again) == .refused(.unavailable))

            try waitFullDiskOut(after)
            try after.append(again)
            try after.run()
            #expect(after.appendAnswers.last?.contains("-") == true, "\(count)")
            after.acknowledged.merge(rig.acknowledged) { $1 }
            try expectCleanStop(after, end: after.store.stats(again)!.readableEnd, "\(count)")
        }
    }

    @Test(arguments: [true, false])
    func `a start that finds no room for a copy gives everything back and waits`(isSameBoot: Bool) throws {
        let rig = StoreRig()
        let slot = try rig.open(level: .power, isNew: true)
        for _ in 0..<3 { try rig.append(slot, count: 2) }
        try rig.run()

        let after = rig.restarted()
        _ = try after.store.open(
            incarnation: 7, level: .power, isNew: false, isSameBoot: isSameBoot, &after.world, &after.buffers,
            at: after.now)
        try run(after) { if case .write = $0 { true } else { false } }
        #expect(after.outcomes.contains { if case .parked = $0 { true } else { false } })
        try after.run()
        #expect(after.world.pool.liveCount == 0)
        #expect(after.world.openCount == 0)

        try after.tick()
        #expect(after.opened?.readableEnd == 6)
    }

    @Test(arguments: [true, false])
    func `a start without room leaves stored offsets that are promised as they are`(isSameBoot: Bool) throws {
        let rig = StoreRig()
        let slot = try rig.open(level: .power, isNew: true)
        try rig.append(slot, count: 5)
        try rig.run()
        try rig.storeOffset(slot, 2)
        try rig.run()

        let full = rig.restarted()
        _ = try full.store.open(
            incarnation: 7, level: .power, isNew: false, isSameBoot: isSameBoot, &full.world, &full.buffers,
            at: full.now)
        try run(full) { if case .open(.offsetsTemporary, _, _) = $0 { true } else { false } }
        #expect(full.opened == nil)
        full.disk.cutPower(.garbled)

        let after = full.restarted()
        let again = try after.open(level: .power, isSameBoot: false)
        #expect(after.quarantine == nil)
        #expect(after.store.storedOffset(again, reader) == 2)
    }

    @Test func `stored offsets outlast a sync without room`() throws {
        for level in [Durability.process, .power] {
            let rig = StoreRig()
            let slot = try rig.open(level: level, isNew: true)
            try rig.append(slot, count: 5)
            try rig.run()
            try rig.storeOffset(slot, 2)
            try rig.run()
            try rig.storeOffset(slot, 3)
            rig.now = Instant(nanoseconds: 2_000_000_000, wallMicroseconds: 2_000_000)
            try rig.store.tick(&rig.world, &rig.buffers, at: rig.now)
            try run(rig, refusing: isSync)
            #expect(rig.store.storedOffset(slot, reader) == (level == .power ? 2 : 3))

            try waitFullDiskOut(rig)
            try rig.storeOffset(slot, 4)
            try rig.run()

            #expect(rig.store.storedOffset(slot, reader) == 4)
            try expectCleanStop(rig, end: 5, "\(level)")
            let after = rig.restarted()
            let again = try after.open(level: level, isSameBoot: false)
            #expect(after.store.storedOffset(again, reader) == 4)
        }
    }

    @Test func `a compaction without room leaves nothing behind`() throws {
        var settings = StoreRig.small
        settings.offsetsCompactBytes = 500
        func life(_ rig: StoreRig) throws {
            let slot = try rig.open(isNew: true)
            try rig.append(slot, count: 10)
            try rig.run()
            for number in 0..<30 {
                try rig.storeOffset(slot, UInt64(number % 10))
                try rig.run()
            }
        }
        let whole = StoreRig(TestDisk(), settings)
        try life(whole)
        #expect(whole.world.marks.contains(.offsetsCompacted))

        for failing in 1...whole.world.performedCount {
            let rig = StoreRig(TestDisk(), settings)
            rig.world.failures[failing] = .noSpace
            try life(rig)
            #expect(rig.disk.bytes(.offsetsTemporary(incarnation: 7)) == nil, "\(failing)")
            if rig.acknowledged.isEmpty { continue }
            try rig.storeOffset(0, 5)
            try rig.run()
            #expect(rig.store.storedOffset(0, reader) == 5, "\(failing)")
        }
    }

    @Test func `a file that was made and closed for another's sake is not made twice`() throws {
        for openFilesMax in 1...3 {
            var settings = StoreRig.small
            settings.openFilesMax = openFilesMax
            let rig = StoreRig(TestDisk(), settings)
            let slots = try (1...4).map { try rig.open(incarnation: UInt64($0), isNew: true) }
            for round in 0..<6 {
                for slot in slots {
                    try rig.append(slot, count: 4)
                    if round > 0 { try rig.storeOffset(slot, 1) }
                }
                try rig.run()
                try rig.tick()
            }
            #expect(rig.appendAnswers.allSatisfy { $0.contains("-") }, "\(openFilesMax)")
            for slot in slots { #expect(rig.store.storedOffset(slot, reader) == 1, "\(openFilesMax)") }
            try rig.stop()
            #expect(rig.isStopped, "\(openFilesMax)")
        }
    }
}
