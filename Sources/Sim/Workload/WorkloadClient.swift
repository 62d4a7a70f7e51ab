import Primitives
import Platform
import Wire

/// Does what its plan says and tells the oracle what came of it.
final class WorkloadClient: ClassicActor {
    private let client: UInt32
    private let operations: [PlannedOperation]
    private let stamp: UInt64
    private let oracle: Oracle
    private let path: TopicPath
    /// Asks again, as a new request, until the answer is a success.
    private let insists: Bool
    private var next = 0
    private var batches: UInt32
    /// By partition: the next offset to poll.
    private var cursors: [UInt64]
    private var pending: Pending?
    /// The append that is asked again, and how often it has been.
    private var again: (batch: BatchID, count: Int)?
    private static let againMax = 3
    private(set) var asked = 0
    /// Called when it takes its next operation.
    var onProgress: (() -> Void)?
    private(set) var lastRefusal: ErrorCode?
    /// Nothing is wrong any more: what it asks must be granted, and its connection stays.
    var isInPeace = false
    private static let peace = "in peace every request succeeds"

    private enum Pending {
        case append(BatchID, partition: UInt32, invoked: Int64)
        case poll(Oracle.PollTicket, partition: UInt32, from: UInt64, wanted: UInt32)
        case next(Oracle.PollTicket, partition: UInt32, wanted: UInt32)
        case store(partition: UInt32)
        case storeBeyond(partition: UInt32)
        case fetch(Oracle.PollTicket, partition: UInt32)
        case forget(partition: UInt32)
        case purge
    }

    /// Further than any plan gets.
    private static let beyond: UInt64 = 1 << 40

    init(
        _ client: UInt32, _ plan: PlannedClient, partitions: UInt32, stamp: UInt64, oracle: Oracle, path: TopicPath,
        insists: Bool = false
    ) {
        self.client = client
        operations = plan.operations
        self.stamp = stamp
        self.oracle = oracle
        self.path = path
        self.insists = insists
        batches = 0
        cursors = Array(repeating: 0, count: Int(partitions))
        super.init(plan.behaviour)
    }

    override var title: String { "client \(client)" }

    override var errand: Chronicle.Errand? {
        guard next < operations.count else { return nil }
        let (partition, batch): (UInt32?, BatchID?) =
            switch pending {
            case .append(let id, let partition, _): (partition, id)
            case .poll(_, let partition, _, _), .next(_, let partition, _), .store(let partition),
                .storeBeyond(let partition), .fetch(_, let partition), .forget(let partition):
                (partition, nil)
            case .purge, nil: (nil, nil)
            }
        return Chronicle.Errand(operations[next].text, client: client, partition: partition, batch: batch)
    }

    override func ready(in universe: any Surroundings) {
        guard next < operations.count else {
            finish(in: universe)
            return
        }
        let operation = operations[next]
        onProgress?()
        switch operation {
        case .append(let partition, let messages, let payloadBytes):
            append(partition, messages, payloadBytes, universe)
        case .poll(let partition, let messages):
            poll(partition, messages, universe)
        case .next(let partition, let messages):
            let ticket = oracle.nextInvoked(consumer: client, partition: partition)
            pending = .next(ticket, partition: partition, wanted: messages)
            asked += 1
            let request = PollMessages(
                consumer: .single(.id(client + 1)), path: path, partition: partition, strategy: .next, count: messages,
                autoCommit: true)
            ask(.pollMessages(request), in: universe)
        case .rewind(let partition):
            cursors[Int(partition)] = 0
            next += 1
            ready(in: universe)
        case .store(let partition):
            let cursor = cursors[Int(partition)]
            guard cursor > 0 else {
                next += 1
                ready(in: universe)
                return
            }
            oracle.storeInvoked(consumer: client, partition: partition, offset: cursor - 1)
            pending = .store(partition: partition)
            asked += 1
            ask(.storeConsumerOffset(consumer(partition), offset: cursor - 1), in: universe)
        case .storeBeyond(let partition):
            pending = .storeBeyond(partition: partition)
            asked += 1
            ask(.storeConsumerOffset(consumer(partition), offset: Self.beyond), in: universe)
        case .fetch(let partition):
            pending = .fetch(oracle.pollInvoked(partition: partition), partition: partition)
            asked += 1
            ask(.getConsumerOffset(consumer(partition)), in: universe)
        case .forget(let partition):
            oracle.storeInvoked(consumer: client, partition: partition, offset: nil)
            pending = .forget(partition: partition)
            asked += 1
            ask(.deleteConsumerOffset(consumer(partition)), in: universe)
        case .pause(let micros):
            next += 1
            pause(Int64(micros) * microsecond, in: universe)
        case .reconnect:
            next += 1
            comeAgain(in: universe)
        case .purge:
            oracle.purgeInvoked()
            pending = .purge
            asked += 1
            ask(.purgeTopic(path), in: universe)
        case .meet:
            next += 1
            meet()
        }
    }

