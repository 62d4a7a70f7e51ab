import Platform
import Primitives
import Sim
import Testing
import Wire

@testable import Server

/// What one client may cost the others.
@Suite struct RudeClientTests {
    @Test func `a client that asks and does not read stops being answered`() throws {
        let rig = try ShardRig { $0.limits.repliesBytesMax = 64 << 10 }
        let rude = try rig.logIn()
        try rig.makeTopic(rude, "s", "t", partitions: 500)
        let before = rig.universe.bufferBytesPeak

        // 300 replies of 20 KB each, of which the network takes a few.
        rude.reads = false
        rig.tell(rude, (0..<300).flatMap { _ in Request.getTopic(ShardRig.path("s", "t")).frame })
        rig.run(for: second)

        #expect(rig.universe.bufferBytesPeak - before < 1 << 20)
        // Nothing is lost: they come when they are read.
        rude.reads = true
        var replyCount = 0
        rude.onReply = { _ in replyCount += 1 }
        rude.handle(.readable(rude.connection), in: rig.universe)
        try rig.wait { replyCount == 300 }
    }

    @Test func `a shard without memory refuses and does not fail, and has memory again`() throws {
        let rig = try ShardRig(shardCount: 2, bufferBytesMax: 6 << 20) { $0.limits.memoryReserveBytes = 4 << 10 }
        let asker = try rig.logIn(to: ShardID(0))
        try rig.makeTopic(asker, "s", "t", partitions: 600)
        let hogs = try (0..<60).map { _ in try rig.logIn(to: ShardID(1)) }

        // Frames of 3 MiB that begin and do not end, then connections that say nothing, until there is no memory left.
        let head: [UInt8] = [0, 0, 48, 0, 101, 0, 0, 0]
        for hog in hogs { rig.tell(hog, head + [UInt8](repeating: 0, count: 1 << 20)) }
        rig.run(for: second)
        for _ in 0..<100 { _ = try rig.connect(to: ShardID(1)) }
        let starved = try rig.ask(asker, .getTopic(ShardRig.path("s", "t")))
        // They wait for each other's memory: the largest frames are given up until there is enough for the others.
        rig.run(for: 60 * second)
        let fed = try rig.ask(asker, .getTopic(ShardRig.path("s", "t")))

        #expect(starved == RigClient.Reply(status: ErrorCode.error.rawValue, payload: []))
        #expect(rig.universe.notices.contains { $0.notice.subject == .frameGivenUp })
        #expect(fed.status == 0)
        #expect(fed.payload.count > 600 * 40)
    }

    /// One large frame that hardly comes must not keep the others of its shard waiting for long, and not one of many
    /// that come back again and again must be left out.
    @Test func `large frames take turns, and one that is slow ends while others wait`() throws {
        let rig = try ShardRig(bufferBytesMax: 64 << 20) {
            $0.limits.largeFrameBytes = 64 << 10
            $0.limits.largeFrameBytesTotal = 256 << 10
            $0.limits.memoryReserveBytes = 4 << 10
        }
        let asker = try rig.logIn()
        try rig.makeTopic(asker, "s", "t", partitions: 1)
        let slow = try rig.logIn()
        // Of 200 KiB it sends 20.
        rig.tell(slow, [0, 32, 3, 0, 101, 0, 0, 0] + [UInt8](repeating: 0, count: 20 << 10))
        rig.run(for: second)

        var served = 0
        let others = try (0..<4).map { _ in try rig.logIn() }
        let batch = Self.batch(payloadByteCount: 150 << 10)
        for other in others {
            other.onReply = { _ in served += 1 }
            rig.tell(other, batch + batch)
        }
        func trickle(seconds: Int) {
            for _ in 0..<seconds {
                rig.tell(slow, [UInt8](repeating: 0, count: 2 << 10))
                rig.run(for: second)
            }
        }
        trickle(seconds: 20)
        #expect(served == 0, "there is room for one at a time")
        trickle(seconds: 20)
        #expect(served == 8)
        #expect(rig.universe.notices.contains { $0.notice.subject == .frameGivenUp })
    }

    /// A SendMessages frame to partition 0 of topic t in stream s.
    private static func batch(payloadByteCount: Int) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        let long = [UInt8](repeating: 0, count: 8)
        let message =
            long + long + long + long + long + long + word(0) + word(payloadByteCount) + long
            + [UInt8](repeating: 1, count: payloadByteCount)
        let index = word(0) + word(message.count) + long
        let metadata: [UInt8] = [2, 1, 115, 2, 1, 116, 2, 4] + word(0) + word(1)
        let payload = word(metadata.count) + metadata + index + message
        return word(payload.count + 4) + word(101) + payload
    }

    @Test func `a frame whose first bytes came fast is not held for hours`() throws {
        let rig = try ShardRig()
        let holder = try rig.logIn()
        let slow = try rig.logIn()

        // Of 8 MiB the one sends a quarter and then nothing; the other goes on at 64 KiB each second.
        let head: [UInt8] = [0, 0, 128, 0, 101, 0, 0, 0]
        rig.tell(holder, head + [UInt8](repeating: 0, count: 2 << 20))
        rig.tell(slow, head)
        for _ in 0..<62 {
            rig.tell(slow, [UInt8](repeating: 0, count: 64 << 10))
            rig.run(for: second)
        }

        #expect(holder.hasEnded)
        #expect(!slow.hasEnded)
    }

    @Test func `of many who wait for another shard none waits for ever`() throws {
        let rig = try ShardRig(shardCount: 2) {
            $0.limits.loginsMax = 1_000
            $0.limits.unauthenticatedConnectionsMax = 1_000
            $0.storage.offsetsLevel = .power
        }
        let first = try rig.logIn(to: ShardID(0))
        try rig.makeTopic(first, "s", "t", partitions: 2)
        let partition: UInt32 = ownerOfPartition(0, topic: 0, stream: 0, shardCount: 2) == ShardID(1) ? 0 : 1
        try rig.append(first, to: ShardRig.path("s", "t"), partition: partition)

        // Each stores its offset again and again; the sync that each waits for holds the mail credits.
        let clients = (0..<600).map { _ in RigClient(wanted: ShardID(0)) }
        var answers = [Int](repeating: 0, count: clients.count)
        for (index, client) in clients.enumerated() {
            client.number = rig.universe.add(client, startingIn: millisecond)
            let place = ConsumerPartition(
                consumer: .single(.id(UInt32(index))), path: ShardRig.path("s", "t"), partition: partition)
            let frame = Request.storeConsumerOffset(place, offset: 0).frame
            client.onReply = { [unowned client] universe in
                answers[index] += 1
                universe.send(client.connection, frame)
            }
        }
        try rig.wait { clients.allSatisfy(\.isConnected) }
        for client in clients { rig.tell(client, ShardRig.login.frame) }
        try rig.wait { answers.allSatisfy { $0 > 0 } }
        answers = answers.map { _ in 0 }
        rig.run(for: second / 5)

        let most = answers.max() ?? 0
        let least = answers.min() ?? 0
        #expect(least > 0 && least * 4 >= most, "\(least) to \(most) answers")
    }
}
