import Foundation
import Platform
import Sim
import Testing

/// The catalogue of planted bugs: laws of the table, and that each bug is planted in exactly one place.
@Suite struct MutantTests {
    @Test func `every bug that can be planted stands in the catalogue once`() {
        let ids = Mutant.all.map(\.id)

        #expect(Set(ids).count == ids.count)
        for mutation in Mutation.allCases {
            #expect(Mutant.all.count { $0.plant == .mutation(mutation) } == 1, "\(mutation)")
        }
        for sabotage in Sabotage.allCases {
            #expect(Mutant.all.count { $0.plant == .sabotage(sabotage) } == 1, "\(sabotage)")
        }
        #expect(Mutant.all.count >= 150)
        #expect(Mutant.all.allSatisfy { Mutant.named($0.id) == $0 })
    }

    @Test func `what nothing can find says why, and is not hunted`() {
        #expect(Mutant.hunted.count >= 150)
        #expect(Mutant.all.count - Mutant.hunted.count <= 2)
        for mutant in Mutant.all where !Mutant.hunted.contains(mutant) { #expect((mutant.equivalence ?? "").count > 80) }
    }

    @Test func `every bug says what it does, and every family has one`() {
        #expect(Mutant.all.allSatisfy { $0.sentence.count > 10 && !$0.sentence.hasSuffix(".") })
        #expect(Set(Mutant.all.map(\.sentence)).count == Mutant.all.count)
        for family in Mutant.Family.allCases { #expect(Mutant.all.contains { $0.family == family }, "\(family)") }
    }

    @Test func `what seeds cannot find says how it is found`() {
        let others = Mutant.hunted.filter { !$0.isFoundBySeeds }

        #expect(others.allSatisfy { ($0.stage == nil) == $0.takesComparison })
        #expect(Set(Mutant.notRecreated.map(\.bug)).isDisjoint(with: Mutant.all.compactMap(\.recreates)))
        #expect(Mutant.notRecreated.allSatisfy { $0.why.count > 80 })
    }

    /// When the code has moved, `sweep SCENARIO --refusals --mutant ID` has other points.
    @Test(arguments: Mutant.all.filter { !($0.stage?.points ?? []).isEmpty })
    func `a bug with points of a scenario fails at them, and nothing else does`(mutant: Mutant) throws {
        let stage = try #require(mutant.stage)
        let planted = try #require(Run(mutant.planted(in: stage.plan), server: Plan.galgo)?.perform())
        let fair = try #require(Run(stage.plan, server: Plan.galgo)?.perform())

        #expect([10, 11].contains(planted.exitCode), "\(mutant.id): \(planted.verdict)")
        #expect(fair.verdict == .held)
        #expect(fair.diskPointsPassed == stage.points.count)
    }

    @Test func `the canary plants eight, each with properties to be found by`() {
        let canaries = Mutant.all.filter { $0.canary != nil }

        #expect(canaries.count == 8)
        #expect(canaries.allSatisfy { $0.canary?.isEmpty == false })
    }

    @Test func `each bug is planted in exactly one place`() throws {
        let server = try Self.code(in: "Server")
        let sim = try Self.code(in: "Sim/World")
        for mutation in Mutation.allCases {
            let inServer = Self.uses("world.isMutated(.\(mutation))", in: server)
            let atSeam = Self.uses("settings.mutations.contains(.\(mutation))", in: sim)
            #expect(inServer + atSeam == 1, "\(mutation) is planted \(inServer + atSeam) times")
        }
        for sabotage in Sabotage.allCases {
            let uses = sim.flatMap { $0.matches(of: /\.([a-zA-Z]+)\b/) }.count { $0.1 == "\(sabotage)" }
            #expect(uses == 1, "\(sabotage) is planted \(uses) times")
        }
    }

    @Test func `a planted bug stands in the plan's text and comes back from it`() throws {
        for mutant in Mutant.all {
            let plan = mutant.planted(in: PlanGenerator().plan(seed: 1))

            #expect(try Plan(text: plan.text) == plan, "\(mutant.id)")
        }
    }

    // MARK: Details

    /// The lines of a folder of the sources.
    private static func code(in folder: String) throws -> [Substring] {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/\(folder)")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
        return try files.flatMap { try String(contentsOf: $0, encoding: .utf8).split(separator: "\n") }
    }

    private static func uses(_ text: String, in lines: [Substring]) -> Int {
        lines.reduce(0) { $0 + $1.ranges(of: text).count }
    }
}
