public import Platform
import Primitives

/// One simulated node and its clients, and the driver that moves them: the only place that touches everything.
///
/// Nothing in it runs by itself. Each `step` takes the next happening from the heap, moves the clock there, lets it
/// have its effect, and checks what must hold. A run is decided by its settings, its faults, its actors and its tape.
public final class Universe {
    public let settings: UniverseSettings
    public internal(set) var clock = Clock()
    public internal(set) var tape: Tape
    public internal(set) var trace = TraceHash()
    public let disk: Disk
    public internal(set) var narrator = Narrator()
    public internal(set) var faults: FaultEngine
    /// The first thing that must not happen and did. The run ends with it.
    public internal(set) var finding: Finding?
    public internal(set) var notices: [(time: Int64, shard: ShardID, notice: Notice)] = []

    let node = NodeFacts()
    let make: CellFactory
    var heap = EventHeap()
    var sequence: UInt32 = 0
    var dice: PRNG
    var processors: Processors
    var pool: BufferPool
    var shards: [ShardState]
    /// By sender, then by receiver.
    var mailboxes: [[Mailbox]]
    var connections: [Connection] = []
    var actors: [Actor] = []
    /// Counts Machines over all restarts, so that a happening of an earlier one is known.
    var lastSerial: UInt32 = 0
    public internal(set) var process = Process()
    /// Machines that were dropped in the last step.
    var dropped: [Dropped] = []
    /// Of those, what a broken promise keeps alive.
    var kept: [Cell] = []
    /// Told when something ends, before it starts again.
    public var onCrash: ((CrashKind) -> Void)?
    /// Told before a process starts on what an earlier one left.
    public var onRestart: (() -> Void)?
    /// Told when a process that has recovered everything takes its first connections.
    public var onRecovery: (() -> Void)?
    /// Operations that changed the disk since the last crash point, or since the beginning.
    public internal(set) var boundaries = 0
    /// How many of them there were when all shards served.
    public internal(set) var boundariesBeforeServing: Int?
    public internal(set) var diskPointsPassed = 0
    /// `boundaries` when the work began, and when all faults were over.
    var boundariesBeforeWork = 0, boundariesToHealing = 0
    /// What the step at work has submitted, by slot.
    var submitted: [UInt32] = []
    var secondStart: Int64 = 0
    var happeningsInSecond = 0
    public internal(set) var counts = Counts()
    var disturbed = Disturbed()
    var lookout: Lookout
    /// Whose turn it is, where the plan says so.
    var priorities: Priorities?
    /// How many of the plan's branches the run has taken.
    public internal(set) var branchesTaken = 0
    /// Pairs of moments that had come when it took the last one.
    private var pairsBeforeBranch = 0
    /// Those that had come when all faults were over.
    private var pairsBeforeHeal: Int?
    /// nil unless somebody wants a picture.
    var chronicle: Chronicle?
    /// Happenings that somebody wants to hear of, the next one first, and what was seen of them.
    private var watchedNext: [Int] = []
    public private(set) var watched: [WatchedHappening] = []
    /// What is next where the plan has it explored.
    public var exploration: Exploration

    public init(settings: UniverseSettings, tape: Tape, faults: [Fault] = [], make: @escaping CellFactory) {
        self.settings = settings
        self.tape = tape
        self.make = make
        self.faults = FaultEngine(faults)
        exploration = Exploration(settings.interleaving)
        disk = Disk(limits: settings.disk)
        lookout = Lookout(shardCount: settings.shardCount, planted: settings.ambush)
        dice = PRNG(seed: settings.seed, label: "universe")
        if case .priorities(let rules) = settings.schedule { priorities = Priorities(rules, seed: settings.seed) }
        pool = BufferPool(
            shardCount: settings.shardCount, memory: MemoryBudget(limitBytes: settings.bufferBytesMax))
        processors = Processors(
            topology: settings.topology, settings: Processors.Settings(placement: settings.placement),
            shardCount: settings.shardCount)
        shards = (0..<settings.shardCount).map { _ in ShardState(shardCount: settings.shardCount) }
        mailboxes = Array(
            repeating: Array(repeating: Mailbox(), count: settings.shardCount), count: settings.shardCount)
        for mutation in settings.mutations { node.isMutated[Int(mutation.rawValue)] = true }
        node.facts.totalMemoryBytes = settings.topology.memoryBytes
        node.facts.hostname = "simulated"
        node.boot = BootIdentity(high: dice.next(), low: dice.next())
        branchIfDue()
        happen(.start, in: 0)
    }

    // MARK: Running

    /// Notes what these happenings are, by their numbers from 1, as they come.
    public func watch(_ happenings: [Int]) { watchedNext = happenings.sorted() }

