import Platform
import Primitives
import Sim
import Testing
import Wire

@testable import Server

/// Real shards in a simulated world, and clients that say to them what a test wants.
final class ShardRig {
    let universe: Universe
    private let lives = Lives()
    private static let patience: Int64 = 60 * second

    init(
        shardCount: UInt16 = 1, bufferBytesMax: Int = 64 << 20, faults: [Fault] = [],
        _ change: (inout Settings) -> Void = { _ in }
    ) throws {
        var world = UniverseSettings()
        world.seed = 11
        world.shardCount = Int(shardCount)
        world.bufferBytesMax = bufferBytesMax
        var settings = Settings(rootName: try #require(Name("iggy")), rootPassword: Secret("iggy"))
        change(&settings)
        let shardSettings = settings
        let lives = lives
        universe = Universe(settings: world, tape: Tape(seed: 11), faults: faults) {
            (world: consuming SimWorld, shard: ShardID, generation: UInt32) throws(MachineFailure) -> Cell in
            let cell = MachineCell(
                Shard(
                    id: shard, shardCount: shardCount, generation: generation, settings: shardSettings, world: world))
            lives.cells[Int(shard.number)] = WeakCell(cell: cell)
            return cell
        }
        let universe = universe
        try #require(universe.run(until: Self.patience) { universe.isServing })
    }

    /// What the large frames of a shard hold of their room, as it has it; and what all of them hold, as shard 0 has it.
    func roomHeld(by shard: UInt16) -> RoomAmount? { lives.cells[Int(shard)]?.cell?.machine.roomUse.held }
    var roomGiven: RoomAmount? { lives.cells[0]?.cell?.machine.frameRoom?.total }

    /// Whether the shard asks others for memory.
    func isAskingForMemory(_ shard: UInt16) -> Bool { lives.cells[Int(shard)]?.cell?.machine.shortage != nil }

    /// A client that is connected to the shard, or to any.
    func connect(to shard: ShardID? = nil) throws -> RigClient {
        let client = RigClient(wanted: shard)
        client.number = universe.add(client, startingIn: millisecond)
        try wait { client.isConnected }
        return client
    }

    func logIn(to shard: ShardID? = nil) throws -> RigClient {
        let client = try connect(to: shard)
        let reply = try ask(client, Self.login)
        try #require(reply.status == 0)
        return client
    }

    static var login: Request { .loginUser(LoginUser(name: name("iggy"), password: Secret("iggy"))) }

    static func name(_ text: String) -> Name { Name(text)! }

    static func path(_ stream: String, _ topic: String) -> TopicPath {
        TopicPath(stream: .name(name(stream)), topic: .name(name(topic)))
    }

    func makeTopic(_ client: RigClient, _ stream: String, _ topic: String, partitions: UInt32) throws {
        let stream = Self.name(stream)
        try #require(try ask(client, .createStream(name: stream)).status == 0)
        let wanted = CreateTopic(stream: .name(stream), name: Self.name(topic), partitionCount: partitions)
        try #require(try ask(client, .createTopic(wanted)).status == 0)
    }

    /// Appends one message, and waits for the reply.
    func append(_ client: RigClient, to path: TopicPath, partition: UInt32) throws {
        let (payload, userHeaders): ([UInt8], [UInt8]) = ([1], [])
        var batch = ClassicBatchBuilder()
        batch.append(originTimestamp: 0, payload: payload.rawSpan, userHeaders: userHeaders.rawSpan)
        var send = ByteWriter()
        batch.encodeFrame(to: path, .partition(partition), into: &send)
        tell(client, send.bytes)
        try wait { client.hasReply }
        try #require(client.takeReply()?.status == 0)
    }

    func tell(_ client: RigClient, _ bytes: [UInt8]) { universe.send(client.connection, bytes) }

    /// Sends a request and waits for its reply.
    func ask(_ client: RigClient, _ request: Request) throws -> RigClient.Reply {
        tell(client, request.frame)
        try wait { client.hasReply || client.hasEnded }
        return try #require(client.takeReply())
    }

    func wait(until isDone: () -> Bool) throws {
        let isDone = universe.run(until: universe.clock.now + Self.patience, or: isDone)
        try #require(universe.finding == nil)
        try #require(isDone)
    }

    func run(for time: Int64) { universe.run(until: universe.clock.now + time) }
}

/// The Machines that live. Nobody but the universe holds them.
private final class Lives {
    var cells: [Int: WeakCell] = [:]
}

private struct WeakCell {
    weak var cell: MachineCell<Shard<SimWorld>>?
}

extension Request {
    var frame: [UInt8] {
        var writer = ByteWriter()
        encodeFrame(into: &writer)
        return writer.bytes
    }
}

/// A client without a will of its own: it keeps what comes, unless it is told not to read.
final class RigClient: Actor {
    struct Reply: Equatable {
        let status: UInt32
        let payload: [UInt8]
    }

    var number: UInt16 = 0
    private(set) var connection: UInt32 = 0
    private(set) var isConnected = false
    private(set) var hasEnded = false
    var reads = true
    /// Told of each whole reply that came, for clients that ask again and again.
    var onReply: ((Universe) -> Void)?
    private let wanted: ShardID?
    private var received: [UInt8] = []

    init(wanted: ShardID?) { self.wanted = wanted }

    override func handle(_ event: ActorEvent, in universe: Universe) {
        switch event {
        case .timer, .refused: connection = universe.connect(number, to: wanted)
        case .connected: isConnected = true
        case .readable where reads:
            received += universe.take(connection)
            while let onReply, takeReply() != nil { onReply(universe) }
        case .readable: break
        case .ended: hasEnded = true
        }
    }

    var hasReply: Bool { replyByteCount != nil }

    func takeReply() -> Reply? {
        guard let byteCount = replyByteCount, let status = received.rawSpan.load(UInt32.self, at: 0) else { return nil }
        defer { received.removeFirst(byteCount) }
        return Reply(status: status, payload: Array(received[8..<byteCount]))
    }

    private var replyByteCount: Int? {
        guard let byteCount = received.rawSpan.load(UInt32.self, at: 4) else { return nil }
        let whole = 8 + Int(byteCount)
        return received.count >= whole ? whole : nil
    }
}
