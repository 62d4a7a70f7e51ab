import Gherkin

extension StepLibrary {
    /// The faults that a scenario brings about itself, and what must hold under them.
    mutating func defineFaultSteps() throws {
        try when("the disk becomes full") { scene, _ in
            scene.willHurt()
            try scene.driver.fillDisk()
        }
        try when("there is room on the disk again") { scene, _ in
            try scene.driver.freeDisk()
        }
        try then("a message is refused with an error and is never read") { scene, _ in
            try scene.sendUntilRefused(to: 0)
            try scene.checkEverything()
        }
        try then("the messages that were acknowledged before can still be polled") { scene, _ in
            try scene.checkEverything()
        }
        try then("the next message is acknowledged without a restart") { scene, _ in
            try scene.expectRecovery(of: 0)
        }

        try when("the shard that owns partition {int} fails") { scene, arguments in
            scene.willHurt()
            let topic = try scene.currentTopic().place
            let partition = UInt32(try arguments.int())
            try scene.driver.failShard(
                owning: PartitionPlace(stream: topic.stream, topic: topic.topic, partition: partition))
        }
        try then("a message to partition {int} is acknowledged without a restart") { scene, arguments in
            try scene.expectRecovery(of: UInt32(arguments.int()))
        }

        try given("a machine whose logical CPUs are siblings on half as many cores") { scene, _ in
            try scene.driver.useSiblingCores()
        }
        try when("the server runs more shards than there are cores") { scene, _ in
            try scene.driver.oversubscribeCores()
            scene.startsBeforeFault = scene.driver.startCount
        }
        try then("no healthy shard is taken for dead") { scene, _ in
            let failed = try scene.driver.failedShardCount()
            try expect(failed == 0, "\(failed) shards were given up")
            try expect(scene.driver.startCount == scene.startsBeforeFault, "the server was started again")
        }
    }
}

extension Scene {
    /// From here on the server may need a while for what it is asked; it must not need a restart.
    fileprivate mutating func willHurt() {
        isHurt = true
        startsBeforeFault = driver.startCount
    }

    fileprivate mutating func expectRecovery(of partition: UInt32) throws {
        try sendUntilAcknowledged(to: partition)
        try checkEverything()
        try expect(driver.startCount == startsBeforeFault, "the server was started again")
    }

    /// Sends until the server says no. What it still takes, into the last free blocks, it must keep.
    fileprivate mutating func sendUntilRefused(to partition: UInt32) throws {
        for _ in 0..<64 {
            if try sendOne(to: partition, payloadBytes: 16 << 10).outcome == .refused { return }
            driver.pause(milliseconds: Self.pauseMilliseconds)
        }
        throw Broken("64 messages of 16 KiB fit a full disk")
    }
}
