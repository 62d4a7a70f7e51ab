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
    private(set) var asked = 0
    /// Called when it takes its next operation.
    var onProgress: (() -> Void)?
    private(set) var lastRefusal: ErrorCode?

    private enum Pending {
        case append(BatchID, partition: UInt32, invoked: Int64)
        case poll(Oracle.PollTicket, partition: UInt32, from: UInt64, wanted: UInt32)
        case next(Oracle.PollTicket, partition: UInt32, wanted: UInt32)
        case store(partition: UInt32)
        case storeBeyond(partition: UInt32)
        case fetch(partition: UInt32)
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

    override func ready(in universe: Universe) {
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
            pending = .fetch(partition: partition)
            asked += 1
            ask(.getConsumerOffset(consumer(partition)), in: universe)
        case .pause(let micros):
            next += 1
            pause(Int64(micros) * microsecond, in: universe)
        case .reconnect:
            next += 1
            comeAgain(in: universe)
        }
    }

    private func consumer(_ partition: UInt32) -> ConsumerPartition {
        ConsumerPartition(consumer: .single(.id(client + 1)), path: path, partition: partition)
    }

    private func append(_ partition: UInt32, _ messages: UInt32, _ payloadBytes: UInt32, _ universe: Universe) {
        let id = BatchID(client: client, number: batches)
        batches += 1
        asked += 1
        oracle.appendInvoked(id, partition: partition, count: messages, at: universe.clock.now)
        pending = .append(id, partition: partition, invoked: universe.clock.now)
        let frame = Payload.frame(
            id, messages: messages, payloadBytes: payloadBytes, stamp: stamp, to: path, partition: partition,
            at: universe.clock.instant)
        ask(.sendMessages, frame, in: universe)
    }

    private func poll(_ partition: UInt32, _ messages: UInt32, _ universe: Universe) {
        let from = cursors[Int(partition)]
        pending = .poll(oracle.pollInvoked(partition: partition), partition: partition, from: from, wanted: messages)
        asked += 1
        let request = PollMessages(
            consumer: .single(.id(client + 1)), path: path, partition: partition, strategy: .offset(from),
            count: messages)
        ask(.pollMessages(request), in: universe)
    }

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: Universe) {
        let isOK = refusal == nil
        if !isOK { lastRefusal = refusal }
        let outcome = isOK ? RequestOutcome.ok : .refused
        let now = universe.clock.now
        switch pending {
        case .append(let id, let partition, let invoked):
            oracle.appendEnded(id, partition: partition, outcome, at: now)
            if isOK { universe.faults.acknowledged(invoked: invoked) }
        case .poll(let ticket, let partition, let from, let wanted):
            guard isOK else {
                oracle.ended(.refused)
                break
            }
            let messages = Payload.messages(payload, stamp: stamp, oracle, at: now)
            oracle.polled(ticket, partition: partition, from: from, wanted: wanted, messages, at: now)
            cursors[Int(partition)] = from + UInt64(messages.count)
        case .next(let ticket, let partition, let wanted):
            oracle.nextEnded(
                ticket, consumer: client, partition: partition, wanted: wanted, outcome,
                isOK ? Payload.messages(payload, stamp: stamp, oracle, at: now) : [], at: now)
        case .store(let partition):
            oracle.storeEnded(consumer: client, partition: partition, outcome, at: now)
        case .storeBeyond(let partition):
            oracle.ended(outcome)
            oracle.holds(
                .consumerOffset, !isOK, "partition \(partition): an offset far behind the end was stored", at: now)
        case .fetch(let partition):
            guard isOK else {
                oracle.ended(.refused)
                break
            }
            let record = payload.isEmpty ? nil : ConsumerOffsetRecord.stored(in: payload)
            oracle.fetched(consumer: client, partition: partition, offset: record, at: now)
        case nil: break
        }
        // Insisting on what must be refused would never end.
        let isDone = if case .storeBeyond = pending { true } else { isOK }
        pending = nil
        if isDone || !insists {
            next += 1
            ready(in: universe)
        } else {
            pause(50 * millisecond, in: universe)
        }
    }

    /// Operations of its plan that it has begun.
    var begun: Int { min(next + 1, operations.count) }

    /// For a message about a client that does not end.
    var state: String {
        guard next < operations.count else { return "done" }
        return "waits with \(operations[next].text); the last refusal was \(lastRefusal.map { "\($0)" } ?? "none")"
    }

    override func lostPatience(_ command: CommandCode, in universe: Universe) {
        oracle.fail(
            Violation(
                .liveness, "client \(client) got no answer to \(command.name) in \(Self.patience / second) s",
                at: universe.clock.now))
    }

    override func unanswered(in universe: Universe) {
        switch pending {
        case .append(let id, let partition, _):
            oracle.appendEnded(id, partition: partition, .unknown, at: universe.clock.now)
        case .next(let ticket, let partition, let wanted):
            oracle.nextEnded(
                ticket, consumer: client, partition: partition, wanted: wanted, .unknown, [], at: universe.clock.now)
        case .store(let partition):
            oracle.storeEnded(consumer: client, partition: partition, .unknown, at: universe.clock.now)
        case .poll, .fetch, .storeBeyond: oracle.ended(.unknown)
        case nil: break
        }
        pending = nil
        if !insists { next += 1 }
    }
}

extension ConsumerOffsetRecord {
    /// The stored offset of a reply.
    static func stored(in payload: [UInt8]) -> UInt64? { payload.rawSpan.load(UInt64.self, at: 12) }
}
