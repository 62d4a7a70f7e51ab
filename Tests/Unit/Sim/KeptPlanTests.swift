import Platform
import Sim
import Testing

/// Plans with the reasons for which they are kept.
@Suite struct KeptPlanTests {
    private static var plan: Plan {
        var generator = PlanGenerator()
        generator.profile = .quick
        return generator.plan(seed: 3)
    }

    @Test func `a plan and its reasons read back as they were written`() throws {
        let kept = KeptPlan(Self.plan, what: "a stop\nwaited", property: "liveness", fix: "0123abc")

        let again = try KeptPlan(text: kept.text)

        #expect(again == kept)
        #expect(again.what == "a stop waited")
        #expect(kept.text.hasPrefix("galgo plan 1\n# what: a stop waited\n# property: liveness\n# fix: 0123abc\nseed 3\n"))
        #expect(kept.fileName == "a-stop-waited.plan")
        let isSame = try Plan(text: kept.text) == Self.plan
        #expect(isSame)
    }

    @Test func `a bug that was fixed must not come back, a planted one must be found`() {
        let fixed = KeptPlan(Self.plan, what: "x", property: "liveness", fix: "0123abc")
        var bad = Self.plan
        bad.mutation = .halfBatchVisible
        let planted = KeptPlan(bad, what: "x", property: "batch-atomicity")
        let forMarks = KeptPlan(Self.plan, what: "reaches much")

        #expect(fixed.complaint(violated: nil) == nil)
        #expect(fixed.complaint(violated: "liveness") != nil)
        #expect(planted.complaint(violated: "batch-atomicity") == nil)
        #expect(planted.complaint(violated: "liveness") != nil)
        #expect(planted.complaint(violated: nil) != nil)
        #expect(forMarks.isForMarks && !fixed.isForMarks && !planted.isForMarks)
    }

    @Test func `a plan kept for its marks is of no use once others hit all of them`() {
        #expect(withoutNewMarks([(true, 10, [1, 2]), (true, 5, [2]), (false, 1, [3])]) == [1])
        // Of two that do the same the shorter stays.
        #expect(withoutNewMarks([(true, 5, [1]), (true, 10, [1])]) == [1])
        // What found something stays, whatever it hits.
        #expect(withoutNewMarks([(false, 5, [1]), (false, 10, [1])]) == [])
        #expect(withoutNewMarks([(true, 5, [1, 2]), (true, 5, [2, 3]), (true, 9, [1, 3])]) == [2])
    }
}
