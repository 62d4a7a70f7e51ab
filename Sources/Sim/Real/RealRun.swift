import Platform
import Verifier

/// A plan carried out on a real server, best effort in time: the same clients, the same oracle, the same verifier of the
/// files, and of the faults those that can be brought about from outside.
///
/// The phases are those of `Run`, less what takes a machine to switch off: start, workload, last crash, recovery, scan,
/// stop, restart, second recovery.
public final class RealRun {
    let plan: Plan
    let oracle: Oracle
    let place: TopicPathParts
    let server: any RealServer
    let world: RealWorld
    private let bounds = Run.Bounds()
    private let schedule: RealSchedule
    private var nextEntry = 0
    private var nextClient: UInt32 = 0
    private var clients: [WorkloadClient] = []
    private(set) var owners: [OwnerClient] = []
    private(set) var phase = "start"
    private(set) var counts = RealCounts()
    /// Operations of the plan that clients have begun.
    private var begun = 0
    private var process = Process.down(startAt: 0)
    /// When what was done to the server ends; nil if it is not done.
    private var pausedUntil, crowdedUntil, fullUntil: Int64?
    private var hasCrashedLast = false
    /// Shards that were let fail since the process started: after too many of one it would give up.
    private var failuresOfProcess = 0
    private var lastShardFailure: Int64?
    /// The stop was asked for so soon after a shard's failure that its partitions may be as the failure left them: a stop
    /// waits for no recovery. A simulated run waits before it stops and judges.
    private var isRebuilding = false
    /// What was done to the server, and when.
    private(set) var notes: [String] = []
    private var logs: [WholeLog] = []

    private enum Process: Equatable {
        case running
        /// Asked to stop; nil for good.
        case stopping(restartIn: Int64?)
        /// nil: not again by itself.
        case down(startAt: Int64?)
    }

    private static let failuresMax = 6
    /// Between two looks at the server when nothing is due.
    private static let tick = 100 * millisecond

    public init?(_ plan: Plan, _ schedule: RealSchedule, on server: any RealServer) {
        guard let place = TopicPathParts() else { return nil }
        self.plan = plan
        self.place = place
        self.schedule = schedule
        self.server = server
        world = RealWorld(seed: plan.seed)
        // A real server has no level below `process`, and keeps stored offsets at that.
        oracle = Oracle(
            partitionCount: UInt32(plan.knobs[.partitions]), level: max(.process, plan.level(.durability)),
            offsetsLevel: .process)
    }

    /// Runs all phases, or up to the first violation. The server is gone afterwards.
    public func perform() -> RealReport {
        let isThrough = prepare() && work() && crash() && recover() && scan() && stop() && restart() && recoverAgain()
        if !isThrough, !isOver { fail(.liveness, "stuck in phase \(phase)") }
        server.resume()
        server.freeDisk()
        server.kill()
        return RealReport(self)
    }

    private var isOver: Bool { oracle.violation != nil }

    private func enter(_ name: String) {
        phase = name
        note("— \(name)")
    }

    private func note(_ text: String) { notes.append("\(server.now / millisecond) ms  \(text)") }

    private func fail(_ property: Property, _ text: String) {
        oracle.fail(Violation(property, text, at: server.now))
    }

    // MARK: Phases

    private func prepare() -> Bool {
        enter("preparation")
        let preparer = Preparer(partitions: UInt32(plan.knobs[.partitions]), stream: place.stream, topic: place.topic)
        preparer.join(world, in: 0)
        return run(within: bounds.preparation) { preparer.isFinished }
    }

    private func work() -> Bool {
        enter("workload")
        for client in plan.clients { add(client, insists: false).onProgress = { [unowned self] in begun += 1 } }
        for owner in plan.owners {
            let made = make(owner, after: nil, insists: false)
            made.onProgress = { [unowned self] in begun += 1 }
            made.join(world, in: 0)
            owners.append(made)
        }
        let started: [ClassicActor] = clients + owners
        var meeting: [ClassicActor]
        repeat {
            let haveAllCome = run(within: bounds.workload) { started.allSatisfy { $0.isFinished || $0.isMeeting } }
            guard haveAllCome else { return false }
            meeting = started.filter(\.isMeeting)
            for actor in meeting { actor.goOn(in: world) }
        } while !meeting.isEmpty
        // What began after the last operation.
        begun = .max
        return run(within: bounds.recovery) { self.nextEntry == self.schedule.entries.count && self.process == .running }
    }

    private func crash() -> Bool {
        guard plan.lastCrash != nil, let writes = plan.writesAtLastCrash else { return true }
        enter("last crash")
        let writers = writes.writers.map { add($0, insists: false) }
        let acknowledged = oracle.okCount
        let isBusy = run(within: bounds.recovery) {
            self.oracle.okCount >= acknowledged + writes.acknowledgedCount || writers.allSatisfy(\.isFinished)
        }
        guard isBusy else { return false }
        kill(restartIn: 10 * millisecond)
        for writer in writers { writer.finish(in: world) }
        hasCrashedLast = true
        return !isOver
    }

