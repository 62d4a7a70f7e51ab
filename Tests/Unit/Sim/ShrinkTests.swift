import Platform
import Sim
import Testing

/// The shrinker alone: what fails is said by the test, nothing is run.
@Suite struct ShrinkTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `what takes one append and one fault becomes just those`(seed: UInt64) throws {
        let plan = PlanGenerator().plan(seed: seed)
        let needed = try #require(
            plan.clients.flatMap(\.operations).last { if case .append = $0 { true } else { false } })
        let family = try #require(plan.faults.first?.family)

        let small = Self.shrink(plan) { plan in
            plan.clients.contains { $0.operations.contains { Self.isAppend($0, like: needed) } }
                && plan.faults.contains { $0.family == family }
        }

        #expect(small.operationCount == 1)
        #expect(small.faultCount == 1)
        #expect(small.families == [family])
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `two operations of different clients and owners are both kept`(seed: UInt64) {
        let plan = PlanGenerator().plan(seed: seed)

        let small = Self.shrink(plan) { plan in
            plan.owners.contains { $0.operations.contains { if case .make = $0 { true } else { false } } }
                && plan.clients.contains { $0.operations.contains { if case .poll = $0 { true } else { false } } }
        }

        #expect(small.operationCount == 2)
        #expect(small.faultCount == 0)
        #expect(small.clients.flatMap(\.operations) == [.poll(partition: 0, messages: 1)])
        #expect(small.owners.flatMap(\.operations) == [.make(topic: 0, partitions: 1)])
    }

    @Test func `what always fails becomes nothing`() {
        let small = Self.shrink(PlanGenerator().plan(seed: 3)) { _ in true }

        #expect(small.operationCount == 0)
        #expect(small.faultCount == 0)
        #expect(small.clients.isEmpty && small.owners.isEmpty)
        #expect(small.knobs[.shards] == 1 && small.knobs[.partitions] == 1)
        #expect(small.tape == PlannedTape())
        #expect(small.schedule == .firstCome && small.topology == PlannedTopology())
    }

    @Test func `what fails in no other way stays as it is, with nothing left to the seed`() {
        let plan = PlanGenerator().plan(seed: 3)
        let evidence = Self.evidence(of: plan)

        let small = Self.shrink(plan) { _ in false }

        let isAsWritten = small == Shrinker.explicit(plan, evidence)
        #expect(isAsWritten)
        #expect(small.tape != nil)
        #expect((small.lastWrites == nil) == (plan.lastCrash == nil))
    }

    @Test func `a knob that matters keeps its value, the others become usual`() {
        var plan = PlanGenerator().plan(seed: 4)
        plan.knobs[.segmentBytes] = 700

        let small = Self.shrink(plan) { $0.knobs[.segmentBytes] < 1_000 }

        #expect(small.knobs[.segmentBytes] == 700)
        #expect(Knob.allCases.allSatisfy { [.segmentBytes, .shards, .partitions].contains($0) || Self.isUsual($0, small) })
    }

    @Test func `a decision that matters keeps its place, the others become benign`() {
        let small = Self.shrink(PlanGenerator().plan(seed: 5)) { plan in
            guard case .choices(let choices) = plan.tape?[.survival] else { return false }
            return choices.count > 2 && choices[2] == 1
        }

        var expected = PlannedTape()
        expected[.survival] = .choices([0, 0, 1])
        #expect(small.tape == expected)
    }

    @Test func `other decisions are tried where the ones of the plan no longer fit`() {
        let plan = PlanGenerator().plan(seed: 6)

        // As written down it fails only whole; with other decisions half of the operations are enough.
        let small = Self.shrink(plan) { proposed in
            guard case .drawn = proposed.tape?[.network] else { return false }
            return proposed.operationCount > 3
        }

        #expect(small.operationCount == 4)
    }

    @Test func `the writes of the last crash are operations like others`() throws {
        let plan = try #require(
            (1...50 as ClosedRange<UInt64>).map { PlanGenerator().plan(seed: $0) }.first { $0.lastCrash == .powerCut })

        let small = Self.shrink(plan) { plan in
            guard plan.lastCrash == .powerCut, let writes = plan.lastWrites else { return false }
            return writes.writers.contains { writer in
                writer.operations.contains {
                    if case .append(_, let messages, _) = $0 { messages >= 2 } else { false }
                }
            }
        }

        #expect(small.operationCount == 1)
        #expect(small.faultCount == 1)
        #expect(small.lastWrites?.acknowledgedCount == 0)
        #expect(small.lastWrites?.writers.flatMap(\.operations) == [.append(partition: 0, messages: 2, payloadBytes: 0)])
    }

    @Test func `operations stay within the partitions that are left`() {
        var plan = PlanGenerator().plan(seed: 7)
        plan.knobs[.partitions] = 4
        plan.clients = [PlannedClient(.patient, (0..<8).map { .fetch(partition: $0 % 4) })]

        let small = Self.shrink(plan) { plan in
            #expect(
                plan.clients.flatMap(\.operations).allSatisfy {
                    if case .fetch(let partition) = $0 { UInt64(partition) < plan.knobs[.partitions] } else { true }
                })
            return plan.clients.reduce(0) { $0 + $1.operations.count } >= 3 && plan.knobs[.partitions] >= 2
        }

        #expect(small.knobs[.partitions] == 2)
        #expect(small.operationCount == 3)
    }

    @Test func `what the failure did not wait for is cut off first`() {
        let plan = PlanGenerator().plan(seed: 8)
        let evidence = Shrinker.Evidence(tape: PlannedTape(), begun: plan.clients.map { _ in 1 })
        let shrinker = Shrinker(plan, evidence)

        let proposed = shrinker.proposal(0)

        #expect(proposed?.operationCount == plan.clients.count)
        #expect(proposed?.faultCount == plan.faultCount)
    }

    @Test func `the same answers give the same plan`() {
        let plan = PlanGenerator().plan(seed: 9)
        let fails: (Plan) -> Bool = { $0.operationCount % 7 == 3 || $0.operationCount > 100 }

        let isEqual = Self.shrink(plan, fails) == Self.shrink(plan, fails)

        #expect(isEqual)
    }

    // MARK: Details

    /// Takes the first proposal of each step that fails.
    static func shrink(_ plan: Plan, _ fails: (Plan) -> Bool) -> Plan {
        var shrinker = Shrinker(plan, evidence(of: plan))
        while !shrinker.isFinished {
            let first = (0..<shrinker.proposalCount).first { number in shrinker.proposal(number).map(fails) ?? false }
            shrinker.settle(
                first.flatMap { number in shrinker.proposal(number).map { (number, evidence(of: $0)) } })
        }
        return shrinker.plan
    }

    /// As if everything had been begun, and a run had drawn a little or repeated what its plan says.
    private static func evidence(of plan: Plan) -> Shrinker.Evidence {
        var tape = plan.tape ?? PlannedTape()
        if plan.tape == nil {
            for lane in Tape.Lane.allCases { tape[lane] = .choices([4, 3, 1, 0, 2]) }
        }
        let writers = plan.writesAtLastCrash?.writers ?? []
        return Shrinker.Evidence(
            tape: tape,
            begun: plan.clients.map(\.operations.count) + plan.owners.map(\.operations.count)
                + writers.map(\.operations.count))
    }

    private static func isAppend(_ operation: PlannedOperation, like other: PlannedOperation) -> Bool {
        guard case .append(_, let messages, _) = operation, case .append(_, let needed, _) = other else { return false }
        return messages >= needed
    }

    private static func isUsual(_ knob: Knob, _ plan: Plan) -> Bool { plan.knobs[knob] == Knobs()[knob] }
}
