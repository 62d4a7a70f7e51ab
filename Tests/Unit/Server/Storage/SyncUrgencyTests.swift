import Platform
import Server
import Testing

/// Who waits for a sync says how much of the processor it may take.
@Suite struct SyncUrgencyTests {
    /// The urgencies of the syncs that are asked for until nothing is left to do.
    private func urgencies(_ rig: StoreRig) throws -> [SyncUrgency] {
        var seen: [SyncUrgency] = []
        while let next = rig.world.queue.first {
            if case .sync(_, _, let urgency, _) = next.operation { seen.append(urgency) }
            try rig.run(max: 1)
        }
        return seen
    }

    @Test func `a producer that waits for power waits for its sync`() throws {
        let rig = StoreRig()
        let slot = try rig.open(level: .power, isNew: true)
        try rig.append(slot)

        #expect(try urgencies(rig) == [.awaited])
    }

    @Test func `nobody waits for the background sync`() throws {
        let rig = StoreRig()
        let slot = try rig.open(level: .process, isNew: true)
        try rig.append(slot)
        #expect(try urgencies(rig) == [])

        rig.now = Instant(nanoseconds: rig.now.nanoseconds + 2_000_000_000, wallMicroseconds: rig.now.wallMicroseconds)
        try rig.store.tick(&rig.world, &rig.buffers, at: rig.now)

        #expect(try urgencies(rig) == [.background])
    }

    @Test func `a stop waits for its syncs, and so does a flush`() throws {
        for isFlush in [false, true] {
            let rig = StoreRig()
            let slot = try rig.open(level: .process, isNew: true)
            try rig.append(slot)
            try rig.run()
            if isFlush {
                rig.store.flush(slot, isSync: true, ref: 1)
                try rig.submit()
            } else {
                try rig.store.stop(ref: 0, &rig.world, &rig.buffers, at: rig.now)
            }

            let seen = try urgencies(rig)
            #expect(!seen.isEmpty && seen.allSatisfy { $0 == .awaited }, "\(isFlush)")
        }
    }
}