    /// Takes the next happening; false when there is none, or when the run is over.
    public func step() -> Bool {
        guard finding == nil, let next = exploration.isOn ? chooseNext() : takeNext() else { return false }
        if !dropped.isEmpty { checkDropped() }
        // Under priorities, and in an explored order, something may have overtaken it.
        clock.now = max(clock.now, next.time)
        counts.happenings += 1
        if clock.now - secondStart >= second {
            secondStart = clock.now
            happeningsInSecond = 0
        }
        happeningsInSecond += 1
        if happeningsInSecond > settings.happeningsPerSecondMax {
            report(.livelock(happenings: happeningsInSecond))
            return false
        }
        trace.add(
            UInt64(bitPattern: clock.now),
            UInt64(next.kind.rawValue) << 48 | UInt64(next.actor) << 32 | UInt64(next.slot))
        if watchedNext.first == counts.happenings {
            watchedNext.removeFirst()
            watched.append(WatchedHappening(number: counts.happenings, time: next.time, words: words(next)))
        }
        if trace.isKeeping { say("\(next)") }
        take(next)
        branchIfDue()
        return finding == nil
    }

    /// Runs until nothing is left to happen, or something is due after `time` (nanoseconds).
    public func run(until time: Int64) {
        while finding == nil, let next = heap.next, next.time <= time {
            if !step() { return }
        }
        if finding == nil { clock.now = max(clock.now, time) }
    }

    /// Runs until `isDone` holds, at most until `limit` (nanoseconds). Answers whether it holds.
    public func run(until limit: Int64, or isDone: () -> Bool) -> Bool {
        while !isDone() {
            guard finding == nil, let next = heap.next, next.time <= limit, step() else { return isDone() }
        }
        return true
    }

    private func take(_ next: Happening) {
        // The process that it was for may have had more shards.
        if next.kind.isOfMachine, Int(next.actor) >= shards.count { return }
        switch next.kind {
        case .run: runShard(Int(next.actor), next.generation)
        case .complete: complete(next.slot, of: Int(next.actor), next.generation)
        case .mail: deliverMail(from: Int(next.slot), to: Int(next.actor), next.generation)
        case .wake: wake(Int(next.actor), number: next.slot, next.generation)
        case .arriveAtServer: arriveAtServer(next.slot)
        case .arriveAtClient: arriveAtClient(next.slot)
        case .connect: reachListener(next.slot)
        case .clientTimer: actors[Int(next.actor)].handle(.timer(next.slot), in: self)
        case .faultBegins: beginFault(Int(next.slot))
        case .faultEnds: endFault(Int(next.slot))
        case .start: startProcess(next.generation)
        case .rebuild: rebuild(Int(next.actor), next.generation)
        }
    }

    /// Leaves the path of the seed at the point that is next.
    private func branchIfDue() {
        guard branchesTaken < settings.branches.count else { return }
        let branch = settings.branches[branchesTaken]
        let isDue =
            switch branch.at {
            case .waypoint(let waypoint): passes(of: waypoint.moment) >= waypoint.nth
            case .happening(let count): counts.happenings >= count
            }
        guard isDue else { return }
        branchesTaken += 1
        pairsBeforeBranch = node.passage.pairs.count
        tape.draw(from: branch)
        trace.add(UInt64(branch.number), 0xb4a2c4)
        narrator.note(clock.now, .text("⑂ branch \(branch.text)"))
    }

    func happen(
        _ kind: Happening.Kind, in delay: Int64, actor: Int = 0, slot: UInt32 = 0, generation: UInt32 = 0
    ) {
        let order = settings.schedule == .random ? tape.draw(4, .schedule) : 0
        sequence &+= 1
        heap.push(
            Happening(
                time: clock.now + max(0, delay), order: order, sequence: sequence, slot: slot, generation: generation,
                actor: UInt16(truncatingIfNeeded: actor), kind: kind))
    }

    func report(_ what: Finding) {
        guard finding == nil else { return }
        finding = what
        narrator.note(clock.now, .text("✗ \(what)"))
    }
}

extension Universe {
    /// A shard's place: its Machine, what waits for it, and how often it had to be made.
    struct ShardState {
        var cell: Cell?
        var desk: Desk?
        var generation: UInt32 = 0
        var inbox = Inbox()
        /// Mail for its next Machine, come before that was made.
        var early: [(sender: Int, item: Inbox.Item)] = []
        var isRunScheduled = false
        /// Its Machine failed, and what it had in flight has not ended yet.
        var isDraining = false
        var failures: [Int64] = []
        /// The generation of each other shard, as far as this one has heard.
        var known: [UInt32]
        /// Events that its Machines have handled.
        var handled: UInt32 = 0