    private func recover() -> Bool {
        enter("recovery")
        heal()
        // What a failed shard was removing is removed by the next start.
        if counts.failedShards > 0, !hasCrashedLast { kill(restartIn: 10 * millisecond) }
        let partitions = UInt32(plan.knobs[.partitions])
        let probers = (0..<Int(plan.knobs[.shards])).map {
            add(.prober($0, partitions: partitions), insists: true)
        }
        let isAlive = run(within: bounds.recovery) { probers.allSatisfy(\.isFinished) }
        let late = probers.first { !$0.isFinished }
        oracle.holds(
            .liveness, isAlive || isOver, "not every partition takes and serves messages after all faults are over: "
                + "\(late?.state ?? "")", at: server.now)
        return isAlive
    }

    private func scan() -> Bool {
        enter("scan")
        guard let scanned = readAll("the scan does not end") else { return false }
        logs = scanned
        return true
    }

    private func stop() -> Bool {
        enter("stop")
        requestStop(restartIn: nil)
        let hasStopped = run(within: bounds.stop) { self.process == .down(startAt: nil) }
        oracle.holds(
            .liveness, hasStopped || isOver, "the server does not stop within \(bounds.stop / second) s",
            at: server.now)
        return hasStopped
    }

    private func restart() -> Bool {
        enter("restart after a clean stop")
        process = .down(startAt: server.now)
        guard let scanned = readAll("after a clean stop the scan does not end") else { return false }
        oracle.judgeKept(logs, scanned, over: "a clean stop", at: server.now)
        return !isOver
    }

    private func recoverAgain() -> Bool {
        enter("second recovery")
        let rest = server.now + second
        guard run(within: bounds.stop, until: { self.server.now >= rest }) else { return false }
        guard let before = kill(restartIn: nil) else { return false }
        process = .down(startAt: server.now)
        guard run(within: bounds.recovery, until: { self.process == .running }) else { return false }
        guard let after = server.image() else {
            fail(.onDisk, "its files cannot be read")
            return false
        }
        let difference = Run.difference(before.sortedFiles, after.sortedFiles)
        oracle.holds(
            .recoveryIdempotence, difference == nil, "recovering again changed \(difference ?? "")", at: server.now)
        return !isOver
    }

    private func readAll(_ complaint: String) -> [WholeLog]? {
        let looks = (0..<OwnerOperation.topicCount).map { OwnerOperation.look(topic: $0) }
        let lookers = plan.owners.indices.map {
            make(PlannedOwner(.patient, looks), after: owners[$0], insists: true)
        }
        let scanners = topicPlaces(of: owners, partitions: UInt32(plan.knobs[.partitions]), place).map {
            Scanner(partitions: $0.partitions, stamp: plan.stamp, oracle: oracle, path: $0.path)
        }
        let readers: [ClassicActor] = lookers + scanners
        for reader in readers { reader.join(world, in: 0) }
        let isRead = run(within: bounds.scan) { readers.allSatisfy(\.isFinished) }
        let states = lookers.filter { !$0.isFinished }.map(\.waiting) + scanners.filter { !$0.isFinished }.map(\.state)
        oracle.holds(.liveness, isRead || isOver, "\(complaint): \(states.first ?? "")", at: server.now)
        return isRead ? scanners.flatMap(\.wholeLogs) : nil
    }

    // MARK: Time

    /// Until `isDone`, at most `bound` nanoseconds from now; false when it takes longer or something was found.
    private func run(within bound: Int64, until isDone: () -> Bool) -> Bool {
        let limit = server.now + bound
        while !isOver {
            world.advance(to: server.now)
            doWhatIsDue()
            if isOver { return false }
            if isDone() { return true }
            guard server.now < limit else { return false }
            let next = [world.nextAlarm, pausedUntil, crowdedUntil, fullUntil, startAt, server.now + Self.tick]
                .compactMap { $0 }.min() ?? limit
            server.attend(world, until: min(limit, next))
        }
        return false
    }

    private var isDown: Bool { if case .down = process { true } else { false } }

    private var startAt: Int64? { if case .down(let time) = process { time } else { nil } }

    private func doWhatIsDue() {
        let now = server.now
        if let time = pausedUntil, now >= time { resume() }
        if let time = crowdedUntil, now >= time { uncrowd() }
        if let time = fullUntil, now >= time { freeDisk() }
        lookAtProcess()
        if let time = startAt, now >= time { start() }
        // One thing at a time, and to a server that is there.
        while process == .running, pausedUntil == nil, nextEntry < schedule.entries.count,
            begun >= schedule.entries[nextEntry].begun
        {
            nextEntry += 1
            perform(schedule.entries[nextEntry - 1].deed)
        }
    }

    // MARK: Deeds

