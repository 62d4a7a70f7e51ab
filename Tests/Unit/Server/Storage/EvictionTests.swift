import Platform
import Testing

@testable import Server

@Suite struct EvictionTests {
    /// Nothing may go: every batch waits for its sync.
    private func fastestWrite(partitionCount: Int) throws -> Duration {
        var settings = StoreRig.small
        settings.segmentBytes = 1 << 30
        settings.tailBytesMax = 0
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(level: .power, isNew: true)
        for number in 1..<partitionCount { _ = try rig.open(incarnation: 100 + UInt64(number), isNew: true) }
        try rig.append(slot)
        try rig.run()
        var fastest = Duration.seconds(60)
        for _ in 0..<30 {
            try rig.append(slot, isSubmitted: false)
            let begin = ContinuousClock.now
            try rig.store.submitDirty(&rig.world, &rig.buffers, at: rig.now)
            try rig.runUnchecked { if case .sync = $0 { false } else { true } }
            fastest = min(fastest, ContinuousClock.now - begin)
        }
        try rig.run()
        #expect(rig.acknowledged.count == 31)
        return fastest
    }

    @Test func `a write costs the same however many partitions have nothing to let go`() throws {
        let few = try fastestWrite(partitionCount: 2)
        let many = try fastestWrite(partitionCount: 20_000)
        #expect(many < few * 10, "\(few) and \(many)")
    }

    @Test func `what one partition adds makes others let go`() throws {
        var settings = StoreRig.small
        settings.tailBytesMax = 1_000
        let rig = StoreRig(TestDisk(), settings)
        let idle = try (0..<3).map { try rig.open(incarnation: 10 + UInt64($0), isNew: true) }
        for slot in idle {
            try rig.append(slot, count: 3)
            try rig.run()
        }
        // At `power` its batches stay until they are synced.
        let busy = try rig.open(level: .power, isNew: true)
        try rig.append(busy)
        try rig.run()
        for _ in 0..<12 {
            try rig.append(busy, isSubmitted: false)
            try rig.submit()
            while let index = rig.world.queue.firstIndex(where: { if case .sync = $0.operation { false } else { true } }) {
                guard let (token, completion) = rig.world.perform(at: index), let route = Route(token) else { continue }
                try rig.store.completed(
                    slot: route.slot, detail: route.detail, completion, &rig.world, &rig.buffers, at: rig.now)
                rig.drain()
                try rig.store.checkInvariants()
            }
        }

        for slot in idle { #expect(rig.store.logs[Int(slot)].tail.count == 0) }
        #expect(rig.store.logs[Int(busy)].tail.count == 12)
        try rig.run()
        #expect(rig.store.tailBytes <= 1_000)
    }
}
