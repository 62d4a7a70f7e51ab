import Platform
import Sim
import Testing

/// Probabilistic concurrency testing.
@Suite struct ScheduleTests {
    private static func plan(_ schedule: Schedule) -> Plan {
        var generator = PlanGenerator()
        generator.profile = .quick
        var plan = generator.plan(seed: 11)
        plan.schedule = schedule
        return plan
    }

    @Test func `priorities make another order, and always the same one`() throws {
        func trace(_ schedule: Schedule) throws -> TraceHash {
            let report = try #require(Run(Self.plan(schedule), server: Plan.galgo)).perform()
            #expect(report.verdict == .held)
            return report.traceHash
        }
        let base = PriorityChanges(window: 2_000_000, order: 1, changes: [300, 900])
        let otherOrder = PriorityChanges(window: 2_000_000, order: 2, changes: [300, 900])
        let otherChanges = PriorityChanges(window: 2_000_000, order: 1, changes: [300, 1_200])

        let traces = try [.firstCome, .random, .priorities(base), .priorities(otherOrder), .priorities(otherChanges)]
            .map { try trace($0) }

        #expect(try trace(.priorities(base)) == traces[2])
        for (place, one) in traces.enumerated() {
            for other in traces[(place + 1)...] { #expect(one != other) }
        }
    }

    @Test func `one standard plan in eight has priorities, with one to four changes`() {
        let plans = (1...400 as ClosedRange<UInt64>).map { PlanGenerator().plan(seed: $0) }
        let rules = plans.compactMap { plan -> PriorityChanges? in
            if case .priorities(let rules) = plan.schedule { rules } else { nil }
        }

        #expect((30...70).contains(rules.count))
        #expect(rules.allSatisfy { (2...5).contains($0.depth) && $0.changes == $0.changes.sorted() })
        #expect(Set(rules.map(\.depth)).count == 4)
    }

    @Test(arguments: [
        "schedule pct depth 3 window 20us order 1 changes 5", "schedule pct depth 2 window 20us order 1 changes 5 x",
        "schedule pct depth 3 window 20us order 1 changes 9 5", "schedule pct", "schedule sometimes",
        "branch nowhere 1 1", "branch kill 0 1", "branch kill 1",
    ])
    func `a line that says no order and no branch is refused`(line: String) {
        #expect(throws: Plan.Malformed.line(2, line)) { try Plan(text: "galgo plan 1\n\(line)\n") }
    }

    @Test func `an order and branches read back as they were printed`() throws {
        var plan = Self.plan(.priorities(PriorityChanges(window: 40_000, order: 9, changes: [])))
        plan.branches = [
            Branch(at: Waypoint(.mark(.rotationSealed), nth: 3), number: 17),
            Branch(at: Waypoint(.disk(.temporary, .open), nth: 1), number: 2),
        ]
        plan.faults.append(
            Fault(.processKill(restartIn: 1_000_000), when: .after(Waypoint(.turn(.noSpace), nth: 2), steps: 4)))
        plan.faults.append(Fault(.powerCut(restartIn: 1_000_000), when: .then(.disk(.segment, .unlink), steps: 0)))
        plan.faults.append(Fault(.powerCut(restartIn: 1_000_000), when: .then(nil, steps: 9)))

        let isEqual = try Plan(text: plan.text) == plan

        #expect(isEqual)
    }
}
