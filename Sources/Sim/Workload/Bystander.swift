import Platform
import Primitives
import Wire

/// Logs in through one shard, asks who it is, and stays until it is told to go: others must see it.
final class Bystander: ClassicActor {
    private(set) var record: ClientRecord?

    init(through shard: ShardID) {
        super.init(.patient)
        wantedShard = shard
    }

    override func ready(in universe: any Surroundings) {
        if record == nil { ask(.getMe, in: universe) }
    }

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {
        if case .client(let record, _)? = Reply.first(in: payload, to: .getMe) { self.record = record }
    }
}

/// Connects, says little or nothing, and must be sent away after a while.
final class Idler: Actor {
    /// What it says before it falls silent.
    private let words: [UInt8]
    private(set) var isOver = false
    private var number: UInt16 = 0

    init(saying words: [UInt8]) { self.words = words }

    /// Joins the universe and begins.
    func join(_ universe: Universe) { number = universe.add(self, startingIn: 0) }

    override var title: String { "idler" }

    override func handle(_ event: ActorEvent, in universe: Universe) {
        switch event {
        case .timer: _ = universe.connect(number)
        case .connected(let connection): universe.send(connection, words)
        case .readable(let connection): _ = universe.take(connection)
        case .ended: isOver = true
        case .refused: break
        }
    }
}
