import Primitives
import Wire

/// What the steps of one scenario share: the server, its clients, and what they remember.
struct Scene {
    let driver: any ServerDriver
    var setup = ServerSetup()
    /// Where a server is to start, if that matters, and what became of it.
    var machine: MachineDescription?
    var served: ServedShards?

    /// Who talks, and whether it is logged in. A client that lost its connection takes a new one and logs in again
    /// before its next request, as SDKs do.
    private var seats: [Speaker: Seat] = [:]

    /// The stream and topic that steps mean when they name none.
    var topic: Topic?
    /// By partition of that topic.
    var ledgers: [UInt32: Ledger] = [:]
    /// What the last poll gave, and from which partition.
    var polled: [PolledMessage] = []
    var polledPartition: UInt32 = 0
    /// Offsets that the consumer has read, in the order in which it read them.
    var consumed: [UInt64] = []
    /// The answer that the next step judges.
    var lastAnswer: Answer?
    /// Something was done to the server that it may need a while to get over: until then it may refuse.
    var isHurt = false
    /// Starts of the server before it was hurt.
    var startsBeforeFault = 0
    /// Why the scenario cannot be played in this world.
    var skipReason: String?

    /// Messages made so far: no two have the same payload.
    var sentCount: UInt64 = 0

    init(driver: any ServerDriver) {
        self.driver = driver
    }

    enum Speaker: Hashable { case first, second }

    private struct Seat {
        var client: ClientID
        var isLoggedIn = false
    }

    struct Topic {
        let stream: Name
        let name: Name
        let place: PartitionPlace
        let partitionCount: UInt32

        var path: TopicPath { TopicPath(stream: .name(stream), topic: .name(name)) }
    }

    func currentTopic() throws -> Topic {
        guard let topic else { throw Broken("no step has made a topic yet") }
        return topic
    }
}

// MARK: - Talking

extension Scene {
    /// A client that can be asked; a new connection, logged in again, if it has lost the one it had.
    private mutating func client(_ who: Speaker) throws -> ClientID {
        if let seat = seats[who], driver.isConnected(seat.client) { return seat.client }
        let wasLoggedIn = seats[who]?.isLoggedIn ?? false
        let client = try driver.connect()
        seats[who] = Seat(client: client)
        if wasLoggedIn { try logIn(who) }
        return client
    }

    /// Logs in as the server's first account.
    mutating func logIn(_ who: Speaker) throws {
        let answer = try ask(.loginUser(LoginUser(name: try name("iggy"), password: Secret("iggy"))), as: who)
        try expect(!answer.isRefused, "the login was refused with \(refusal(answer))")
        seats[who]?.isLoggedIn = true
    }

    /// One request and its answer. Throws `connectionLost` if nobody knows whether it took effect.
    mutating func ask(_ request: Request, as who: Speaker = .first) throws -> Answer {
        var writer = ByteWriter()
        request.encodeFrame(into: &writer)
        return try ask(frame: writer.bytes, as: who)
    }

    mutating func ask(frame: [UInt8], as who: Speaker = .first) throws -> Answer {
        let client = try client(who)
        try driver.send(frame, from: client)
        return try driver.receive(client)
    }

    /// Sends without waiting for the answer; `receive` of the same client gives it later.
    mutating func begin(frame: [UInt8], as who: Speaker) throws -> ClientID {
        let client = try client(who)
        try driver.send(frame, from: client)
        return client
    }

    /// The reply to a request that must succeed.
    ///
    /// A server that was hurt may refuse or hang up for a while; what is asked here can be asked again.
    mutating func demand(_ request: Request, as who: Speaker = .first) throws -> [UInt8] {
        try demand(as: who) { scene in try scene.ask(request, as: who) }
    }

    private mutating func demand(
        as who: Speaker, _ attempt: (inout Scene) throws -> Answer
    ) throws -> [UInt8] {
        var problem = ""
        for _ in 0..<(isHurt ? Self.patience : 1) {
            do {
                let answer = try attempt(&self)
                if !answer.isRefused { return answer.payload }
                problem = "refused with \(refusal(answer))"
            } catch let error as DriverError where isHurt && error == .connectionLost {
                problem = "\(error)"
            }
            if isHurt { driver.pause(milliseconds: Self.pauseMilliseconds) }
        }
        throw Broken("the request failed: \(problem)")
    }

    /// Attempts on a server that was hurt: ten seconds of its time.
    static let patience = 200
    static let pauseMilliseconds = 50

    func refusal(_ answer: Answer) -> String {
        ErrorCode(rawValue: answer.status).map { "\($0) (\(answer.status))" } ?? "\(answer.status)"
    }

    func name(_ text: String) throws -> Name {
        guard let name = Name(text) else { throw Broken("'\(text)' is not a name") }
        return name
    }
}
