import Platform
import Primitives
import Wire

/// Logs in, asks for much at once, takes nothing of it, and goes: what was not sent to it is nobody's any more.
final class Quitter: Actor {
    private let path: TopicPath
    private let partitions: UInt32
    private let shard: ShardID
    private var number: UInt16 = 0
    private var connection: UInt32?
    private var isLoggedIn = false
    private(set) var isFinished = false

    private static let requestsPerPartition = 6
    private static let farewell: UInt32 = 1

    init(_ path: TopicPath, partitions: UInt32, through shard: ShardID) {
        self.path = path
        self.partitions = partitions
        self.shard = shard
    }

    /// Joins the universe and begins.
    func join(_ universe: Universe) { number = universe.add(self, startingIn: 0) }

    override func handle(_ event: ActorEvent, in universe: Universe) {
        switch event {
        case .timer(Self.farewell): go(universe)
        case .timer: connection = universe.connect(number, to: shard)
        case .connected(let connection):
            guard let name = Name("iggy") else { return }
            send(.loginUser(LoginUser(name: name, password: Secret("iggy"))), connection, universe)
        case .readable(let connection):
            guard !isLoggedIn else { return }
            isLoggedIn = true
            _ = universe.take(connection)
            for partition in 0..<partitions {
                let poll = PollMessages(
                    consumer: .single(.id(1)), path: path, partition: partition, strategy: .offset(0), count: 1_000)
                for _ in 0..<Self.requestsPerPartition { send(.pollMessages(poll), connection, universe) }
            }
            universe.remind(number, Self.farewell, in: universe.tape.latency(0...4 * millisecond, .clients))
        case .refused, .ended: isFinished = true
        }
    }

    private func send(_ request: Request, _ connection: UInt32, _ universe: Universe) {
        var writer = ByteWriter()
        request.encodeFrame(into: &writer)
        universe.send(connection, writer.bytes)
    }

    private func go(_ universe: Universe) {
        guard !isFinished, let connection else { return }
        isFinished = true
        if universe.tape.happens(1, of: 2, .clients) { universe.reset(connection) } else { universe.close(connection) }
    }
}
