import Platform
import Primitives
import Verifier

/// One plan, from the first start to the last scan.
///
/// 1. Start; a client makes the stream and the topic.
/// 2. The workload, with everything that the plan lets go wrong.
/// 3. The last crash, in the middle of writes; in some runs there is none, in some several more follow it.
/// 4. All faults are over: through every shard, every partition must take and serve a message within a bound; then a
///    client must be granted all that it asks for.
/// 5. Every partition is read from end to end and compared with what was promised. Before it, in some runs, the server
///    is stopped while clients write; behind it, in some, clients go without what they asked for.
/// 6. Nobody asks for anything until the background has made durable what was written.
/// 7. Clients leave, the server stops; what it held must be given back.
/// 8. The power goes out and the server starts again: a clean stop has lost nothing.
/// 9. It is killed and starts once more: recovering what is recovered changes no file.
/// 10. Everything that a client can ask for is asked for, and every field of the answers is compared.
/// 11. Somebody without a login is refused.
/// 12. Everything is deleted: what a server holds then is what one holds that has just started. Or, in some runs, a bit
///     of a log changes while the server is down.
///
/// Where the order is explored, the reads of 5 and the stop of 7 follow upon the workload, and that is all.
public final class Run {
    /// Makes the shards of a plan's server.
    public typealias Server = (Plan) -> CellFactory

    public let plan: Plan
    public let universe: Universe
    public let oracle: Oracle
    let place: TopicPathParts
    private var nextClient: UInt32 = 0
    private(set) var clients: [WorkloadClient] = []
    var owners: [OwnerClient] = []
    private var lastWriters: [WorkloadClient] = []
    private var phase = "start"
    /// The last phase that somebody wants to see; nil for all of them.
    private let lastPhase: String?
    /// It went beyond that one.
    private var isLeft = false
    /// Where the run is left to be looked at; nil for nowhere.
    public var stopPoint: StopPoint?
    /// What the world was there, once the run was.
    public private(set) var stopped: WorldState?
    /// The report has the state in which the run ended, if it was not left before.
    public var keepsState = false

    /// Simulated nanoseconds that each phase may take before it counts as stuck.
    public struct Bounds: Sendable {
        public var preparation: Int64 = 120 * second
        public var workload: Int64 = 600 * second
        public var recovery: Int64 = 120 * second
        public var scan: Int64 = 120 * second
        /// Beyond the interval of syncs.
        public var rest: Int64 = 5 * second
        public var stop: Int64 = 60 * second
        public init() {}
    }

    let bounds = Bounds()

    /// `isRecording`: the report has the tape. `through`: the run ends, and has held, when it goes beyond this phase.
    public init?(_ plan: Plan, server: Server, isRecording: Bool = true, through lastPhase: String? = nil) {
        guard let place = TopicPathParts() else { return nil }
        self.plan = plan
        self.lastPhase = lastPhase
        self.place = place
        oracle = Oracle(
            partitionCount: UInt32(plan.knobs[.partitions]), level: plan.level(.durability),
            offsetsLevel: plan.level(.offsetsDurability))
        universe = Universe(
            settings: plan.universeSettings, tape: Tape(plan.tape, seed: plan.seed, isRecording: isRecording),
            faults: plan.faults, make: server(plan))
        let oracle = oracle
        oracle.wall = { [unowned universe] in universe.clock.wall }
        universe.onCrash = { kind in oracle.crashed(kind) }
        universe.onRestart = { [weak self] in self?.judgeFiles(.crashed) }
        universe.onRecovery = { [weak self] in self?.judgeRecovery() }
    }

    /// Runs all phases, or up to the first finding.
    public func perform() -> Report {
        let isThrough = prepare() && work() && (plan.interleaving == nil ? end() : endShort())
        if !isThrough, !isOver, !universe.exploration.isRedundant {
            oracle.fail(
                Violation(
                    .liveness, "stuck in phase \(phase)", expected: "the phase ends within its bound",
                    seen: "it does not", at: universe.clock.now))
        }
        return Report(self, phase: phase, state: stopped ?? (keepsState ? WorldState(self, phase: phase) : nil))
    }

    /// Called when what was stored has survived everything, and is all there.
    var onSettled: (() -> Void)?

    private func settled() -> Bool {
        onSettled?()
        return !isOver
    }

    /// Something was found, or nobody wants to see more.
    var isOver: Bool { oracle.violation != nil || universe.finding != nil || isLeft || stopped != nil }

    /// What happens behind the point is neither told nor part of the state.
    private func stopIfDue() {
        guard let stopPoint, stopped == nil, universe.isAt(stopPoint) else { return }
        stopped = WorldState(self, phase: phase)
        universe.narrator.tell = nil
    }

