import Platform
import Primitives
import Wire

// A stream of its own, with topics that are made, filled, changed, emptied and deleted in all the ways that there are.

extension Questioner {
    /// What a topic of its own must be like.
    private struct Shape {
        var name: String
        var settings: TopicSettings
        /// By partition: its messages.
        var logs: [[OwnMessage]]

        init(_ name: String, _ settings: TopicSettings, partitions: Int) {
            self.name = name
            self.settings = settings
            logs = Array(repeating: [], count: partitions)
        }
    }

    private static let plain = TopicSettings(messageExpiry: .never, maxTopicSize: .unlimited, replicationFactor: 1)
    private static let other = TopicSettings(
        compression: .gzip, messageExpiry: MessageExpiry(rawValue: 3_600_000_000), maxTopicSize: .unlimited,
        replicationFactor: 1)

    /// `since`: what the wall clock showed when the first of these was asked.
    func askForTopics(since: UInt64, in universe: Universe) {
        guard let stream = Name("questions"), let renamed = Name("answers") else { return }
        let owner = Identifier.name(stream)
        learn("making a stream", .createStream(name: stream)) { [unowned self] reply in
            guard case .stream(let record, let topics) = reply else { return "the reply is none" }
            ids["stream"] = record.id
            return Self.first(
                Self.differ("its name", stream, record.name), Self.differ("its topics", 0, topics.count),
                Self.differ("its messages", 0, record.messageCount),
                record.createdAt < since ? "it was made at \(record.createdAt) µs" : nil)
        }
        expect("making it once more", .createStream(name: stream), .streamNameAlreadyExists)
        var balanced = Shape("balanced", Self.plain, partitions: 3)
        var keyed = Shape("keyed", Self.other, partitions: 3)
        var plain = Shape("plain", Self.plain, partitions: 1)
        for shape in [balanced, keyed, plain] { make(shape, in: owner, since: since) }
        expect("making a topic once more", create(plain, in: owner), .topicNameAlreadyExists)

        // Nothing else is written yet that a flush could leave.
        askForKeys(&keyed, in: owner, since: since, universe)
        askForBalance(balanced, in: owner)
        // A stream that comes behind this one.
        askForTimes()
        askForChanges(&plain, in: owner, since: since, universe)

        // Deleted, and made again under its name: nothing of before is there.
        expect("deleting a topic", .deleteTopic(path("balanced", owner)))
        look(for: "plain", plain, in: owner, byID: true, since: since)
        look(for: "keyed", keyed, in: owner, byID: true, since: since)
        learn("looking for the deleted topic", .getTopic(path("balanced", owner))) { Self.differ("it", .nothing, $0) }
        balanced = Shape("balanced", Self.other, partitions: 2)
        make(balanced, in: owner, since: since)
        read(balanced, in: owner, since: since, universe)
        learn("the topics of the stream", .getTopics(stream: owner)) { reply in
            guard case .topics(let records) = reply else { return "the reply is none" }
            return Self.first(
                Self.differ("their names", ["balanced", "keyed", "plain"], records.map(\.name.text).sorted()),
                Self.differ("their order", records.map(\.id).sorted(), records.map(\.id)),
                Set(records.map(\.id)).count == 3 ? nil : "two have one id")
        }

        expect("emptying the stream", .purgeStream(owner))
        for shape in [keyed, plain] {
            let empty = Shape(shape.name, shape.settings, partitions: shape.logs.count)
            look(for: shape.name, empty, in: owner, byID: false, since: since)
            read(empty, in: owner, since: since, universe)
        }
        expect("renaming the stream", .updateStream(owner, name: renamed))
        learn("looking for its old name", .getStream(owner)) { Self.differ("it", .nothing, $0) }
        learn("looking for its new name", .getStream(.name(renamed))) { [unowned self] reply in
            guard case .stream(let record, let topics) = reply else { return "the reply is none" }
            return Self.first(
                Self.differ("its id", ids["stream"], record.id), Self.differ("its topics", 3, topics.count),
                Self.differ("its messages", 0, record.messageCount))
        }
        expect("deleting the stream", .deleteStream(.name(renamed)))
        learn("looking for it", .getStream(.name(renamed))) { Self.differ("it", .nothing, $0) }
        askForMomentsAgain()
    }

