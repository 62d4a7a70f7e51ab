import Platform
import Sim
import Testing

/// The shrinker with the runs that it is for, in this process.
@Suite struct ShrinkRunTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a run whose decisions are written down is the same run`(seed: UInt64) throws {
        var generator = PlanGenerator()
        generator.profile = .quick
        let plan = generator.plan(seed: seed)
        let report = try #require(Run(plan, server: Plan.galgo)).perform()
        let written = Shrinker.explicit(plan, Shrinker.Evidence(tape: report.tape, begun: report.begun))

        let again = try #require(Run(try Plan(text: written.text), server: Plan.galgo)).perform()

        #expect(again.traceHash == report.traceHash)
        #expect(again.tape == report.tape)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a run whose every decision is benign holds, and loses nothing in a power cut`(seed: UInt64) throws {
        var generator = PlanGenerator()
        generator.profile = .quick
        generator.only = [.powerCut]
        var plan = generator.plan(seed: seed)
        plan.tape = PlannedTape()
        // Nothing is promised, yet everything survives.
        plan.knobs[.durability] = 0
        plan.knobs[.offsetsDurability] = 0

        let report = try #require(Run(plan, server: Plan.galgo)).perform()

        #expect(report.verdict == .held)
        #expect(report.counts.powerCuts > 0)
        #expect(report.tape == PlannedTape())
    }

    @Test(arguments: [Mutation.offsetPastEndStored, .halfBatchVisible, .acknowledgeBeforeSync])
    func `a planted bug shrinks to a few operations`(mutation: Mutation) throws {
        var generator = PlanGenerator()
        generator.profile = .quick
        var found: (plan: Plan, report: Report, signature: FailureSignature)?
        for seed in 1...40 as ClosedRange<UInt64> where found == nil {
            var plan = generator.plan(seed: seed)
            plan.mutation = mutation
            let report = try #require(Run(plan, server: Plan.galgo)).perform()
            found = FailureSignature(report).map { (plan, report, $0) }
        }
        let (plan, report, signature) = try #require(found)

        var shrinker = Shrinker(plan, Self.evidence(of: report))
        var tries = 0
        while !shrinker.isFinished, tries < 3_000 {
            var first: (number: Int, evidence: Shrinker.Evidence)?
            for number in 0..<shrinker.proposalCount where first == nil {
                guard let proposed = shrinker.proposal(number) else { continue }
                tries += 1
                let report = try #require(Run(proposed, server: Plan.galgo)).perform()
                if FailureSignature(report) == signature { first = (number, Self.evidence(of: report)) }
            }
            shrinker.settle(first)
        }

        #expect(shrinker.isFinished)
        #expect(shrinker.plan.operationCount <= 8)
        #expect(shrinker.plan.faultCount <= 2)
        let small = try Plan(text: shrinker.plan.text)
        let traces = try (0..<3).map { _ in
            let report = try #require(Run(small, server: Plan.galgo)).perform()
            #expect(FailureSignature(report) == signature)
            return report.traceHash
        }
        #expect(traces.allSatisfy { $0 == traces[0] })
    }

    @Test func `failures of one cause have one signature, whatever their texts say`() throws {
        let one = FailureSignature(property: "on-disk", phase: "scan", law: "batches are dense")

        #expect(one == FailureSignature(property: "on-disk", phase: "scan", law: "batches are dense"))
        #expect(one != FailureSignature(property: "on-disk", phase: "workload", law: "batches are dense"))
        #expect(one != FailureSignature(property: "on-disk", phase: "scan", law: "times ascend"))
        #expect(one.description == "on-disk in phase scan, \"batches are dense\"")
    }

    private static func evidence(of report: Report) -> Shrinker.Evidence {
        Shrinker.Evidence(tape: report.tape, begun: report.begun)
    }
}
