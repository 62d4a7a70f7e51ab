import Gherkin

extension StepLibrary {
    /// The machine that a server starts on, and what it makes of it.
    mutating func definePlacementSteps() throws {
        try given(
            "a machine of {int} cores with {int} threads each, {int} MiB of memory, and {int} MiB that may be locked"
        ) { scene, arguments in
            scene.machine = MachineDescription(
                cores: UInt32(try arguments.int()), threadsPerCore: UInt32(try arguments.int(1)),
                memoryBytes: UInt64(try arguments.int(2)) << 20, lockableBytes: UInt64(try arguments.int(3)) << 20)
        }
        try when("a server starts there with the shards {string}") { scene, arguments in
            guard let machine = scene.machine else { throw Broken("no step has described a machine yet") }
            scene.served = try scene.driver.start(scene.setup, on: machine, cpuAllocation: try arguments.string())
        }
        try then("it serves with {int} shards, {string}") { scene, arguments in
            let expected = ServedShards(count: try arguments.int(), reason: try arguments.string(1))
            try expect(scene.served == expected, "\(scene.served.map { "\($0)" } ?? "nothing was started")")
        }
    }
}