    func enter(_ name: String) {
        if phase == lastPhase, name != phase { isLeft = true }
        phase = name
        universe.say("— \(name)")
        universe.chronicle?.enter(name, at: universe.clock.now)
    }

    /// Runs until `isDone`, at most `bound` nanoseconds from now; false when it takes longer or something was found.
    func run(within bound: Int64, until isDone: () -> Bool) -> Bool {
        let isDoneInTime = universe.run(until: universe.clock.now + bound) {
            stopIfDue()
            return isDone() || isOver
        }
        return isDoneInTime && !isOver
    }

    /// Lets the time pass, also where nothing is due in it.
    func rest(until time: Int64) {
        if stopPoint != nil { _ = run(within: time - universe.clock.now) { false } }
        if stopped == nil { universe.run(until: time) }
    }

    // MARK: Phases

    private func end() -> Bool {
        crash() && crashInARow() && recover() && audit() && stopUnderLoad() && scan() && rest() && quit() && stop() && restart()
            && recoverAgain() && settled() && askQuestions() && refuseStrangers() && rot() && deleteEverything()
    }

    /// A schedule is one of a million: what it leaves is read and judged, and that is all.
    private func endShort() -> Bool {
        universe.heal()
        if !universe.process.isRunning { universe.ensureRestart(in: 10 * millisecond) }
        return scan() && stop()
    }

    private func prepare() -> Bool {
        enter("preparation")
        let preparer = Preparer(partitions: UInt32(plan.knobs[.partitions]), stream: place.stream, topic: place.topic)
        preparer.join(universe, in: 0)
        let isReady = run(within: bounds.preparation) { preparer.isFinished }
        if !isReady, !isOver {
            oracle.fail(
                Violation(
                    .liveness, "no topic after \(bounds.preparation / second) s; the last refusal was "
                        + "\(preparer.lastRefusal.map { "\($0)" } ?? "none")",
                    expected: "a stream and a topic within \(bounds.preparation / second) s of the start",
                    seen: "none", at: universe.clock.now))
        }
        return isReady
    }

    private func work() -> Bool {
        enter("workload")
        universe.startFaults()
        let planned =
            plan.clients.reduce(0) { $0 + $1.operations.count } + plan.owners.reduce(0) { $0 + $1.operations.count }
        var begun = 0
        let onProgress = { [unowned universe] in
            begun += 1
            universe.noteProgress(begun, of: planned)
        }
        // A crash is all that may keep an explored run from what it asks for.
        let insists = plan.interleaving != nil
        for client in plan.clients { add(client, insists: insists).onProgress = onProgress }
        for owner in plan.owners { add(owner, insists: false).onProgress = onProgress }
        let started: [ClassicActor] = clients + owners
        while run(within: bounds.workload, until: { started.allSatisfy { $0.isFinished || $0.isMeeting } }) {
            let meeting = started.filter(\.isMeeting)
            universe.explore(!meeting.isEmpty)
            if meeting.isEmpty { return true }
            for actor in meeting { actor.goOn(in: universe) }
        }
        return false
    }

    /// Ends the process while clients write, and starts it again. What is written soon after a crash hides what the
    /// recovery left behind, so nothing is.
    private func crash() -> Bool {
        guard let kind = plan.lastCrash, let writes = plan.writesAtLastCrash else { return true }
        enter("last crash")
        guard let writers = end(by: kind, during: writes) else { return false }
        lastWriters = writers
        hasCrashedLast = true
        return !isOver
    }

    /// The writers of what the process ended in; nil if something else came first. `stepsBehindFailure`: one more write
    /// of batches fails, and the end comes so many steps later.
    func end(by kind: CrashKind, during writes: LastWrites, _ stepsBehindFailure: Int? = nil) -> [WorkloadClient]? {
        let writers = writes.writers.map { add($0, insists: false) }
        let acknowledged = oracle.okCount
        let isBusy = run(within: bounds.recovery) {
            oracle.okCount >= acknowledged + writes.acknowledgedCount || writers.allSatisfy(\.isFinished)
        }
        guard isBusy else { return nil }
        if var steps = stepsBehindFailure {
            universe.disturbed.stumblesLeft = 1
            let hasFailed = run(within: bounds.recovery) {
                if universe.disturbed.stumblesLeft == 0 { steps -= 1 }
                return steps < 0 || writers.allSatisfy(\.isFinished)
            }
            guard hasFailed else { return nil }
            universe.disturbed.stumblesLeft = 0
        }
        for writer in writers { writer.finish(in: universe) }
        switch kind {
        case .powerCut: universe.cutPower(restartIn: 10 * millisecond)
        case .processKill, .shardPanic: universe.killProcess(restartIn: 10 * millisecond)
        }
        return writers
    }

