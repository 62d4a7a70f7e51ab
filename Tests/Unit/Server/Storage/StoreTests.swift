import Platform
import Server
import Testing

@Suite struct StoreTests {
    @Test func `a sync that the bytes ask for does not forget what a flush has asked for`() throws {
        var settings = StoreRig.small
        settings.segmentBytes = 1 << 20
        settings.writeBatchesMax = 1
        // Two of the three writes below ask for a sync together, the third alone does not.
        settings.syncBytesMax = 300
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(isNew: true)
        for _ in 0..<3 { try rig.append(slot, isSubmitted: false) }

        rig.store.flush(slot, isSync: true, ref: 900)
        try rig.submit()
        try rig.run()

        #expect(rig.store.stats(slot)?.durableEnd == 3)
    }

    @Test func `an appended batch is acknowledged after its write and read back`() throws {
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)

        try rig.append(slot, count: 3)
        #expect(rig.appendAnswers == [])
        try rig.run()

        #expect(rig.appendAnswers == ["0-2"])
        let answer = try rig.read(slot)
        #expect(answer == .messages([.init(offset: 0, tag: 1), .init(offset: 1, tag: 2), .init(offset: 2, tag: 3)]))
    }

    @Test func `a restart finds what was acknowledged and goes on behind it`() throws {
        let first = StoreRig()
        let slot = try first.open(isNew: true)
        for _ in 0..<20 { try first.append(slot, count: 2) }
        try first.run()

        let second = first.restarted()
        let again = try second.open()
        try second.append(again)
        try second.run()

        #expect(second.opened?.readableEnd == 40)
        #expect(second.appendAnswers == ["40-40"])
        let answer = try second.read(again)
        #expect(answer == .messages((0..<41).map { .init(offset: $0, tag: $0 + 1) }))
        #expect(second.store.segmentCount(again) > 3)
    }
}
