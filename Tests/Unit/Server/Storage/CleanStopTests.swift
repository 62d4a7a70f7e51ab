import Platform
import Server
import Testing

/// A clean stop vouches for the end of each log: a power cut right after it changes nothing.
@Suite struct CleanStopTests {
    /// What data operations the stop consists of; what `isRefused` names finds no room.
    private func stop(_ rig: StoreRig, refusing isRefused: (Operation) -> Bool = { _ in false }) throws -> [String] {
        try rig.store.stop(ref: 0, &rig.world, &rig.buffers, at: rig.now)
        var steps: [String] = []
        while let next = rig.world.queue.first {
            if isRefused(next.operation) { rig.world.failures[rig.world.performedCount + 1] = .noSpace }
            switch next.operation {
            case .write: steps.append("write")
            case .sync: steps.append("sync")
            default: break
            }
            try rig.run(max: 1)
        }
        #expect(rig.isStopped)
        return steps
    }

    /// A log of one segment, all of it durable, as a killed process leaves it.
    private func killed() throws -> StoreRig {
        let rig = StoreRig()
        let slot = try rig.open(level: .process, isNew: true)
        try rig.append(slot)
        try rig.run()
        try rig.tick()
        return rig.restarted()
    }

    /// Seed 23378 of the simulator: the last that moved was the opening of an index file, and it failed.
    @Test func `a stop does not wait for an index whose file cannot be made`() throws {
        func isOpeningIndex(_ operation: Operation) -> Bool {
            if case .open(.segmentIndex, _, _) = operation { true } else { false }
        }
        let rig = StoreRig(TestDisk(), StoreRig.small)
        let slot = try rig.open(level: .process, isNew: true)
        for _ in 0..<4 {
            try rig.append(slot, count: 5)
            try rig.runUnchecked { !isOpeningIndex($0) }
        }
        try rig.store.stop(ref: 0, &rig.world, &rig.buffers, at: rig.now)
        try rig.runUnchecked { !isOpeningIndex($0) }
        try #require(rig.world.queue.contains { isOpeningIndex($0.operation) })
        #expect(!rig.isStopped)

        for next in 1...20 { rig.world.failures[rig.world.performedCount + next] = .noSpace }
        try rig.run()

        #expect(rig.isStopped)
    }

    /// A cut is as undecided as a write until its file is synced, and only the process that made it knows of it.
    @Test func `what the process before may have cut is synced before the end is vouched for`() throws {
        let rig = try killed()
        _ = try rig.open(level: .process)

        #expect(try stop(rig) == ["sync", "write", "sync"])
    }

    @Test func `an end whose cut finds no room to be synced is not vouched for`() throws {
        let rig = try killed()
        _ = try rig.open(level: .process)

        let steps = try stop(rig) { if case .sync = $0 { true } else { false } }

        #expect(!steps.contains("write"))
        let after = rig.restarted()
        _ = try after.open(level: .process, isSameBoot: false)
        #expect(after.opened?.epoch == 1)
    }

    @Test(arguments: [Durability.memory, .process], [true, false])
    func `offsets that were given out behind a vouched end and lost are told by a new epoch`(
        level: Durability, isStopped: Bool
    ) throws {
        let first = StoreRig()
        let new = try first.open(level: level, isNew: true)
        try first.append(new)
        try first.run()
        if isStopped { try first.stop() }
        first.disk.cutPower(.everything)
        let second = first.restarted()
        let slot = try second.open(level: level, isSameBoot: false)
        let epoch = try #require(second.opened?.epoch)

        // Cut off as soon as the producer knows.
        for number in 1...3 {
            try second.append(slot)
            while second.acknowledged.count < number { _ = try #require(second.run(max: 1) == 1 ? 1 : nil) }
        }
        second.disk.cutPower(.everything)

        let third = second.restarted()
        _ = try third.open(level: level, isSameBoot: false)
        #expect(third.opened?.epoch == epoch + 1)
    }

    @Test func `a new log that nothing was cut from is not synced again`() throws {
        let rig = StoreRig()
        let slot = try rig.open(level: .process, isNew: true)
        try rig.append(slot)
        try rig.run()
        try rig.tick()

        #expect(try stop(rig) == ["write", "sync"])
    }
}
