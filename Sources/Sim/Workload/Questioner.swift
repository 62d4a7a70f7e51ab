import Platform
import Primitives
import Wire

/// Asks for all that a client can ask for, one question after the other, of a server that nobody else uses: so every
/// answer is known beforehand, to the last field. `Questioner+Logs` and `Questioner+Topics` have the questions.
final class Questioner: ClassicActor {
    /// What came back: a refusal, or the bytes of a reply.
    struct Answer {
        let refusal: ErrorCode?
        let payload: [UInt8]
    }

    private struct Question {
        let what: String
        let command: CommandCode
        /// Made when its turn has come: it may name what an earlier answer told.
        let frame: () -> [UInt8]
        /// What is wrong with the answer; nil if nothing is.
        let complaint: (Answer) -> String?
    }

    let stamp: UInt64
    private let oracle: Oracle
    private var questions: [Question] = []
    private var next = 0
    /// Ids of streams and topics, as the server told them.
    var ids: [String: UInt32] = [:]
    /// Of the messages of its second stream, by offset, as it read them.
    var times: [UInt64] = []
    /// By partition, which of the balanced appends is there.
    var turns: [UInt32] = []
    /// What it was told of the stream that everybody else has used.
    var totals = Totals()

    init(stamp: UInt64, oracle: Oracle) {
        self.stamp = stamp
        self.oracle = oracle
        super.init(.patient)
    }

    override var title: String { "questioner" }

    /// For a message about one that does not end.
    var state: String { next < questions.count ? questions[next].what : "done" }

    // MARK: Putting questions

    func put(_ what: String, _ request: Request, _ complaint: @escaping (Answer) -> String?) {
        put(what, request.command, { request }, complaint)
    }

    /// The same, with a request that is made when its turn has come.
    func put(
        _ what: String, _ command: CommandCode, _ request: @escaping () -> Request,
        _ complaint: @escaping (Answer) -> String?
    ) {
        questions.append(
            Question(
                what: what, command: command,
                frame: {
                    var writer = ByteWriter()
                    request().encodeFrame(into: &writer)
                    return writer.bytes
                },
                complaint: complaint))
    }

    /// A whole frame of a send.
    func send(_ what: String, _ frame: [UInt8], refusal: ErrorCode? = nil) {
        questions.append(
            Question(what: what, command: .sendMessages, frame: { frame }, complaint: { Self.differ(refusal, $0) }))
    }

    /// It must succeed, or be refused so; nobody looks at the reply.
    func expect(_ what: String, _ request: Request, _ refusal: ErrorCode? = nil) {
        put(what, request) { Self.differ(refusal, $0) }
    }

    /// It must succeed with a reply that `complaint` has nothing to say about.
    func learn(_ what: String, _ request: Request, _ complaint: @escaping (Reply) -> String?) {
        learn(what, request.command, { request }, complaint)
    }

    /// The same, with a request that is made when its turn has come.
    func learn(
        _ what: String, _ command: CommandCode, _ request: @escaping () -> Request,
        _ complaint: @escaping (Reply) -> String?
    ) {
        put(what, command, request) { answer in
            if let wrong = Self.differ(nil, answer) { return wrong }
            guard let reply = Reply.first(in: answer.payload, to: command) else {
                return "the reply of \(answer.payload.count) bytes is none"
            }
            return complaint(reply)
        }
    }

    private static func differ(_ refusal: ErrorCode?, _ answer: Answer) -> String? {
        differ("the status", refusal.map { "\($0)" } ?? "ok", answer.refusal.map { "\($0)" } ?? "ok")
    }

    /// What to say of one field; nil if it is as it should be.
    static func differ<Value: Equatable>(_ field: String, _ expected: Value, _ seen: Value) -> String? {
        expected == seen ? nil : "\(field) is \(seen) instead of \(expected)"
    }

    /// The first that there is.
    static func first(_ complaints: String?...) -> String? { complaints.lazy.compactMap(\.self).first }

    // MARK: Events

    override func ready(in universe: any Surroundings) {
        guard next < questions.count else { return finish(in: universe) }
        ask(questions[next].command, questions[next].frame(), in: universe)
    }

    override func answered(_ refusal: ErrorCode?, _ payload: [UInt8], in universe: any Surroundings) {
        let wrong = questions[next].complaint(Answer(refusal: refusal, payload: payload))
        oracle.holds(
            .answers, wrong == nil, "\(questions[next].what): \(wrong ?? "")", at: universe.clock.now)
        next += 1
        ready(in: universe)
    }

    override func unanswered(in universe: any Surroundings) {
        oracle.holds(.answers, false, "\(state): the connection was lost", at: universe.clock.now)
    }
}
