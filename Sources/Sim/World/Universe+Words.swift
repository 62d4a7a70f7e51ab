import Platform

/// A happening that somebody asked for.
public struct WatchedHappening: Equatable, Sendable {
    /// Counted from 1.
    public let number: Int
    /// Nanoseconds since the run began.
    public let time: Int64
    public let words: String
}

extension Universe {
    /// What is about to happen, for a person.
    func words(_ happening: Happening) -> String {
        let actor = Int(happening.actor)
        switch happening.kind {
        case .run: return "shard \(actor) takes its next event"
        case .complete:
            guard let desk = shards[actor].desk, desk.generation == happening.generation,
                let operation = desk.operations[happening.slot]?.operation
            else { return "an operation of a shard that is gone would end" }
            return "shard \(actor): \(operation.words(desk.ioClass(of: operation))) takes effect"
        case .mail: return "a letter from shard \(happening.slot) reaches shard \(actor)"
        case .wake: return "an alarm of shard \(actor) rings"
        case .arriveAtServer: return "what \(client(of: happening.slot)) sent reaches the server"
        case .arriveAtClient: return "what the server sent reaches \(client(of: happening.slot))"
        case .connect: return "\(client(of: happening.slot)) reaches the listener"
        case .clientTimer: return "an alarm of \(actors[actor].title) rings"
        case .faultBegins: return "✱ \(faults.faults[Int(happening.slot)].text) begins"
        case .faultEnds: return "\(faults.faults[Int(happening.slot)].text) ends"
        case .start: return "the process starts"
        case .rebuild: return "shard \(actor) is made anew"
        }
    }

    private func client(of connection: UInt32) -> String {
        actors[Int(connections[Int(connection)].actor)].title
    }
}