    // MARK: Ways to send

    /// One batch after the other, each to the next partition.
    private func askForBalance(_ shape: Shape, in owner: Identifier) {
        let path = path(shape.name, owner)
        for number in 0..<UInt32(shape.logs.count) {
            send("a balanced append", OwnMessage.frame([OwnMessage(number)], to: path, .balanced))
        }
        learn("a topic with balanced appends", .getTopic(path)) { reply in
            guard case .topic(_, let partitions) = reply else { return "the reply is none" }
            return Self.differ("the counts of messages", [1, 1, 1], partitions.map(\.messageCount))
        }
        for partition in shape.logs.indices {
            let request = PollMessages(
                consumer: .single(.id(9_999)), path: path, partition: UInt32(partition), strategy: .first, count: 1)
            put("reading a balanced append", .pollMessages(request)) { [unowned self] answer in
                turns += Self.seen(in: answer.payload).prefix(1).map { UInt32(truncatingIfNeeded: $0.id >> 64) }
                guard partition == shape.logs.count - 1 else { return nil }
                let first = turns.first ?? 0
                // It may begin anywhere, and goes on with the next.
                return Self.differ("the order", shape.logs.indices.map { (first + UInt32($0)) % 3 }, turns)
            }
        }
    }

    /// A key decides on the partition: XXH32 of its bytes, modulo the count of partitions.
    private func askForKeys(_ shape: inout Shape, in owner: Identifier, since: UInt64, _ universe: Universe) {
        let path = path(shape.name, owner)
        for number in 0..<8 as Range<UInt32> {
            let key: [UInt8] = [0x6b, UInt8(number % 5)]
            let messages = number % 3 == 0 ? [OwnMessage(number), OwnMessage(100 + number)] : [OwnMessage(number)]
            shape.logs[Int(XXH32.hash(key.rawSpan) % UInt32(shape.logs.count))] += messages
            send("an append with a key", OwnMessage.frame(messages, to: path, .key(key)))
        }
        let ends = shape.logs.map { UInt64($0.count) }
        for partition in shape.logs.indices {
            let flush = FlushUnsavedBuffer(path: path, partition: UInt32(partition), sync: true)
            put("a flush with a sync", .flushUnsavedBuffer(flush)) { [unowned universe] answer in
                if let refusal = answer.refusal { return "it was refused: \(refusal)" }
                // What is not synced may be a seal: the messages are what counts, and that their file has its name.
                guard partition == ends.count - 1 else { return nil }
                return Self.differ("what a power cut leaves", ends, universe.disk.durableEnds("keyed", in: "questions"))
            }
        }
        look(for: shape.name, shape, in: owner, byID: false, since: since)
        read(shape, in: owner, since: since, universe)
    }

    // MARK: Ways to change

    private func askForChanges(_ shape: inout Shape, in owner: Identifier, since: UInt64, _ universe: Universe) {
        let path = path(shape.name, owner)
        let keptName = shape.name
        shape.logs[0] = [OwnMessage(7)]
        send("an append", OwnMessage.frame(shape.logs[0], to: path, .partition(0)))
        expect("adding partitions", .createPartitions(path, count: 2))
        shape.logs += [[], []]
        look(for: keptName, shape, in: owner, byID: false, since: since)
        learn("the ages of added partitions", .getTopic(path)) { reply in
            guard case .topic(let record, let partitions) = reply else { return "the reply is none" }
            let ages = partitions.map { $0.createdAt > record.createdAt }
            return Self.differ("that they are younger than their topic", [false, true, true], ages)
        }
        expect("taking too many partitions away", .deletePartitions(path, count: 4), .invalidPartitionsCount)
        expect("taking partitions away", .deletePartitions(path, count: 2))
        shape.logs.removeLast(2)
        read(shape, in: owner, since: since, universe)

        expect("a name that another topic has", update(shape, to: "keyed", Self.plain, in: owner), .topicNameAlreadyExists)
        expect("other settings", update(shape, to: shape.name, Self.other, in: owner))
        shape.settings = Self.other
        look(for: keptName, shape, in: owner, byID: false, since: since)
        expect("another name", update(shape, to: "renamed", Self.plain, in: owner))
        learn("looking for the old name", .getTopic(path)) { Self.differ("it", .nothing, $0) }
        shape.name = "renamed"
        shape.settings = Self.plain
        look(for: keptName, shape, in: owner, byID: false, since: since)
        expect("the name that it had", update(shape, to: keptName, Self.plain, in: owner))
        shape.name = keptName
        expect("emptying a topic", .purgeTopic(path))
        shape.logs = [[]]
        look(for: keptName, shape, in: owner, byID: true, since: since)
        shape.logs[0] = [OwnMessage(8), OwnMessage(9)]
        send("an append after that", OwnMessage.frame(shape.logs[0], to: path, .partition(0)))
        read(shape, in: owner, since: since, universe)
    }

