import Platform
import Sim
import Testing
import Wire

@testable import Server

/// A shard fails in the middle of a deletion. Its next Machine finishes it: no start comes for that.
@Suite struct AbandonedRemovalTests {
    @Test(arguments: [ShardID(0), ShardID(1)], [1, 2, 3] as [UInt32])
    func `a deletion that a failed shard had begun is finished without a restart`(shard: ShardID, nth: UInt32) throws {
        let rig = try ShardRig(shardCount: 2)
        let client = try rig.logIn()
        try rig.makeTopic(client, "orders", "t", partitions: 4)
        let path = ShardRig.path("orders", "t")
        for partition in 0..<4 as Range<UInt32> { try rig.append(client, to: path, partition: partition) }
        #expect(directories(rig).count == 4)

        rig.universe.inject(Fault(.shardPanic(shard), when: .io(.segment, .unlink, nth: nth)))
        rig.tell(client, Request.deleteTopic(path).frame)
        try rig.wait { rig.universe.counts.panics == 1 }
        try rig.wait { rig.universe.isServing && directories(rig).isEmpty }

        #expect(rig.universe.counts.restarts == 0)
    }

    private func directories(_ rig: ShardRig) -> [String] {
        rig.universe.disk.directories().filter { $0.hasPrefix("partitions/") }
    }
}
