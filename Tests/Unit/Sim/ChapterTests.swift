import Platform
import Sim
import Testing

/// The parts of a run that not every plan has.
@Suite struct ChapterTests {
    @Test func `each chapter is in about half of the plans, and a third has no last crash`() {
        let plans = (1...400 as ClosedRange<UInt64>).map { PlanGenerator().plan(seed: $0) }

        for chapter in Chapter.allCases {
            #expect((150...250).contains(plans.count { $0.chapters.contains(chapter) }), "\(chapter)")
        }
        #expect((90...180).contains(plans.count { $0.lastCrash == nil }))
    }

    @Test func `the profile of the disk has errors of the disk, and no faults of the network`() {
        var generator = PlanGenerator()
        generator.profile = .disk

        for seed in 1...40 as ClosedRange<UInt64> {
            let plan = generator.plan(seed: seed)
            #expect(plan.families.contains(.diskError))
            #expect(!plan.families.contains { [.network, .connectionReset, .mail, .timing].contains($0) })
        }
    }

    @Test(arguments: Chapter.allCases)
    func `a run with this chapter holds`(chapter: Chapter) throws {
        var generator = PlanGenerator()
        generator.profile = .quick
        for seed in 1...6 as ClosedRange<UInt64> {
            var plan = generator.plan(seed: seed)
            plan.chapters = [chapter]
            let run = try #require(Run(plan, server: Plan.galgo))

            let report = run.perform()

            #expect(report.verdict == .held, "\(report)")
        }
    }

    @Test(arguments: [
        (Mutation.damageCutOff, Chapter.rot), (.readNotVerified, .rot), (.unsentRepliesNotReleased, .quitters),
        (.stopBeforeAnswers, .stopUnderLoad),
    ])
    func `a chapter finds what it is there for`(mutation: Mutation, chapter: Chapter) throws {
        var generator = PlanGenerator()
        generator.profile = .quick
        let isFound = try (1...600 as ClosedRange<UInt64>).contains { seed in
            var plan = generator.plan(seed: seed)
            plan.chapters = [chapter]
            plan.mutation = mutation
            let report = try #require(Run(plan, server: Plan.galgo)).perform()
            return report.exitCode != 0
        }

        #expect(isFound)
    }
}
