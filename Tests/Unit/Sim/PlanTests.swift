import Platform
import Sim
import Testing

@Suite struct PlanTests {
    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `a plan reads back as it was printed`(seed: UInt64) throws {
        var plan = PlanGenerator().plan(seed: seed)
        if seed % 3 == 0 { plan.tape = PlannedTape() }
        if seed % 6 == 0 { plan.tape?[.survival] = .choices([1, 0, 7]) }
        if seed % 9 == 0 { plan.tape?[.network] = .drawn(3) }
        if seed % 2 == 0 { plan.lastWrites = plan.writesAtLastCrash }
        if seed % 4 == 0 { plan.sabotage = .mailTwice }
        if seed % 8 == 0 { plan.sabotagePeriod = 3 }
        if seed % 5 == 0 { plan.mutation = .acknowledgeBeforeSync }

        let again = try Plan(text: plan.text)

        let isEqual = again == plan
        #expect(isEqual)
        #expect(again.text == plan.text)
    }

    @Test func `a text that is no plan is refused with the line that says so`() {
        #expect(throws: Plan.Malformed.notAPlan) { try Plan(text: "hello") }
        #expect(throws: Plan.Malformed.otherFormat("galgo plan 99")) { try Plan(text: "galgo plan 99\n") }
        #expect(throws: Plan.Malformed.line(3, "fault power-cut now")) {
            try Plan(text: "galgo plan 1\nseed 4\nfault power-cut now\n")
        }
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `a standard plan has its operations, its faults and a crash`(seed: UInt64) {
        let plan = PlanGenerator().plan(seed: seed)

        #expect(plan.clients.reduce(0) { $0 + $1.operations.count } >= 500)
        #expect(plan.faults.count >= 8)
        #expect(plan.faults.contains { $0.family == .processKill || $0.family == .powerCut })
    }

    @Test(arguments: Fault.Family.named)
    func `only the fault that is asked for occurs`(family: Fault.Family) {
        var generator = PlanGenerator()
        generator.only = [family]

        for seed in 1...20 as ClosedRange<UInt64> {
            #expect(generator.plan(seed: seed).faults.allSatisfy { $0.family == family })
        }
    }

    @Test(arguments: Fault.Family.allCases)
    func `a fault that is left out does not occur, and everything else stays as it was`(family: Fault.Family) {
        var generator = PlanGenerator()
        generator.without = [family]

        for seed in 1...50 as ClosedRange<UInt64> {
            let whole = PlanGenerator().plan(seed: seed)
            var expected = whole
            expected.families.removeAll { $0 == family }
            expected.faults.removeAll { $0.family == family }
            if whole.lastCrash?.rawValue == family.rawValue { expected.lastCrash = nil }

            let isExpected = generator.plan(seed: seed) == expected
            #expect(isExpected, "seed \(seed)")
        }
    }

    @Test func `the named faults bear their names`() {
        #expect(
            Fault.Family.named.map(\.rawValue) == ["disk-full", "shard-panic", "smt-oversubscription", "rotation-race"])
    }
}
