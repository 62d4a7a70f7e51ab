import Platform
import Sim
import Testing

/// The scenarios of the sweep under crashes at some of their boundaries; `galgo-sim sweep` goes through all of them.
@Suite struct SweepTests {
    @Test func `there are at least twelve scenarios`() {
        #expect(SweepScenario.allCases.count >= 12)
    }

    @Test(arguments: SweepScenario.allCases)
    func `a scenario covers what its name says`(scenario: SweepScenario) throws {
        let fair = try #require(Sweep(scenario).run([]))

        #expect(fair.verdict == .held)
        for mark in scenario.marks { #expect(fair.markHits[Int(mark.rawValue)] > 0, "\(mark)") }
    }

    @Test(arguments: SweepScenario.allCases)
    func `crashes at some boundaries cost nothing that was promised`(scenario: SweepScenario) throws {
        let sweep = Sweep(scenario)
        let fair = try #require(sweep.run([]))
        #expect(fair.boundariesToStop > 30)

        for boundary in stride(from: 1, through: fair.boundariesToStop, by: 24) {
            for survival in Survival.swept {
                let report = try #require(sweep.run([CrashPoint(boundary, survival)]))
                #expect(report.verdict == .held, "crash \(boundary).\(survival.rawValue)")
                #expect(report.crashPointsPassed == 1)
            }
        }
    }

    @Test func `a second crash happens inside the recovery from the first`() throws {
        let sweep = Sweep(.rotation)
        let first = CrashPoint(60, .nothing)
        let once = try #require(sweep.run([first]))

        for points in Sweep.nested(in: first, once, .all).prefix(6) {
            let twice = try #require(sweep.run(points))
            #expect(twice.verdict == .held, "\(points)")
            #expect(twice.crashPointsPassed == 2)
        }
    }

    @Test func `over the first crashes every boundary of a recovery has its turn`() throws {
        let once = try #require(Sweep(.rotation).run([CrashPoint(60, .nothing)]))
        let boundaries = (1...16).flatMap { boundary in
            Survival.swept.flatMap { Sweep.nested(in: CrashPoint(boundary, $0), once, .sampled) }
        }.map { $0[1].boundary }

        #expect(Set(boundaries) == Set(1...once.boundariesBeforeServing))
    }

    @Test func `a sweep finds a world that forgets to sync directories`() throws {
        var sweep = Sweep(.rotation)
        sweep.sabotage = .directorySyncSwallowed
        let fair = try #require(sweep.run([]))

        let isFound = try (1...fair.boundariesToStop).contains { boundary in
            try #require(sweep.run([CrashPoint(boundary, .nothing)])).verdict != .held
        }

        #expect(isFound)
    }
}
