import Foundation
import Platform
import Primitives
import Sim
import Testing

/// The catalogue of faults: every kind is real.
@Suite struct CatalogueTests {
    @Test func `every kind has an id of its own, a sentence, an effect and an end`() {
        let ids = Fault.catalogue.map(\.id)

        #expect(ids.count >= 45)
        #expect(Set(ids).count == ids.count)
        for entry in Fault.catalogue {
            #expect(!entry.summary.isEmpty && !entry.effect.isEmpty && !entry.ending.isEmpty)
            #expect(entry.id == entry.family.rawValue || entry.id.hasPrefix("\(entry.family.rawValue)."))
        }
        #expect(Fault.Family.allCases.allSatisfy { family in Fault.catalogue.contains { $0.family == family } })
    }

    /// The ablation: a plan with nothing but this kind meets it, and without it is another run.
    @Test(arguments: Fault.catalogue.map(\.id))
    func `a plan with this kind alone meets it, and without it is another run`(kind: String) throws {
        var generator = PlanGenerator()
        generator.profile = .quick
        generator.onlyKinds = [kind]
        let met = try (1...100 as ClosedRange<UInt64>).first { seed in
            let plan = generator.plan(seed: seed)
            #expect(plan.faults.allSatisfy { $0.id == kind })
            let again = try Plan(text: plan.text)
            #expect(again == plan)

            let report = try #require(Run(plan, server: Plan.galgo)).perform()
            #expect(report.verdict == .held, "seed \(seed)")
            guard report.kinds.contains(where: { $0.id == kind && $0.effects > 0 }) else { return false }

            var calm = plan
            calm.faults = []
            let without = try #require(Run(calm, server: Plan.galgo)).perform()
            #expect(without.traceHash != report.traceHash)
            #expect(without.kinds.isEmpty)
            return true
        }

        #expect(met != nil)
    }

    /// What a seed means is a promise to whoever stored one: another meaning is another version of the generator.
    @Test func `the seeds of the standard profile mean what they meant`() {
        var lines = ""
        for seed in 1...100 as ClosedRange<UInt64> {
            let plan = PlanGenerator().plan(seed: seed)
            for fault in plan.faults { lines += fault.text + "\n" }
            for family in plan.families { lines += family.rawValue + "\n" }
            for knob in Knob.allCases { lines += "\(plan.knobs[knob])\n" }
            for operation in plan.clients.flatMap(\.operations) { lines += operation.text + "\n" }
        }

        #expect(XXH3.hash(Array(lines.utf8).rawSpan) == 1_205_085_685_586_749_793)
    }

    @Test func `docs say of every kind what the catalogue says`() throws {
        let docs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/faults.md")
        let text = try String(contentsOf: docs.standardizedFileURL, encoding: .utf8)
        for entry in Fault.catalogue {
            let row = "| `\(entry.id)` | \(entry.summary) | \(entry.effect) | \(entry.ending) |"
            #expect(text.contains(row), "\(row)")
        }
    }
}