    private func make(_ shape: Shape, in owner: Identifier, since: UInt64) {
        learn("making topic \(shape.name)", create(shape, in: owner)) { [unowned self] reply in
            guard case .topic(let record, let partitions) = reply else { return "the reply is none" }
            ids[shape.name] = record.id
            return Self.complaint(record, partitions, shape, since: since)
        }
    }

    private func create(_ shape: Shape, in owner: Identifier) -> Request {
        guard let name = Name(shape.name) else { return .ping }
        return .createTopic(
            CreateTopic(stream: owner, name: name, partitionCount: UInt32(shape.logs.count), settings: shape.settings))
    }

    private func update(_ shape: Shape, to name: String, _ settings: TopicSettings, in owner: Identifier) -> Request {
        guard let new = Name(name) else { return .ping }
        return .updateTopic(UpdateTopic(path: path(shape.name, owner), name: new, settings: settings))
    }

    private func path(_ name: String, _ owner: Identifier) -> TopicPath {
        guard let name = Name(name) else { return TopicPath(stream: owner, topic: .id(0)) }
        return TopicPath(stream: owner, topic: .name(name))
    }

    // MARK: Looking and reading

    /// `key`: what it was called when it was made.
    private func look(for key: String, _ shape: Shape, in owner: Identifier, byID: Bool, since: UInt64) {
        let named = path(shape.name, owner)
        learn(
            "looking for topic \(shape.name)", .getTopic,
            { [unowned self] in .getTopic(byID ? TopicPath(stream: owner, topic: .id(ids[key] ?? .max)) : named) }
        ) { [unowned self] reply in
            guard case .topic(let record, let partitions) = reply else { return "the reply is none" }
            return Self.first(
                Self.differ("its id", ids[key], record.id), Self.complaint(record, partitions, shape, since: since))
        }
    }

    private static func complaint(
        _ record: TopicRecord, _ partitions: [PartitionRecord], _ shape: Shape, since: UInt64
    ) -> String? {
        let messages = shape.logs.joined()
        return first(
            differ("the name", shape.name, record.name.text), differ("the settings", shape.settings, record.settings),
            differ("the partitions", shape.logs.indices.map { UInt32($0) }, partitions.map(\.id)),
            differ("the messages", UInt64(messages.count), record.messageCount),
            differ("the bytes", messages.reduce(0) { $0 + $1.byteCount }, record.byteCount),
            differ("the messages of partitions", shape.logs.map { UInt64($0.count) }, partitions.map(\.messageCount)),
            differ(
                "the last offsets", shape.logs.map { UInt64(max(1, $0.count) - 1) }, partitions.map(\.currentOffset)),
            ([record.createdAt] + partitions.map(\.createdAt)).contains { $0 < since } ? "it was made too early" : nil)
    }

    private func read(_ shape: Shape, in owner: Identifier, since: UInt64, _ universe: Universe) {
        for (partition, log) in shape.logs.enumerated() {
            let request = PollMessages(
                consumer: .single(.id(9_999)), path: path(shape.name, owner), partition: UInt32(partition),
                strategy: .first, count: 100)
            put("reading topic \(shape.name)/\(partition)", .pollMessages(request)) { [unowned universe] answer in
                if let refusal = answer.refusal { return "it was refused: \(refusal)" }
                return OwnMessage.complaint(
                    answer.payload, partition: UInt32(partition), log,
                    times: since...max(since, universe.clock.wall.latest))
            }
        }
    }
}
