import Platform
import Sim
import Testing
import Verifier

/// What becomes of a plan in front of a real server, without one.
@Suite struct RealRunTests {
    private static func plan(_ kinds: [Fault.Kind]) -> Plan {
        var plan = Plan(seed: 1)
        plan.clients = [PlannedClient(.patient, [.append(partition: 0, messages: 1, payloadBytes: 1)])]
        plan.faults = kinds.map { Fault($0, when: .at(0), for: 5 * millisecond) }
        return plan
    }

    private static func beginnings(_ plan: Plan) throws -> [FaultBeginning] {
        try #require(Run(plan, server: Plan.galgo)).perform().beginnings
    }

    @Test func `faults become what can be done from outside, in the order in which they began`() throws {
        let plan = Self.plan([
            .shardStall(ShardID(0)), .clockStep(microseconds: 5), .connectionReset(nth: 2),
            .processKill(restartIn: millisecond),
        ])

        let schedule = RealSchedule(plan, beginnings: try Self.beginnings(plan), hasVolume: false)

        #expect(schedule.entries.map(\.deed).contains(.pause(for: 5 * millisecond)))
        #expect(schedule.entries.map(\.deed).contains(.kill(restartIn: millisecond)))
        #expect(schedule.planned.contains("shard-stall (as a stall of all shards)"))
        #expect(schedule.skipped == ["clock-step.forward"])
        #expect(schedule.entries.map(\.begun) == schedule.entries.map(\.begun).sorted())
    }

    @Test func `a full disk takes a volume`() throws {
        let plan = Self.plan([.diskFull(.quota, freeBlocks: 2)])
        let beginnings = try Self.beginnings(plan)

        #expect(RealSchedule.wantsVolume(plan) && !RealSchedule.wantsVolume(Self.plan([.slowIO(factor: 2)])))
        let without = RealSchedule(plan, beginnings: beginnings, hasVolume: false)
        let with = RealSchedule(plan, beginnings: beginnings, hasVolume: true)
        #expect(without.entries.isEmpty && without.skipped == ["disk-full.quota (no volume of limited size here)"])
        #expect(with.entries.map(\.deed) == [.fillDisk(leaving: 8_192, for: 5 * millisecond)])
    }

    @Test func `settings of the server say what the knobs do, as far as it has them`() {
        var plan = Plan(seed: 1)
        plan.knobs[.segmentBytes] = 600
        plan.knobs[.durability] = 2
        plan.knobs[.shards] = 3

        let settings = plan.realSettings

        #expect(settings["IGGY_SYSTEM_SEGMENT_SIZE"] == "1024 B")
        #expect(settings["IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC"] == "true")
        #expect(settings["IGGY_SYSTEM_SHARDING_CPU_ALLOCATION"] == "3")
    }

    @Test(arguments: [
        (RealStart.refused(RealEnding(how: "exit code 78", isClean: false, lastLine: "damaged")), "exit code 78: damaged"),
        (.silent, "does not serve"),
    ])
    func `a server that does not start violates liveness`(start: RealStart, said: String) throws {
        let server = DeadServer(start)
        let plan = Self.plan([])

        let report = try #require(
            RealRun(plan, RealSchedule(plan, beginnings: [], hasVolume: false), on: server)
        ).perform()

        guard case .violated(let violation) = report.verdict else { throw NothingFound() }
        #expect(violation.property == .liveness)
        #expect(violation.text.contains(said))
        #expect(report.exitCode == 11)
    }

    private struct NothingFound: Error {}
}

/// A server that starts in one way, and never serves.
private final class DeadServer: RealServer {
    private let result: RealStart
    private(set) var now: Int64 = 0

    init(_ result: RealStart) { self.result = result }

    func start() -> RealStart { result }
    func ending() -> RealEnding? { nil }
    func kill() {}
    func requestStop() {}
    func failShard(_ number: Int32) {}
    func pause() {}
    func resume() {}
    func crowd(_ isCrowded: Bool) {}
    func fillDisk(leaving byteCount: Int) {}
    func freeDisk() {}
    func breakConnection(nth: UInt32, of world: RealWorld) {}
    func attend(_ world: RealWorld, until time: Int64) { now = max(now + 1, time) }
    func drain(_ world: RealWorld) {}
    func image() -> DirectoryImage? { nil }
}
