import Platform
import Server
import Testing

@Suite struct ReadTests {
    /// 30 messages in batches of three, at times 1 s apart, in a store whose caches are as small as asked.
    private func filled(tailBytesMax: Int = 1 << 20, isRestarted: Bool = false) throws -> (StoreRig, PartitionSlot) {
        var settings = StoreRig.small
        settings.tailBytesMax = tailBytesMax
        settings.pieceCacheBytesMax = tailBytesMax
        settings.freshPieceBytesMax = 0
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(isNew: true)
        for _ in 0..<10 {
            try rig.append(slot, count: 3)
            try rig.tick(seconds: 1)
        }
        if !isRestarted { return (rig, slot) }
        let after = rig.restarted()
        return (after, try after.open())
    }

    private func offsets(_ answer: StoreRig.Answer) -> [UInt64] {
        if case .messages(let messages) = answer { return messages.map(\.offset) }
        return [999]
    }

    @Test(arguments: [0, 1 << 20], [false, true])
    func `every start finds its messages, from memory and from disk`(tailBytesMax: Int, isRestarted: Bool) throws {
        let (rig, slot) = try filled(tailBytesMax: tailBytesMax, isRestarted: isRestarted)

        #expect(offsets(try rig.read(slot, .first, countMax: 2)) == [0, 1])
        #expect(offsets(try rig.read(slot, .offset(4), countMax: 4)) == [4, 5, 6, 7])
        #expect(offsets(try rig.read(slot, .offset(29), countMax: 4)) == [29])
        #expect(offsets(try rig.read(slot, .offset(30), countMax: 4)) == [])
        #expect(offsets(try rig.read(slot, .offset(.max), countMax: 4)) == [])
        #expect(offsets(try rig.read(slot, .last(5))) == Array(25..<30))
        #expect(offsets(try rig.read(slot, .last(500))) == Array(0..<30))
        #expect(offsets(try rig.read(slot, .last(0))) == [])
        #expect(offsets(try rig.read(slot, .first, countMax: 0)) == [])
        #expect(offsets(try rig.read(slot)) == Array(0..<30))
    }

    @Test(arguments: [0, 1 << 20], [false, true])
    func `a time finds the first message that is not older`(tailBytesMax: Int, isRestarted: Bool) throws {
        let (rig, slot) = try filled(tailBytesMax: tailBytesMax, isRestarted: isRestarted)

        #expect(offsets(try rig.read(slot, .timestamp(0), countMax: 1)) == [0])
        #expect(offsets(try rig.read(slot, .timestamp(1_000), countMax: 1)) == [0])
        #expect(offsets(try rig.read(slot, .timestamp(1_001), countMax: 1)) == [3])
        #expect(offsets(try rig.read(slot, .timestamp(5_001_000), countMax: 4)) == [15, 16, 17, 18])
        #expect(offsets(try rig.read(slot, .timestamp(5_001_001), countMax: 1)) == [18])
        #expect(offsets(try rig.read(slot, .timestamp(9_001_000), countMax: 9)) == [27, 28, 29])
        #expect(offsets(try rig.read(slot, .timestamp(9_001_001), countMax: 9)) == [])
    }

    @Test func `what is read again is kept, what is read once is let go`() throws {
        let (rig, slot) = try filled(isRestarted: true)
        func isReadFromDisk(_ offset: UInt64) throws -> Bool {
            rig.world.marks = []
            #expect(offsets(try rig.read(slot, .offset(offset), countMax: 3)) == Array(offset..<offset + 3))
            return rig.world.marks.contains(.pollFromDisk)
        }

        #expect(try isReadFromDisk(0))
        #expect(try isReadFromDisk(27))
        // Another piece took its place.
        #expect(try isReadFromDisk(0))
        #expect(try isReadFromDisk(15))
        #expect(try !isReadFromDisk(0))
    }

    @Test func `a log that nobody reads keeps no batches and little of the page cache until somebody does`() throws {
        var settings = StoreRig.small
        settings.segmentBytes = 1 << 20
        settings.tailUnreadBytesMax = 1_000
        settings.syncBytesMax = 500
        settings.cachedUnreadBytesMax = 2_000
        settings.pieceCacheBytesMax = 0
        settings.freshPieceBytesMax = 0
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(isNew: true)
        func appendSome() throws {
            for _ in 0..<4 {
                try rig.append(slot)
                try rig.run()
            }
        }
        func isNewestReadFromDisk() throws -> Bool {
            rig.world.marks = []
            #expect(offsets(try rig.read(slot, .last(1))) == [rig.store.stats(slot)!.readableEnd - 1])
            return rig.world.marks.contains(.pollFromDisk)
        }

        for _ in 0..<10 { try appendSome() }

        // No tick has come: the bytes alone asked for the syncs.
        let ends = rig.world.forgottenEnds
        let logBytes = 40 * Int64(BatchHeader.byteCount + 104)
        #expect(rig.store.stats(slot)!.durableEnd >= 36)
        #expect(ends.count >= 5 && ends == ends.sorted() && Set(ends).count == ends.count)
        #expect(ends.allSatisfy { $0 <= logBytes - settings.cachedUnreadBytesMax })

        #expect(try isNewestReadFromDisk())
        try appendSome()
        #expect(try !isNewestReadFromDisk())
        #expect(rig.world.forgottenEnds == ends)
    }

