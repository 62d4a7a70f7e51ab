/// What a run did, as a picture shows it: requests from question to answer, how long each shard served, calls of the
/// disk, connections, faults. It is kept only when somebody asks for it, and decides nothing.
public struct Chronicle: Equatable, Sendable {
    public enum Lane: Equatable, Sendable {
        /// By the actor's number.
        case client(UInt16)
        case shard(UInt16)
        case network
        case disk
        case fault
    }

    public enum Ending: Equatable, Sendable {
        /// It had not ended when the run did.
        case open
        case done
        case failed(String)
        /// Cut off: whether it had its effect is not known.
        case lost
    }

    /// Something that took its time, in nanoseconds since the run began.
    public struct Span: Equatable, Sendable {
        public let lane: Lane
        public let title: String
        public let start: Int64
        public internal(set) var end: Int64
        public internal(set) var ending = Ending.open
        public let errand: Errand?
    }

    /// What an actor asks for, in the words of the history.
    public struct Errand: Equatable, Sendable {
        public let title: String
        public let client: UInt32?
        public let partition: UInt32?
        public let batch: BatchID?

        /// It writes or reads messages.
        var isAboutLog: Bool { ["append", "poll", "next", "read"].contains { title.hasPrefix($0) } }

        init(_ title: String, client: UInt32? = nil, partition: UInt32? = nil, batch: BatchID? = nil) {
            self.title = title
            self.client = client
            self.partition = partition
            self.batch = batch
        }
    }

    /// Something that happened to all, or to one shard.
    public struct Blow: Equatable, Sendable {
        public let time: Int64
        public let title: String
        /// nil for the whole process.
        public let shard: UInt16?
    }

    /// In the order in which they began.
    public private(set) var spans: [Span] = []
    public private(set) var blows: [Blow] = []
    public private(set) var phases: [(time: Int64, name: String)] = []
    /// Times from which on all shards served.
    public private(set) var served: [Int64] = []
    /// By actor, as far as they asked for anything.
    public private(set) var clients: [(number: UInt16, title: String)] = []
    /// Spans without an end, with the keys that they are known by in their lanes.
    private var open: [(key: UInt64, place: Int)] = []
    /// More than a picture ever shows.
    private static let spansMax = 100_000

    public static func == (left: Chronicle, right: Chronicle) -> Bool {
        left.spans == right.spans && left.blows == right.blows && left.served == right.served
    }

    // MARK: Taking down

    mutating func begin(_ lane: Lane, key: UInt64 = 0, _ title: String, at time: Int64, _ errand: Errand? = nil) {
        guard spans.count < Self.spansMax else { return }
        end(lane, key: key, at: time, .lost)
        open.append((key, spans.count))
        spans.append(Span(lane: lane, title: title, start: time, end: time, errand: errand))
    }

    mutating func end(_ lane: Lane, key: UInt64 = 0, at time: Int64, _ ending: Ending) {
        guard let index = open.firstIndex(where: { $0.key == key && spans[$0.place].lane == lane }) else { return }
        let place = open.remove(at: index).place
        spans[place].end = time
        spans[place].ending = ending
    }

    /// Everything of the lanes that is under way is cut off.
    mutating func cut(at time: Int64, _ isMeant: (Lane) -> Bool) {
        for (key, place) in open where isMeant(spans[place].lane) { end(spans[place].lane, key: key, at: time, .lost) }
    }

    mutating func strike(_ title: String, shard: UInt16? = nil, at time: Int64) {
        blows.append(Blow(time: time, title: title, shard: shard))
    }

    mutating func enter(_ phase: String, at time: Int64) { phases.append((time, phase)) }

    mutating func serve(at time: Int64) { served.append(time) }

    mutating func know(_ client: UInt16, _ title: String) {
        if !clients.contains(where: { $0.number == client }) { clients.append((client, title)) }
    }

    /// The run is over.
    mutating func close(at time: Int64) {
        for (_, place) in open { spans[place].end = time }
    }
}

extension Universe {
    /// From now on keeps what a picture needs.
    public func keepChronicle() { chronicle = Chronicle() }

    /// A shard's Machine is gone, or all are.
    func cutChronicle(shard: Int? = nil) {
        chronicle?.cut(at: clock.now) { lane in
            switch lane {
            case .shard(let number): shard.map { $0 == Int(number) } ?? true
            case .disk: shard == nil
            case .client, .network, .fault: false
            }
        }
    }

    /// The run is over: what a picture needs.
    public func closedChronicle() -> Chronicle? {
        for (fault, life) in faults.lives.enumerated() {
            if let overAt = life.overAt { chronicle?.end(.fault, key: UInt64(fault), at: overAt, .done) }
        }
        chronicle?.close(at: clock.now)
        return chronicle
    }
}
