import Primitives

/// What a changed configuration means for a server that runs: which keys take effect now, and which wait for a restart.
public struct Reload: Equatable, Sendable {
    /// What may change while the server runs.
    public struct Settings: Equatable, Sendable {
        /// How long a stop may take; zero is as long as it takes.
        public var drainTimeout: Interval
        /// Which lines the log has, where no variable says so.
        public var logLevel: String

        public init(_ effective: Effective) {
            drainTimeout = effective.interval("system.sharding.shutdown_drain_timeout")
            logLevel = effective.text("system.logging.level")
        }
    }

    /// The keys that `Settings` is made of.
    static let keys = ["system.sharding.shutdown_drain_timeout", "system.logging.level"]

    /// To be told, a line each.
    public let lines: [String]

    /// From the configuration that was read last to the one that is there now; neither has errors.
    public init(from old: Effective, to new: Effective) {
        let changed = zip(old.entries, new.entries).filter { $0.value != $1.value }.map(\.1)
        var lines = changed.filter { Self.keys.contains($0.key) }.map { "\($0.key) is now \($0.value.toml)" }
        let waiting = changed.filter { entry in
            !Self.keys.contains(entry.key) && Keys.byPath[entry.key]?.standing == .effective
        }
        if !waiting.isEmpty {
            lines.append("needs a restart, and stays as it was: \(waiting.map(\.key).joined(separator: ", "))")
        }
        self.lines = lines.isEmpty ? ["the configuration is as it was"] : lines
    }
}
