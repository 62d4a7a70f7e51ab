import Primitives
import Wire

/// Somebody who tries what a login is for without one, with a wrong password, and after a logout.
final class Stranger: Actor {
    /// A request, and what the answer has to be.
    private struct Attempt {
        let name: String
        let request: Request
        let refusal: ErrorCode?
    }

    struct Finding {
        let holds: Bool
        let text: String
    }

    private let attempts: [Attempt]
    private(set) var findings: [Finding] = []
    private var number: UInt16 = 0
    private var connection: UInt32?
    private var incoming: [UInt8] = []

    /// `account` exists, and its password is its name.
    init?(account: String) {
        guard let name = Name(account) else { return nil }
        attempts = [
            Attempt(name: "a question without a login", request: .getStreams, refusal: .unauthenticated),
            Attempt(
                name: "a wrong password", request: .loginUser(LoginUser(name: name, password: Secret("not it"))),
                refusal: .invalidCredentials),
            Attempt(name: "a question after that", request: .getStreams, refusal: .unauthenticated),
            Attempt(
                name: "the right password", request: .loginUser(LoginUser(name: name, password: Secret(account))),
                refusal: nil),
            Attempt(name: "a logout", request: .logoutUser, refusal: nil),
            Attempt(name: "a question after the logout", request: .getStreams, refusal: .unauthenticated),
        ]
    }

    /// Joins the universe and begins.
    func join(_ universe: Universe) { number = universe.add(self, startingIn: 0) }

    var isFinished: Bool { findings.count == attempts.count }
    var state: String { isFinished ? "done" : attempts[findings.count].name }

    override var title: String { "stranger" }

    override func handle(_ event: ActorEvent, in universe: Universe) {
        switch event {
        case .timer: connection = universe.connect(number)
        case .connected: ask(universe)
        case .readable(let connection): hear(universe.take(connection), universe)
        case .refused, .ended: break
        }
    }

    private func ask(_ universe: Universe) {
        guard let connection, !isFinished else { return }
        var writer = ByteWriter()
        attempts[findings.count].request.encodeFrame(into: &writer)
        universe.send(connection, writer.bytes)
    }

    private var head: ClassicResponseHead? {
        let bytes = incoming
        return ClassicResponseHead(bytes.rawSpan)
    }

    private func hear(_ bytes: [UInt8], _ universe: Universe) {
        incoming += bytes
        while !isFinished, let head,
            incoming.count >= ClassicResponseHead.byteCount + head.payloadByteCount
        {
            incoming.removeFirst(ClassicResponseHead.byteCount + head.payloadByteCount)
            let attempt = attempts[findings.count]
            findings.append(
                Finding(
                    holds: head.refusal == attempt.refusal,
                    text: "\(attempt.name) was answered with \(head.refusal.map { "\($0)" } ?? "ok")"))
            ask(universe)
        }
        if isFinished, let connection { universe.close(connection) }
    }
}
