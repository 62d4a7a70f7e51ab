import Platform
import Primitives
import Testing
import Wire

@testable import Server

/// A request for a shard that owes many answers waits, and costs nothing meanwhile.
@Suite struct CreditTests {
    private static let topic = TopicPath(stream: .name(Name("orders")!), topic: .name(Name("t")!))

    /// Shard 0 of two, whose topic has a partition on each, and a session that is logged in.
    private func rig() throws -> (CatalogRig, Session) {
        let rig = try CatalogRig.joined()
        for request in [
            Request.createStream(name: Name("orders")!),
            .createTopic(CreateTopic(stream: Self.topic.stream, name: Name("t")!, partitionCount: 2)),
        ] {
            try rig.ask(request)
            try rig.run()
            let told = try #require(rig.letter(.apply))
            try rig.deliver(.reply(.applied, told.words, lending: told.lent))
        }
        let session = Session(
            ConnectionID(slot: 0, generation: 1), peer: PeerAddress(ipv4: 1, port: 1), clientID: 1, acceptedAt: 0)
        session.userID = 0
        rig.shard.sessions = [session]
        rig.shard.world.marks = []
        return (rig, session)
    }

    private func useUpCredit(_ rig: CatalogRig) throws {
        while rig.shard.peers.hasCredit(ShardID(1)) { try rig.shard.peers.asked(ShardID(1)) }
    }

    /// A batch of one message; `isDamaged`: its message is longer than the batch.
    private func payload(_ rig: CatalogRig, to partition: UInt32, isDamaged: Bool) throws -> Slice {
        let (bytes, none): ([UInt8], [UInt8]) = ([1, 2, 3], [])
        var batch = ClassicBatchBuilder()
        batch.append(originTimestamp: 0, payload: bytes.rawSpan, userHeaders: none.rawSpan)
        var frame = ByteWriter()
        batch.encodeFrame(to: Self.topic, .partition(partition), into: &frame)
        var payload = Array(frame.bytes.dropFirst(ClassicRequestHead.byteCount))
        // The payload's length is the last but two words of the message's head, behind which only the payload comes.
        if isDamaged { payload[payload.count - bytes.count - 12] = 200 }
        let slice = try #require(try rig.shard.lend(byteCount: payload.count))
        rig.shard.world.pool.fill(slice, payload)
        return slice
    }

    private func send(_ rig: CatalogRig, _ session: Session, to partition: UInt32, isDamaged: Bool) throws -> String {
        let payload = try payload(rig, to: partition, isDamaged: isDamaged)
        switch try rig.shard.sendInPlace(payload, session, slot: 0, serial: 1) {
        case .stalled?: return "stalled"
        case .begun?: return "begun"
        case .answered?: return "answered"
        case nil: return "to be decoded"
        }
    }

    @Test func `a send without credit waits before its messages are looked at`() throws {
        let (rig, session) = try rig()
        let foreign: UInt32 = Assignment.owner(
            of: PartitionAddress(stream: 0, topic: 0, partition: 0), shardCount: 2) == ShardID(1) ? 0 : 1

        #expect(try send(rig, session, to: foreign, isDamaged: true) == "to be decoded")
        #expect(!rig.shard.world.marks.contains(.mailOutOfCredit))

        try useUpCredit(rig)
        #expect(try send(rig, session, to: foreign, isDamaged: true) == "stalled")
        #expect(try send(rig, session, to: foreign, isDamaged: false) == "stalled")
        #expect(rig.shard.world.marks.contains(.mailOutOfCredit))
        // What could not be sent in any case is told at once.
        #expect(try send(rig, session, to: 9, isDamaged: true) == "to be decoded")
        #expect(try send(rig, session, to: 1 - foreign, isDamaged: true) == "to be decoded")

        try rig.shard.peers.answered(ShardID(1))
        #expect(try send(rig, session, to: foreign, isDamaged: true) == "to be decoded")
        #expect(try send(rig, session, to: foreign, isDamaged: false) == "begun")
    }
}