    private func consumer(_ partition: UInt32) -> ConsumerPartition {
        ConsumerPartition(consumer: .single(.id(client + 1)), path: path, partition: partition)
    }

    private func append(_ partition: UInt32, _ messages: UInt32, _ payloadBytes: UInt32, _ universe: any Surroundings) {
        let id = BatchID(client: client, number: batches)
        batches += 1
        asked += 1
        oracle.appendInvoked(id, partition: partition, count: messages, again: again?.batch, at: universe.clock.now)
        pending = .append(id, partition: partition, invoked: universe.clock.now)
        let frame = Payload.frame(
            id, messages: messages, payloadBytes: payloadBytes, stamp: stamp, to: path, partition: partition,
            at: universe.clock.instant)
        ask(.sendMessages, frame, in: universe)
    }

    private func poll(_ partition: UInt32, _ messages: UInt32, _ universe: any Surroundings) {
        let from = cursors[Int(partition)]
        pending = .poll(oracle.pollInvoked(partition: partition), partition: partition, from: from, wanted: messages)
        asked += 1
        // Two ways to say the same: every second client says it in words.
        let strategy: PollingStrategy = from == 0 && client % 2 == 1 ? .first : .offset(from)
        let request = PollMessages(
            consumer: .single(.id(client + 1)), path: path, partition: partition, strategy: strategy, count: messages)
        ask(.pollMessages(request), in: universe)
    }

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {
        let isOK = refusal == nil
        if !isOK { lastRefusal = refusal }
        let outcome = isOK ? RequestOutcome.ok : .refused
        let isNothingStored = refusal == .consumerOffsetNotFound
        let now = universe.clock.now
        switch pending {
        case .append(let id, let partition, let invoked):
            oracle.appendEnded(id, partition: partition, outcome, at: now)
            if isOK { universe.acknowledged(invoked: invoked) }
        case .poll(let ticket, let partition, let from, let wanted):
            guard isOK else {
                oracle.ended(.refused)
                break
            }
            let answer = Payload.answer(payload, to: partition, stamp: stamp, oracle, at: now)
            oracle.polled(
                ticket, partition: partition, from: from, wanted: wanted, answer.messages, last: answer.last, at: now)
            cursors[Int(partition)] = from + UInt64(answer.messages.count)
        case .next(let ticket, let partition, let wanted):
            let (messages, last) =
                isOK ? Payload.answer(payload, to: partition, stamp: stamp, oracle, at: now) : ([], nil)
            oracle.nextEnded(
                ticket, consumer: client, partition: partition, wanted: wanted, outcome, messages, last: last, at: now)
        case .store(let partition):
            oracle.storeEnded(consumer: client, partition: partition, outcome, at: now)
        case .storeBeyond(let partition):
            oracle.ended(outcome)
            oracle.holds(
                .consumerOffset, !isOK, "partition \(partition): an offset far behind the end was stored",
                expected: "a refusal: offset \(Self.beyond) is behind the end of every log", seen: "it was stored",
                about: Violation.Subject(partition: partition, client: client, offset: Self.beyond), at: now)
        case .fetch(let ticket, let partition):
            guard isOK else {
                oracle.ended(.refused)
                break
            }
            let record = ConsumerOffsetRecord.first(in: payload)
            oracle.fetched(consumer: client, partition: partition, offset: record?.storedOffset, at: now)
            if let record { judge(record, ticket, partition, at: now) }
        case .forget(let partition):
            oracle.storeEnded(consumer: client, partition: partition, outcome, at: now)
            if isNothingStored { oracle.toldNothing(consumer: client, partition: partition, at: now) }
        case .purge: oracle.purgeEnded(outcome)
        case nil: break
        }
        if isInPeace {
            oracle.holds(
                .liveness, isOK || isNothingStored,
                "client \(client) was refused \(operations[next].text) in peace: \(refusal.map { "\($0)" } ?? "")",
                law: Self.peace, at: now)
        }
        // Insisting on what must be refused would never end.
        let isDone =
            switch pending {
            case .storeBeyond: true
            case .forget: isOK || isNothingStored
            case .store(let partition): isOK || refusal == .invalidOffset && !isCertain(cursors[Int(partition)], partition)
            default: isOK
            }
        pending = nil
        again = nil
        if isDone || !insists {
            next += 1
            ready(in: universe)
        } else {
            pause(50 * millisecond, in: universe)
        }
    }