    private(set) var hasCrashedLast = false

    private func recover() -> Bool {
        enter("recovery")
        universe.heal()
        // A partition whose sync failed takes no writes until a restart has verified it, and one that could not be recovered
        // serves nothing: that is the promise.
        let owesRestart =
            universe.faults.effects(of: .syncFails) > 0 || universe.disturbed.owesRestart
            || universe.hits(of: .recoveryQuarantine) > 0
        if owesRestart { universe.killProcess(restartIn: 10 * millisecond) }
        if !universe.process.isRunning, !owesRestart { universe.ensureRestart(in: 10 * millisecond) }
        let partitions = UInt32(plan.knobs[.partitions])
        let probers = universe.shards.indices.map { shard in
            let prober = add(.prober(shard, partitions: partitions), insists: true)
            prober.wantedShard = ShardID(UInt16(shard))
            return prober
        }
        let isAlive = run(within: bounds.recovery) { probers.allSatisfy(\.isFinished) }
        let late = probers.firstIndex { !$0.isFinished } ?? 0
        oracle.holds(
            .liveness, isAlive || isOver, "not every partition takes and serves messages through shard \(late) after "
                + "all faults are over: \(probers[late].state)",
            expected: "every request through shard \(late) succeeds within \(bounds.recovery / second) s",
            seen: "a client \(probers[late].state)", at: universe.clock.now)
        return isAlive
    }

    var logs: [WholeLog] = []
    private var judge = DiskJudge()
    var hasRotted = false
    /// Operations that changed the disk, from the beginning or the last crash point to the end of the stop.
    private(set) var boundariesToStop = 0

    private func stop() -> Bool {
        enter("stop")
        // Clients are gone; their connections must be too, before anybody asks the server to stop.
        let isDrained = run(within: 40 * second) { universe.openPeerCount == 0 }
        oracle.holds(
            .resourceBaseline, isDrained || isOver, "\(universe.openPeerCount) connections are held though no client is",
            expected: "no connection, 40 s after the last client left",
            seen: "\(universe.openPeerCount) connections", at: universe.clock.now)
        guard isDrained else { return false }
        tryAgain()
        universe.requestStop()
        let crashes = universe.counts.powerCuts
        var hasStopped = run(within: bounds.stop) {
            universe.process.hasStopped || universe.counts.powerCuts > crashes
        }
        if hasStopped, !universe.process.hasStopped {
            // A crash point in the stop: everything must be there, and the next stop must succeed.
            guard scan(), run(within: 40 * second, until: { universe.openPeerCount == 0 }) else { return false }
            universe.requestStop()
            hasStopped = run(within: bounds.stop) { universe.process.hasStopped }
        }
        boundariesToStop = universe.boundaries
        oracle.holds(
            .liveness, hasStopped || isOver, "the server does not stop within \(bounds.stop / second) s",
            expected: "a stop within \(bounds.stop / second) s of its request", seen: "it is still running",
            at: universe.clock.now)
        if hasStopped {
            judgeFiles(.clean)
            judgeDurability()
            judgeHoldingsAtStop()
        }
        return hasStopped && !isOver
    }

    /// What failed is tried again each tick, or each second: a stop soon after would leave it to the next start.
    func tryAgain() {
        let families: [Fault.Family] = [.diskError, .shortage, .medium, .crash, .syncFails, .diskFull]
        let failures = families.reduce(universe.counts.panics + universe.disturbed.refusedCount) { $0 + universe.faults.effects(of: $1) }
        if failures > 0 { rest(until: universe.clock.now + 2 * second) }
    }

    /// A clean stop has made durable what it left: batches, stored offsets, and that nothing stands behind them.
    func judgeDurability() {
        let volatile = universe.disk.volatileFiles().first { $0.hasPrefix("partitions/") && $0.hasSuffix(".log") }
        oracle.holds(
            .durabilityByClass, volatile == nil, "a clean stop left \(volatile ?? "") to the mercy of a power cut",
            expected: "every log synced before the process ends", seen: "\(volatile ?? "") with writes that are not",
            about: Violation.Subject(path: volatile), at: universe.clock.now)
    }

    /// Judges what the server left on disk with a reader that is not the server's.
    func judgeFiles(_ ending: Options.Ending) {
        // A harmed log is no fault of the server's.
        if hasRotted { return }
        let options = Options(
            ending, hasLostPower: universe.disturbed.hasLostPower, hasRecovered: universe.hasRecoveredFromPowerCut,
            segmentByteCount: plan.knobs[.segmentBytes], unremoved: universe.disturbed.unremoved)
        let found = judge.violation(of: universe.disk, options)
        oracle.holds(
            .onDisk, found == nil, found.map { "\($0)" } ?? "", law: found?.law.rawValue ?? "",
            expected: found.map { "the law \"\($0.law.rawValue)\"" } ?? "", seen: found.map { "\($0.path)\($0.position.map { " at byte \($0)" } ?? ""): \($0.detail)" } ?? "",
            about: Violation.Subject(path: found?.path), at: universe.clock.now)
    }

