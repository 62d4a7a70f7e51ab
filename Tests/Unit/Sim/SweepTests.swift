import Sim
import Testing

/// The scenario of the sweep under crashes at some of its boundaries; `galgo-sim sweep` goes through all of them.
@Suite struct SweepTests {
    @Test(arguments: Sweep.Scenario.allCases)
    func `crashes at every twelfth boundary cost nothing that was promised`(scenario: Sweep.Scenario) throws {
        let sweep = Sweep(scenario)
        let fair = try #require(sweep.run([]))
        try #require(fair.verdict == .held)
        #expect(fair.boundariesToStop > 80)

        for boundary in stride(from: 1, through: fair.boundariesToStop, by: 12) {
            for survival in Survival.swept {
                let report = try #require(sweep.run([CrashPoint(boundary, survival)]))
                #expect(report.verdict == .held, "crash \(boundary).\(survival.rawValue)")
                #expect(report.crashPointsPassed == 1)
            }
        }
    }

    @Test func `a second crash happens inside the recovery from the first`() throws {
        let sweep = Sweep(.power)
        let first = CrashPoint(60, .nothing)
        let once = try #require(sweep.run([first]))

        for points in Sweep.nested(in: first, once, .sampled).prefix(6) {
            let twice = try #require(sweep.run(points))
            #expect(twice.verdict == .held, "\(points)")
            #expect(twice.crashPointsPassed == 2)
        }
    }

    @Test func `a sweep finds a world that forgets to sync directories`() throws {
        var sweep = Sweep(.power)
        sweep.sabotage = .directorySyncSwallowed
        let fair = try #require(sweep.run([]))

        let isFound = try (1...fair.boundariesToStop).contains { boundary in
            try #require(sweep.run([CrashPoint(boundary, .nothing)])).verdict != .held
        }

        #expect(isFound)
    }
}
