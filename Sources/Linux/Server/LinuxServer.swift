import CLinux
import Glibc
public import Platform
import Synchronization

/// A server on this machine: one thread for each shard, and the few that make slow calls for them.
///
/// What a shard does comes from outside: `run` is given a factory of Machines.
public final class LinuxServer: Sendable {
    public let configuration: LinuxConfiguration
    /// How many files and connections the process's limit allows each shard.
    public let descriptors: DescriptorShare
    let exchange: Exchange
    private let listenPoint: ListenPoint
    /// One for each shard: bound, so that a port in use is known before anything else happens.
    private let sockets: [Int32]

    /// Opens the data directory and binds the port. Nothing is accepted, read or written yet.
    public init(_ configuration: LinuxConfiguration, logging: LogService) throws(StartFailure) {
        precondition(configuration.shardCount > 0 && configuration.shardCount <= 65_535, "a server has shards")
        self.configuration = configuration
        descriptors = DescriptorShare(
            limit: galgo_raise_descriptor_limit(), shardCount: configuration.shardCount)
        let directory = try DataDirectory(
            path: configuration.dataDirectory, crashVersion: configuration.crashVersion)
        let control = try Control(
            shardCount: configuration.shardCount, drainNanoseconds: configuration.drainNanoseconds)
        exchange = try Exchange(
            shardCount: configuration.shardCount, budget: MemoryBudget(limitBytes: configuration.memoryLimitBytes),
            directory: directory, control: control, logging: logging)
        listenPoint = try ListenPoint(configuration.listen)
        var sockets: [Int32] = []
        for _ in 0..<configuration.shardCount { sockets.append(try listenPoint.bind()) }
        self.sockets = sockets
    }

    /// The port that clients connect to, also where the system chose it.
    public var port: UInt16 { listenPoint.port }

    /// Bytes that buffers take at the moment.
    public var usedMemoryBytes: Int { exchange.budget.usedBytes }

    /// How the last process on this directory crashed, if nobody was told yet. From `onReady` on, while it runs.
    public func takeLastCrash() -> LastCrash? { exchange.directory.takeLastCrash() }

    /// Asks every shard to finish and stop, as SIGTERM does.
    public func requestStop() { exchange.control.requestStop() }

    /// How long a stop may take, from now on.
    public func setDrain(nanoseconds: Int64) {
        exchange.control.drainNanoseconds.store(nanoseconds, ordering: .relaxed)
    }

    /// Starts the shards and returns when all of them have ended. Once for each server.
    ///
    /// `makeMachine` is called on the shard's own thread, at the start with generation 0 and again, with the next
    /// generation, after the shard's Machine failed. The others are called on this thread: `onReady` once, when every
    /// shard accepts connections, `onReload` at each SIGHUP.
    ///
    /// After a stop that was cut short the threads still run, and the process must end.
    public func run<M: Machine & ~Copyable>(
        serviceManager: ServiceManager? = nil, onReady: () -> Void = {}, onReload: () -> Void = {},
        makeMachine: @escaping @Sendable (consuming LinuxWorld, ShardID, UInt32) throws(MachineFailure) -> M
    ) throws(StartFailure) -> ExitReason {
        let signals = try takeSignals()
        defer { if signals >= 0 { _ = galgo_close(signals) } }
        // The other threads have theirs.
        let signalStack = unsafe galgo_begin_signal_stack()
        defer { unsafe galgo_end_signal_stack(signalStack) }
        let workers = try exchange.workers.start()
        var shards: [Thread] = []
        do {
            for number in 0..<configuration.shardCount {
                let shard = ShardID(UInt16(truncatingIfNeeded: number))
                let desk = Unshared(try makeDesk(shard))
                shards.append(
                    try Thread(named: "shard-\(number)") { [self] in
                        live(at: desk.value, makeMachine)
                    })
            }
        } catch {
            end(shards, workers)
            throw error
        }
        let reason = watch(signals, serviceManager, onReady: onReady, onReload: onReload)
        if reason.endsThreads { end(shards, workers) }
        return reason
    }

    /// A descriptor that signals come by, or -1 if this server does not handle them.
    private func takeSignals() throws(StartFailure) -> Int32 {
        galgo_ignore_broken_pipes()
        guard configuration.handlesSignals else { return -1 }
        let opened = galgo_signals(1)
        if let number = opened.errorNumber { throw .noDescriptor(Errno(number: number)) }
        return Int32(truncatingIfNeeded: opened)
    }

    private func makeDesk(_ shard: ShardID) throws(StartFailure) -> Desk {
        try Desk(
            shard: shard, exchange: exchange, configuration: configuration, listenPoint: listenPoint,
            connectionsMax: descriptors.connectionsPerShard, listening: sockets[Int(shard.number)])
    }

    /// A shard's thread: one life of its Machine after the other.
    private func live<M: Machine & ~Copyable>(
        at desk: Desk, _ makeMachine: (consuming LinuxWorld, ShardID, UInt32) throws(MachineFailure) -> M
    ) {
        let number = Int(desk.shard.number)
        if number < configuration.homes.count { exchange.hints.keepThread(on: configuration.homes[number]) }
        var backoff = Backoff()
        while true {
            desk.beginLife()
            do throws(MachineFailure) {
                var machine = try makeMachine(LinuxWorld(desk), desk.shard, desk.generation)
                try drive(&machine, desk)
                break
            } catch {
                guard prepareNextLife(desk, error, &backoff) else { break }
            }
        }
        desk.closeListener()
        desk.endLife()
        desk.endShard()
    }

    /// Cleans up after a failure. False when there will be no next life.
    private func prepareNextLife(_ desk: Desk, _ failure: MachineFailure, _ backoff: inout Backoff) -> Bool {
        desk.log(.error, "\(failure)")
        // First of all, so that whoever loses a connection and comes again does not come to the dead one.
        desk.replaceListener()
        desk.endLife()
        desk.announceLoss()
        guard let pause = backoff.pauseAfterFailure(at: Clock.monotonic()) else {
            exchange.control.exit(.gaveUp(desk.shard, law: "\(failure.law)"))
            return false
        }
        desk.rest(nanoseconds: pause)
        if exchange.control.isStopRequested.load(ordering: .acquiring) {
            // There is nothing that it could finish.
            exchange.control.markStopped(desk.shard)
            return false
        }
        return !exchange.control.isEnding.load(ordering: .acquiring)
    }

    private func end(_ shards: [Thread], _ workers: [Thread]) {
        exchange.control.isEnding.store(true, ordering: .releasing)
        exchange.wakeAll()
        for shard in shards { shard.join() }
        exchange.workers.end()
        for worker in workers { worker.join() }
        exchange.end()
        exchange.directory.close()
        exchange.control.close()
    }
}

/// Hands a value to the thread that will be the only one to use it.
private struct Unshared<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
