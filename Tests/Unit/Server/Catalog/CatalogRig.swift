import Platform
import Primitives
import Testing
import Verifier
import Wire

@testable import Server

/// Shard 0 of a server, of one shard if nothing else is said, over a test disk: asked for changes of the catalog, killed and started again.
final class CatalogRig {
    let disk: TestDisk
    var shard: Shard<TestWorld>
    /// How each change ended, by the number it was asked with.
    private(set) var answers: [UInt64: ChangeAnswer] = [:]
    /// What was sent to other shards, answers to changes aside.
    private(set) var letters: [Letter] = []
    private(set) var hasStopped = false
    private(set) var refusal: StartRefusal?
    private let limits: Limits
    private let boot: UInt64
    private var nextRef: UInt64 = 1
    private var now = Instant(nanoseconds: 0, wallMicroseconds: 1_000)
    /// The process is killed when so many operations have been carried out.
    var operationBudget = Int.max
    /// The longest that any log has been, in bytes, and the most files in `catalog/`.
    private(set) var logBytesMax = 0

    /// Every few changes are worth a compaction.
    static var small: Limits {
        var limits = Limits()
        limits.catalogCompactBytes = 300
        limits.catalogCompactFactor = 1
        return limits
    }

    init(
        _ disk: TestDisk = TestDisk(), _ limits: Limits = CatalogRig.small, boot: UInt64 = 1, shardCount: UInt16 = 1
    ) {
        self.disk = disk
        self.limits = limits
        self.boot = boot
        var world = TestWorld(disk)
        world.bootIdentity = BootIdentity(high: 0, low: boot)
        var settings = Settings(rootName: Name("iggy")!, rootPassword: Secret("iggy"))
        settings.limits = limits
        shard = Shard(id: .catalog, shardCount: shardCount, generation: 1, settings: settings, world: world)
    }

    /// Shard 0 of two, serving; the other one, which the test plays, has its catalog.
    static func joined() throws -> CatalogRig {
        let rig = try CatalogRig(shardCount: 2).start()
        try rig.deliver(.request(.join, Letter.Words(1)))
        let catalog = try #require(rig.letter(.catalog))
        try rig.deliver(.reply(.catalogTaken, lending: catalog.lent))
        try rig.deliver(.request(.recovered, Letter.Words(1)))
        try #require(rig.isServing)
        return rig
    }

    /// The process is gone; another one begins on what the disk holds.
    func restarted() -> CatalogRig { CatalogRig(disk, limits, boot: boot) }

    func restarted(after loss: TestDisk.Loss) -> CatalogRig {
        disk.cutPower(loss)
        return CatalogRig(disk, limits, boot: boot + 1)
    }

    var isServing: Bool { shard.phase == .serving }
    var isOver: Bool { shard.world.performedCount >= operationBudget }
    var catalog: Catalog { shard.catalog }
    var log: CatalogLog? { shard.keeper?.log }

    @discardableResult
    func start() throws -> CatalogRig {
        try handle(.started)
        try run()
        return self
    }

    /// Asks for a change, as another shard would; the number tells its answer.
    @discardableResult
    func ask(_ request: Request) throws -> UInt64 {
        let ref = nextRef
        nextRef += 1
        let lent = Slice(BufferID(owner: ShardID(1), slot: 0, generation: 0), position: 0, byteCount: 0)
        shard.keeper?.enqueue(
            CatalogKeeper.Wanted(
                requester: .shard(ShardID(1), ref: ref, lent: lent), proposal: .request(request, user: 0)))
        try shard.decideNext()
        return ref
    }

    /// A letter of the other shard.
    func deliver(_ letter: Letter, runs: Bool = true) throws {
        try handle(.mail(from: ShardID(1), letter))
        if runs { try run() }
    }

    /// The wish of a client of the other shard, whose frame lies in that shard's memory.
    func changeLetter(_ request: Request, ref: UInt64) throws -> Letter {
        var writer = ByteWriter()
        request.encodeFrame(into: &writer)
        let payload = Array(writer.bytes.dropFirst(ClassicRequestHead.byteCount))
        let buffer = try #require(shard.world.pool.allocate(payload.count, owner: ShardID(1)))
        let slice = Slice(buffer, position: 0, byteCount: UInt32(payload.count))
        shard.world.pool.fill(slice, payload)
        return .request(.change, Letter.Words(ref, 0, UInt64(request.command.rawValue)), lending: slice)
    }

    func lose(_ other: ShardID) throws {
        try handle(.shardLost(other, generation: 2))
        try run()
    }

