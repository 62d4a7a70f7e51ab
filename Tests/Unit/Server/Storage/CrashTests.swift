import Platform
import Server
import Testing

@Suite struct CrashTests {
    @Test(arguments: [Durability.process, .power])
    func `a kill after any operation loses nothing acknowledged`(level: Durability) throws {
        for budget in 0...(try PartitionLife.operationCount(level)) {
            for torn in [0, 1, 50, 97, 150] {
                let rig = StoreRig()
                rig.operationBudget = budget
                try PartitionLife.play(rig, level)
                rig.world.killDuringWrite(torn)

                let after = rig.restarted()
                let slot = try after.open(level: level)

                let comment: Comment = "killed after \(budget), torn at \(torn)"
                #expect(after.quarantine == nil, comment)
                #expect(after.opened?.epoch == 0, comment)
                try PartitionLife.expectKept(after, slot, acknowledged: rig.acknowledged, comment)
                try PartitionLife.expectIdempotent(after, isSameBoot: true, level: level, comment)
                try after.append(slot)
                try after.run()
                try PartitionLife.expectKept(after, slot, acknowledged: after.acknowledged, comment)
            }
        }
    }

    @Test(arguments: TestDisk.Loss.allCases)
    func `a power cut after any operation loses nothing acknowledged at power`(loss: TestDisk.Loss) throws {
        for budget in 0...(try PartitionLife.operationCount(.power)) {
            let rig = StoreRig()
            rig.operationBudget = budget
            try PartitionLife.play(rig, .power)
            rig.disk.cutPower(loss)

            let after = rig.restarted()
            let slot = try after.open(level: .power, isSameBoot: false)

            let comment: Comment = "cut after \(budget)"
            #expect(after.quarantine == nil, comment)
            #expect(after.opened?.epoch == 0, comment)
            try PartitionLife.expectKept(after, slot, acknowledged: rig.acknowledged, comment)
            try PartitionLife.expectIdempotent(after, isSameBoot: false, level: .power, comment)
        }
    }

    @Test(arguments: TestDisk.Loss.allCases)
    func `a power cut at process leaves a prefix and starts an epoch`(loss: TestDisk.Loss) throws {
        for budget in 0...(try PartitionLife.operationCount(.process)) {
            let rig = StoreRig()
            rig.operationBudget = budget
            try PartitionLife.play(rig, .process)
            let durableEnd = rig.store.stats(0)?.durableEnd ?? 0
            rig.disk.cutPower(loss)

            let after = rig.restarted()
            let slot = try after.open(level: .process, isSameBoot: false)

            let comment: Comment = "cut after \(budget)"
            #expect(after.quarantine == nil, comment)
            let end = after.opened?.readableEnd ?? 0
            #expect(end >= durableEnd, comment)
            let survivors = rig.acknowledged.filter { $0.key < end }
            try PartitionLife.expectKept(after, slot, acknowledged: survivors, comment)
            if survivors.count < rig.acknowledged.count { #expect(after.opened?.epoch == 1, comment) }
            try PartitionLife.expectIdempotent(after, isSameBoot: false, level: .process, comment)
        }
    }

    @Test(arguments: [Durability.process, .power], [Errno.inputOutput, .noSpace])
    func `any failing operation is answered truly`(level: Durability, errno: Errno) throws {
        for number in 1...(try PartitionLife.operationCount(level)) {
            let rig = StoreRig()
            rig.world.failures[number] = errno
            try PartitionLife.play(rig, level)
            try rig.tick()
            try rig.tick()

            let comment: Comment = "operation \(number) fails"
            try PartitionLife.expectKept(rig, 0, acknowledged: rig.acknowledged, refused: rig.refusedTags, comment)
            let answered = rig.outcomes.count { if case .appended = $0 { true } else { false } }
            #expect(answered == rig.tags.count, comment)

            let after = rig.restarted()
            let slot = try after.open(level: level)
            #expect(after.quarantine == nil, comment)
            try PartitionLife.expectKept(after, slot, acknowledged: rig.acknowledged, refused: rig.refusedTags, comment)
        }
    }

    @Test(arguments: [1, 7, 95, 130])
    func `short writes are continued`(byteCountMax: Int) throws {
        let rig = StoreRig()
        rig.world.writeBytesMax = byteCountMax
        try PartitionLife.play(rig, .process)

        try PartitionLife.expectKept(rig, 0, acknowledged: rig.acknowledged, "short")
        #expect(rig.world.marks.contains(.writeShort))
        #expect(rig.acknowledged.count == rig.tags.values.map(\.count).reduce(0, +))
    }

    @Test(arguments: [Durability.process, .power])
    func `a killed recovery is finished by the next one`(level: Durability) throws {
        let rig = StoreRig()
        rig.operationBudget = try PartitionLife.operationCount(level) - 3
        try PartitionLife.play(rig, level)
        rig.world.killDuringWrite(60)
        for budget in 0..<40 {
            let disk = rig.disk.copy()
            let killed = StoreRig(disk, rig.settings)
            killed.operationBudget = budget
            _ = try killed.open(level: level)

            let after = StoreRig(disk, rig.settings)
            let slot = try after.open(level: level)

            #expect(after.quarantine == nil)
            try PartitionLife.expectKept(after, slot, acknowledged: rig.acknowledged, "recovery killed after \(budget)")
        }
    }
}
