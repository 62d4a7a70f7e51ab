import Platform
import Testing
import Wire

@testable import Server

/// A change that cannot be written: what its client is told is true after a power cut too.
@Suite struct CatalogLogTests {
    /// Asks for a change whose write fails and carries out so many operations more; what it was answered.
    private func rig(
        after operationCount: Int = .max, syncFails: Bool = false
    ) throws -> (CatalogRig, answer: ChangeAnswer?) {
        let rig = try CatalogRig().start()
        let write = rig.shard.world.performedCount + 1
        rig.shard.world.failures[write] = .inputOutput
        // The write, the cut, its sync.
        if syncFails { rig.shard.world.failures[write + 2] = .inputOutput }
        let ref = try rig.ask(.createStream(name: Name("orders")!))
        try rig.run(max: operationCount)
        return (rig, rig.answers[ref])
    }

    @Test func `a change is refused once the cut that takes its record away is durable`() throws {
        #expect(try rig(after: 3).answer == nil)

        let (rig, answer) = try rig()

        #expect(answer == .status(.cannotWriteToFile))
        #expect(rig.log?.isReady == true)
    }

    @Test func `a change is unknown when the cut may not be durable, and what follows goes to a new file`() throws {
        let (rig, answer) = try rig(syncFails: true)

        #expect(answer == .unknown)
        #expect(rig.log?.isReady == true)
        #expect(rig.log?.firstSequence != 1)
    }
}