    /// Beside the stored offset, a record says of which partition it is, and where that ends.
    private func judge(
        _ record: ConsumerOffsetRecord, _ ticket: Oracle.PollTicket, _ partition: UInt32, at now: Int64
    ) {
        oracle.told(ticket, partition: partition, last: record.currentOffset, at: now)
        oracle.holds(
            .consumerOffset, record.partitionID == partition && record.storedOffset <= record.currentOffset,
            "partition \(partition): asked for a stored offset, client \(client) was told \(record)",
            law: "a stored offset is of the partition that was asked, and within its log",
            about: Violation.Subject(partition: partition, client: client, offset: record.storedOffset), at: now)
    }

    /// Whether the log must reach to this end: a crash may have cost what was read before it.
    private func isCertain(_ end: UInt64, _ partition: UInt32) -> Bool {
        oracle.pollInvoked(partition: partition).certainEnd >= end
    }

    /// Operations of its plan that it has begun.
    var begun: Int { min(next + 1, operations.count) }

    /// For a message about a client that does not end.
    var state: String {
        guard next < operations.count else { return "done" }
        return "waits with \(operations[next].text); the last refusal was \(lastRefusal.map { "\($0)" } ?? "none")"
    }

    override func lostPatience(_ command: CommandCode, in universe: any Surroundings) {
        oracle.fail(
            Violation(
                .liveness, "client \(client) got no answer to \(command.name) in \(Self.patience / second) s",
                expected: "an answer, or the end of the connection", seen: "neither",
                about: Violation.Subject(client: client), at: universe.clock.now))
    }

    /// Whether what was pending is asked again; the next append is known as that then.
    private func askAgain() -> Bool {
        let count = again?.count ?? 0
        guard behaviour == .persistent, case .append(let id, _, _) = pending, count < Self.againMax else {
            again = nil
            return false
        }
        again = (again?.batch ?? id, count + 1)
        return true
    }

    override func unanswered(in universe: any Surroundings) {
        switch pending {
        case .append(let id, let partition, _):
            oracle.appendEnded(id, partition: partition, .unknown, at: universe.clock.now)
        case .next(let ticket, let partition, let wanted):
            oracle.nextEnded(
                ticket, consumer: client, partition: partition, wanted: wanted, .unknown, [], at: universe.clock.now)
        case .store(let partition), .forget(let partition):
            oracle.storeEnded(consumer: client, partition: partition, .unknown, at: universe.clock.now)
        case .purge: oracle.purgeEnded(.unknown)
        case .poll, .fetch, .storeBeyond: oracle.ended(.unknown)
        case nil: break
        }
        if isInPeace, next < operations.count {
            oracle.holds(
                .liveness, false, "client \(client) lost its connection over \(operations[next].text) in peace",
                law: Self.peace, at: universe.clock.now)
        }
        let isAskedAgain = askAgain()
        pending = nil
        if !insists, !isAskedAgain { next += 1 }
    }
}

extension ConsumerOffsetRecord {
    /// Of a reply; nil when nothing is stored.
    static func first(in payload: [UInt8]) -> ConsumerOffsetRecord? {
        guard case .consumerOffset(let record)? = Reply.first(in: payload, to: .getConsumerOffset) else { return nil }
        return record
    }
}
