import Primitives

/// A configuration file against the table of keys: every value that is wrong, and every key that nobody knows, at once.
public struct ConfigurationFile: Sendable {
    public let bytes: [UInt8]
    public private(set) var problems: [Problem] = []
    /// Keys that may be meant otherwise, since a line or a value could not be read.
    private(set) var doubts = Doubts()
    /// What the file sets, in its order.
    private(set) var settings: [Setting] = []
    /// Tables of 0.9 that are there, and whose keys have no effect.
    private(set) var newerTables: [String] = []
    /// Secrets for which a dump has put its mask.
    private(set) var masked: [(key: Key, source: Problem.Source)] = []
    /// Where secrets may stand, if not all of the file is TOML: what looks like a key may be the middle of one.
    private var secrets: SecretLines?
    /// Keys that nobody knows, so far.
    private var unknownCount = 0

    struct Setting: Sendable {
        let key: Key
        let value: Value
        let source: Problem.Source
    }

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(reading bytes: [UInt8]) {
        self.init(bytes: bytes)
        let (toml, flaws) = TOML.leniently(parsing: bytes, errorsMax: Self.syntaxErrorsMax)
        secrets = flaws.isEmpty ? nil : SecretLines(in: bytes)
        for flaw in flaws {
            var problem = SyntaxProblem(flaw, in: bytes).problem
            // What looks like a key there may be the middle of a secret.
            if secrets?.veil(at: flaw.error.position) == .everything { problem.suggestion = nil }
            problems.append(problem)
            doubts.addUnread(Keys.path(of: flaw.path))
        }
        if flaws.count >= Self.syntaxErrorsMax, let last = flaws.last?.error {
            doubts.addUnread("")
            problems.append(
                Problem(.notice, .file(last.position..<last.position), "the rest of the file was not read"))
        }
        read(toml.root, under: "")
    }

    /// A file with more of them is something else.
    private static let syntaxErrorsMax = 20

    /// The members of a table, or of one table of an array.
    private mutating func read(_ table: TOML.Table, under prefix: String) {
        for member in table.members {
            let path = prefix.isEmpty ? member.name : "\(prefix).\(member.name)"
            // A dot within quotes is part of a name, and no key of ours has one.
            let isPlain = !member.name.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") }
            if isPlain, let key = Keys.byPath[path] {
                guard let value = value(of: member.item, for: key) else { continue }
                settings.append(Setting(key: key, value: value, source: .file(member.item.range)))
            } else if isPlain, Keys.newerTables.contains(path) {
                newerTables.append(path)
            } else if isPlain, Keys.tables.sortedContains(path) {
                readTable(member.item, at: path)
            } else {
                addUnknown(member, under: prefix, path: path)
            }
        }
    }

    private mutating func readTable(_ item: TOML.Item, at path: String) {
        let message = "\(path): a table should be here, and not \(item.value.kind)"
        switch item.value {
        case .table(let table): read(table, under: path)
        case .array(let items):
            let tables = items.compactMap { if case .table(let table) = $0.value { table } else { nil } }
            problems.append(
                Problem(
                    .error, .file(item.range), message,
                    suggestion: tables.isEmpty ? nil : "this table is there once: write `[\(path)]`"))
            doubts.addUnread(path)
            for table in tables { read(table, under: path) }
        case .string, .integer, .float, .boolean, .dateTime:
            problems.append(Problem(.error, .file(item.range), message))
            doubts.addUnread(path)
        }
    }

    private mutating func addUnknown(_ member: TOML.Member, under prefix: String, path: String) {
        unknownCount += 1
        // What may have been meant is a search through every name: for as many as are shown.
        let isShown = unknownCount <= [Problem].shownMax
        let isHidden = secrets?.veil(at: member.nameRange.lowerBound) == .everything
        let meant = isShown ? Keys.meant(by: member.name, under: prefix) : nil
        var problem = Problem(
            .error, .file(member.nameRange), isHidden ? "unknown key" : "unknown key \(shortened(path))",
            suggestion: isHidden ? nil : meant?.suggestion)
        problem.isOfSecret = !isShown || (meant?.isSecret ?? Keys.holdsSecrets(prefix))
        problems.append(problem)
    }

    /// Nil when it is wrong, which is told.
    mutating func value(of item: TOML.Item, for key: Key) -> Value? {
        if key.kind == .tables { return tables(item, for: key) }
        if key.kind == .texts, case .array(let items) = item.value { return texts(items, for: key) }
        do throws(Malformed) {
            let value = try Value(item.value, of: key.kind)
            if key.isSecret, value == .text(ConfigurationDump.mask) {
                masked.append((key, .file(item.range)))
                return nil
            }
            return value
        } catch {
            addWrong("\(key.path): \(error)", at: item, of: key, suggestion: Hint.suggestion(for: item.value, of: key))
            return nil
        }
    }

    private mutating func addWrong(_ message: String, at item: TOML.Item, of key: Key, suggestion: String? = nil) {
        problems.append(Problem(.error, .file(item.range), message, suggestion: suggestion))
        doubts.addUnread(key.path)
    }

    private mutating func texts(_ items: [TOML.Item], for key: Key) -> Value? {
        var texts: [String] = []
        for item in items {
            if case .string(let text) = item.value {
                texts.append(text)
            } else {
                addWrong("\(key.path): \(item.value.kind) stands among the texts of the list", at: item, of: key)
            }
        }
        return texts.count == items.count ? .texts(texts) : nil
    }

    private mutating func tables(_ item: TOML.Item, for key: Key) -> Value? {
        guard case .array(let items) = item.value else {
            addWrong(
                "\(key.path): \(key.kind.words) should be here, and not \(item.value.kind)", at: item, of: key,
                suggestion: item.isTable ? "each of these tables begins with `[[\(key.path)]]`" : nil)
            return nil
        }
        var tables: [[Value.Field]] = []
        let problemCount = problems.count
        for element in items {
            guard case .table(let table) = element.value else {
                addWrong("\(key.path): a table should be here, and not \(element.value.kind)", at: element, of: key)
                continue
            }
            // A field is read as a key is, and belongs to its table.
            var reader = ConfigurationFile(bytes: bytes)
            let unknownBefore = unknownCount
            reader.unknownCount = unknownCount
            reader.secrets = secrets
            reader.read(table, under: key.path + "[]")
            unknownCount = reader.unknownCount
            problems += reader.problems
            let fields = reader.settings.map {
                Value.Field(path: String($0.key.path.dropFirst(key.path.count + 3)), value: $0.value)
            }.sorted { $0.path < $1.path }
            // One with a wrong name or value is there.
            let missing = Keys.missingFields(of: key, in: fields).filter { field in
                ![doubts, reader.doubts].contains { $0.mention("\(key.path)[].\(field)") }
            }
            if !missing.isEmpty, reader.unknownCount == unknownBefore {
                let names = missing.joined(separator: " and no ")
                problems.append(Problem(.error, .file(element.range), "\(key.path): this table has no \(names)"))
            }
            tables.append(fields)
        }
        guard problems.count == problemCount else {
            doubts.addUnread(key.path)
            return nil
        }
        return .tables(tables)
    }
}

extension TOML.Item {
    fileprivate var isTable: Bool {
        if case .table = value { true } else { false }
    }
}
