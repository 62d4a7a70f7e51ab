import CLinux
import Glibc
import Platform
import Synchronization

extension LinuxServer {
    /// A stop signal that comes sooner after the first is its echo: timeout(1) and shells send two.
    private static let patienceNanoseconds: Int64 = 1_000_000_000

    /// The main thread's part: signals in, news to the service manager, the end out.
    func watch(
        _ signals: Int32, _ manager: ServiceManager?, onReady: () -> Void, onReload: () -> Void
    ) -> ExitReason {
        let control = exchange.control
        var voice = Voice(manager: manager, log: exchange.log)
        var pulse = manager?.patienceNanoseconds.map { Pulse(patience: $0, at: Clock.monotonic()) }
        let ready = ServiceManager.News.ready(
            status: "serving on \(configuration.listen.host) port \(port) with \(configuration.shardCount) shards")
        var isAnnounced = false
        var impatientAt = Int64.max
        var overdueAt = Int64.max
        var stop: Stop?
        var strangers = Strangers()
        while true {
            let state = control.current
            if let reason = state.exit { return reason }
            if state.isStopped {
                if let stop {
                    exchange.log.write(.info, .linux, "every shard has stopped, \(stop.age) after \(stop.signal)")
                }
                return .stopped
            }
            let isStopping = control.isStopRequested.load(ordering: .relaxed)
            // Who is told that it stops is not told anything else.
            if state.isReady, !isAnnounced, !isStopping {
                isAnnounced = true
                onReady()
                voice.tell(ready)
            }
            if pulse?.beat(at: Clock.monotonic(), isAnswered: haveAnswered) == true {
                voice.tell(.alive)
                control.probe.store(pulse?.probe ?? 0, ordering: .releasing)
                exchange.wakeAll()
            }
            let now = Clock.monotonic()
            if now >= overdueAt { return .overdue }
            let pause = min(pulse?.pause(at: now) ?? .max, overdueAt == .max ? .max : overdueAt - now)
            _ = galgo_wait_readable(control.bell, signals, pause == .max ? -1 : Self.milliseconds(pause))
            _ = galgo_eventfd_clear(control.bell)
            switch nextSignal(signals) {
            case nil: break
            case .fail(let shard):
                control.failingShard.store(shard, ordering: .relaxed)
                exchange.wakeAll()
            case .reload where isStopping:
                exchange.log.write(.info, .linux, "SIGHUP during a stop changes nothing")
            case .reload:
                voice.tell(.reloading)
                onReload()
                if isAnnounced { voice.tell(ready) }
            case .stop(let signal):
                if Clock.monotonic() >= impatientAt {
                    exchange.log.write(.warning, .linux, "\(signal) again, \(stop?.age ?? "") after the first")
                    return .interrupted
                }
                impatientAt = min(impatientAt, Clock.monotonic() + Self.patienceNanoseconds)
                if stop == nil { stop = begin(Stop(signal: signal)) }
                control.requestStop()
            case .strange(let number):
                if let line = strangers.line(number) { exchange.log.write(.warning, .linux, line) }
            }
            if control.isStopRequested.load(ordering: .relaxed) {
                if overdueAt == .max {
                    let (end, isNever) = Clock.monotonic().addingReportingOverflow(
                        control.drainNanoseconds.load(ordering: .relaxed))
                    overdueAt = isNever ? .max - 1 : end
                    voice.tell(.stopping)
                }
                exchange.wakeAll()
            }
        }
    }

    private func begin(_ stop: Stop) -> Stop {
        let most = exchange.control.drainNanoseconds.load(ordering: .relaxed)
        let bound = most == .max ? "however long that takes" : "within \(most / 1_000_000) ms"
        exchange.log.write(.info, .linux, "\(stop.signal): finishing what was begun, \(bound)")
        return stop
    }

    private func haveAnswered(_ probe: UInt32) -> Bool {
        exchange.ports.allSatisfy { $0.answeredProbe.load(ordering: .acquiring) == probe }
    }

    /// Rounded up: waking early would only mean sleeping again.
    private static func milliseconds(_ nanoseconds: Int64) -> Int32 {
        Int32(truncatingIfNeeded: min(max(nanoseconds, 0) / 1_000_000 + 1, 60_000))
    }

    /// Since when the server stops, and at which signal.
    private struct Stop {
        let signal: String
        private let beganAt = Clock.monotonic()

        init(signal: String) { self.signal = signal }

        var age: String { "\((Clock.monotonic() - beganAt) / 1_000_000) ms" }
    }

    /// Signals that mean nothing here, of which each is worth one line.
    private struct Strangers {
        private var told: [Int32] = []

        mutating func line(_ number: Int32) -> String? {
            guard !told.contains(number) else { return nil }
            told.append(number)
            let name = [SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGALRM: "SIGALRM"][number] ?? "signal \(number)"
            return "\(name) means nothing to this server and changes nothing"
        }
    }

    private enum Order {
        case stop(signal: String)
        case reload
        case fail(shard: Int)
        case strange(number: Int32)
    }

    /// What the next signal wants; nil if none came.
    private func nextSignal(_ descriptor: Int32) -> Order? {
        guard descriptor >= 0 else { return nil }
        var value: Int32 = 0
        let number = unsafe galgo_next_signal(descriptor, &value)
        guard number > 0 else { return nil }
        return switch Int32(truncatingIfNeeded: number) {
        case SIGUSR1 where configuration.failsShardsOnSignal: .fail(shard: Int(value))
        case SIGHUP: .reload
        case SIGTERM: .stop(signal: "SIGTERM")
        case SIGINT: .stop(signal: "SIGINT")
        case let other: .strange(number: other)
        }
    }
}

/// What is told to the service manager, if there is one. That it cannot be told is worth one line.
private struct Voice {
    let manager: ServiceManager?
    let log: Log
    private var hasFailed = false

    init(manager: ServiceManager?, log: Log) {
        self.manager = manager
        self.log = log
    }

    mutating func tell(_ news: ServiceManager.News) {
        guard let manager, !manager.tell(news), !hasFailed else { return }
        hasFailed = true
        log.write(.warning, .linux, "the service manager behind NOTIFY_SOCKET cannot be told how the server is")
    }
}