    private func perform(_ deed: RealDeed) {
        let now = server.now
        switch deed {
        case .kill(let delay): kill(restartIn: delay)
        case .stop(let delay): requestStop(restartIn: delay)
        case .stopThenKill(let delay):
            server.requestStop()
            kill(restartIn: delay)
        case .failShard(let shard):
            guard failuresOfProcess < Self.failuresMax else { break }
            failuresOfProcess += 1
            note("a shard is told to fail: \(shard.number)")
            counts.failedShards += 1
            lastShardFailure = now
            oracle.crashed(.shardPanic)
            server.failShard(Int32(UInt64(shard.number) % plan.knobs[.shards]))
        case .pause(let duration):
            counts.pauses += 1
            pausedUntil = now + duration
            note("paused for \(duration / millisecond) ms")
            server.pause()
        case .crowd(let duration):
            counts.crowdings += 1
            crowdedUntil = now + duration
            note("all threads on one CPU for \(duration / millisecond) ms")
            server.crowd(true)
        case .fillDisk(let byteCount, let duration):
            counts.fullDisks += 1
            fullUntil = now + duration
            note("the volume is full for \(duration / millisecond) ms, but for \(byteCount) bytes")
            server.fillDisk(leaving: byteCount)
        case .breakConnection(let nth):
            counts.brokenConnections += 1
            note("a connection breaks")
            server.breakConnection(nth: nth, of: world)
        }
    }

    private func resume() {
        if pausedUntil != nil { server.resume() }
        pausedUntil = nil
    }

    private func uncrowd() {
        if crowdedUntil != nil { server.crowd(false) }
        crowdedUntil = nil
    }

    private func freeDisk() {
        if fullUntil != nil { server.freeDisk() }
        fullUntil = nil
    }

    private func heal() {
        resume()
        uncrowd()
        freeDisk()
        nextEntry = schedule.entries.count
    }

    /// Ends the server; the files as they are then. nil for files that cannot be read.
    @discardableResult
    private func kill(restartIn delay: Int64?) -> DirectoryImage? {
        guard !isDown else { return nil }
        counts.kills += 1
        note("killed")
        server.kill()
        resume()
        // What it had sent before was true before.
        server.drain(world)
        oracle.crashed(.processKill)
        process = .down(startAt: delay.map { server.now + $0 })
        return judgeFiles(.crashed)
    }

    private func requestStop(restartIn delay: Int64?) {
        isRebuilding = lastShardFailure.map { server.now - $0 < 2 * second } ?? false
        counts.stops += 1
        note("asked to stop")
        process = .stopping(restartIn: delay)
        server.requestStop()
    }

    private func start() {
        switch server.start() {
        case .serving:
            counts.starts += 1
            failuresOfProcess = 0
            lastShardFailure = nil
            note("serves")
            process = .running
            if crowdedUntil != nil { server.crowd(true) }
        case .refused(let ending):
            // A start that finds no room is tried again, as a supervisor does.
            if fullUntil != nil {
                process = .down(startAt: server.now + 100 * millisecond)
            } else {
                process = .down(startAt: nil)
                fail(.liveness, "the server does not start: \(ending.how): \(ending.lastLine)")
            }
        case .silent: fail(.liveness, "the server starts and does not serve")
        }
    }

    private func lookAtProcess() {
        guard !isDown, let ending = server.ending() else { return }
        server.drain(world)
        guard case .stopping(let delay) = process else {
            process = .down(startAt: nil)
            fail(.liveness, "the server ended by itself: \(ending.how): \(ending.lastLine)")
            return
        }
        process = .down(startAt: delay.map { server.now + $0 })
        oracle.holds(
            .liveness, ending.isClean, "asked to stop, it ended with \(ending.how): \(ending.lastLine)", at: server.now)
        if ending.isClean { judgeFiles(isRebuilding ? .crashed : .clean) }
    }

    @discardableResult
    private func judgeFiles(_ ending: Options.Ending) -> DirectoryImage? {
        guard let image = server.image() else {
            fail(.onDisk, "its files cannot be read")
            return nil
        }
        let found = verify(image, Options(ending, segmentByteCount: plan.realSegmentBytes)).violations.first
        oracle.holds(
            .onDisk, found == nil, found.map { "\($0)" } ?? "", law: found?.law.rawValue ?? "", at: server.now)
        return image
    }

    // MARK: Clients

    private func add(_ client: PlannedClient, insists: Bool) -> WorkloadClient {
        let made = WorkloadClient(
            nextClient, client, partitions: UInt32(plan.knobs[.partitions]), stamp: plan.stamp, oracle: oracle,
            path: place.path, insists: insists)
        nextClient += 1
        made.join(world, in: 0)
        clients.append(made)
        return made
    }

    private func make(_ owner: PlannedOwner, after past: OwnerClient?, insists: Bool) -> OwnerClient {
        let made = OwnerClient(
            nextClient, owner, after: past, stamp: plan.stamp, oracle: oracle, stream: place.stream, insists: insists)
        nextClient += 1
        return made
    }

    /// Requests that clients made.
    var askedCount: Int { clients.reduce(0) { $0 + $1.asked } + owners.reduce(0) { $0 + $1.asked } }
}

extension DirectoryImage {
    /// Without the lock, which names the process that holds it, and without what is for people and tools, where each
    /// start says something else.
    fileprivate var sortedFiles: [(path: String, bytes: [UInt8])] {
        files.filter { path in
            path != "lock" && !["logs/", "runtime/"].contains(where: path.hasPrefix)
        }.map { ($0, contents[$0] ?? []) }
    }
}
