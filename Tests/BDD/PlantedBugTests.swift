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

    /// Whoever counts siblings as cores, or memory as endless, dies of it here as there.
    @Test func `the machine that a server died on cannot carry 32 shards`() throws {
        let machine = MachineDescription(
            cores: 16, threadsPerCore: 2, memoryBytes: 512 << 20, lockableBytes: 8 << 20)
        for (count, isEnough) in [(16, true), (17, false), (32, false)] {
            let driver = SimDriver(seed: 1, fault: "none")
            var finding: DriverError?
            do {
                try driver.launch(ServerSetup(shardCount: count), on: machine.topology)
            } catch let error as DriverError {
                finding = error
            }
            let death = DriverError.found("ENOMEM: \(count) shards on a machine with memory for 16")
            #expect(finding == (isEnough ? nil : death))
        }
    }
}
