import Platform
import Testing

@testable import Server
@testable import Sim

/// Whole runs under a limit on memory of a few large frames, with several shards.
@Suite struct MemoryPressureTests {
    private static let limitBytes: UInt64 = 4 << 20

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `large frames, slow readers, broken connections and a shard that fails lose nothing`(seed: UInt64) throws {
        let watch = RoomWatch()
        let report = try #require(Run(Self.plan(seed), server: watch.server)).perform()

        #expect(report.verdict == .held)
        #expect(report.bufferBytesPeak <= Int(Self.limitBytes))
        #expect(watch.waitingMax > 0, "some frame had to wait")
        #expect(watch.hasLent, "room was given to other shards than the one that gives it")
        #expect(watch.failures == [])
    }

    @Test func `every plan's text tells its limit and reads back`() throws {
        let plan = Self.plan(3)
        #expect(plan.text.contains("\nmemory-limit 4194304\n"))
        #expect(try Plan(text: plan.text) == plan)
        #expect(!PlanGenerator().plan(seed: 1).text.contains("memory-limit"))

        var small = plan
        small.memoryLimitBytes = 1 << 20
        #expect(small.objection?.item == .memoryLimit)
    }

    @Test func `in the sweep's scenario frames wait for room on both shards`() throws {
        let watch = RoomWatch()
        let report = try #require(Run(SweepScenario.memoryPressure.plan, server: watch.server)).perform()
        #expect(report.verdict == .held)
        #expect(watch.waitingMax > 0 && watch.hasLent)
    }

    // MARK: What finds bugs

    @Test(arguments: Mutant.room)
    func `a bug that is planted in the room is found by the sweep's scenario`(mutant: Mutant) throws {
        let plan = Sweep(.memoryPressure).plan([])
        let planted = try #require(Run(mutant.planted(in: plan), server: Plan.galgo)).perform()

        #expect(mutant.stage?.scenario == .memoryPressure)
        #expect([10, 11].contains(planted.exitCode), "\(mutant.id): \(planted.verdict)")
    }

    @Test func `a shard that forgets what it holds is found out`() throws {
        let watch = RoomWatch()
        watch.tamper = { shard in if shard.roomUse.held.frames > 0 { shard.roomUse = RoomUse() } }
        let report = try #require(Run(Self.plan(1), server: watch.server)).perform()
        #expect(report.exitCode == 10, "\(report.verdict)")
    }

    @Test func `a shard 0 that gives what it does not have is found out`() throws {
        let watch = RoomWatch()
        watch.tamper = { shard in
            guard let room = shard.frameRoom, room.total.frames > 0 else { return }
            // It forgets what shard 1 has, and so gives it again.
            shard.frameRoom?.has(ShardID(1), .none)
        }
        let report = try #require(Run(Self.plan(1), server: watch.server)).perform()
        #expect(report.exitCode == 10, "\(report.verdict)")
    }

    @Test func `a shard 0 that never gives is found out`() throws {
        let watch = RoomWatch()
        watch.tamper = { shard in shard.frameRoom?.lose(ShardID(1)) }
        let report = try #require(Run(Self.plan(2), server: watch.server)).perform()
        #expect(report.exitCode == 10 || report.exitCode == 11, "\(report.verdict)")
    }

    // MARK: Help

    /// Six clients that append batches of 260 KB to 900 KB and read them, on three shards whose large frames share 1.5 MiB.
    private static func plan(_ seed: UInt64) -> Plan {
        var plan = Plan(seed: seed)
        plan.memoryLimitBytes = limitBytes
        plan.knobs[.shards] = 3
        plan.knobs[.partitions] = 3
        plan.knobs[.segmentBytes] = 1 << 20
        for client in 0..<6 as Range<UInt32> {
            let partition = (client + UInt32(seed)) % 3
            var operations: [PlannedOperation] = []
            for turn in 0..<4 as Range<UInt32> {
                operations += [
                    // Of one message: a poll of so many bytes ends in the middle of a batch.
                    .append(partition: partition, messages: 1, payloadBytes: 260_000 + 80_000 * client - 20_000 * turn),
                    .append(partition: (partition + 1) % 3, messages: 2, payloadBytes: 300),
                    .poll(partition: partition, messages: 4), .store(partition: partition),
                ]
            }
            let behaviour: PlannedClient.Behaviour = [.patient, .slow, .impatient][Int(client) % 3]
            plan.clients.append(PlannedClient(behaviour, operations))
        }
        plan.faults = [
            Fault(.connectionReset(nth: 2), when: .at(Int64(150 + seed * 7) * millisecond)),
            Fault(.connectionReset(nth: 4), when: .at(Int64(200 + seed * 11) * millisecond)),
            Fault(.shardPanic(ShardID(UInt16(seed % 3))), when: .mark(.appended, nth: UInt32(3 + seed % 9))),
        ]
        plan.chapters = [.quitters]
        return plan
    }
}

/// Looks into every shard after each of its events.
private final class RoomWatch {
    var waitingMax = 0
    /// Shard 0 had given something to another.
    var hasLent = false
    var failures: [String] = []
    var tamper: ((inout Shard<SimWorld>) -> Void)?

    var server: Run.Server {
        { [self] plan in
            { (world: consuming SimWorld, shard: ShardID, generation: UInt32) throws(MachineFailure) -> Cell in
                guard let settings = plan.serverSettings else { throw MachineFailure("a plan has settings") }
                let shardCount = world.shardCount
                return WatchedCell(
                    Shard(id: shard, shardCount: shardCount, generation: generation, settings: settings, world: world),
                    self)
            }
        }
    }

    func look(_ shard: borrowing Shard<SimWorld>) {
        waitingMax = max(waitingMax, shard.roomUse.row.count)
        guard let room = shard.frameRoom else { return }
        if room.given.dropFirst().contains(where: { ($0?.frames ?? 0) > 0 }) { hasLent = true }
        if room.total.bytes > room.limitBytes, room.total.frames > 1 { failures.append("\(room.total)") }
    }
}

private final class WatchedCell: Cell {
    private var shard: Shard<SimWorld>
    private let watch: RoomWatch

    init(_ shard: consuming Shard<SimWorld>, _ watch: RoomWatch) {
        self.shard = shard
        self.watch = watch
    }

    override func deliver(_ event: Event, at now: Instant) throws(MachineFailure) {
        try shard.handle(event, at: now)
        watch.look(shard)
        watch.tamper?(&shard)
    }

    override func checkInvariants() throws(MachineFailure) { try shard.checkInvariants() }
}
