import Platform
import Primitives
import Wire

/// Sends all that it wants in one go, without waiting for an answer, and then that nothing more comes: the answers must
/// come in the order of the requests, all of them, and then the end of the connection.
///
/// Before it logs in it asks for more than a stranger may, and must be told so without losing its connection.
final class Guest: Actor {
    /// A request, and what is wrong with an answer to it.
    private struct Attempt {
        let name: String
        let complaint: (ErrorCode?, [UInt8]) -> String?
    }

    private var attempts: [Attempt] = []
    private var words: [UInt8] = []
    private(set) var findings: [String?] = []
    private(set) var isOver = false
    private var number: UInt16 = 0
    private var incoming: [UInt8] = []

    /// As many as make a long row of answers that are all alike.
    private static let pingCount = 300
    private static let noCommand: UInt32 = 99_999

    init?(account: String, stream: String) {
        super.init()
        guard let user = Name(account), let stream = Name(stream), let topic = Name("t") else { return nil }
        let path = TopicPath(stream: .name(stream), topic: .name(topic))
        // The answer of a stranger's large frame must not depend on what is in it.
        add(
            "a large frame without a login", CommandCode.pollMessages.rawValue, [UInt8](repeating: 0, count: 6_000),
            .unauthenticated)
        add("a login", .loginUser(LoginUser(name: user, password: Secret(account))))
        for _ in 0..<Self.pingCount { add("a ping", .ping) }
        add("a command that there is not", Self.noCommand, [], .invalidCommand)
        add("making a stream", .createStream(name: stream))
        add("making a topic", .createTopic(CreateTopic(stream: .name(stream), name: topic, partitionCount: 2)))
        var logs: [[OwnMessage]] = [[], []]
        for send in 0..<12 as Range<UInt32> {
            let messages = [OwnMessage(2 * send), OwnMessage(2 * send + 1)]
            logs[Int(send % 2)] += messages
            add("an append", OwnMessage.frame(messages, to: path, .partition(send % 2)), nil)
            // A refusal between them, which is known at once.
            if send % 4 == 3 {
                add("an append to nowhere", OwnMessage.frame(messages, to: path, .partition(9)), .partitionNotFound)
            }
        }
        for partition in 0..<2 as Range<UInt32> { add(pollOf: path, partition, logs[Int(partition)]) }
        let place = ConsumerPartition(consumer: .single(.id(7)), path: path, partition: 1)
        add("storing an offset", .storeConsumerOffset(place, offset: 3))
        add("forgetting it", .deleteConsumerOffset(place))
        add("forgetting it once more", .deleteConsumerOffset(place), .consumerOffsetNotFound)
        add("deleting the stream", .deleteStream(.name(stream)))
        add("a ping", .ping)
    }

    /// Joins the universe and begins.
    func join(_ universe: Universe) { number = universe.add(self, startingIn: 0) }

    var state: String { findings.count < attempts.count ? "no answer to \(attempts[findings.count].name)" : "no end" }

    override var title: String { "guest" }

    // MARK: What it wants

    private func add(_ name: String, _ request: Request, _ refusal: ErrorCode? = nil) {
        var writer = ByteWriter()
        request.encodeFrame(into: &writer)
        add(name, writer.bytes, refusal)
    }

    private func add(_ name: String, _ code: UInt32, _ payload: [UInt8], _ refusal: ErrorCode) {
        var writer = ByteWriter()
        writer.write(UInt32(4 + payload.count))
        writer.write(code)
        writer.write(payload)
        add(name, writer.bytes, refusal)
    }

    private func add(_ name: String, _ frame: [UInt8], _ refusal: ErrorCode?) {
        words += frame
        attempts.append(
            Attempt(name: name) { seen, _ in
                Questioner.differ("the status", refusal.map { "\($0)" } ?? "ok", seen.map { "\($0)" } ?? "ok")
            })
    }

    private func add(pollOf path: TopicPath, _ partition: UInt32, _ expected: [OwnMessage]) {
        let poll = PollMessages(
            consumer: .single(.id(7)), path: path, partition: partition, strategy: .first, count: 1_000)
        var writer = ByteWriter()
        Request.pollMessages(poll).encodeFrame(into: &writer)
        words += writer.bytes
        attempts.append(
            Attempt(name: "a poll") { refusal, payload in
                refusal.map { "it was refused: \($0)" }
                    ?? OwnMessage.complaint(payload, partition: partition, expected, times: 0...UInt64.max)
            })
    }

    // MARK: Events

    override func handle(_ event: ActorEvent, in universe: Universe) {
        switch event {
        case .timer: _ = universe.connect(number)
        case .connected(let connection):
            universe.send(connection, words)
            universe.finishSending(connection)
        case .readable(let connection):
            incoming += universe.take(connection)
            hear()
        case .refused: isOver = true
        case .ended(let connection, _):
            incoming += universe.take(connection)
            hear()
            isOver = true
            universe.close(connection)
        }
    }

    private func hear() {
        var position = 0
        while findings.count < attempts.count, let head = head(at: position) {
            let start = position + ClassicResponseHead.byteCount
            let end = start + head.payloadByteCount
            guard end <= incoming.count else { break }
            let attempt = attempts[findings.count]
            let wrong = attempt.complaint(head.refusal, Array(incoming[start..<end]))
            findings.append(wrong.map { "\(attempt.name): \($0)" })
            position = end
        }
        incoming.removeFirst(position)
    }

    private func head(at position: Int) -> ClassicResponseHead? {
        let bytes = Array(incoming[position...].prefix(ClassicResponseHead.byteCount))
        return ClassicResponseHead(bytes.rawSpan)
    }

    /// Every request has its answer.
    var isAnswered: Bool { findings.count == attempts.count && incoming.isEmpty }
}
