import Platform

/// The clients of a plan in front of a server outside: what they want done stands in `takeMoves`, what came of it is
/// told to them here. Time is what the driver says; nothing in it waits, calls the system or knows a socket.
public final class RealWorld: Surroundings {
    public private(set) var clock = Clock()
    var tape: Tape
    var chronicle: Chronicle?
    private var clients: [ClassicActor] = []
    private var peers: [Peer] = []
    private var moves: [Move] = []
    /// In the order in which they ring.
    private var alarms: [Alarm] = []

    /// What a client does to its connection, in the order in which it did.
    public enum Move: Equatable, Sendable {
        case connect(UInt32)
        case send(UInt32, [UInt8])
        case close(UInt32)
        /// So that the server sees a reset.
        case reset(UInt32)
    }

    private struct Peer {
        let client: UInt16
        var waiting: [UInt8] = []
        /// By the client, or told to it.
        var isOver = false
    }

    private struct Alarm {
        let time: Int64
        let client: UInt16
        let number: UInt32
    }

    /// A client that reads slowly leaves more than this where it came from.
    private static let waitingMax = 16 << 10

    init(seed: UInt64) { tape = Tape(seed: seed) }

    // MARK: The clients' side

    func add(_ client: ClassicActor, startingIn delay: Int64) -> UInt16 {
        clients.append(client)
        let number = UInt16(clients.count - 1)
        remind(number, 0, in: delay)
        return number
    }

    func remind(_ client: UInt16, _ number: UInt32, in delay: Int64) {
        let alarm = Alarm(time: clock.now + max(0, delay), client: client, number: number)
        let place = alarms.lastIndex { $0.time <= alarm.time }.map { $0 + 1 } ?? 0
        alarms.insert(alarm, at: place)
    }

    /// A real server gives a connection to whichever shard it likes.
    func connect(_ client: UInt16, to wanted: ShardID?) -> UInt32 {
        peers.append(Peer(client: client))
        let connection = UInt32(peers.count - 1)
        moves.append(.connect(connection))
        return connection
    }

    func send(_ connection: UInt32, _ bytes: [UInt8]) {
        if !peers[Int(connection)].isOver { moves.append(.send(connection, bytes)) }
    }

    func take(_ connection: UInt32, byteCountMax: Int) -> [UInt8] {
        let waiting = peers[Int(connection)].waiting
        peers[Int(connection)].waiting = Array(waiting.dropFirst(byteCountMax))
        return Array(waiting.prefix(byteCountMax))
    }

    func waiting(_ connection: UInt32) -> Int { peers[Int(connection)].waiting.count }

    func close(_ connection: UInt32) { end(connection, .close(connection)) }

    func reset(_ connection: UInt32) { end(connection, .reset(connection)) }

    private func end(_ connection: UInt32, _ move: Move) {
        guard !peers[Int(connection)].isOver else { return }
        peers[Int(connection)].isOver = true
        moves.append(move)
    }

    func acknowledged(invoked: Int64) {}

    // MARK: The driver's side

    /// What the clients want done, each once.
    public func takeMoves() -> [Move] {
        defer { moves = [] }
        return moves
    }

    /// When the next alarm rings, in nanoseconds.
    public var nextAlarm: Int64? { alarms.first?.time }

    /// It is `now`: alarms ring that are due.
    public func advance(to now: Int64) {
        clock.now = max(clock.now, now)
        while let alarm = alarms.first, alarm.time <= clock.now {
            alarms.removeFirst()
            clients[Int(alarm.client)].hear(.timer(alarm.number), in: self)
        }
    }

    /// Whether bytes of the server should be received; otherwise they stay where they are.
    public func wantsBytes(_ connection: UInt32) -> Bool { waiting(connection) < Self.waitingMax }

    public func connected(_ connection: UInt32) { tell(connection, .connected(connection)) }

    public func refused(_ connection: UInt32) {
        guard !peers[Int(connection)].isOver else { return }
        peers[Int(connection)].isOver = true
        clients[Int(peers[Int(connection)].client)].hear(.refused(connection), in: self)
    }

    public func received(_ connection: UInt32, _ bytes: [UInt8]) {
        guard !peers[Int(connection)].isOver else { return }
        peers[Int(connection)].waiting += bytes
        tell(connection, .readable(connection))
    }

    public func ended(_ connection: UInt32, isReset: Bool) {
        guard !peers[Int(connection)].isOver else { return }
        peers[Int(connection)].isOver = true
        clients[Int(peers[Int(connection)].client)].hear(.ended(connection, isReset: isReset), in: self)
    }

    private func tell(_ connection: UInt32, _ event: ActorEvent) {
        if !peers[Int(connection)].isOver { clients[Int(peers[Int(connection)].client)].hear(event, in: self) }
    }
}