    /// The newest letter of the kind, if there is one.
    func letter(_ kind: LetterKind) -> Letter? { letters.last { $0.kind == kind.rawValue } }

    func tick(seconds: Int64 = 2) throws {
        now = Instant(
            nanoseconds: now.nanoseconds + seconds * 1_000_000_000, wallMicroseconds: now.wallMicroseconds)
        try handle(.timerDue)
        try run()
    }

    func stop(runs: Bool = true) throws {
        try handle(.stopRequested)
        if runs { try run() }
    }

    /// Carries out operations until none is left, or `max` have been.
    func run(max: Int = .max) throws {
        var count = 0
        while count < max, !isOver, !shard.world.queue.isEmpty {
            switch shard.world.queue[0].operation {
            case .mail(_, let letter):
                if letter.kind == LetterKind.changed.rawValue, let answer = ChangeAnswer(word: letter.words.b) {
                    answers[letter.words.a] = answer
                } else {
                    letters.append(letter)
                }
                shard.world.queue.removeFirst()
            case .stopped:
                hasStopped = true
                shard.world.queue.removeFirst()
            case .refuseStart(let reason):
                refusal = reason
                shard.world.queue.removeFirst()
            case .wake, .startAccepting:
                shard.world.queue.removeFirst()
            default:
                count += 1
                guard let (token, completion) = shard.world.perform() else { continue }
                logBytesMax = Swift.max(logBytesMax, Int(log?.byteCount ?? 0))
                try handle(completion.event(token))
            }
        }
    }

    private func handle(_ event: Event) throws {
        try shard.handle(event, at: now)
        try shard.checkInvariants()
    }

    /// What the reader that is not the server's says of the disk.
    func violations(_ ending: Options.Ending, hasLostPower: Bool = false) -> [Finding] {
        let image = DirectoryImage(directories: disk.directoryTexts, contents: disk.image)
        return verify(image, Options(ending, hasLostPower: hasLostPower)).violations
    }

    var catalogFiles: [String] { disk.paths.filter { $0.directory == .catalog }.map(\.name) }
}

extension Completion {
    fileprivate func event(_ token: Token) -> Event {
        switch self {
        case .done(let count): .completed(token, count: count)
        case .opened(let file, let byteCount): .opened(token, file, byteCount: byteCount)
        case .space(let free, let total): .space(token, free: free, total: total)
        case .failed(let errno): .failed(token, errno)
        }
    }
}

/// Changes one after the other, and the catalog after each: what a start may find is one of these.
struct CatalogScript {
    let requests: [Request]
    /// Before any of them, after the first, and so on.
    let states: [Catalog]

    init() throws {
        requests = Self.requests
        let rig = try CatalogRig().start()
        var states = [rig.catalog]
        for request in requests {
            try rig.ask(request)
            try rig.run()
            states.append(rig.catalog)
        }
        self.states = states
    }

    /// Creations, deletions, new lives and renames, several logs long.
    private static var requests: [Request] {
        let settings = TopicSettings(messageExpiry: .never, maxTopicSize: .unlimited)
        var requests: [Request] = []
        for round in 0..<4 {
            let stream = Identifier.name(Name("stream-\(round)")!)
            let topic = Identifier.name(Name("topic-\(round)")!)
            requests += [
                .createStream(name: Name("stream-\(round)")!),
                .createTopic(
                    CreateTopic(stream: stream, name: Name("topic-\(round)")!, partitionCount: 2, settings: settings)),
                .purgeTopic(TopicPath(stream: stream, topic: topic)),
                .createPartitions(TopicPath(stream: stream, topic: topic), count: 1),
                .purgeStream(stream),
                .updateStream(stream, name: Name("renamed-\(round)")!),
            ]
            if round % 2 == 1 { requests.append(.deleteStream(.name(Name("renamed-\(round)")!))) }
        }
        return requests
    }

    /// How many changes a catalog has, if it is one of the states.
    func changeCount(of catalog: Catalog) -> Int? { states.lastIndex(of: catalog) }

    /// Asks for the changes from `first` on until all are made, the process is over, or an answer says that nobody
    /// knows. A refused one is asked for again. The count of those that were acknowledged.
    func play(_ rig: CatalogRig, from first: Int = 0) throws -> Int {
        var done = first
        var attempts = 0
        while done < requests.count, attempts < 1_000 {
            attempts += 1
            let ref = try rig.ask(requests[done])
            try rig.run()
            switch rig.answers[ref] {
            case .ok?: done += 1
            case .status?: try rig.tick()
            case .unknown?, nil: return done
            }
        }
        return done
    }
}
