import Platform
import Testing

@testable import Server

/// What many partitions cost grows with their number, not faster.
@Suite struct ManyPartitionsTests {
    private func make(partitionCount: Int, openFilesMax: Int) throws -> (StoreRig, [PartitionSlot]) {
        var settings = StoreRig.small
        settings.segmentBytes = 1 << 30
        settings.openFilesMax = openFilesMax
        let rig = StoreRig(TestDisk(), settings)
        let slots = try (0..<partitionCount).map { try rig.open(incarnation: 1 + UInt64($0), isNew: true) }
        return (rig, slots)
    }

    /// The time that the store took.
    @discardableResult
    private func append(_ rig: StoreRig, _ slots: [PartitionSlot]) throws -> Duration {
        for slot in slots { try rig.append(slot, isSubmitted: false) }
        let begin = ContinuousClock.now
        try rig.store.submitDirty(&rig.world, &rig.buffers, at: rig.now)
        return try ContinuousClock.now - begin + rig.runUnchecked()
    }

    private func stop(partitionCount: Int) throws -> Duration {
        let (rig, slots) = try make(partitionCount: partitionCount, openFilesMax: 1 << 16)
        try append(rig, slots)
        let begin = ContinuousClock.now
        try rig.store.stop(ref: 0, &rig.world, &rig.buffers, at: rig.now)
        let time = try ContinuousClock.now - begin + rig.runUnchecked()
        #expect(rig.isStopped)
        #expect(rig.world.openCount == 0)
        #expect(rig.world.pool.liveCount == 0)
        return time
    }

    @Test func `a stop costs the same for each partition however many there are`() throws {
        let few = try stop(partitionCount: 100)
        let many = try stop(partitionCount: 1_600)
        #expect(many < few * 48, "\(few) and \(many)")
    }

    @Test func `a partition that is made while the store stops does not keep it from ending`() throws {
        let (rig, slots) = try make(partitionCount: 2, openFilesMax: 4)
        try append(rig, slots)
        try rig.store.stop(ref: 0, &rig.world, &rig.buffers, at: rig.now)
        try #require(!rig.isStopped)
        _ = try rig.open(incarnation: 9, isNew: true)
        try rig.submit()
        try rig.run()

        #expect(rig.isStopped)
    }

    private func writeAll(partitionCount: Int) throws -> Duration {
        let (rig, slots) = try make(partitionCount: partitionCount, openFilesMax: 16)
        try append(rig, slots)
        let time = try append(rig, slots)
        #expect(rig.appendAnswers.count == 2 * partitionCount)
        #expect(rig.world.openCountMax <= 16)
        return time
    }

    @Test func `partitions that share few open files cost the same each however many there are`() throws {
        let few = try writeAll(partitionCount: 100)
        let many = try writeAll(partitionCount: 600)
        #expect(many < few * 18, "\(few) and \(many)")
    }
}
