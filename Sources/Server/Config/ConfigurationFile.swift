import Primitives

/// A configuration file against the table of keys: every value that is wrong, and every key that nobody knows, at once.
public struct ConfigurationFile: Sendable {
    public let bytes: [UInt8]
    public private(set) var problems: [Problem] = []
    /// All of it is TOML, so that no key is missing because its line could not be read.
    private(set) var isWhole = true
    /// What the file sets, in its order.
    private(set) var settings: [Setting] = []
    /// Tables of 0.9 that are there, and whose keys have no effect.
    private(set) var newerTables: [String] = []
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
        let (toml, errors) = TOML.leniently(parsing: bytes, errorsMax: Self.syntaxErrorsMax)
        isWhole = errors.isEmpty
        secrets = isWhole ? nil : SecretLines(in: bytes)
        for error in errors {
            let end = min(error.position + 1, bytes.count)
            problems.append(
                Problem(.error, .file(error.position..<max(end, error.position)), error.textWithoutWords))
        }
        if errors.count >= Self.syntaxErrorsMax, let last = errors.last {
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
                if case .table(let inner) = member.item.value {
                    read(inner, under: path)
                } else {
                    problems.append(
                        Problem(
                            .error, .file(member.item.range),
                            "\(path): a table should be here, and not \(member.item.value.kind)"))
                }
            } else {
                unknownCount += 1
                // What may have been meant is a search through every name: for as many as are shown.
                let isShown = unknownCount <= [Problem].shownMax
                let isHidden = secrets?.veil(at: member.nameRange.lowerBound) == .everything
                problems.append(
                    Problem(
                        .error, .file(member.nameRange), isHidden ? "unknown key" : "unknown key \(shortened(path))",
                        suggestion: isShown && !isHidden ? Keys.suggestion(for: member.name, under: prefix) : nil))
            }
        }
    }

    /// Nil when it is wrong, which is told.
    mutating func value(of item: TOML.Item, for key: Key) -> Value? {
        guard key.kind != .tables else { return tables(item, for: key) }
        do throws(Malformed) {
            return try Value(item.value, of: key.kind)
        } catch {
            problems.append(Problem(.error, .file(item.range), "\(key.path): \(error)"))
            return nil
        }
    }

    private mutating func tables(_ item: TOML.Item, for key: Key) -> Value? {
        guard case .array(let items) = item.value else {
            problems.append(
                Problem(
                    .error, .file(item.range),
                    "\(key.path): \(key.kind.words) should be here, and not \(item.value.kind)"))
            return nil
        }
        var tables: [[Value.Field]] = []
        let problemCount = problems.count
        for element in items {
            guard case .table(let table) = element.value else {
                problems.append(
                    Problem(
                        .error, .file(element.range),
                        "\(key.path): a table should be here, and not \(element.value.kind)"))
                continue
            }
            // A field is read as a key is, and belongs to its table.
            var reader = ConfigurationFile(bytes: bytes)
            reader.unknownCount = unknownCount
            reader.secrets = secrets
            reader.read(table, under: key.path + "[]")
            unknownCount = reader.unknownCount
            problems += reader.problems
            let fields = reader.settings.map {
                Value.Field(path: String($0.key.path.dropFirst(key.path.count + 3)), value: $0.value)
            }.sorted { $0.path < $1.path }
            if let missing = Keys.missingField(of: key, in: fields) {
                problems.append(Problem(.error, .file(element.range), "\(key.path): this table has no \(missing)"))
            }
            tables.append(fields)
        }
        return problems.count == problemCount ? .tables(tables) : nil
    }
}

extension TOMLError {
    /// For a log: where something is no TOML, any word of it may be a secret.
    fileprivate var textWithoutWords: String {
        switch reason {
        case .unknownWord: "this is no value: texts stand in quotes"
        case .duplicateKey: "this key is given twice"
        case .tableIsDefined: "this table is defined already and cannot be added to here"
        case .notATable: "this key leads through a value that is no table"
        case .notUTF8, .controlCharacter, .endTooEarly, .expected, .tooDeep, .unknownEscape, .escapedSurrogate,
            .malformedNumber, .integerTooLarge, .malformedDateTime, .needsVersion1_1:
            description
        }
    }
}
