public import Platform

/// What the configuration and the environment say of the log.
public struct LogSettings: Equatable, Sendable {
    /// Absolute, or relative to the working directory; nil for no files.
    public let directory: String?
    public let filter: LogFilter
    /// The filter as it was written, and where, for the first line.
    public let filterText: String
    public let limits: LogArchives.Limits
    /// Nanoseconds.
    public let checkInterval: Int64
    public let isJSON: Bool
    /// What is wrong and counts all the same.
    public private(set) var notices: [String] = []

    static let filterVariables = ["GALGO_LOG", "RUST_LOG"]
    static let formatVariable = "GALGO_LOG_FORMAT"

    /// The working directory is never looked at: a relative path is one below the data directory.
    init(_ effective: Effective, environment: [String: String], problems: inout [Problem]) {
        let path = effective.text("system.logging.path")
        let isEnabled = effective.flag("system.logging.file_enabled")
        directory = isEnabled ? path.hasPrefix("/") ? path : "\(effective.text("system.path"))/\(path)" : nil
        limits = LogArchives.Limits(
            fileBytes: effective.size("system.logging.max_file_size").bytes,
            totalBytes: effective.size("system.logging.max_total_size").bytes,
            retention: effective.interval("system.logging.retention").microseconds)
        let interval = effective.interval("system.logging.rotation_check_interval").totalNanoseconds
        // Farther away than any clock gets.
        checkInterval = Int64(clamping: min(interval, 1 << 60))
        switch environment[Self.formatVariable]?.lowercased() {
        case nil, "", "text": isJSON = false
        case "json": isJSON = true
        case let other?:
            isJSON = false
            problems.append(
                Problem(.error, .variable(Self.formatVariable), "'\(printable(other))' is neither text nor json"))
        }
        (filter, filterText, notices) = Self.filter(effective.text("system.logging.level"), environment)
    }

    /// The first variable that exists decides alone; a wrong text there means INFO, as in the field.
    private static func filter(
        _ level: String, _ environment: [String: String]
    ) -> (LogFilter, String, [String]) {
        for name in filterVariables {
            guard let text = environment[name] else { continue }
            do throws(Malformed) {
                return (try LogFilter(strictly: text), "\(printable(text)) (\(name))", [])
            } catch {
                return (LogFilter(.info), "info", ["\(name) is not used: \(error)"])
            }
        }
        let (filter, ignored) = LogFilter.leniently(level)
        var notices = ignored.map {
            "system.logging.level: '\(printable($0.directive))' is no directive and is ignored"
        }
        if level.lowercased() == "none" { notices.append("system.logging.level: none means off") }
        return (filter, printable(level), notices)
    }

    public var gate: LogGate { Self.gate(filter) }

    private static func gate(_ filter: LogFilter) -> LogGate { LogGate { filter.verbosity(of: $0.name).rawValue } }

    /// After the level has changed, and where no variable wins over it.
    public static func gate(level: String, environment: [String: String]) -> LogGate {
        gate(filter(level, environment).0)
    }

    /// Of the log writer: `writesFiles` as soon as it may, `isTerminal` for colours.
    public func writer(writesFiles: Bool, isTerminal: Bool) -> LogWriter.Settings {
        var settings = LogWriter.Settings()
        settings.limits = limits
        settings.checkInterval = checkInterval
        settings.file = writesFiles ? isJSON ? .json : .plain : nil
        settings.console = isJSON ? .json : isTerminal ? .coloured : .plain
        settings.gate = gate
        settings.directory = directory ?? ""
        return settings
    }
}
