/// A client with topics of its own in the workload's stream, and what it does to them, one thing after the other.
///
/// Nobody else knows its topics, so what must be there, and what must not, follows from what it was told.
public struct PlannedOwner: Equatable, Sendable {
    public var behaviour: PlannedClient.Behaviour
    public var operations: [OwnerOperation]

    public init(_ behaviour: PlannedClient.Behaviour, _ operations: [OwnerOperation]) {
        self.behaviour = behaviour
        self.operations = operations
    }
}

/// What an owner does next. What its topic is not ready for (to fill one that is not there) it leaves out.
public enum OwnerOperation: Equatable, Sendable {
    /// How many topics an owner may have at once.
    public static let topicCount: UInt32 = 4

    case make(topic: UInt32, partitions: UInt32)
    case drop(topic: UInt32)
    case purge(topic: UInt32)
    /// Adds so many partitions.
    case widen(topic: UInt32, partitions: UInt32)
    /// Takes so many partitions away, if more are there.
    case narrow(topic: UInt32, partitions: UInt32)
    /// Asks whether it is there.
    case look(topic: UInt32)
    /// Comes again, through whichever shard takes it, and asks whether it is there.
    case revisit(topic: UInt32)
    /// Gives it another name, and asks for messages by the one before.
    case rename(topic: UInt32)
    /// To the partition that the number means, modulo their count.
    case append(topic: UInt32, partition: UInt32, messages: UInt32, payloadBytes: UInt32)
    /// From the first offset on.
    case read(topic: UInt32, partition: UInt32, messages: UInt32)
    /// Waits until every other client is finished or waits like it.
    case meet

    var topic: UInt32 {
        switch self {
        case .make(let topic, _), .drop(let topic), .purge(let topic), .widen(let topic, _), .narrow(let topic, _),
            .look(let topic), .revisit(let topic), .rename(let topic), .append(let topic, _, _, _),
            .read(let topic, _, _):
            topic
        case .meet: 0
        }
    }
}

extension OwnerOperation {
    public var text: String {
        switch self {
        case .make(let topic, let partitions): "make \(topic) \(partitions)"
        case .drop(let topic): "drop \(topic)"
        case .purge(let topic): "purge \(topic)"
        case .widen(let topic, let partitions): "widen \(topic) \(partitions)"
        case .narrow(let topic, let partitions): "narrow \(topic) \(partitions)"
        case .look(let topic): "look \(topic)"
        case .revisit(let topic): "revisit \(topic)"
        case .rename(let topic): "rename \(topic)"
        case .meet: "meet"
        case .append(let topic, let partition, let messages, let payloadBytes):
            "append \(topic) \(partition) \(messages) \(payloadBytes)"
        case .read(let topic, let partition, let messages): "read \(topic) \(partition) \(messages)"
        }
    }

    /// The first words of all texts.
    static let names = [
        "make", "drop", "purge", "widen", "narrow", "look", "revisit", "rename", "append", "read", "meet",
    ]

    init?(_ words: ArraySlice<String>) {
        if words.first == "meet", words.count == 1 {
            self = .meet
            return
        }
        let numbers = words.dropFirst().compactMap { UInt32($0) }
        guard numbers.count == words.count - 1, let topic = numbers.first, topic < Self.topicCount else { return nil }
        switch (words.first, numbers.count) {
        case ("make", 2) where numbers[1] > 0: self = .make(topic: topic, partitions: numbers[1])
        case ("drop", 1): self = .drop(topic: topic)
        case ("purge", 1): self = .purge(topic: topic)
        case ("widen", 2) where numbers[1] > 0: self = .widen(topic: topic, partitions: numbers[1])
        case ("narrow", 2) where numbers[1] > 0: self = .narrow(topic: topic, partitions: numbers[1])
        case ("look", 1): self = .look(topic: topic)
        case ("revisit", 1): self = .revisit(topic: topic)
        case ("rename", 1): self = .rename(topic: topic)
        case ("append", 4):
            self = .append(topic: topic, partition: numbers[1], messages: numbers[2], payloadBytes: numbers[3])
        case ("read", 3): self = .read(topic: topic, partition: numbers[1], messages: numbers[2])
        default: return nil
        }
    }
}
