import CLinux
import Glibc

/// Tells the service manager that started the process how it is: sd_notify(3)'s protocol, one datagram for each piece
/// of news.
public struct ServiceManager: Sendable {
    /// A path, or a name with `@` in front.
    private let socketName: String
    /// It takes the process for hung when it hears nothing for so long; nil if it does not mind.
    let patienceNanoseconds: Int64?

    /// News, in the order of a life.
    enum News {
        /// Every shard accepts connections.
        case ready(status: String)
        /// No shard hangs.
        case alive
        /// Settings are being read again; `ready` follows.
        case reloading
        case stopping

        var text: String {
            switch self {
            case .ready(let status): "READY=1\nSTATUS=\(status)"
            case .alive: "WATCHDOG=1"
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Clock.monotonic() / 1_000)"
            case .stopping: "STOPPING=1\nSTATUS=finishing what was begun"
            }
        }
    }

    /// Nil when nobody asked to be told: NOTIFY_SOCKET, and with WATCHDOG_USEC and WATCHDOG_PID how often.
    public init?(environment: [String: String]) {
        guard let name = environment["NOTIFY_SOCKET"], name.hasPrefix("/") || name.hasPrefix("@"), name.utf8.count > 1
        else { return nil }
        socketName = name
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let microseconds = isMeant ? environment["WATCHDOG_USEC"].flatMap { Int64($0) } : nil
        patienceNanoseconds = microseconds.flatMap { (1...1_000_000_000_000).contains($0) ? $0 * 1_000 : nil }
    }

    /// False if it could not be told.
    func tell(_ news: News) -> Bool {
        // SAFETY: both texts are terminated and outlive the call.
        unsafe galgo_tell(socketName, news.text) >= 0
    }
}

/// Decides when the service manager hears that no shard hangs: only after every shard has answered the last probe.
struct Pulse {
    /// The manager's patience is four of these, so that one late answer is no death.
    private let interval: Int64
    private var lookAt: Int64
    /// What shards are to answer.
    private(set) var probe: UInt32 = 0

    /// Times are monotonic nanoseconds.
    init(patience: Int64, at now: Int64) {
        interval = max(patience / 4, 1)
        lookAt = now
    }

    /// Nanoseconds until there is something to do.
    func pause(at now: Int64) -> Int64 { max(lookAt - now, 0) }

    /// Whether the manager is to be told now; then there is a new probe.
    mutating func beat(at now: Int64, isAnswered: (UInt32) -> Bool) -> Bool {
        guard now >= lookAt else { return false }
        lookAt = now + interval
        guard isAnswered(probe) else { return false }
        probe &+= 1
        return true
    }
}
