import Platform
import Server
import Testing

@Suite struct StoredOffsetTests {
    private let reader = ConsumerKey(.single, id: 1)
    private let group = ConsumerKey(.group, id: 1)

    private func filled(_ settings: StorageSettings = StoreRig.small) throws -> (StoreRig, PartitionSlot) {
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(isNew: true)
        try rig.append(slot, count: 10)
        try rig.run()
        return (rig, slot)
    }

    private func answers(_ rig: StoreRig) -> [String] {
        rig.outcomes.compactMap {
            switch $0 {
            case .offsetSettled(_, _, _, .done): "done"
            case .offsetSettled(_, _, _, .refused(let refusal)): "\(refusal)"
            case .offsetSettled(_, _, _, .unknown): "unknown"
            default: nil
            }
        }
    }

    @Test func `a stored offset is visible when it is answered, and after a restart`() throws {
        let (rig, slot) = try filled()

        try rig.storeOffset(slot, 4, reader)
        #expect(rig.store.storedOffset(slot, reader) == nil)
        try rig.run()
        try rig.storeOffset(slot, 2, reader)
        try rig.storeOffset(slot, 9, group)
        try rig.run()

        #expect(answers(rig) == ["done", "done", "done"])
        let after = rig.restarted()
        let again = try after.open()
        #expect(after.store.storedOffset(again, reader) == 2)
        #expect(after.store.storedOffset(again, group) == 9)
        #expect(after.store.smallestStoredOffset(again) == 2)
    }

    @Test func `an offset past the end is refused`() throws {
        let (rig, slot) = try filled()
        try rig.storeOffset(slot, 10)
        let empty = try rig.open(incarnation: 8, isNew: true)
        try rig.storeOffset(empty, 0)

        #expect(answers(rig) == ["offsetPastEnd(last: Optional(9))", "offsetPastEnd(last: nil)"])
    }

    @Test func `a deleted offset is gone, and deleting nothing is refused`() throws {
        let (rig, slot) = try filled()
        try rig.storeOffset(slot, 4, reader)
        rig.store.deleteOffset(slot, reader, ref: 90)
        rig.store.deleteOffset(slot, reader, ref: 91)
        rig.store.deleteOffset(slot, group, ref: 92)
        try rig.submit()
        try rig.run()

        #expect(answers(rig) == ["nothingStored", "nothingStored", "done", "done"])
        #expect(rig.store.storedOffset(slot, reader) == nil)
        let after = rig.restarted()
        #expect(after.store.storedOffset(try after.open(), reader) == nil)
    }

    @Test func `stored offsets past a lost end are lowered for good`() throws {
        let (rig, slot) = try filled()
        try rig.tick()
        try rig.append(slot, count: 5)
        try rig.run()
        try rig.storeOffset(slot, 14, reader)
        try rig.storeOffset(slot, 3, group)
        try rig.run()
        // The offsets reach the disk, the messages do not.
        let last = rig.disk.paths.last { $0.ioClass == .segment }!
        rig.disk.change(last) { $0 = [] }

        let after = rig.restarted()
        let again = try after.open(isSameBoot: false)
        let end = after.opened!.readableEnd

        #expect(end < 14)
        #expect(after.store.storedOffset(again, reader) == (end == 0 ? nil : end - 1))
        #expect(after.opened?.epoch == 1)
        try after.append(again, count: 20)
        try after.run()
        let third = after.restarted()
        let slot3 = try third.open()
        #expect(third.store.storedOffset(slot3, reader) == (end == 0 ? nil : end - 1))
    }

    @Test func `the file is compacted and loses nothing, whatever fails`() throws {
        var settings = StoreRig.small
        settings.offsetsCompactBytes = 500
        func life(_ rig: StoreRig) throws {
            let slot = try rig.open(isNew: true)
            try rig.append(slot, count: 10)
            try rig.run()
            for number in 0..<30 {
                if rig.isOver { return }
                try rig.storeOffset(slot, UInt64(number % 10), number % 3 == 0 ? reader : group)
                try rig.run()
            }
        }
        let whole = StoreRig(TestDisk(), settings)
        try life(whole)
        #expect(whole.world.marks.contains(.offsetsCompacted))
        #expect(whole.disk.bytes(.offsets(incarnation: 7))!.count < 1_000)

        for budget in 0...whole.world.performedCount {
            for errno in [nil, Errno.inputOutput, .noSpace] {
                let rig = StoreRig(TestDisk(), settings)
                if let errno { rig.world.failures[budget] = errno } else { rig.operationBudget = budget }
                try life(rig)
                let expected = (rig.store.storedOffset(0, reader), rig.store.storedOffset(0, group))
                let isUnsure = answers(rig).contains("unknown")
                let after = rig.restarted()
                let slot = try after.open()
                #expect(after.quarantine == nil)
                if isUnsure { continue }
                let found = (after.store.storedOffset(slot, reader), after.store.storedOffset(slot, group))
                // A record whose write was not answered may be there.
                if errno != nil || rig.world.queue.isEmpty {
                    #expect(found.0 == expected.0, "\(budget) \(String(describing: errno))")
                    #expect(found.1 == expected.1, "\(budget) \(String(describing: errno))")
                }
            }
        }
    }

    @Test func `a compaction whose file opens late ends although it is not due any more`() throws {
        var settings = StoreRig.small
        settings.offsetsCompactBytes = 500
        let (rig, slot) = try filled(settings)
        var isOpening = false
        for number in 0..<20 where !isOpening {
            try rig.storeOffset(slot, UInt64(number % 10), reader)
            while let next = rig.world.queue.first, !isOpening {
                if case .open(.offsetsTemporary, _, _) = next.operation { isOpening = true } else { try rig.run(max: 1) }
            }
        }
        #expect(isOpening)
        // With one more consumer the file holds less history than would be worth it.
        try rig.storeOffset(slot, 7, group)
        try rig.run()

        #expect(rig.disk.bytes(.offsetsTemporary(incarnation: 7)) == nil)
        #expect(rig.store.storedOffset(slot, group) == 7)
        let after = rig.restarted()
        let again = try after.open()
        #expect(after.store.storedOffset(again, group) == 7)
    }

    @Test(arguments: 1...3)
    func `a record is written once though its file closes before its sync`(openFilesMax: Int) throws {
        var settings = StoreRig.small
        settings.openFilesMax = openFilesMax
        let rig = StoreRig(TestDisk(), settings)
        let slot = try rig.open(level: .power, isNew: true)
        for number in 0..<6 {
            try rig.append(slot)
            try rig.run()
            for _ in 0..<3 { try rig.append(slot) }
            try rig.storeOffset(slot, UInt64(number))
            try rig.run()
        }
        #expect(rig.disk.bytes(.offsets(incarnation: 7))?.count == 6 * 56)
    }
}
