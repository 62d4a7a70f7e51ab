import Primitives

/// The configuration as its layers make it: the defaults, a file over them, the environment over both.
public struct ConfigurationLayers: Sendable {
    public private(set) var effective = Effective()
    /// Everything that is wrong or worth a line: the file's in the order of its lines, then the environment's, then what
    /// does not fit together.
    public private(set) var problems: [Problem] = []
    private let bytes: [UInt8]

    /// Without `bytes` there is no file.
    public init(file bytes: [UInt8]?, environment: [String: String]) {
        self.bytes = bytes ?? []
        let file = bytes.map { ConfigurationFile(reading: $0) }
        let variables = ConfigurationVariables(reading: environment)
        problems += file?.problems ?? []
        problems += variables.problems
        for setting in (file?.settings ?? []) + variables.settings {
            effective.set(setting.key.path, to: setting.value, by: setting.source)
        }
        renameFileSize()
        // Also where a key could not be read: what holds instead breaks no rule, and everything is told at once.
        problems += Validation(
            effective, WrittenTexts(bytes: self.bytes, environment: environment), isWhole: file?.isWhole ?? true
        ).problems
        problems += LogSettings.problems(effective, environment)
        for entry in effective.entries { warnOfBits(entry) }
        for protection in MissingProtection.asked(effective) {
            problems.append(Problem(.warning, effective[protection.key].source, protection.text))
        }
        if let idle = IdleKeys(effective, newerTables: file?.newerTables ?? []).sentence {
            problems.append(Problem(.notice, .standard, idle))
        }
        sort()
    }

    /// Problems of the same place, and those of no line, stay in the order in which they were found.
    private mutating func sort() {
        func line(_ problem: Problem) -> Int {
            if case .file(let range) = problem.source { range.lowerBound } else { .max }
        }
        problems = problems.enumerated().sorted { (line($0.element), $0.offset) < (line($1.element), $1.offset) }
            .map(\.element)
    }

    public var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// Each problem with its place in the file, which is shown under this name.
    public func lines(file name: String) -> [String] {
        problems.lines(file: name, bytes: bytes)
    }

    /// A line for each, with how severe it is, as a log may keep it: without the lines of the file.
    public func told(file name: String) -> [(severity: Problem.Severity, line: String)] {
        problems.told(file: name, bytes: bytes)
    }

    /// What is wrong besides: found by whoever looks further than one configuration.
    public mutating func add(_ more: [Problem]) {
        problems += more
        sort()
    }

    /// The name that the key had for a while.
    private mutating func renameFileSize() {
        let (old, new) = (effective["system.logging.max_size"], effective["system.logging.max_file_size"])
        guard old.value != .unset else { return }
        if new.source == .standard {
            effective.set(new.key, to: old.value, by: old.source)
            problems.append(Problem(.notice, old.source, "\(old.key) is now called \(new.key)"))
        } else {
            problems.append(Problem(.error, old.source, "\(old.key) is the old name of \(new.key), which is set too"))
        }
        effective.set(old.key, to: .unset, by: .standard)
    }

    private mutating func warnOfBits(_ entry: Effective.Entry) {
        guard case .size(let size) = entry.value, size.countsBits else { return }
        problems.append(
            Problem(
                .warning, entry.source, "\(entry.key): a lower-case b counts bits: this is \(size.bytes) bytes",
                suggestion: "write a capital B for bytes"))
    }
}

/// Keys that are set, to something else than holds anyway, and change nothing.
struct IdleKeys {
    /// One line for all of them; nil if there are none.
    let sentence: String?

    init(_ effective: Effective, newerTables: [String]) {
        var parts: [String] = []
        var groups: [(reason: String, keys: [String])] = []
        func add(_ key: String, _ reason: String) {
            if let place = groups.firstIndex(where: { $0.reason == reason }) {
                groups[place].keys.append(key)
            } else {
                groups.append((reason, [key]))
            }
        }
        // Those have a warning of their own.
        let told = MissingProtection.asked(effective).map(\.key)
        for entry in effective.entries where entry.source != .standard && !told.contains(entry.key) {
            guard let key = Keys.byPath[entry.key], entry.value != key.standardValue else { continue }
            guard let reason = key.standing.reason else { continue }
            add(key.path, reason)
        }
        for table in newerTables { add(table, Key.Standing.missing(.vsr).reason ?? "") }
        for group in groups {
            parts.append("\(group.keys.joined(separator: ", ")) (\(group.reason))")
        }
        sentence = parts.isEmpty ? nil : "without effect: " + parts.joined(separator: "; ")
    }
}

extension Key.Standing {
    /// Why a key changes nothing; nil if it does.
    var reason: String? {
        switch self {
        case .effective: nil
        case .missing(.vsr): "of Iggy 0.9"
        case .missing(let feature): "this version has no \(feature.rawValue)"
        case .neverUsed: "no version of Iggy uses it"
        case .unnecessary: "not needed here"
        }
    }
}
