import Wire

/// Reads every partition of one topic from its first message to its end.
final class Scanner: ClassicActor {
    private let path: TopicPath
    private let stamp: UInt64
    private let oracle: Oracle
    /// The oracle's numbers of the partitions, in their order.
    private let numbers: [UInt32]
    private var logs: [[SeenMessage]]
    private var partition = 0
    private var ticket: Oracle.PollTicket?
    private(set) var lastRefusal: ErrorCode?

    private static let wanted: UInt32 = 1_000

    init(partitions numbers: [UInt32], stamp: UInt64, oracle: Oracle, path: TopicPath) {
        self.numbers = numbers
        logs = Array(repeating: [], count: numbers.count)
        self.stamp = stamp
        self.oracle = oracle
        self.path = path
        super.init(.patient)
    }

    var wholeLogs: [WholeLog] { zip(numbers, logs).map { WholeLog(partition: $0, messages: $1) } }

    override var title: String { "reader" }

    override var errand: Chronicle.Errand? {
        guard partition < logs.count else { return nil }
        return Chronicle.Errand("read partition \(partition) from \(from)", partition: numbers[partition])
    }

    override func ready(in universe: any Surroundings) {
        guard partition < logs.count else {
            finish(in: universe)
            return
        }
        ticket = oracle.pollInvoked(partition: numbers[partition])
        let request = PollMessages(
            consumer: .single(.id(1_000)), path: path, partition: UInt32(partition), strategy: .offset(from),
            count: Self.wanted)
        ask(.pollMessages(request), in: universe)
    }

    private var from: UInt64 { UInt64(logs[partition].count) }

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {
        guard refusal == nil, let ticket else {
            lastRefusal = refusal
            pause(50 * millisecond, in: universe)
            return
        }
        let (messages, last) = Payload.answer(
            payload, to: UInt32(partition), stamp: stamp, oracle, at: universe.clock.now)
        oracle.polled(
            ticket, partition: numbers[partition], from: from, wanted: Self.wanted, messages, last: last,
            at: universe.clock.now)
        if messages.isEmpty {
            oracle.scanned(partition: numbers[partition], logs[partition], at: universe.clock.now)
            partition += 1
        } else {
            logs[partition] += messages
        }
        ready(in: universe)
    }

    /// For a message about a scan that does not end.
    var state: String {
        "waits for partition \(partition) of \(path.topic) from \(partition < logs.count ? from : 0); "
            + "the last refusal was "
            + (lastRefusal.map { "\($0)" } ?? "none")
    }
}
