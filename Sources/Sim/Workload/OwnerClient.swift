import Platform
import Primitives
import Wire

/// Makes, fills, purges and deletes topics of its own, and knows at every time which of them must be there.
///
/// A change of the catalog is durable before it is answered, at every level: no crash takes it back. One that was
/// refused has no effect.
final class OwnerClient: ClassicActor {
    private let client: UInt32
    private let operations: [OwnerOperation]
    private let stamp: UInt64
    private let oracle: Oracle
    private let stream: Name
    /// Asks again, as a new request, until the answer is a success.
    private let insists: Bool
    private(set) var topics: [OwnedTopic]
    private var next = 0
    private var batches: UInt32 = 0
    private var pending: Pending?
    private(set) var asked = 0
    /// It has come again, and may look.
    private var hasComeAgain = false
    /// What the topic was called until just now: nothing must answer to it.
    private var formerName: Name?
    /// Called when it takes its next operation.
    var onProgress: (() -> Void)?
    private var lastRefusal: ErrorCode?

    private enum Pending {
        case make(partitions: UInt32)
        case drop
        case purge
        case widen(by: UInt32)
        case narrow(by: UInt32)
        case look
        case append(BatchID, partition: UInt32, invoked: Int64)
        /// `place`: the server's number of the partition.
        case read(Oracle.PollTicket, partition: UInt32, place: UInt32, wanted: UInt32)
        case rename
        case formerName
    }

    /// Goes on with the topics of `past`, or begins without any.
    init(
        _ client: UInt32, _ plan: PlannedOwner, after past: OwnerClient? = nil, stamp: UInt64, oracle: Oracle,
        stream: Name, insists: Bool = false
    ) {
        self.client = client
        operations = plan.operations
        self.stamp = stamp
        self.oracle = oracle
        self.stream = stream
        self.insists = insists
        topics = past?.topics ?? (0..<OwnerOperation.topicCount).map { OwnedTopic(owner: client, number: $0) }
        super.init(plan.behaviour)
    }

    override var title: String { "owner \(client)" }

    override var errand: Chronicle.Errand? {
        guard next < operations.count else { return nil }
        let (partition, batch): (UInt32?, BatchID?) =
            switch pending {
            case .append(let id, let partition, _): (partition, id)
            case .read(_, let partition, _, _): (partition, nil)
            case .make, .drop, .purge, .widen, .narrow, .look, .rename, .formerName, nil: (nil, nil)
            }
        return Chronicle.Errand(operations[next].text, client: client, partition: partition, batch: batch)
    }

    func path(of topic: OwnedTopic) -> TopicPath? {
        Name(topic.text).map { TopicPath(stream: .name(stream), topic: .name($0)) }
    }

    // MARK: Asking

    override func ready(in universe: any Surroundings) {
        while next < operations.count {
            let topic = topics[Int(operations[next].topic)]
            if let formerName { return ask(by: formerName, in: universe) }
            if !hasComeAgain { onProgress?() }
            if operations[next] == .meet {
                next += 1
                return meet()
            }
            if case .revisit = operations[next], !hasComeAgain {
                hasComeAgain = true
                return comeAgain(in: universe)
            }
            hasComeAgain = false
            if let path = path(of: topic), begin(operations[next], topic, path, universe) {
                asked += 1
                return
            }
            next += 1
        }
        finish(in: universe)
    }

