import Platform
import Primitives
import Testing
import Verifier
import Wire

@testable import Server

@Suite struct CatalogCompactionTests {
    @Test func `a log that is too long gives way to a snapshot and a new log`() throws {
        let script = try CatalogScript()
        let rig = try CatalogRig().start()

        #expect(try script.play(rig) == script.requests.count)
        try rig.run()

        #expect(rig.shard.world.marks.contains(.catalogCompacted))
        let first = try #require(rig.log?.firstSequence)
        #expect(first > 1)
        #expect(
            rig.catalogFiles == [Path.catalogSnapshot(sequence: first).name, Path.catalogLog(sequence: first).name])
        #expect(rig.violations(.crashed).isEmpty)
        try rig.stop()
        #expect(rig.hasStopped)
        #expect(rig.violations(.clean).isEmpty)
        let again = try rig.restarted().start()
        #expect(again.catalog == script.states.last)
        #expect(again.log?.nextSequence == rig.log?.nextSequence)
        #expect(again.shard.buffers.ownedCount == rig.shard.buffers.ownedCount)
    }

    @Test(arguments: [nil] + TestDisk.Loss.allCases.map { Optional($0) })
    func `a crash after every operation leaves the catalog, and it goes on`(loss: TestDisk.Loss?) throws {
        let script = try CatalogScript()
        let (first, last) = try Self.operations(script)

        for budget in first...last {
            let comment: Comment = "crashed after \(budget)"
            let rig = CatalogRig()
            rig.operationBudget = budget
            try rig.start()
            let acknowledged = try script.play(rig)
            if loss == nil { rig.shard.world.killDuringWrite(budget % 90) }

            var after = loss.map { rig.restarted(after: $0) } ?? rig.restarted()
            #expect(after.violations(.crashed, hasLostPower: loss != nil).isEmpty, comment)
            try after.start()

            try #require(after.isServing, comment)
            let count = try #require(script.changeCount(of: after.catalog), comment)
            #expect(count == acknowledged || count == acknowledged + 1, comment)
            #expect(after.catalog.nextIncarnation >= script.states[acknowledged].nextIncarnation, comment)
            let image = after.disk.image
            after = try after.restarted().start()
            #expect(after.disk.image == image, comment)
            #expect(after.catalog == script.states[count], comment)

            #expect(try script.play(after, from: count) == script.requests.count, comment)
            try after.tick()
            try after.stop()
            #expect(after.violations(.clean).isEmpty, comment)
            #expect(after.catalogFiles.count <= 2, comment)
            #expect(try after.restarted().start().catalog == script.states.last, comment)
        }
    }

    @Test(arguments: [TestDisk.Loss.everything, .nothing])
    func `a second crash inside the recovery costs nothing either`(loss: TestDisk.Loss) throws {
        let script = try CatalogScript()
        let (first, last) = try Self.operations(script)

        for budget in stride(from: first, through: last, by: 3) {
            let rig = CatalogRig()
            rig.operationBudget = budget
            try rig.start()
            let acknowledged = try script.play(rig)
            for second in 1...60 {
                let crashed = CatalogRig(rig.disk.copy())
                let within = second % 2 == 0 ? crashed.restarted(after: loss) : crashed.restarted()
                within.operationBudget = second
                try within.start()
                let isThrough = within.isServing

                let after = try within.restarted(after: loss).start()

                let comment: Comment = "crashed after \(budget) and \(second)"
                let count = try #require(script.changeCount(of: after.catalog), comment)
                #expect(count == acknowledged || count == acknowledged + 1, comment)
                #expect(after.isServing, comment)
                if isThrough { break }
            }
        }
    }

    @Test(arguments: [Errno.noSpace, .inputOutput, .quotaExceeded], [1, 2, 30])
    func `an operation that fails costs no change, and the compaction is tried again`(
        errno: Errno, count: Int
    ) throws {
        let script = try CatalogScript()
        let (first, last) = try Self.operations(script)

        for failing in first + 1...last {
            let comment: Comment = "operations from \(failing) on"
            var rig = try CatalogRig().start()
            for index in 0..<count { rig.shard.world.failures[failing + index] = errno }
            rig.shard.world.failedSyncsLose = true
            var acknowledged = try script.play(rig)
            var restarts = 0
            while acknowledged < script.requests.count, restarts < 3 {
                restarts += 1
                #expect(rig.violations(.crashed).isEmpty, comment)
                rig = try rig.restarted().start()
                let found = try #require(script.changeCount(of: rig.catalog), comment)
                #expect(found == acknowledged || found == acknowledged + 1, comment)
                acknowledged = try script.play(rig, from: found)
            }
            for _ in 0..<count { try rig.tick() }

            #expect(acknowledged == script.requests.count, comment)
            #expect(rig.catalogFiles.count <= 2, comment)
            try rig.stop()
            #expect(rig.hasStopped, comment)
            #expect(rig.violations(.clean).isEmpty, comment)
            let powerless = try rig.restarted(after: .everything).start()
            #expect(powerless.catalog == script.states.last, comment)
        }
    }

    /// Seed 65437 of the simulator: the start went on in the empty log and removed the one that held the changes.
    @Test func `an empty log that a failed compaction left takes the place of none`() throws {
        let script = try CatalogScript()
        let rig = try CatalogRig(TestDisk(), Limits()).start()
        for request in script.requests.prefix(3) {
            try rig.ask(request)
            try rig.run()
        }
        let next = try #require(rig.log?.nextSequence)
        _ = rig.disk.open(.catalogLog(sequence: next), .create)

        let again = try rig.restarted().start()
        #expect(again.isServing)
        #expect(again.catalog == script.states[3])
        let third = try again.restarted().start()
        #expect(third.isServing)
        #expect(third.catalog == script.states[3])
        #expect(third.violations(.crashed).isEmpty)
    }

    @Test func `a compaction that fails leaves the old files, and says so once`() throws {
        let script = try CatalogScript()
        let rig = try CatalogRig().start()
        try Self.runIntoCompaction(rig, script)
        let files = rig.catalogFiles
        let start = rig.shard.world.performedCount
        for index in 1...60 { rig.shard.world.failures[start + index] = .noSpace }

        try rig.run()
        try rig.tick()
        try rig.tick()

        #expect(rig.shard.world.notices.count { $0.subject == .catalogNotCompacted } == 1)
        #expect(rig.catalogFiles.contains(Path.catalogLog(sequence: 1).name))
        #expect(Set(files).isSuperset(of: [Path.catalogLog(sequence: 1).name]))
        #expect(!rig.shard.world.marks.contains(.catalogCompacted))
        rig.shard.world.failures = [:]
        for _ in 0..<3 { try rig.tick() }
        #expect(rig.shard.world.marks.contains(.catalogCompacted))
        #expect(!rig.catalogFiles.contains(Path.catalogLog(sequence: 1).name))
    }

    @Test(arguments: [Errno.noSpace, .inputOutput])
    func `a change whose sync failed is settled by a snapshot without it, and the next ones are made`(
        errno: Errno
    ) throws {
        let script = try CatalogScript()
        let rig = try CatalogRig().start()
        rig.shard.world.failures[rig.shard.world.performedCount + 2] = errno
        let unknown = try rig.ask(script.requests[0])
        let next = try rig.ask(script.requests[0])
        try rig.run()

        #expect(rig.answers[unknown] == .unknown)
        #expect(rig.answers[next] == .ok)
        #expect(rig.shard.world.marks.contains(.catalogCompacted))
        #expect(try script.play(rig, from: 1) == script.requests.count)
        try rig.stop()
        #expect(rig.violations(.clean).isEmpty)
        #expect(try rig.restarted(after: .everything).start().catalog == script.states.last)
    }

    /// The record may be there or not; whatever is told of it later stays true.
    @Test(arguments: [nil] + TestDisk.Loss.allCases.map { Optional($0) })
    func `a crash while a change whose sync failed is settled leaves it made or not made`(loss: TestDisk.Loss?) throws {
        let script = try CatalogScript()
        for budget in 2..<24 {
            let comment: Comment = "crashed after \(budget)"
            let rig = try CatalogRig().start()
            rig.shard.world.failures[rig.shard.world.performedCount + 2] = .inputOutput
            rig.shard.world.failedSyncsLose = true
            rig.operationBudget = rig.shard.world.performedCount + budget
            try rig.ask(script.requests[0])
            let next = try rig.ask(script.requests[0])
            try rig.run()

            let after = try (loss.map { rig.restarted(after: $0) } ?? rig.restarted()).start()
            try #require(after.isServing, comment)
            let count = try #require(script.changeCount(of: after.catalog), comment)
            #expect(count == 1 || (count == 0 && rig.answers[next] != .ok), comment)
            #expect(try script.play(after, from: count) == script.requests.count, comment)
            try after.tick()
            try after.stop()
            #expect(after.violations(.clean).isEmpty, comment)
            #expect(try after.restarted().start().catalog == script.states.last, comment)
        }
    }

    @Test func `changes that come meanwhile wait for the new log, and none is lost`() throws {
        let script = try CatalogScript()

        for steps in 0..<14 {
            let rig = try CatalogRig().start()
            let done = try Self.runIntoCompaction(rig, script)
            try rig.run(max: steps)
            let isHeld = rig.shard.keeper?.compaction.holdsChanges == true
            let before = rig.log?.nextSequence

            let refs = try script.requests[done..<done + 3].map { try rig.ask($0) }

            if isHeld { #expect(rig.log?.isBusy == false) }
            #expect(rig.log?.nextSequence == before)
            try rig.run()
            #expect(refs.allSatisfy { rig.answers[$0] == .ok }, "asked after \(steps)")
            #expect(rig.catalog == script.states[done + 3])
            let after = try rig.restarted(after: .everything).start()
            #expect(after.catalog == script.states[done + 3], "asked after \(steps)")
        }
    }

    @Test func `a stop waits for the end of a compaction`() throws {
        let script = try CatalogScript()

        for steps in 0..<14 {
            let rig = try CatalogRig().start()
            let done = try Self.runIntoCompaction(rig, script)
            try rig.run(max: steps)

            try rig.stop()

            #expect(rig.hasStopped)
            #expect(rig.shard.keeper?.compaction.isRunning == false)
            #expect(rig.catalogFiles.count == 2)
            #expect(rig.violations(.clean).isEmpty, "stopped after \(steps)")
            #expect(try rig.restarted(after: .everything).start().catalog == script.states[done])
        }
    }

    @Test func `a hundred thousand changes leave files of a bounded length`() throws {
        var limits = Limits()
        limits.catalogCompactBytes = 8 << 10
        let rig = try CatalogRig(TestDisk(), limits).start()
        let settings = TopicSettings(messageExpiry: .never, maxTopicSize: .unlimited)
        let stream = Identifier.name(Name("kept")!)
        try rig.ask(.createStream(name: Name("kept")!))
        try rig.ask(
            .createTopic(
                CreateTopic(stream: stream, name: Name("purged")!, partitionCount: 1, settings: settings)))

        for number in 0..<33_333 {
            let name = Name("stream-\(number)")!
            try rig.ask(.createStream(name: name))
            try rig.ask(.deleteStream(.name(name)))
            try rig.ask(.purgeTopic(TopicPath(stream: stream, topic: .name(Name("purged")!))))
            try rig.run()
        }

        #expect(rig.log?.nextSequence == 100_003)
        #expect(rig.logBytesMax <= (8 << 10) + 200)
        #expect(rig.catalogFiles.count == 2)
        #expect(rig.disk.paths.filter { $0.directory == .catalog }.allSatisfy { rig.disk.bytes($0)!.count < 9 << 10 })
        let after = try rig.restarted(after: .everything).start()
        #expect(after.catalog == rig.catalog)
        #expect(after.catalog.nextIncarnation == 33_335)
        #expect(after.log?.nextSequence == 100_003)
    }

    @Test func `a growing catalog is not written anew at every change`() throws {
        var limits = Limits()
        limits.catalogCompactBytes = 1 << 10
        let rig = try CatalogRig(TestDisk(), limits).start()

        for number in 0..<2_000 {
            try rig.ask(.createStream(name: Name("stream-\(number)")!))
            try rig.run()
        }

        // A log of creations is hardly longer than what it makes: compacting it would gain nothing.
        #expect(!rig.shard.world.marks.contains(.catalogCompacted))
        #expect(rig.log?.firstSequence == 1)
    }

    @Test func `what the last process may not have synced is durable before anything rests on it`() throws {
        let script = try CatalogScript()
        let rig = try Self.withFailedSync(script)

        let again = try rig.restarted().start()

        #expect(again.isServing)
        #expect(again.catalog == script.states[1])
        #expect(again.log?.byteCount == 0)
        #expect(again.violations(.crashed).isEmpty)
        let powerless = try again.restarted(after: .everything).start()
        #expect(powerless.isServing)
        #expect(powerless.catalog == script.states[1])
    }

    @Test(arguments: [Errno.noSpace, .inputOutput])
    func `a start that cannot compact the log serves, and tries again`(errno: Errno) throws {
        let script = try CatalogScript()
        let rig = try Self.withFailedSync(script)
        let probe = try CatalogRig(rig.disk.copy()).start()
        var failureCount = 0

        for failing in 1...probe.shard.world.performedCount {
            let again = CatalogRig(rig.disk.copy())
            again.shard.world.failures[failing] = errno
            again.shard.world.failedSyncsLose = true
            try again.start()
            if again.refusal != nil { continue }
            let comment: Comment = "operation \(failing)"
            if again.shard.world.notices.contains(where: { $0.subject == .catalogNotCompacted }) {
                failureCount += 1
                // Nothing may follow a record that may not be durable.
                let early = try again.ask(script.requests[1])
                try again.run()
                #expect(again.answers[early] == .status(.cannotWriteToFile), comment)
            }
            try again.tick()
            #expect(again.log?.byteCount == 0, comment)
            #expect(again.catalogFiles.count == 2, comment)
            let ref = try again.ask(script.requests[1])
            try again.run()
            #expect(again.answers[ref] == .ok, comment)
            let powerless = try again.restarted(after: .everything).start()
            #expect(powerless.catalog == script.states[2], comment)
        }

        // Creation, write, sync, rename and directory sync of the snapshot; creation and directory sync of the log.
        #expect(failureCount == 7)
    }

    @Test func `a stop in the middle of a start waits for the compaction and goes no further`() throws {
        let script = try CatalogScript()
        let rig = try Self.withFailedSync(script)
        let probe = try CatalogRig(rig.disk.copy()).start()

        for steps in 1..<probe.shard.world.performedCount {
            let again = CatalogRig(rig.disk.copy())
            again.operationBudget = steps
            try again.start()
            guard again.shard.keeper?.compaction.isRunning == true else { continue }
            again.operationBudget = .max

            try again.stop()

            #expect(again.hasStopped, "stopped after \(steps)")
            #expect(again.shard.phase == .stopped)
            #expect(again.shard.world.queue.isEmpty)
            #expect(again.catalogFiles.count == 2)
        }
    }

    @Test func `a snapshot longer than a record is several`() throws {
        let script = try CatalogScript()
        let catalog = try #require(script.states.last)
        var writer = ByteWriter()
        catalog.encode(into: &writer)

        for bodyBytesMax in [7, 64, writer.byteCount, writer.byteCount + 1] {
            let file = CatalogSnapshotFile.encode(writer.bytes, sequence: 9, bodyBytesMax: bodyBytesMax)

            guard case .catalog(let decoded) = CatalogSnapshotFile.decode(file.rawSpan, sequence: 9) else {
                Issue.record("a snapshot is read back")
                return
            }
            #expect(decoded == catalog)
            for count in 0..<file.count {
                let cut = Array(file.prefix(count))
                guard case .damaged = CatalogSnapshotFile.decode(cut.rawSpan, sequence: 9) else {
                    Issue.record("\(count) bytes are no snapshot")
                    return
                }
            }
            guard case .damaged = CatalogSnapshotFile.decode(file.rawSpan, sequence: 8) else {
                Issue.record("a snapshot has the sequence of its name")
                return
            }
        }
    }

    @Test func `files that cannot be unlinked are tried again`() throws {
        let script = try CatalogScript()
        let rig = try CatalogRig().start()
        try Self.runIntoCompaction(rig, script)
        while rig.shard.keeper?.compaction.holdsChanges == true { try rig.run(max: 1) }
        // The old log's close, then its unlink.
        rig.shard.world.failures[rig.shard.world.performedCount + 2] = .inputOutput
        try rig.run()
        #expect(rig.catalogFiles.count == 3)

        try rig.tick()

        #expect(rig.catalogFiles.count == 2)
    }

    // MARK: Helpers

    /// The first change was logged, but its sync failed and lost it: it can be read until the power goes out.
    private static func withFailedSync(_ script: CatalogScript) throws -> CatalogRig {
        let rig = try CatalogRig().start()
        rig.shard.world.failures[rig.shard.world.performedCount + 2] = .inputOutput
        rig.shard.world.failedSyncsLose = true
        try rig.ask(script.requests[0])
        // The process ends before it can make up for that.
        try rig.run(max: 2)
        return rig
    }

    /// Operations carried out before the first change, and until all are done.
    private static func operations(_ script: CatalogScript) throws -> (Int, Int) {
        let rig = try CatalogRig().start()
        let first = rig.shard.world.performedCount
        _ = try script.play(rig)
        return (first, rig.shard.world.performedCount)
    }

    /// Plays until the first compaction has submitted its first operation. The count of changes made.
    @discardableResult
    private static func runIntoCompaction(_ rig: CatalogRig, _ script: CatalogScript) throws -> Int {
        for (number, request) in script.requests.enumerated() {
            try rig.ask(request)
            while !rig.shard.world.queue.isEmpty, rig.shard.keeper?.compaction.isRunning == false {
                try rig.run(max: 1)
            }
            if rig.shard.keeper?.compaction.isRunning == true { return number + 1 }
        }
        throw MachineFailure("the script is long enough for a compaction")
    }
}