        init(shardCount: Int) { known = Array(repeating: 0, count: shardCount) }
    }

    struct Dropped {
        weak var cell: Cell?
        let shard: ShardID
    }

    /// The server process.
    public struct Process: Sendable {
        /// Counts starts; 0 before the first.
        public internal(set) var generation: UInt32 = 0
        public internal(set) var isRunning = false
        public internal(set) var isStopping = false
        /// One of its shards has taken connections.
        var hasServed = false
        /// It ended after `stopRequested`, with nothing left undone.
        public internal(set) var hasStopped = false
        /// By shard, what it held when all had stopped; nil while mail was on its way to it.
        public internal(set) var heldAtStop: [Holdings?] = []
        public internal(set) var refusal: StartRefusal?
        /// It ends after this step, and is started again.
        var isRefused = false
        /// A stop is followed by a start, after so many nanoseconds.
        var restartAfterStop: Int64?
    }

    public struct Counts: Sendable, Equatable {
        public var happenings = 0
        public var steps = 0
        public var panics = 0
        public var kills = 0
        public var powerCuts = 0
        public var restarts = 0
        public var letters = 0
        public var wakes = 0
        public var operations = 0
        public var connections = 0
        public var injected = 0
        public var reads = 0
        public var writes = 0
    }

    /// Connections that shards hold.
    public var openPeerCount: Int {
        shards.reduce(0) { $0 + ($1.desk?.peers.count { $0.connection != nil } ?? 0) }
    }

    /// All shards take connections.
    public var isServing: Bool { process.isRunning && shards.allSatisfy { $0.desk?.isAccepting == true } }

    /// Tells every line of the narration as it comes.
    public func narrate(_ tell: @escaping (String) -> Void) { narrator.tell = tell }

    /// A line for the narration.
    func say(_ text: String) { narrator.note(clock.now, .text(text)) }

    /// How often each mark was hit.
    public func hits(of mark: Mark) -> UInt32 { passes(of: .mark(mark)) }

    /// How often the run has gone through it.
    public func passes(of moment: Moment) -> UInt32 { node.passage.counts[moment.index] }

    /// Pairs of moments in the order in which they came first.
    public var sightings: Sightings {
        var sightings = Sightings()
        sightings.pairs = node.passage.pairs.compactMap { found in
            MomentPair(code: found.code).map { Sightings.Sighting(pair: $0, nth: found.nth) }
        }
        sightings.countBeforeBranch = pairsBeforeBranch
        sightings.countBeforeHeal = pairsBeforeHeal ?? sightings.pairs.count
        return sightings
    }

    /// All faults are over: what the run goes through from now on is no place to strike.
    func noteHealing() { pairsBeforeHeal = node.passage.pairs.count }

    /// The run goes through it.
    func pass(_ turn: Moment.Turn) { node.passage.pass(.turn(turn)) }

    /// Memory of buffers at its highest, in bytes.
    public var bufferBytesPeak: Int { pool.memory.peakBytes }
}

/// What ended a run.
public enum Finding: Equatable, Sendable, CustomStringConvertible {
    /// A law of the server's or the seam's own was broken, and the plan had not asked for it.
    case brokenLaw(ShardID, law: String)
    case livelock(happenings: Int)
    /// The server refuses to start on a directory that is its own.
    case startRefused(StartRefusal)
    /// The machine has no memory for all shards: the process dies of ENOMEM.
    case outOfMemory(shards: Int, fitting: Int)
    /// A Machine was dropped and something still holds it.
    case leakedMachine(ShardID)

    public var description: String {
        switch self {
        case .brokenLaw(let shard, let law): "\(shard) broke the law: \(law)"
        case .livelock(let happenings): "livelock: \(happenings) happenings in one simulated second"
        case .startRefused(let refusal): "the server refused to start: \(refusal)"
        case .outOfMemory(let shards, let fitting): "ENOMEM: \(shards) shards on a machine with memory for \(fitting)"
        case .leakedMachine(let shard): "\(shard)'s dropped Machine is still held"
        }
    }
}

/// Events for one shard, in order, each with the operation that ends when it is handled.
struct Inbox {
    struct Item {
        let event: Event
        var operation: UInt32?
        /// The serial of the Machine that wrote the letter, for mail.
        var writer: UInt32 = 0
    }

    private var items: [Item] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }

    mutating func append(_ item: Item) { items.append(item) }

    mutating func next() -> Item? {
        guard head < items.count else { return nil }
        let item = items[head]
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        }
        return item
    }
}