    @Test(arguments: [0, 1 << 20])
    func `a byte limit never splits a message and lets one through`(tailBytesMax: Int) throws {
        let (rig, slot) = try filled(tailBytesMax: tailBytesMax)

        #expect(offsets(try rig.read(slot, .offset(1), byteCountMax: 1)) == [1])
        #expect(offsets(try rig.read(slot, .offset(1), byteCountMax: 104)) == [1])
        #expect(offsets(try rig.read(slot, .offset(1), byteCountMax: 207)) == [1])
        #expect(offsets(try rig.read(slot, .offset(1), byteCountMax: 208)) == [1, 2])
        #expect(offsets(try rig.read(slot, .offset(1), byteCountMax: 400)) == [1, 2, 3])
    }

    @Test func `a batch larger than a piece is read whole`() throws {
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)
        try rig.append(slot, count: 2, payloadByteCount: 5_000)
        try rig.append(slot)
        try rig.run()
        let after = rig.restarted()
        let again = try after.open()

        #expect(offsets(try after.read(again)) == [0, 1, 2])
    }

    @Test func `two who read a segment without an index at once both find their messages`() throws {
        var settings = StoreRig.small
        settings.segmentBytes = 2_000
        settings.indexIntervalBytes = 1 << 20
        settings.readPieceBytes = 256
        settings.tailBytesMax = 0
        settings.pieceCacheBytesMax = 0
        settings.freshPieceBytesMax = 0
        let before = StoreRig(TestDisk(), settings)
        let slot = try before.open(isNew: true)
        for _ in 0..<14 { try before.append(slot) }
        try before.run()
        for offset in 0..<9 as Range<UInt64> {
            for path in before.disk.paths where path.ioClass == .index { _ = before.disk.unlink(path) }
            let rig = before.restarted()
            let again = try rig.open()

            // The one that is first makes the index that the other one is still hopping for.
            let readers = try (0..<2).map { _ in try rig.beginRead(again, .offset(offset), countMax: 1) }
            try rig.run()

            for reader in readers { #expect(offsets(try rig.answer(reader)) == [offset]) }
        }
    }

    @Test func `an index that is missing or damaged is made again`() throws {
        for damage in 0..<3 {
            let (before, _) = try filled()
            for path in before.disk.paths where path.ioClass == .index {
                switch damage {
                case 0: _ = before.disk.unlink(path)
                case 1: before.disk.change(path) { bytes in if !bytes.isEmpty { bytes[9] ^= 1 } }
                default: before.disk.change(path) { bytes in bytes.append(contentsOf: [1, 2, 3]) }
                }
            }
            let after = before.restarted()
            let slot = try after.open()

            #expect(after.quarantine == nil)
            for offset in 0..<30 {
                #expect(offsets(try after.read(slot, .offset(UInt64(offset)), countMax: 1)) == [UInt64(offset)])
            }
            #expect(after.world.marks.contains(.recoveryIndexRebuilt))
        }
    }

    @Test func `a reader crosses rotations while they happen`() throws {
        let (rig, slot) = try filled(tailBytesMax: 0)
        var ref = try rig.beginRead(slot, .first)
        for _ in 0..<60 {
            try rig.append(slot, count: 2)
            try rig.run(max: 3)
            switch try rig.answer(ref) {
            case .messages(let messages):
                #expect(messages.map(\.offset) == messages.indices.map { UInt64($0) })
                #expect(messages.allSatisfy { rig.acknowledged[$0.offset] == $0.tag })
                ref = try rig.beginRead(slot, .first)
            case .refused(let refusal): Issue.record("\(refusal)")
            case .none: break
            }
        }
        try rig.run()
        #expect(rig.world.marks.contains(.pollAcrossBoundary))
    }

    @Test func `files stay within their limit and buffers go home`() throws {
        let rig = StoreRig()
        var slots: [PartitionSlot] = []
        for incarnation in 0..<12 {
            slots.append(try rig.open(incarnation: UInt64(incarnation), isNew: true))
        }
        for _ in 0..<5 {
            for slot in slots { try rig.append(slot, count: 3, isSubmitted: false) }
            try rig.submit()
            try rig.run()
        }
        for slot in slots { #expect(offsets(try rig.read(slot)) == Array(0..<15)) }
        #expect(rig.world.openCountMax <= rig.settings.openFilesMax)

        try rig.stop()

        #expect(rig.isStopped)
        #expect(rig.world.openCount == 0)
        #expect(rig.world.pool.liveCount == 0)
        #expect(rig.buffers.ownedCount == 0)
    }

    @Test func `a poll that memory cannot hold gets what fits, and the rest comes with the next`() throws {
        let (rig, slot) = try filled(tailBytesMax: 0, isRestarted: true)
        rig.world.pool.liveMax = rig.world.pool.liveCount + 3
        var seen: [UInt64] = []

        for _ in 0..<30 where seen.count < 30 {
            seen += offsets(try rig.read(slot, .offset(UInt64(seen.count))))
        }

        #expect(seen == Array(0..<30))
    }

    @Test func `what is kept for readers goes before a reader is refused`() throws {
        var settings = StoreRig.small
        settings.tailBytesMax = 0
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(isNew: true)
        for _ in 0..<10 { try rig.append(slot, count: 3) }
        try rig.run()
        #expect(offsets(try rig.read(slot)) == Array(0..<30))
        rig.world.pool.liveMax = rig.world.pool.liveCount

        for base in [UInt64(0), 9, 24, 3] { #expect(offsets(try rig.read(slot, .offset(base), countMax: 1)) == [base]) }
        rig.store.flush(slot, isSync: false, ref: 0)
        let second = try rig.open(incarnation: 8, isNew: true)
        rig.world.pool.liveMax = .max
        try rig.append(second, count: 3)
        try rig.run()
        rig.world.pool.liveMax = rig.world.pool.liveCount
        #expect(offsets(try rig.read(second)) == [0, 1, 2])
    }
}
