import Platform
import Testing

@testable import Sim

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
                let report = try #require(sweep.run([DiskPoint(boundary, survival)]))
                #expect(report.verdict == .held, "crash \(boundary).\(survival.rawValue)")
                #expect(report.diskPointsPassed == 1)
            }
        }
    }

    @Test func `a second crash happens inside the recovery from the first`() throws {
        let sweep = Sweep(.rotation)
        let first = DiskPoint(60, .nothing)
        let once = try #require(sweep.run([first]))

        for points in Sweep.nested(in: first, once, .all).prefix(6) {
            let twice = try #require(sweep.run(points))
            #expect(twice.verdict == .held, "\(points)")
            #expect(twice.diskPointsPassed == 2)
        }
    }

    @Test func `over the first crashes every boundary of a recovery has its turn`() throws {
        let once = try #require(Sweep(.rotation).run([DiskPoint(60, .nothing)]))
        let boundaries = (1...16).flatMap { boundary in
            Survival.swept.flatMap { Sweep.nested(in: DiskPoint(boundary, $0), once, .sampled) }
        }.map { $0[1].boundary }

        #expect(Set(boundaries) == Set(1...once.boundariesBeforeServing))
    }

    // MARK: Refusals

    /// In CI `galgo-sim sweep --refusals` goes through all of them.
    @Test(arguments: [SweepScenario.rotation, .storedOffsets, .topics, .shardFailure], Refusal.allCases)
    func `operations that are refused cost nothing that was promised`(scenario: SweepScenario, refusal: Refusal) throws
    {
        let sweep = Sweep(scenario)
        let fair = try #require(sweep.run([]))
        var metCount = 0

        for boundary in stride(from: fair.boundariesBeforeWork + 1, through: fair.boundariesToHealing, by: 9) {
            let first = DiskPoint(boundary, .refusal(refusal))
            let report = try #require(sweep.run([first]))
            #expect(report.verdict == .held, "\(first.text)")
            if report.diskPointsPassed == 1 { metCount += 1 }
            for points in Sweep.nested(in: first, report, .sampled) where (points[1].boundary + boundary) % 4 == 0 {
                let crashed = try #require(sweep.run(points))
                #expect(crashed.verdict == .held, "\(points.map(\.text))")
                #expect(crashed.diskPointsPassed == 2)
            }
        }
        #expect(metCount > 0)
    }

    @Test func `each operation is refused only in the ways in which it can be`() throws {
        let path = Path.segmentLog(incarnation: 1, base: 0)
        let (file, token) = (FileID(slot: 0, generation: 0), Token(1))
        func ways(_ operation: Operation, byteCount: Int = 100) -> [Refusal] {
            Refusal.allCases.filter { $0.injection(operation, byteCount: byteCount) != nil }
        }

        #expect(ways(.write(file, at: 0, slices: 1, token)) == [.fails, .half, .whole, .short, .full])
        #expect(ways(.write(file, at: 0, slices: 1, token), byteCount: 1) == [.fails, .whole, .full])
        #expect(ways(.open(path, .create, token)) == [.fails, .full])
        #expect(ways(.truncate(file, to: 0, token)) == [.fails])
        #expect(Refusal.fails.injection(.syncDirectory(.root, token), byteCount: 0) == .fails(.inputOutput))
    }

    @Test(arguments: Refusal.allCases)
    func `an operation is refused in the recovery from a crash, and the power goes out again behind it`(
        refusal: Refusal
    ) throws {
        let sweep = Sweep(.storedOffsets)
        let first = DiskPoint(72, .refusal(refusal))
        let crash = Sweep.crash(inPlaceOf: first)
        let crashed = try #require(sweep.run([crash]))
        let followers = Sweep.refusals(first, inRecoveryFrom: crash, crashed, .all)
        var passed: Set<Int> = []

        #expect(crash.isCrash && crash.boundary == 72)
        #expect(followers.allSatisfy { $0[0] == crash && $0[1].deed == .refusal(refusal) })
        for points in followers.enumerated().filter({ $0.offset % 23 == 0 }).map(\.element) {
            let report = try #require(sweep.run(points))
            #expect(report.verdict == .held, "\(points.map(\.text))")
            passed.insert(report.diskPointsPassed)
        }
        #expect(passed.contains { $0 > 1 })
    }

    @Test func `over the refusals every survival and every step has its turn`() throws {
        let crashed = try #require(Sweep(.rotation).run([DiskPoint(60, .nothing)]))

        for refusal in Refusal.allCases {
            let points = (1...200).map { DiskPoint($0, .refusal(refusal)) }
            let crashes = points.map { Sweep.crash(inPlaceOf: $0) }
            let pairs = points.flatMap { point in
                Sweep.refusals(point, inRecoveryFrom: Sweep.crash(inPlaceOf: point), crashed, .sampled)
                    .filter { $0.count == 3 }.map { "\($0[2].boundary - $0[1].boundary) \($0[2].deed)" }
            }

            #expect(Set(crashes.map { "\($0.deed)" }).count == Survival.swept.count)
            #expect(Set(pairs).count == 4 * Survival.swept.count)
        }
    }

    @Test func `points of both kinds stand in a plan`() throws {
        var plan = Plan(seed: 1)
        plan.diskPoints = [DiskPoint(3, .torn), DiskPoint(2, .refusal(.half)), DiskPoint(2, .refusal(.fails))]

        #expect(plan.text.contains("\ncrash 3.torn\nrefuse 2.half\nrefuse 2.fails\n"))
        #expect(try Plan(text: plan.text).diskPoints == plan.diskPoints)
        #expect(throws: (any Error).self) {
            try Plan(text: plan.text + "refuse 2.torn\n")
        }
    }

    @Test func `a sweep finds a world that forgets to sync directories`() throws {
        var sweep = Sweep(.rotation)
        sweep.sabotage = .directorySyncSwallowed
        let fair = try #require(sweep.run([]))

        let isFound = try (1...fair.boundariesToStop).contains { boundary in
            try #require(sweep.run([DiskPoint(boundary, .nothing)])).verdict != .held
        }

        #expect(isFound)
    }
}
