import Platform
import Primitives
import Wire

/// Logs in through one shard with one password after the other, and notes how long each answer takes.
final class Guesser: Actor {
    struct Attempt {
        let password: String
        let refusal: ErrorCode?
        /// Nanoseconds to the answer.
        let wait: ClosedRange<Int64>
    }

    private static let atOnce: ClosedRange<Int64> = 0...second
    /// Of an account, or from an address.
    private static let freeFailures = 5

    /// A few wrong passwords are free; then each waits longer, and the right one does too.
    static let guesses: [Attempt] =
        Array(repeating: Attempt(password: "guess", refusal: .invalidCredentials, wait: atOnce), count: freeFailures)
        + [
            Attempt(password: "guess", refusal: .invalidCredentials, wait: 2 * second...3 * second),
            Attempt(password: "iggy", refusal: nil, wait: 4 * second...5 * second),
        ]
    /// Who comes from elsewhere, and knows the password, need not wait for what others have guessed: one login that
    /// succeeded has put that right.
    static let knowledge = [Attempt(password: "iggy", refusal: nil, wait: atOnce)]

    private let shard: ShardID
    private let attempts: [Attempt]
    private(set) var findings: [String?] = []
    private var number: UInt16 = 0
    private var connection: UInt32?
    private var incoming: [UInt8] = []
    private var askedAt: Int64 = 0

    init(_ attempts: [Attempt], through shard: ShardID) {
        self.attempts = attempts
        self.shard = shard
    }

    /// Joins the universe and begins.
    func join(_ universe: Universe) { number = universe.add(self, startingIn: 0) }

    var isFinished: Bool { findings.count == attempts.count }

    override var title: String { "guesser" }

    override func handle(_ event: ActorEvent, in universe: Universe) {
        switch event {
        case .timer: connection = universe.connect(number, to: shard)
        case .connected: ask(universe)
        case .readable(let connection): hear(universe.take(connection), universe)
        case .refused, .ended: break
        }
    }

    private func ask(_ universe: Universe) {
        guard let connection else { return }
        guard !isFinished, let name = Name("iggy") else { return universe.close(connection) }
        askedAt = universe.clock.now
        var writer = ByteWriter()
        Request.loginUser(LoginUser(name: name, password: Secret(attempts[findings.count].password)))
            .encodeFrame(into: &writer)
        universe.send(connection, writer.bytes)
    }

    private func hear(_ bytes: [UInt8], _ universe: Universe) {
        incoming += bytes
        let seen = incoming
        guard !isFinished, let head = ClassicResponseHead(seen.rawSpan),
            incoming.count >= ClassicResponseHead.byteCount + head.payloadByteCount
        else { return }
        incoming.removeFirst(ClassicResponseHead.byteCount + head.payloadByteCount)
        let attempt = attempts[findings.count]
        let wait = universe.clock.now - askedAt
        findings.append(
            Questioner.differ(
                "the status of login \(findings.count)", attempt.refusal.map { "\($0)" } ?? "ok",
                head.refusal.map { "\($0)" } ?? "ok")
                ?? (attempt.wait.contains(wait)
                    ? nil : "login \(findings.count) was answered after \(wait / millisecond) ms"))
        ask(universe)
    }
}
