import Foundation
import Server
import Sim
import Testing

/// The log writer in the simulator: that it holds, and that the simulator would notice if it did not.
@Suite struct RotationTests {
    @Test func `no rule is broken under seeded faults`() {
        var counts = RotationCounts()
        for seed in 1...300 as ClosedRange<UInt64> {
            let outcome = RotationRun.perform(seed: seed)
            counts += outcome.counts
            #expect(outcome.violation == nil, "seed \(seed)")
        }

        // Runs in which nothing happens show nothing.
        #expect(counts.rotations > 1_000 && counts.deletions > 1_000 && counts.failures > 500)
        #expect(counts.crashes > 50 && counts.fullDisks > 100 && counts.jumps > 100 && counts.shortWrites > 100)
    }

    @Test(arguments: RotationScenario.allCases)
    func `no order of small scenarios breaks a rule`(scenario: RotationScenario) {
        let (orders, failed) = scenario.explore(bound: 1)

        #expect(failed == nil)
        #expect(orders > 30)
    }

    @Test func `a seed is one run`() {
        for seed in 1...20 as ClosedRange<UInt64> {
            #expect(RotationRun.perform(seed: seed) == RotationRun.perform(seed: seed))
        }
    }

    @Test(arguments: RotationMutant.all.map(\.mutation))
    func `a planted bug is found`(mutation: LogMutation) throws {
        let mutant = try #require(RotationMutant.all.first { $0.mutation == mutation })

        #expect(mutant.hunt(1...300) != nil, "\(mutant.sentence)")
    }

    @Test func `an order finds a bug too, and its path leads back to it`() throws {
        let scenario = RotationScenario.rotateFailure
        let failed = try #require(scenario.explore(bound: 2, mutation: .failedMoveIgnored).failed)

        let outcome = scenario.perform(failed, mutation: .failedMoveIgnored)

        #expect(outcome.violation?.rule == .nothingOverwritten)
        #expect(scenario.perform(failed).violation == nil)
    }

    @Test func `every bug stands in the catalogue once, and in the writer`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources/Server/Logging")
        let code = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent != "LogMutation.swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()

        for mutation in LogMutation.allCases {
            #expect(RotationMutant.all.count { $0.mutation == mutation } == 1, "\(mutation)")
            #expect(code.ranges(of: ".\(mutation.rawValue)").count >= 1, "\(mutation)")
        }
        #expect(Set(RotationMutant.all.map(\.sentence)).count == RotationMutant.all.count)
    }
}