    /// A start leaves nothing to be mended, at the last moment in which nobody can have written anything.
    private func judgeRecovery() {
        let mayVouchForLess = plan.level(.durability) == .power
        judgeFiles(.recovered(afterLoss: universe.disturbed.startsAfterLoss && !mayVouchForLess))
    }

    private func restart() -> Bool {
        enter("restart after a clean stop")
        universe.cutPowerAfterStop(restartIn: millisecond)
        let complaint = "after a clean stop and a power cut the scan does not end"
        guard let scanned = readAll(in: 2 * millisecond, complaint) else { return false }
        oracle.judgeKept(logs, scanned, over: "a clean stop and a power cut", at: universe.clock.now)
        logs = scanned
        return !isOver
    }

    /// A recovery of what is recovered writes nothing: it may be cut off and begun again for ever.
    private func recoverAgain() -> Bool {
        enter("second recovery")
        guard run(within: bounds.stop, until: { universe.openPeerCount == 0 }) else { return false }
        _ = run(within: 2 * second) { false }
        let before = universe.disk.files()
        universe.killProcess(restartIn: millisecond)
        let isServing = run(within: bounds.recovery) { universe.isServing }
        oracle.holds(
            .liveness, isServing || isOver, "the server does not serve again after a second recovery",
            at: universe.clock.now)
        guard isServing else { return false }
        let difference = Self.difference(before, universe.disk.files())
        oracle.holds(
            .recoveryIdempotence, difference == nil, "recovering again changed \(difference ?? "")",
            expected: "a second recovery changes no file", seen: difference ?? "", at: universe.clock.now)
        return !isOver
    }

    private func refuseStrangers() -> Bool {
        enter("strangers")
        guard let stranger = Stranger(account: "iggy") else { return false }
        stranger.join(universe)
        let isThrough = run(within: bounds.recovery) { stranger.isFinished }
        for finding in stranger.findings {
            oracle.holds(.access, finding.holds, finding.text, at: universe.clock.now)
        }
        oracle.holds(
            .liveness, isThrough || isOver, "who is not logged in gets no answer: \(stranger.state)",
            at: universe.clock.now)
        return isThrough && !isOver
    }

    /// The first difference between two sets of files, in words.
    static func difference(
        _ before: [(path: String, bytes: [UInt8])], _ after: [(path: String, bytes: [UInt8])]
    ) -> String? {
        for (old, new) in zip(before, after) {
            guard old.path == new.path else { return "the names: \(old.path), \(new.path)" }
            guard old.bytes != new.bytes else { continue }
            let place = zip(old.bytes, new.bytes).enumerated().first { $1.0 != $1.1 }?.offset
            return "\(old.path) of \(old.bytes.count) bytes, now \(new.bytes.count), "
                + (place.map { "from byte \($0) on" } ?? "at its end")
        }
        return before.count == after.count ? nil : "the count of files: \(before.count), \(after.count)"
    }

    // MARK: Helpers

    @discardableResult
    func add(_ client: PlannedClient, insists: Bool) -> WorkloadClient {
        let made = WorkloadClient(
            nextClient, client, partitions: UInt32(plan.knobs[.partitions]), stamp: plan.stamp, oracle: oracle,
            path: place.path, insists: insists)
        nextClient += 1
        made.join(universe, in: Int64(nextClient) * 50 * microsecond)
        clients.append(made)
        return made
    }

    func make(_ owner: PlannedOwner, after past: OwnerClient?, insists: Bool) -> OwnerClient {
        let made = OwnerClient(
            nextClient, owner, after: past, stamp: plan.stamp, oracle: oracle, stream: place.stream, insists: insists)
        nextClient += 1
        return made
    }

    private func add(_ owner: PlannedOwner, insists: Bool) -> OwnerClient {
        let made = make(owner, after: nil, insists: insists)
        made.join(universe, in: Int64(nextClient) * 50 * microsecond)
        owners.append(made)
        return made
    }

    /// Operations that the plan's clients, owners and last writers have begun, one number for each of them.
    var begun: [Int] {
        clients.prefix(plan.clients.count).map(\.begun) + owners.map(\.begun) + lastWriters.map(\.begun)
    }

    /// Requests that clients made.
    var askedCount: Int { clients.reduce(0) { $0 + $1.asked } + owners.reduce(0) { $0 + $1.asked } }
}
