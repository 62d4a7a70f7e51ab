import Platform
import Primitives
import Server
import Testing

@Suite struct LifeTests {
    private func filled(_ level: Durability = .process, _ settings: StorageSettings = StoreRig.small) throws -> (StoreRig, PartitionSlot) {
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(level: level, isNew: true)
        for _ in 0..<10 { try rig.append(slot, count: 3) }
        try rig.run()
        return (rig, slot)
    }

    @Test func `an empty partition has no files`() throws {
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)

        #expect(rig.world.performedCount == 0)
        #expect(rig.store.stats(slot)?.segmentCount == 1)
        #expect(rig.store.stats(slot)?.currentOffset == 0)
        #expect(try rig.read(slot) == .messages([]))
    }

    @Test func `stats count what is there`() throws {
        let (rig, slot) = try filled()
        let stats = rig.store.stats(slot)!

        #expect(stats.messageCount == 30)
        #expect(stats.currentOffset == 29)
        #expect(stats.classicByteCount == 30 * 104)
        #expect(stats.vsrByteCount == 30 * 88 + 10 * 256)
        let after = rig.restarted()
        _ = try after.open()
        #expect(after.opened?.classicByteCount == 30 * 104)
        #expect(after.opened?.vsrByteCount == 30 * 88 + 10 * 256)
    }

    @Test func `a clean stop vouches for the end, so that a reboot starts no epoch`() throws {
        let (rig, _) = try filled()
        try rig.stop()
        #expect(rig.isStopped)
        rig.disk.cutPower(.everything)

        let after = rig.restarted()
        let slot = try after.open(isSameBoot: false)

        #expect(after.opened?.epoch == 0)
        #expect(after.opened?.readableEnd == 30)
        try PartitionLife.expectIdempotent(after, isSameBoot: false, level: .process, "stopped")
        _ = slot
    }

    @Test func `a stop during recovery waits for it`() throws {
        let (rig, _) = try filled()
        let after = rig.restarted()
        _ = try after.store.open(
            incarnation: 7, level: .process, isNew: false, isSameBoot: true, &after.world, &after.buffers, at: after.now)
        try after.run(max: 3)

        try after.stop()

        #expect(after.isStopped)
        #expect(after.opened?.readableEnd == 30)
        #expect(after.world.pool.liveCount == 0)
    }

    @Test func `a removed partition leaves nothing`() throws {
        for budget in 0..<80 {
            let (rig, slot) = try filled()
            let other = try rig.open(incarnation: 8, isNew: true)
            try rig.append(other)
            try rig.append(slot, count: 2)
            try rig.store.remove(slot, ref: 500, &rig.world, &rig.buffers, at: rig.now)
            try rig.run(max: budget)
            if rig.outcomes.contains(where: { if case .removed(500, _, nil) = $0 { true } else { false } }) {
                #expect(rig.disk.paths.allSatisfy { $0.directory == .partition(incarnation: 8) })
                #expect(!rig.disk.directories.contains(.partition(incarnation: 7)))
                try rig.stop()
                #expect(rig.isStopped)
                #expect(rig.world.pool.liveCount == 0)
                return
            }
            // Killed in between: the next start finishes it.
            let after = rig.restarted()
            _ = try after.store.removeAbandoned(
                incarnation: 7, ref: 501, &after.world, &after.buffers, at: after.now)
            try after.run()
            #expect(after.outcomes.contains { if case .removed(501, _, nil) = $0 { true } else { false } })
            #expect(!after.disk.directories.contains(.partition(incarnation: 7)))
        }
        Issue.record("the removal never ended")
    }

    @Test func `oldest segments go up to the barrier and never come back`() throws {
        let (rig, slot) = try filled()
        let before = rig.store.segmentCount(slot)
        let second = rig.store.segment(slot, at: 2)!.baseOffset
        let reading = try rig.beginRead(slot, .first)

        try rig.store.deleteSegments(
            slot, countMax: 100, barrier: second - 1, ref: 700, &rig.world, &rig.buffers)
        try rig.submit()
        try rig.run()

        #expect(rig.store.segmentCount(slot) == before - 2)
        #expect(rig.outcomes.contains { if case .segmentsDeleted(700, _, 2) = $0 { true } else { false } })
        if case .refused(let refusal) = try rig.answer(reading) { Issue.record("\(refusal)") }
        rig.disk.cutPower(.everything)
        let after = rig.restarted()
        let again = try after.open(isSameBoot: false)
        #expect(after.quarantine == nil)
        #expect(after.opened?.firstOffset == second)
        let answer = try after.read(again, .first, countMax: 1)
        #expect(answer == .messages([.init(offset: second, tag: second + 1)]))
        #expect(try after.read(again, .offset(0), countMax: 1) == answer)
    }

    @Test func `at memory a batch is readable before it is written, and a kill starts an epoch`() throws {
        let rig = StoreRig()
        let slot = try rig.open(level: .memory, isNew: true)
        try rig.append(slot)
        try rig.run()
        try rig.append(slot)
        #expect(rig.appendAnswers == ["0-0", "1-1"])
        #expect(try rig.read(slot, .first, countMax: 5) == .messages([.init(offset: 0, tag: 1), .init(offset: 1, tag: 2)]))
        try rig.append(slot)
        #expect(rig.appendAnswers.last == "2-2")

        let after = rig.restarted()
        _ = try after.open(level: .memory)

        #expect(after.opened?.readableEnd == 2)
        #expect(after.opened?.epoch == 1)
        try PartitionLife.expectIdempotent(after, isSameBoot: true, level: .memory, "memory")
    }

    @Test func `a full disk refuses, and the partition goes on in place`() throws {
        for level in [Durability.process, .power] {
            let (rig, slot) = try filled(level)
            for number in 1...40 { rig.world.failures[rig.world.performedCount + number] = .noSpace }
            try rig.append(slot)
            try rig.append(slot)
            try rig.run(max: 30)
            rig.world.failures = [:]
            try rig.run()
            // What could not be cut is cut now.
            try rig.tick()
            #expect(rig.appendAnswers.suffix(2).allSatisfy { $0 == "noSpace" || $0 == "unknown" })
            try rig.append(slot)
            try rig.run()
            let isRefusing = rig.appendAnswers.last!.contains("syncFailed")
            if !isRefusing { #expect(rig.appendAnswers.last == "30-30") }
            #expect(rig.outcomes.contains { if case .noSpaceMet = $0 { true } else { false } })
            try PartitionLife.expectKept(rig, slot, acknowledged: rig.acknowledged, refused: rig.refusedTags, "full")
        }
    }

    @Test func `a failed sync ends writing, not reading`() throws {
        let (rig, slot) = try filled(.power)
        try rig.append(slot)
        while let next = rig.world.queue.first {
            if case .sync = next.operation { rig.world.failures[rig.world.performedCount + 1] = .inputOutput }
            try rig.run(max: 1)
        }
        try rig.append(slot)

        #expect(rig.appendAnswers.suffix(2) == ["unknown", "syncFailed(Platform.Errno.inputOutput)"])
        try PartitionLife.expectKept(rig, slot, acknowledged: rig.acknowledged, "read only")
        try rig.stop()
        #expect(rig.isStopped)
    }

    @Test func `a VSR batch is stored, recovered and read as it came`() throws {
        let frames =
            "6f6fe35a61213a38 01000000000000000000000000000000 00000000 00000000 00000000 01000000 0000000000000000 61"
            + "2824e25f90449149 02000000000000000000000000000000 01000000 fa000000 0c000000 02000000 0000000000000000"
            + "6263 02010000006b020100000076"
        let bytes = Hex.decode(String(frames.filter { $0 != " " }))!
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)
        let buffer = try rig.buffers.allocate(byteCount: bytes.count, &rig.world)!
        let slice = Slice(buffer, position: 0, byteCount: UInt32(bytes.count))
        rig.world.pool.fill(slice, bytes)
        try rig.store.append(
            slot,
            AppendRequest(
                messages: slice, messageCount: 2, dialect: .vsr, classicByteCount: UInt64(bytes.count + 32),
                minOrigin: 1_700_000_000_000_000),
            ref: 1, &rig.world, &rig.buffers, at: rig.now)
        try rig.buffers.release(buffer, &rig.world)
        try rig.submit()
        try rig.run()

        let after = rig.restarted()
        let again = try after.open()
        try after.store.read(
            again, ReadQuery(.first, countMax: 9, byteCountMax: 9_999), ref: 2, &after.world, &after.buffers)
        try after.run()

        var pieces: [ReadPiece] = []
        for case .read(2, _, let found, _) in after.outcomes { pieces = found }
        #expect(pieces.count == 1)
        #expect(pieces.first?.header.dialect == .vsr)
        #expect(pieces.first?.header.minOrigin == 1_700_000_000_000_000)
        #expect(pieces.first.map { after.world.pool.copy($0.messages) } == bytes)
    }

    @Test func `a lent slice is not touched after its answer`() throws {
        let rig = StoreRig()
        let slot = try rig.open(level: .memory, isNew: true)
        let bytes = StoreRig.message(tag: 1, 10)
        let buffer = rig.world.pool.allocate(bytes.count, owner: ShardID(1))!
        let slice = Slice(buffer, position: 0, byteCount: UInt32(bytes.count))
        rig.world.pool.fill(slice, bytes)
        try rig.store.append(
            slot,
            AppendRequest(
                messages: slice, messageCount: 1, dialect: .classic, classicByteCount: UInt64(bytes.count),
                minOrigin: 0),
            ref: 1, &rig.world, &rig.buffers, at: rig.now)
        try rig.submit()
        #expect(rig.appendAnswers == [])
        while rig.appendAnswers.isEmpty { try rig.run(max: 1) }
        // It goes home with the answer: the reader that comes now is served from disk.
        try rig.world.pool.release(buffer)
        #expect(try rig.read(slot) == .messages([.init(offset: 0, tag: 1)]))
        #expect(rig.world.marks.contains(.pollFromDisk))
        #expect(rig.appendAnswers == ["0-0"])
    }

    @Test func `planted bugs are found`() throws {
        func isCaught(_ mutation: Mutation, _ level: Durability, _ loss: TestDisk.Loss) throws -> Bool {
            for budget in 0...(try PartitionLife.operationCount(level)) {
                let rig = StoreRig()
                rig.world.mutation = mutation
                rig.operationBudget = budget
                try PartitionLife.play(rig, level)
                rig.disk.cutPower(loss)
                let after = rig.restarted()
                let slot = try after.open(level: level, isSameBoot: false)
                let found = try PartitionLife.everything(after, slot) ?? []
                for (offset, tag) in rig.acknowledged where !found.contains(.init(offset: offset, tag: tag)) {
                    return true
                }
            }
            return false
        }

        #expect(try isCaught(.acknowledgeBeforeSync, .power, .everything))
        #expect(try isCaught(.segmentPublishedEarly, .power, .everything))
        #expect(try !isCaught(.panicLosesOtherAcknowledgement, .power, .everything))
    }
}
