public import Platform
import Primitives

/// What a changed configuration means for a server that runs: which keys take effect now, and which wait for a restart.
public struct Reload: Sendable {
    /// What takes effect while the server runs. Everything else was used at the start: places, sizes of buffers,
    /// threads.
    static let keys = [
        "system.logging.level", "system.logging.max_file_size", "system.logging.max_total_size",
        "system.logging.rotation_check_interval", "system.logging.retention",
        "system.sharding.shutdown_drain_timeout",
    ]

    /// What holds from now on.
    public let holding: Effective
    /// To be told: what an operator has to do something about is a warning.
    public let lines: [Line]

    public struct Line: Equatable, Sendable {
        public let level: Notice.Level
        public let text: String
    }

    /// From the configuration that holds to the one that is there now; neither has errors.
    public init(from old: Effective, to new: Effective, environment: [String: String]) {
        var holding = old
        var lines: [Line] = []
        var waiting: [String] = []
        for (before, now) in zip(old.entries, new.entries) where before.value != now.value {
            if Self.keys.contains(now.key) {
                holding.set(now.key, to: now.value, by: now.source)
                lines.append(Line(level: .info, text: "\(now.key) is now \(now.value.toml)"))
            } else if Keys.byPath[now.key]?.standing == .effective {
                waiting.append(now.key)
            }
        }
        let level = "system.logging.level"
        if old[level].value != new[level].value, let variable = LogSettings.filterVariable(environment) {
            let kept = LogSettings(holding, environment: environment).filterText
            lines.append(
                Line(
                    level: .warning,
                    text: "\(variable) wins over \(level): lines are kept as before, by the filter \(kept)"))
        }
        if !waiting.isEmpty {
            lines.append(
                Line(level: .warning, text: "needs a restart, and stays as it was: \(waiting.joined(separator: ", "))"))
        }
        self.holding = holding
        self.lines = lines.isEmpty ? [Line(level: .info, text: "the configuration is as it was")] : lines
    }
}

extension Effective {
    /// How long a stop may take; zero is as long as it takes.
    public var drainTimeout: Interval { interval("system.sharding.shutdown_drain_timeout") }
}
