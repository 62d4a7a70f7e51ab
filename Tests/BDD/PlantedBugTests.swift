import Gherkin
import Platform
import Sim
import Testing

/// A scenario that no bug can fail promises nothing: each of these is found under one of the seeds.
@Suite struct PlantedBugTests {
    @Test(arguments: [
        (PlantedBug.sabotage(.syncSwallowed), "The power fails"),
        (.mutation(.acknowledgeBeforeSync), "The power fails again and again"),
        (.sabotage(.noSpaceHidden), "The disk is full"),
        (.mutation(.noSpaceSwallowed), "The disk is full"),
        (.sabotage(.writeMisdirected), "The process is killed"),
        (.sabotage(.mailTwice), "Segments rotate while messages are read and written"),
    ])
    func `a planted bug is found by the scenario that is about it`(bug: PlantedBug, name: String) throws {
        let scenario = try #require(Features.all.first { $0.pickle.name == name })

        let isFound = try ScenarioSeeds.usual.contains { seed in
            let driver = SimDriver(seed: seed, fault: scenario.fault, bug: bug)
            return try !Play(scenario, driver).result.isPassed
        }

        #expect(isFound)
    }
}
