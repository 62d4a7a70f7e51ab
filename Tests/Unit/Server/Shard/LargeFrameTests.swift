import Platform
import Primitives
import Sim
import Testing
import Wire

@testable import Server

/// Large frames of several shards share one room. The simulator checks the laws of its account after each event.
@Suite struct LargeFrameTests {
    /// Room for one frame of 256 KiB.
    private static func rig(shardCount: UInt16) throws -> ShardRig {
        try ShardRig(shardCount: shardCount) {
            $0.limits.largeFrameBytes = 64 << 10
            $0.limits.largeFrameBytesTotal = 256 << 10
            $0.limits.sendProgressWithin = 10 * second
        }
    }

    @Test func `a shard gets the room that another has given back`() throws {
        let rig = try Self.rig(shardCount: 3)
        try rig.makeTopic(try rig.logIn(to: ShardID(0)), "s", "t", partitions: 1)
        var served = 0
        for number in 0..<9 as Range<UInt16> {
            let client = try rig.logIn(to: ShardID(number % 3))
            client.onReply = { _ in served += 1 }
            rig.tell(client, Self.batch(payloadByteCount: 150 << 10) + Self.batch(payloadByteCount: 100 << 10))
        }

        try rig.wait { served == 18 }
        rig.run(for: second)
        #expect(rig.roomGiven == RoomAmount.none)
    }

    /// Otherwise an idle connection would hold it, and its next frame would be admitted without asking.
    @Test func `a large frame with a command that nobody knows gives its room back with its answer`() throws {
        let rig = try Self.rig(shardCount: 2)
        let client = try rig.logIn(to: ShardID(1))
        // 200 KiB of command 9999.
        rig.tell(client, [0, 32, 3, 0, 0x0f, 0x27, 0, 0] + [UInt8](repeating: 0, count: (200 << 10) - 4))

        try rig.wait { client.hasReply }
        rig.run(for: second)
        #expect(!client.hasEnded)
        #expect(rig.roomHeld(by: 1) == RoomAmount.none)
        #expect(rig.roomGiven == RoomAmount.none)
    }

    @Test func `a frame that is slow on one shard ends for another shard's sake`() throws {
        let rig = try Self.rig(shardCount: 3)
        try rig.makeTopic(try rig.logIn(to: ShardID(0)), "s", "t", partitions: 1)
        let slow = try rig.logIn(to: ShardID(1))
        // Of 200 KiB it sends 20.
        rig.tell(slow, [0, 32, 3, 0, 101, 0, 0, 0] + [UInt8](repeating: 0, count: 20 << 10))
        rig.run(for: second)

        let other = try rig.logIn(to: ShardID(2))
        rig.tell(other, Self.batch(payloadByteCount: 150 << 10))
        for _ in 0..<20 {
            rig.tell(slow, [UInt8](repeating: 0, count: 2 << 10))
            rig.run(for: second)
        }
        #expect(!other.hasReply && !slow.hasEnded, "there is room for one at a time")
        rig.run(for: 15 * second)
        #expect(other.hasReply && slow.hasEnded && !other.hasEnded)
    }

    @Test func `who waited and went keeps nobody waiting`() throws {
        let rig = try Self.rig(shardCount: 2)
        try rig.makeTopic(try rig.logIn(to: ShardID(0)), "s", "t", partitions: 500)
        let holder = try rig.logIn(to: ShardID(0))
        let batch = Self.batch(payloadByteCount: 70 << 10)
        rig.tell(holder, Array(batch.prefix(40 << 10)))
        rig.run(for: second)
        // The first of each row wants all the room, the second could have the rest of it. The first ones take nothing of
        // the 600 KB that they asked for.
        let waiting = try (0..<2 as Range<UInt16>).map { try rig.logIn(to: ShardID($0)) }
        let question = Request.getTopic(ShardRig.path("s", "t")).frame
        let beginning: [UInt8] = [0, 32, 3, 0, 101, 0, 0, 0] + [UInt8](repeating: 0, count: 20 << 10)
        for client in waiting {
            client.reads = false
            rig.tell(client, (0..<30).flatMap { _ in question } + beginning)
        }
        rig.run(for: second)
        let modest = try (0..<2 as Range<UInt16>).map { try rig.logIn(to: ShardID($0)) }
        for client in modest { rig.tell(client, batch) }
        rig.run(for: second)
        #expect(!modest.contains { $0.hasReply }, "none is passed over")

        // They are closed for it.
        rig.run(for: 12 * second)
        #expect(waiting.allSatisfy { $0.hasEnded })
        #expect(modest.allSatisfy { $0.hasReply })
        #expect(!holder.hasEnded)
        rig.tell(holder, Array(batch.dropFirst(40 << 10)))
        try rig.wait { holder.hasReply }
    }

    /// Shard 0 keeps the account: its next life learns from the others what they have.
    @Test(arguments: [UInt16(0), 1], [5, 10, 20, 30, 50, 80, 120, 200] as [Int64])
    func `when a shard fails all are answered or ended, and all room comes back`(lost: UInt16, delay: Int64) throws {
        let rig = try Self.rig(shardCount: 3)
        try rig.makeTopic(try rig.logIn(to: ShardID(0)), "s", "t", partitions: 3)
        let clients = try (0..<9 as Range<UInt16>).map { try rig.logIn(to: ShardID($0 % 3)) }
        var served = 0
        for (number, client) in clients.enumerated() {
            client.onReply = { _ in served += 1 }
            rig.tell(
                client, (0..<3).flatMap { Self.batch(payloadByteCount: (80 + 25 * $0) << 10, partition: number % 3) })
        }
        rig.universe.inject(Fault(.shardPanic(ShardID(lost)), when: .at(delay * 100 * microsecond)))
        rig.run(for: 20 * second)
        #expect(rig.universe.finding == nil)
        #expect(rig.universe.notices.contains { $0.notice.subject == .shardLost })
        #expect(clients.contains { $0.hasEnded })
        #expect(served >= 3 * clients.count { !$0.hasEnded }, "who is still there has been answered")

        rig.run(for: second)
        #expect(rig.roomGiven == RoomAmount.none)
        for number in 0..<3 as Range<UInt16> { #expect(rig.roomHeld(by: number) == RoomAmount.none) }
        // The whole room, on each shard.
        for number in 0..<3 as Range<UInt16> {
            let client = try rig.logIn(to: ShardID(number))
            rig.tell(client, Self.batch(payloadByteCount: 250 << 10))
            try rig.wait { client.hasReply }
        }
    }

    /// A SendMessages frame to a partition of topic t in stream s.
    static func batch(payloadByteCount: Int, partition: Int = 0) -> [UInt8] {
        var batch = ClassicBatchBuilder()
        let payload = [UInt8](repeating: 1, count: payloadByteCount)
        let userHeaders: [UInt8] = []
        batch.append(originTimestamp: 0, payload: payload.rawSpan, userHeaders: userHeaders.rawSpan)
        var send = ByteWriter()
        batch.encodeFrame(to: ShardRig.path("s", "t"), .partition(UInt32(partition)), into: &send)
        return send.bytes
    }
}
