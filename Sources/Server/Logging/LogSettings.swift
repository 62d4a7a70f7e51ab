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

    /// The variable that decides which lines are kept, instead of the level; nil if none does.
    static func filterVariable(_ environment: [String: String]) -> String? {
        filterVariables.first { environment[$0] != nil }
    }

    private static let filterVariables = ["GALGO_LOG", "RUST_LOG"]
    static let formatVariable = "GALGO_LOG_FORMAT"

    /// Lines are objects.
    public static func isJSON(_ environment: [String: String]) -> Bool {
        environment[formatVariable]?.lowercased() == "json"
    }

    /// The working directory is never looked at: a relative path is one below the data directory.
    public init(_ effective: Effective, environment: [String: String]) {
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
        isJSON = Self.isJSON(environment)
        (filter, filterText, _) = Self.filter(effective, environment)
    }

    /// What is wrong with the filter, which counts all the same, and with the format.
    static func problems(_ effective: Effective, _ environment: [String: String]) -> [Problem] {
        var problems = filter(effective, environment).problems
        let format = environment[formatVariable] ?? ""
        if !["", "text", "json"].contains(format.lowercased()) {
            problems.append(Problem(.error, .variable(formatVariable), "\(quoted(format)) is neither text nor json"))
        }
        return problems
    }

    /// The first variable that exists decides alone; a wrong text there means INFO, as in the field. The level is
    /// looked at all the same: it counts as soon as the variable is gone.
    private static func filter(
        _ effective: Effective, _ environment: [String: String]
    ) -> (filter: LogFilter, text: String, problems: [Problem]) {
        let level = effective["system.logging.level"]
        let text = effective.text(level.key)
        let (filter, ignored) = LogFilter.leniently(text)
        var problems = ignored.map {
            Problem(
                .warning, level.source, "\(level.key): \(quoted($0.directive)) is no directive and is ignored",
                suggestion: $0.suggestion)
        }
        if text.lowercased() == "none" {
            problems.append(Problem(.warning, level.source, "\(level.key): none means off"))
        } else {
            problems += strangers(in: text).map { Problem(.warning, level.source, "\(level.key): \($0)") }
        }
        guard let name = filterVariable(environment), let variable = environment[name]
        else { return (filter, shortened(text), problems) }
        do throws(Malformed) {
            let strict = try LogFilter(strictly: variable)
            problems += strangers(in: variable).map { Problem(.warning, .variable(name), $0) }
            return (strict, "\(shortened(variable)) (\(name))", problems)
        } catch {
            problems.append(Problem(.warning, .variable(name), "\(error); info counts instead"))
            return (LogFilter(.info), "info, since \(name) is wrong", problems)
        }
    }

    private static func strangers(in text: String) -> [String] {
        LogFilter.strangers(in: text).map {
            "\(quoted($0)) is no level (error, warn, info, debug, trace, off), and nothing here has that name"
        }
    }

    public var gate: LogGate { Self.gate(filter) }

    private static func gate(_ filter: LogFilter) -> LogGate { LogGate { filter.verbosity(of: $0.name).rawValue } }

    /// What a log writer that works already can be told.
    public var changeable: LogLimits {
        LogLimits(
            gate: gate, fileBytes: limits.fileBytes, totalBytes: limits.totalBytes, retention: limits.retention,
            checkInterval: checkInterval)
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
