import Platform
import Server
import Testing

@Suite struct DamageTests {
    private func filled(_ level: Durability) throws -> StoreRig {
        let rig = StoreRig()
        let slot = try rig.open(level: level, isNew: true)
        for _ in 0..<6 { try rig.append(slot, count: 2) }
        try rig.run()
        try rig.storeOffset(slot, 3)
        try rig.run()
        try rig.tick()
        return rig
    }

    @Test(arguments: [true, false])
    func `no flipped byte reaches a reader or hides a message that is not reported`(isSameBoot: Bool) throws {
        let rig = try filled(.process)
        try rig.append(0, count: 2)
        try rig.run()
        let durableEnd: UInt64 = 6
        for path in rig.disk.paths where path.ioClass == .segment {
            let count = rig.disk.bytes(path)?.count ?? 0
            for position in 0..<count {
                let disk = rig.disk.copy()
                disk.change(path) { $0[position] ^= 0x10 }
                let after = StoreRig(disk, rig.settings)
                let slot = try after.open(isSameBoot: isSameBoot)
                let comment: Comment = "\(path.text) byte \(position)"
                if after.quarantine != nil {
                    #expect(try after.read(slot) != .messages([]), comment)
                    continue
                }
                var next: UInt64 = 0
                while next < 14 {
                    switch try after.read(slot, .offset(next), countMax: 1) {
                    case .messages(let messages):
                        if messages.isEmpty {
                            // Cut: only the last write may go, and only unsynced.
                            #expect(!isSameBoot && next >= durableEnd, comment)
                            next = 14
                        } else {
                            #expect(messages[0].tag == rig.acknowledged[next], comment)
                        }
                    case .refused(.damaged): break
                    case .refused(let refusal): Issue.record("\(refusal): \(comment)")
                    case .none: Issue.record("no answer: \(comment)")
                    }
                    next += 1
                }
            }
        }
    }

    @Test func `damage before synced batches quarantines and changes nothing`() throws {
        let rig = try filled(.power)
        let first = rig.disk.paths.first { $0.ioClass == .segment }!
        rig.disk.change(first) { $0.removeLast(200) }
        let image = rig.disk.image

        for isSameBoot in [true, false] {
            let after = rig.restarted()
            let slot = try after.open(level: .power, isSameBoot: isSameBoot)

            #expect(after.quarantine?.place == .segment)
            #expect(after.quarantine?.segmentBase == 0)
            #expect(rig.disk.image == image)
            try after.append(slot)
            #expect(after.appendAnswers.count == 1)
            #expect(after.appendAnswers[0].contains("quarantined"))
        }
    }

    @Test func `a missing segment in the middle quarantines`() throws {
        let rig = try filled(.process)
        let logs = rig.disk.paths.filter { $0.ioClass == .segment }
        #expect(logs.count >= 3)
        _ = rig.disk.unlink(logs[1])

        let after = rig.restarted()
        _ = try after.open()

        #expect(after.quarantine != nil)
    }

    @Test func `segments of a namesake never verify`() throws {
        let rig = try filled(.process)
        let source = rig.disk.paths.first { $0.ioClass == .segment }!
        let foreign = rig.disk.bytes(source)!
        let other = StoreRig()
        let slot = try other.open(incarnation: 8, isNew: true)
        try other.append(slot)
        try other.run()
        other.disk.change(.segmentLog(incarnation: 8, base: 0)) { $0 = foreign }

        let sameBoot = StoreRig(other.disk.copy(), other.settings)
        _ = try sameBoot.open(incarnation: 8)
        let newBoot = StoreRig(other.disk.copy(), other.settings)
        let again = try newBoot.open(incarnation: 8, isSameBoot: false)

        #expect(sameBoot.quarantine?.position == 0)
        #expect(newBoot.opened?.readableEnd == 0)
        #expect(try newBoot.read(again) == .messages([]))
    }

    /// Seed 16253. The last bytes of what was cut may be the seal that it had.
    @Test(arguments: [0, 1])
    func `what a power cut brings back behind a seal is cut again`(missing: Int) throws {
        let path = Path.segmentLog(incarnation: 7, base: 0)
        let before = StoreRig()
        let old = try before.open(isNew: true)
        for _ in 0..<6 { try before.append(old) }
        try before.run()
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)
        try rig.append(slot, count: 6)
        try rig.run()
        let end = try #require(rig.disk.bytes(path)).count
        let rest = try #require(before.disk.bytes(path)).dropFirst(end).dropLast(missing)
        #expect(rest.count > 96)
        rig.disk.change(path) { $0 += rest }

        let after = rig.restarted()
        let again = try after.open(isSameBoot: false)