    /// False if the topic is not in the state for it.
    private func begin(
        _ operation: OwnerOperation, _ topic: OwnedTopic, _ path: TopicPath, _ universe: any Surroundings
    ) -> Bool {
        switch (operation, topic.state) {
        case (.make(_, let partitions), .absent):
            guard let name = Name(topic.text) else { return false }
            pending = .make(partitions: partitions)
            let settings = TopicSettings(messageExpiry: .never, maxTopicSize: .unlimited)
            ask(
                .createTopic(
                    CreateTopic(stream: path.stream, name: name, partitionCount: partitions, settings: settings)),
                in: universe)
        case (.drop, .present):
            pending = .drop
            ask(.deleteTopic(path), in: universe)
        case (.purge, .present):
            pending = .purge
            ask(.purgeTopic(path), in: universe)
        case (.widen(_, let count), .present):
            pending = .widen(by: count)
            ask(.createPartitions(path, count: count), in: universe)
        case (.narrow(_, let count), .present(let partitions)):
            // One with none would not be told from one that is not there.
            guard Int(count) < partitions.count else { return false }
            pending = .narrow(by: count)
            ask(.deletePartitions(path, count: count), in: universe)
        case (.look, _), (.revisit, _):
            pending = .look
            ask(.getTopic(path), in: universe)
        case (.append(_, let partition, let messages, let payloadBytes), .present(let partitions)):
            let place = Int(partition) % partitions.count
            let id = BatchID(client: client, number: batches)
            batches += 1
            let now = universe.clock.now
            oracle.appendInvoked(id, partition: partitions[place], count: messages, at: now)
            pending = .append(id, partition: partitions[place], invoked: now)
            let frame = Payload.frame(
                id, messages: messages, payloadBytes: payloadBytes, stamp: stamp, to: path,
                partition: UInt32(place), at: universe.clock.instant)
            ask(.sendMessages, frame, in: universe)
        case (.read(_, let partition, let messages), .present(let partitions)):
            let place = Int(partition) % partitions.count
            pending = .read(
                oracle.pollInvoked(partition: partitions[place]), partition: partitions[place], place: UInt32(place),
                wanted: messages)
            let request = PollMessages(
                consumer: .single(.id(client + 1)), path: path, partition: UInt32(place), strategy: .first,
                count: messages)
            ask(.pollMessages(request), in: universe)
        case (.rename, .present):
            guard let name = Name(topic.nextText) else { return false }
            pending = .rename
            let settings = TopicSettings(messageExpiry: .never, maxTopicSize: .unlimited)
            ask(.updateTopic(UpdateTopic(path: path, name: name, settings: settings)), in: universe)
        case (.make, .present), (.drop, .absent), (.purge, .absent), (.widen, .absent), (.narrow, .absent),
            (.append, .absent), (.read, .absent), (.rename, .absent), (.meet, _):
            return false
        }
        return true
    }

    /// Asks for messages by a name that is no topic's any more, as a client would that has not heard of it.
    private func ask(by formerName: Name, in universe: any Surroundings) {
        self.formerName = nil
        pending = .formerName
        asked += 1
        let path = TopicPath(stream: .name(stream), topic: .name(formerName))
        let request = PollMessages(
            consumer: .single(.id(client + 1)), path: path, partition: 0, strategy: .offset(0), count: 1)
        ask(.pollMessages(request), in: universe)
    }

    // MARK: Learning

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {
        guard let pending else { return }
        self.pending = nil
        let now = universe.clock.now
        if let refusal {
            lastRefusal = refusal
            refused(pending, refusal, at: now)
        } else {
            succeeded(pending, payload, universe)
        }
        if refusal == nil || !insists {
            if formerName == nil { next += 1 }
            ready(in: universe)
        } else {
            pause(50 * millisecond, in: universe)
        }
    }

    private var place: Int { Int(operations[next].topic) }

