import Sim
import Testing

/// The server inside the simulator, from the first start to the last scan.
@Suite struct RunTests {
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `a plan without faults holds`(seed: UInt64) throws {
        var generator = PlanGenerator()
        generator.profile = .calm
        let run = try #require(Run(generator.plan(seed: seed), server: Plan.galgo))

        let report = run.perform()

        #expect(report.verdict == .held)
        #expect(report.facts[.lostWrite] > 0)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a plan that is run twice is the same run`(seed: UInt64) throws {
        var generator = PlanGenerator()
        generator.profile = .quick
        let plan = generator.plan(seed: seed)

        let first = try #require(Run(plan, server: Plan.galgo)).perform()
        let second = try #require(Run(plan, server: Plan.galgo)).perform()

        #expect(first.traceHash == second.traceHash)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `spares make up for faults that meet nobody, and wait where enough are met`(seed: UInt64) throws {
        let whole = PlanGenerator().plan(seed: seed)
        var quiet = whole
        quiet.faults.removeAll { $0.trigger != .spare }

        let busy = try #require(Run(whole, server: Plan.galgo)).perform()
        let madeUp = try #require(Run(quiet, server: Plan.galgo)).perform()

        #expect(busy.feltFaults >= 6 && madeUp.feltFaults >= 6)
        #expect(madeUp.tallies.reduce(0) { $0 + $1.1.drawn } == 6)
        #expect(busy.tallies.reduce(0) { $0 + $1.1.drawn } == whole.faults.count { $0.trigger != .spare })
    }

    @Test func `a world that swallows syncs is found out`() throws {
        var generator = PlanGenerator()
        generator.only = [.powerCut]
        let found = try (1...20 as ClosedRange<UInt64>).contains { seed in
            var plan = generator.plan(seed: seed)
            plan.sabotage = .syncSwallowed
            plan.knobs[.durability] = 2
            let report = try #require(Run(plan, server: Plan.galgo)).perform()
            return report.exitCode == 10 || report.exitCode == 11
        }

        #expect(found)
    }

    @Test func `a run that ends behind a phase is the same run up to there`() throws {
        let plans = (1...20 as ClosedRange<UInt64>).map { seed in
            var plan = PlanGenerator().plan(seed: seed)
            plan.sabotage = .syncSwallowed
            return plan
        }
        let plan = try #require(
            plans.first { Run($0, server: Plan.galgo).flatMap { FailureSignature($0.perform()) } != nil })
        let whole = try #require(Run(plan, server: Plan.galgo)).perform()
        let signature = try #require(FailureSignature(whole))

        let same = try #require(Run(plan, server: Plan.galgo, through: signature.phase)).perform()
        let shorter = try #require(Run(plan, server: Plan.galgo, through: "preparation")).perform()

        #expect(same.traceHash == whole.traceHash)
        #expect(FailureSignature(same) == signature)
        #expect(FailureSignature(shorter) == nil)
        #expect(shorter.counts.steps < whole.counts.steps)
    }
}
