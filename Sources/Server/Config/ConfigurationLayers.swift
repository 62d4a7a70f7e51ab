import Primitives

/// The configuration as its layers make it: the defaults, a file over them, the environment over both.
public struct ConfigurationLayers: Sendable {
    public private(set) var effective = Effective()
    /// Everything that is wrong or worth a line: the file's in the order of its lines, then the environment's, then what
    /// does not fit together.
    public private(set) var problems: [Problem] = []
    private let bytes: [UInt8]
    private var doubts: Doubts
    /// Keys whose values break a rule.
    private var wrongKeys: [String] = []

    /// Without `bytes` there is no file.
    public init(file bytes: [UInt8]?, environment: [String: String]) {
        self.bytes = bytes ?? []
        let file = bytes.map { ConfigurationFile(reading: $0) }
        let variables = ConfigurationVariables(reading: environment)
        doubts = file?.doubts ?? Doubts()
        problems += file?.problems ?? []
        problems += variables.problems
        for setting in file?.settings ?? [] { effective.set(setting.key.path, to: setting.value, by: setting.source) }
        renameFileSize()
        let ofFile = (effective, doubts)
        for setting in variables.settings { effective.set(setting.key.path, to: setting.value, by: setting.source) }
        for key in variables.wrongKeys { doubts.addVariable(of: key) }
        askForSecrets(file?.masked ?? [])
        renameFileSize()
        let texts = WrittenTexts(bytes: self.bytes, environment: environment)
        // Also where a key could not be read: everything is told at once.
        for (key, problem) in Validation(effective, texts, doubts: doubts).problems {
            problems.append(problem)
            wrongKeys.append(key)
        }
        warnOfReplaced(Validation(ofFile.0, texts, doubts: ofFile.1).problems)
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

    /// The value of the key is what somebody meant, and right as far as one configuration tells.
    public func isSure(of path: String) -> Bool {
        !doubts.cover(effective[path]) && !wrongKeys.contains(path)
    }

    /// A dump says that there was a secret; whoever takes it for a file has to say which.
    private mutating func askForSecrets(_ masked: [(key: Key, source: Problem.Source)]) {
        for (key, source) in masked where effective[key.path].source == .standard {
            problems.append(
                Problem(
                    .error, source, "\(key.path): this stands in a dump for a secret that is not shown",
                    suggestion: "write the secret itself, or set \(key.variable())"))
        }
    }

    /// A value of the file that would be wrong, and does not count since a variable takes its place.
    private mutating func warnOfReplaced(_ found: [(key: String, problem: Problem)]) {
        for (key, problem) in found {
            guard case .file = problem.source, case .variable(let name) = effective[key].source else { continue }
            problems.append(
                Problem(
                    .warning, problem.source, "\(problem.message); \(name) takes its place",
                    suggestion: problem.suggestion))
        }
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