    private func succeeded(_ pending: Pending, _ payload: [UInt8], _ universe: any Surroundings) {
        let now = universe.clock.now
        let topic = topics[place]
        switch pending {
        case .make(let partitions):
            oracle.ended(.ok)
            topics[place].made(partitions: oracle.addPartitions(partitions))
        case .drop:
            oracle.ended(.ok)
            topics[place].dropped()
        case .purge:
            oracle.ended(.ok)
            topics[place].purged(partitions: oracle.addPartitions(UInt32(topic.partitions.count)))
        case .widen(let count):
            oracle.ended(.ok)
            topics[place].widened(by: oracle.addPartitions(count))
        case .narrow(let count):
            oracle.ended(.ok)
            topics[place].narrowed(by: Int(count))
        case .look:
            oracle.ended(.ok)
            // An empty reply says that there is none.
            let found = TopicRecord.partitionCount(in: payload) ?? 0
            oracle.holds(
                .catalog, found == topic.partitions.count,
                "topic \(topic.text) must have \(topic.partitions.count) partitions, found \(found)",
                expected: "\(topic.partitions.count) partitions, as acknowledged", seen: "\(found)",
                about: Violation.Subject(client: client), at: now)
        case .append(let id, let partition, let invoked):
            oracle.appendEnded(id, partition: partition, .ok, at: now)
            universe.acknowledged(invoked: invoked)
        case .read(let ticket, let partition, let place, let wanted):
            let (messages, last) = Payload.answer(payload, to: place, stamp: stamp, oracle, at: now)
            oracle.polled(ticket, partition: partition, from: 0, wanted: wanted, messages, last: last, at: now)
        case .rename:
            oracle.ended(.ok)
            topics[place].renamed()
            formerName = Name(topic.text)
        case .formerName:
            oracle.ended(.ok)
            oracle.holds(
                .catalog, false, "topic \(topic.text) answers to the name that it had before", at: now)
        }
    }

    private func refused(_ pending: Pending, _ refusal: ErrorCode, at now: Int64) {
        let topic = topics[place]
        switch pending {
        case .append(let id, let partition, _): oracle.appendEnded(id, partition: partition, .refused, at: now)
        case .make, .drop, .purge, .widen, .narrow, .look, .read, .rename: oracle.ended(.refused)
        case .formerName:
            oracle.ended(.refused)
            return oracle.holds(.catalog, true, "", at: now)
        }
        switch refusal {
        case .topicNameAlreadyExists:
            oracle.holds(
                .catalog, topic.state != .absent, "topic \(topic.text) must not be there, yet it is",
                expected: "no such topic: it was never made, or deleted", seen: "its name is taken",
                about: Violation.Subject(client: client), at: now)
        case .topicIdNotFound, .topicNameNotFound, .streamIdNotFound, .partitionNotFound:
            oracle.holds(
                .catalog, topic.state == .absent, "topic \(topic.text) must be there: \(refusal)",
                expected: "the topic, which was acknowledged", seen: "\(refusal)",
                about: Violation.Subject(client: client), at: now)
        default: break
        }
    }

    override func unanswered(in universe: any Surroundings) {
        switch pending {
        case .make, .drop, .purge, .widen, .narrow, .rename:
            oracle.ended(.unknown)
            topics[place].forget()
        case .append(let id, let partition, _):
            oracle.appendEnded(id, partition: partition, .unknown, at: universe.clock.now)
            topics[place].appendUnanswered()
        case .look, .read, .formerName: oracle.ended(.unknown)
        case nil: return
        }
        pending = nil
        if !insists { next += 1 }
    }

    override func lostPatience(_ command: CommandCode, in universe: any Surroundings) {
        oracle.fail(
            Violation(
                .liveness, "owner \(client) got no answer to \(command.name) in \(Self.patience / second) s",
                expected: "an answer, or the end of the connection", seen: "neither",
                about: Violation.Subject(client: client), at: universe.clock.now))
    }

    /// Operations of its plan that it has begun.
    var begun: Int { min(next + 1, operations.count) }

    /// For a message about an owner that does not end.
    var waiting: String {
        guard next < operations.count else { return "done" }
        return "waits with \(operations[next].text); the last refusal was \(lastRefusal.map { "\($0)" } ?? "none")"
    }
}

extension TopicRecord {
    /// Of a reply about one topic; nil when it is empty.
    static func partitionCount(in payload: [UInt8]) -> Int? { payload.rawSpan.load(UInt32.self, at: 12).map(Int.init) }
}
