import Platform
import Testing
import Wire

@testable import Server

/// What waits for memory gets another try at a tick, also while the server starts or stops.
@Suite struct TickTests {
    /// A topic with one partition whose log was left by a process that was killed.
    private func abandoned() throws -> CatalogRig {
        let rig = try CatalogRig().start()
        let name = Name("s")!
        let settings = TopicSettings(messageExpiry: .never, maxTopicSize: .unlimited)
        let topic = CreateTopic(stream: .name(name), name: name, partitionCount: 1, settings: settings)
        for request in [Request.createStream(name: name), .createTopic(topic)] {
            let change = try rig.ask(request)
            try rig.run()
            try #require(rig.answers[change] == .ok)
        }
        let incarnation = try #require(rig.shard.partitions.all.first?.incarnation)
        let writer = StoreRig(rig.disk)
        let slot = try writer.open(incarnation: incarnation, isNew: true)
        try writer.append(slot, count: 3)
        try writer.run()
        return rig.restarted()
    }

    /// The shard recovers its partitions, and there is no more memory.
    private func recovering() throws -> CatalogRig {
        let rig = try abandoned()
        rig.operationBudget = 0
        try rig.start()
        rig.operationBudget = .max
        while rig.shard.phase == .starting { try rig.run(max: 1) }
        try #require(rig.shard.phase == .recovering)
        rig.shard.world.pool.liveMax = 0
        try rig.run()
        return rig
    }

    @Test func `a recovery that found no memory goes on when there is some`() throws {
        let rig = try recovering()
        try rig.tick()
        #expect(rig.shard.phase == .recovering)

        rig.shard.world.pool.liveMax = .max
        try rig.tick()

        #expect(rig.isServing)
        #expect(rig.shard.partitions.isKnown)
    }

    @Test func `a start that waits for memory can be stopped`() throws {
        let rig = try recovering()
        try rig.stop()
        #expect(!rig.hasStopped)

        rig.shard.world.pool.liveMax = .max
        try rig.tick()

        #expect(rig.hasStopped)
    }

    @Test func `a stop that found no memory ends when there is some`() throws {
        let rig = try abandoned().start()
        try #require(rig.isServing)
        rig.shard.world.pool.liveMax = 0
        try rig.stop()
        try rig.tick()
        #expect(!rig.hasStopped)

        rig.shard.world.pool.liveMax = .max
        try rig.tick()

        #expect(rig.hasStopped)
    }

    @Test func `who waited for memory when the stop came is tried again at once`() throws {
        let rig = StoreRig()
        let slot = try rig.open(level: .power, isNew: true)
        try rig.append(slot)
        try rig.run()
        rig.world.pool.liveMax = 0
        try rig.storeOffset(slot, 0)
        try rig.run()
        rig.world.pool.liveMax = .max

        try rig.stop()

        #expect(rig.isStopped)
        #expect(rig.settledKeys.count == 1)
    }
}
