import CLinux
public import Platform
import Synchronization

/// The log writer's thread: it waits until the log files may be touched, then drives the writer until the end.
///
/// File calls are made on this thread alone, so that no shard ever waits for them.
public final class LogService: Sendable {
    public let log: Log
    /// Nil: no files.
    private let directory: String?
    private let console: LogConsole
    private let files: Mutex<LogFiles>
    /// The files may be written.
    let hasBegun = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    /// An eventfd: the thread has come to its end.
    private let ended: Int32
    private let thread = Mutex<Thread?>(nil)
    /// Limits that hold instead of those that writers are made with, and how often there were others.
    private let limits = Mutex<(LogLimits, version: Int)?>(nil)
    /// The directory could not be made: the server ends, and says so itself.
    private let hasNoDirectory = Atomic<Bool>(false)

    /// How long a stop waits for calls that hang.
    private static let patienceMilliseconds: Int32 = 2_000
    /// While lines come, they are gathered for so long; then one write has many of them.
    private static let gatheringMilliseconds: Int32 = 10

    /// - Parameters:
    ///   - directory: where log files go, absolute or relative to the working directory; nil for none.
    ///   - console: a descriptor for lines that people read.
    public init(log: Log, directory: String?, console: Int32 = 2) throws(StartFailure) {
        self.log = log
        self.directory = directory
        self.console = LogConsole(descriptor: console)
        files = Mutex(LogFiles(path: directory ?? "."))
        let opened = galgo_eventfd()
        if let number = opened.errorNumber { throw .noDescriptor(Errno(number: number)) }
        ended = Int32(truncatingIfNeeded: opened)
    }

    deinit { _ = galgo_close(ended) }

    /// Starts the thread. `makeWriter` is called on it: with true when log files may be written.
    public func start<M: LogMachine>(
        _ makeWriter: @escaping @Sendable (_ writesFiles: Bool) -> M
    ) throws(StartFailure) {
        let started = try Thread(named: "log", isDeaf: true) { [self] in
            while !hasBegun.load(ordering: .acquiring), !isStopping.load(ordering: .acquiring) {
                log.wait(milliseconds: -1, isIdle: false)
            }
            let writesFiles =
                directory != nil && hasBegun.load(ordering: .acquiring) && !hasNoDirectory.load(ordering: .acquiring)
            live { makeWriter(writesFiles) }
            _ = galgo_eventfd_signal(ended)
        }
        thread.withLock { $0 = started }
    }

    /// From now on these limits hold, and lines that pass this gate are wanted.
    public func set(_ limits: LogLimits) {
        log.set(limits.gate)
        self.limits.withLock { $0 = (limits, version: ($0?.version ?? 0) + 1) }
        log.ring()
    }

    /// The log directory is ours: it is made, and what was said so far is written. Why the server can't start if it
    /// cannot be made, other than for want of space.
    public func begin() -> StartFailure? {
        if hasBegun.load(ordering: .acquiring) { return nil }
        defer {
            hasBegun.store(true, ordering: .releasing)
            log.ring()
        }
        guard let directory, let errno = files.withLock({ $0.makeDirectory() }), !errno.isNoSpace else { return nil }
        hasNoDirectory.store(true, ordering: .releasing)
        return .logDirectory(directory, errno)
    }

    /// Writes what was said and ends the thread. A call that hangs is not waited for.
    public func stop() { _ = stop(within: Self.patienceMilliseconds) }

    /// False when a call hangs for longer, or there is no thread.
    func stop(within milliseconds: Int32) -> Bool {
        isStopping.store(true, ordering: .releasing)
        log.ring()
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let thread, galgo_wait_readable(ended, -1, milliseconds) > 0 else { return false }
        thread.join()
        return true
    }

    /// A writer that breaks a law of its own is replaced; the lines that it had are lost.
    private func live<M: LogMachine>(_ makeWriter: () -> M) {
        while true {
            do throws(MachineFailure) {
                var writer = makeWriter()
                return try drive(&writer)
            } catch {
                files.withLock { $0.closeFile() }
                log.write(.error, .log, from: .log, "the log writer failed and begins anew: \(error)")
            }
        }
    }

    private func drive<M: LogMachine>(_ writer: inout M) throws(MachineFailure) {
        var events: [LogEvent] = [.started]
        var wakeAt = Int64.max
        var isTold = false
        var hadLines = false
        var version = 0
        // What was said so far comes before what the writer has to say of its files.
        if let (bytes, dropped) = log.take() { events.append(.records(bytes, dropped: dropped)) }
        while true {
            if let (limits, newest) = limits.withLock({ $0 }), newest != version {
                version = newest
                events.append(.limited(limits))
            }
            var next = 0
            while next < events.count {
                hearStop(&events, &isTold)
                for operation in try writer.handle(events[next], at: Clock.now()) {
                    switch operation {
                    case .wake(let time): wakeAt = time
                    case .stopped: return
                    case .show(let bytes): events.append(.shown(count: console.show(bytes)))
                    case .open, .write, .close, .survey, .move, .delete:
                        events.append(files.withLock { $0.perform(operation) })
                    }
                }
                next += 1
            }
            events.removeAll(keepingCapacity: true)
            hearStop(&events, &isTold)
            if !events.isEmpty { continue }
            if !isTold, let (bytes, dropped) = log.take() {
                events.append(.records(bytes, dropped: dropped))
                hadLines = true
            } else if Clock.monotonic() >= wakeAt {
                wakeAt = .max
                events.append(.timerDue)
            } else {
                sleep(until: wakeAt, isGathering: hadLines)
                hadLines = false
            }
        }
    }

    /// At once, also in the middle of much work and while lines go on to come: what is said after the stop was
    /// requested is not written.
    private func hearStop(_ events: inout [LogEvent], _ isTold: inout Bool) {
        guard !isTold, isStopping.load(ordering: .acquiring) else { return }
        isTold = true
        if let (bytes, dropped) = log.take() { events.append(.records(bytes, dropped: dropped)) }
        events.append(.stopRequested)
    }

    private func sleep(until time: Int64, isGathering: Bool) {
        let left = time == .max ? Int64.max : max(0, (time - Clock.monotonic()) / 1_000_000 + 1)
        let most = isGathering ? Int64(Self.gatheringMilliseconds) : Int64(Int32.max)
        log.wait(milliseconds: Int32(truncatingIfNeeded: min(left, most)), isIdle: !isGathering)
    }
}
