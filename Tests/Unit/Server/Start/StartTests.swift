import Platform
import Testing
import Wire

@testable import Server

@Suite struct StartTests {
    private func createTopic(_ rig: CatalogRig) throws {
        let stream = try #require(Name("stream"))
        let settings = TopicSettings(messageExpiry: .never, maxTopicSize: .unlimited)
        try rig.ask(.createStream(name: stream))
        try rig.run()
        try rig.ask(
            .createTopic(CreateTopic(stream: .name(stream), name: stream, partitionCount: 1, settings: settings)))
        try rig.run()
    }

    @Test func `a first start that is killed anywhere leaves nothing that a power cut takes later`() throws {
        let whole = try CatalogRig().start()
        for budget in 0...whole.shard.world.performedCount {
            let killed = CatalogRig()
            killed.operationBudget = budget
            try killed.start()
            let next = try killed.restarted().start()
            if next.refusal != nil { continue }
            try createTopic(next)
            let state = next.catalog

            let after = try next.restarted(after: .everything).start()
            #expect(after.refusal == nil, "killed after \(budget)")
            #expect(after.catalog == state, "killed after \(budget)")
        }
    }

    @Test(arguments: [Errno.noSpace, .inputOutput])
    func `a boot is not noted while a log waits that an older one left`(errno: Errno) throws {
        let first = try CatalogRig().start()
        try createTopic(first)
        // A batch that is promised to survive a power cut has to be copied before it is written again.
        let writer = StoreRig(first.disk)
        let slot = try writer.open(incarnation: 1, level: .power, isNew: true)
        try writer.append(slot, count: 2)
        try writer.run()
        let note = first.disk.bytes(.boot)

        let failing = first.restarted(after: .everything)
        failing.operationBudget = 0
        try failing.start()
        failing.operationBudget = .max
        while let pending = failing.shard.world.queue.first {
            if case .open(.segmentTailTemporary, _, _) = pending.operation {
                failing.shard.world.failures[failing.shard.world.performedCount + 1] = errno
            }
            let count = failing.shard.world.queue.count
            try failing.run(max: 1)
            if failing.shard.world.queue.count == count, failing.isServing { break }
        }
        #expect(failing.isServing)
        #expect(failing.disk.bytes(.boot) == note)
        let subjects = failing.shard.world.notices.map(\.subject)
        #expect(subjects.contains(errno == .noSpace ? .recoveryWaitsForRoom : .recoveryTriedAgain))

        let after = try failing.restarted().start()
        #expect(after.shard.keeper?.isSameBoot == false)
        #expect(after.disk.bytes(.boot) != note)
    }
}
