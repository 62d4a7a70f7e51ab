import Foundation
import Gherkin
import Support
import Testing

/// What `features/` promises, played in both worlds: each scenario is a test case of its own.
@Suite struct FeatureTests {
    @Test func `every feature can be read, and every step is defined exactly once`() throws {
        let steps = try StepLibrary.shared.get()

        let problems = Features.all.flatMap { steps.problems(in: $0.pickle) }

        #expect(Features.problems == [])
        #expect(!Features.all.isEmpty)
        #expect(!Features.scenarios.isEmpty, "no scenario's id and name contain GALGO_SCENARIO")
        #expect(Seeds.chosen.problem == nil)
        #expect(problems == [], "\(problems.map { "\($0.outcome)" }.joined(separator: "\n"))")
    }

    @Test(arguments: Features.scenarios)
    func `the real server keeps the promise`(scenario: Scenario) throws {
        let driver = try BinaryDriver(fault: scenario.fault)

        let play = try Play(scenario, driver)

        if let reason = play.skipReason { try skip(scenario, "not on the real server: \(reason)") }
        #expect(!scenario.isSimulated, "it can be played here: it is not @simulated")
        let isKept = play.result.isPassed
        #expect(isKept, "\(play.result)")
    }

    @Test(arguments: Features.scenarios)
    func `the simulated server keeps the promise under every seed`(scenario: Scenario) throws {
        var hits = 0
        var failures = 0
        for seed in ScenarioSeeds.all where failures < Self.failuresMax {
            let driver = SimDriver(seed: seed, fault: scenario.fault)
            let play = try Play(scenario, driver)
            if let reason = play.skipReason { try skip(scenario, "not in the simulator: \(reason)") }

            if driver.hitCount > 0 { hits += 1 }
            let isKept = play.result.isPassed
            // A scenario about a fault says nothing where the fault changes nothing.
            let isAboutFault = scenario.fault == nil || driver.hitCount > 0
            if !isKept || !isAboutFault { failures += 1 }
            #expect(isKept, "\(ScenarioSeeds.reproduction(of: scenario, seed))\n\(play.result)\n\(driver.lastLines)")
            #expect(isAboutFault, "\(ScenarioSeeds.reproduction(of: scenario, seed))\nits fault had no effect")
        }

        guard failures < Self.failuresMax else { return }
        print("\(scenario): in \(hits) of \(ScenarioSeeds.all.count) seeds a fault had an effect")
        #expect(ScenarioSeeds.isSingle || hits * 2 >= ScenarioSeeds.all.count, "too few seeds with a fault")
    }

    /// More failing seeds of one scenario than this tell nothing new.
    private static let failuresMax = 3

    @Test(arguments: Features.scenarios)
    func `a seed plays the same run every time`(scenario: Scenario) throws {
        let traces = try (0..<2).map { _ in
            let driver = SimDriver(seed: 1, fault: scenario.fault)
            _ = try Play(scenario, driver)
            return driver.trace
        }

        #expect(traces[0] == traces[1])
    }
}

/// Ends the test case as skipped. The warning is there because a skipped case of many says nothing by itself.
private func skip(_ scenario: Scenario, _ reason: String) throws -> Never {
    Issue.record("skipped \(scenario): \(reason)", severity: .warning)
    try Test.cancel("\(reason)")
}

/// One scenario played once through one driver.
struct Play {
    let result: ScenarioResult
    /// Why it could not be played there to its end.
    let skipReason: String?

    init(_ scenario: Scenario, _ driver: any ServerDriver) throws {
        var scene = Scene(driver: driver)
        result = try StepLibrary.shared.get().run(scenario.pickle, &scene)
        skipReason = scene.skipReason
    }
}

/// The seeds under which the simulated scenarios are played: see `Support.Seeds`.
enum ScenarioSeeds {
    static let all = Seeds.chosen.list(from: 0, count: UInt64(usual.count))

    static let usual: [UInt64] = Array(0..<24)

    static var isSingle: Bool { all.count == 1 }

    /// The command that plays one scenario under one seed again.
    static func reproduction(of scenario: Scenario, _ seed: UInt64) -> String {
        "reproduce: SIM_SEED=\(seed) GALGO_SCENARIO='\(scenario.pickle.id)' swift test --filter 'FeatureTests.*simulated'"
    }
}
