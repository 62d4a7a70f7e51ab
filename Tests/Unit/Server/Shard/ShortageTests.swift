import Platform
import Sim
import Testing
import Wire

@testable import Server

/// Who loses its connection when memory has run out.
@Suite struct ShortageTests {
    /// Clients of shard 0 ask for much and read nothing; those of shard 1 then have no memory for their frames.
    @Test func `readers that sleep on another shard give way before a frame does`() throws {
        let rig = try Self.rig()
        let sleepers = try Self.sleepers(rig, on: ShardID(0), count: 14)
        let writer = try rig.logIn(to: ShardID(1))
        rig.tell(writer, LargeFrameTests.batch(payloadByteCount: 900 << 10))

        try rig.wait { writer.hasReply || writer.hasEnded }
        #expect(writer.hasReply)
        let endedCount = sleepers.count { $0.hasEnded }
        #expect(endedCount > 0)
        #expect(endedCount < sleepers.count, "no more of them than it needs")
        #expect(rig.universe.notices.contains { $0.notice.subject == .readersGivenUp })
        #expect(!rig.universe.notices.contains { $0.notice.subject == .frameGivenUp })
    }

    /// The shard that is asked does not answer for a while, and then fails.
    @Test func `a shard that is lost while it is asked is waited for no more`() throws {
        let (rig, writer) = try Self.asking(stalledFor: 4 * second, panicAt: 3 * second)

        try rig.wait { rig.universe.notices.contains { $0.notice.subject == .shardLost } }
        rig.run(for: second)
        #expect(!rig.isAskingForMemory(1))
        try rig.wait { writer.hasReply || writer.hasEnded }
        let other = try rig.logIn(to: ShardID(1))
        rig.tell(other, LargeFrameTests.batch(payloadByteCount: 900 << 10))
        try rig.wait { other.hasReply }
    }

    /// It may hang for good: then a frame ends here, as if nobody slept.
    @Test func `a shard that does not answer is waited for so long and no longer`() throws {
        let (rig, writer) = try Self.asking(stalledFor: 30 * second)

        rig.run(for: 11 * second)
        #expect(!rig.isAskingForMemory(1))
        #expect(writer.hasEnded)
        // Its answer comes late, and means nothing.
        rig.run(for: 30 * second)
        #expect(rig.universe.finding == nil)
    }

    /// Shard 1 has no memory for a frame and asks shard 0, which does not answer for so long, or fails meanwhile.
    private static func asking(
        stalledFor duration: Int64, panicAt time: Int64? = nil
    ) throws -> (ShardRig, writer: RigClient) {
        let rig = try rig()
        _ = try sleepers(rig, on: ShardID(0), count: 14)
        let writer = try rig.logIn(to: ShardID(1))
        rig.tell(writer, LargeFrameTests.batch(payloadByteCount: 900 << 10))
        rig.run(for: 3 * second / 2)
        rig.universe.inject(Fault(.shardStall(ShardID(0)), when: .at(0), for: duration))
        if let time { rig.universe.inject(Fault(.shardPanic(ShardID(0)), when: .at(time))) }
        try rig.wait { rig.isAskingForMemory(1) }
        return (rig, writer)
    }

    /// 8 MiB for two shards.
    private static func rig() throws -> ShardRig {
        try ShardRig(shardCount: 2, bufferBytesMax: 8 << 20) {
            $0.limits.memoryReserveBytes = 4 << 10
            $0.limits.largeFrameBytes = 2 << 20
            // Nothing is kept for readers but what they are sent.
            $0.storage.tailBytesMax = 0
            $0.storage.pieceCacheBytesMax = 0
        }
    }

    /// Clients that take nothing of replies of 512 KiB, until memory runs out.
    private static func sleepers(_ rig: ShardRig, on shard: ShardID, count: Int) throws -> [RigClient] {
        let first = try rig.logIn(to: shard)
        try rig.makeTopic(first, "s", "t", partitions: 1)
        for _ in 0..<count {
            rig.tell(first, LargeFrameTests.batch(payloadByteCount: 500 << 10))
            try rig.wait { first.hasReply }
            _ = first.takeReply()
        }
        let sleepers = try (0..<count).map { _ in try rig.logIn(to: shard) }
        for (offset, sleeper) in sleepers.enumerated() {
            let poll = PollMessages(
                consumer: .single(.id(1)), path: ShardRig.path("s", "t"), partition: 0,
                strategy: .offset(UInt64(offset)), count: 1)
            sleeper.reads = false
            rig.tell(sleeper, Request.pollMessages(poll).frame)
            rig.run(for: second / 20)
        }
        return sleepers
    }
}