        #expect(after.quarantine == nil)
        #expect(try #require(after.disk.bytes(path)).count <= end)
        let found = try #require(try PartitionLife.everything(after, again))
        #expect(found == (0..<6).map { StoreRig.Message(offset: $0, tag: $0 + 1) })
        try PartitionLife.expectIdempotent(after, isSameBoot: false, level: .process, "behind a seal")
        try after.append(again)
        try after.run()
        #expect(after.appendAnswers == ["6-6"])
    }

    @Test func `zeros behind the last batch are a clean end`() throws {
        let rig = try filled(.process)
        let last = rig.disk.paths.last { $0.ioClass == .segment }!
        rig.disk.change(last) { $0 += [UInt8](repeating: 0, count: 5_000) }

        let after = rig.restarted()
        let slot = try after.open()

        #expect(after.opened?.readableEnd == 12)
        try after.append(slot)
        try after.run()
        try PartitionLife.expectKept(after, slot, acknowledged: after.acknowledged, "behind zeros")
    }

    @Test func `stray names are left alone and leftovers go`() throws {
        let rig = try filled(.process)
        _ = rig.disk.open(.offsetsTemporary(incarnation: 7), .create)
        _ = rig.disk.open(.segmentIndex(incarnation: 7, base: 999), .create)

        let after = rig.restarted()
        _ = try after.open()

        #expect(after.opened?.readableEnd == 12)
        #expect(rig.disk.bytes(.offsetsTemporary(incarnation: 7)) == nil)
        #expect(rig.disk.bytes(.segmentIndex(incarnation: 7, base: 999)) == nil)
    }

    @Test func `a damaged record of stored offsets quarantines, an incomplete one is cut`() throws {
        for position in 0..<56 {
            let rig = try filled(.process)
            try rig.storeOffset(0, 5)
            try rig.run()
            let path = Path.offsets(incarnation: 7)
            rig.disk.change(path) { $0[position] ^= 1 }
            let after = rig.restarted()
            _ = try after.open()
            #expect(after.quarantine?.place == .offsets)
        }
        for removed in 1..<56 {
            let rig = try filled(.process)
            try rig.storeOffset(0, 5)
            try rig.run()
            rig.disk.change(.offsets(incarnation: 7)) { $0.removeLast(removed) }
            let after = rig.restarted()
            let slot = try after.open()
            #expect(after.store.storedOffset(slot, ConsumerKey(.single, id: 1)) == 3)
            try PartitionLife.expectIdempotent(after, isSameBoot: true, level: .process, "cut by \(removed)")
        }
    }

    @Test func `a seal lost in a power cut is made again`() throws {
        let rig = try filled(.process)
        let image = rig.disk.image
        for path in rig.disk.paths.filter({ $0.ioClass == .segment }).dropLast() {
            for hasZeros in [false, true] {
                let disk = rig.disk.copy()
                disk.change(path) {
                    $0.removeLast(96)
                    if hasZeros { $0 += [UInt8](repeating: 0, count: 300) }
                }

                let after = StoreRig(disk, rig.settings)
                after.acknowledged = rig.acknowledged
                let slot = try after.open(isSameBoot: false)

                #expect(after.quarantine == nil)
                #expect(disk.bytes(path)?.count == image[path.text]?.count, "\(path.text)")
                try PartitionLife.expectKept(after, slot, acknowledged: rig.acknowledged, "\(path.text)")
                try PartitionLife.expectIdempotent(after, isSameBoot: false, level: .process, "\(path.text)")
            }
        }
    }

    @Test func `waypoints of batches that a power cut took never come back`() throws {
        let rig = StoreRig()
        let slot = try rig.open(isNew: true)
        try rig.append(slot, count: 2)
        for _ in 0..<2 { try rig.append(slot, count: 1, payloadByteCount: 70) }
        try rig.run()
        try rig.tick()
        let index = Path.segmentIndex(incarnation: 7, base: 0)
        rig.disk.change(index) { _ in }
        let stale = rig.disk.bytes(index)!
        #expect(stale.count > 32)
        rig.disk.change(.segmentLog(incarnation: 7, base: 0)) { $0 = Array($0.prefix(96 + 2 * 104)) }

        // The same offsets again, elsewhere in the file; then the power goes once more.
        let second = rig.restarted()
        let again = try second.open(isSameBoot: false)
        second.acknowledged = second.acknowledged.filter { $0.key < 2 }
        for _ in 0..<5 { try second.append(again, count: 1, payloadByteCount: 10) }
        try second.run()
        try second.tick()
        second.disk.cutPower(.everything)

        let left = second.disk.bytes(index) ?? []
        #expect(left.isEmpty || !left.starts(with: stale.prefix(2 * 32)))
        let third = second.restarted()
        let last = try third.open(isSameBoot: false)
        try PartitionLife.expectKept(third, last, acknowledged: second.acknowledged, "third life")
    }
}
