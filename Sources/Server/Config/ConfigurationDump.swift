import Primitives

/// The effective configuration in writing. Read as a file it gives the same configuration. A mask stands for each secret
/// that is set: a file that has one is refused until the secret is there, or in the secret's variable.
public enum ConfigurationDump {
    static let mask = String(SecretLines.mask)

    /// TOML: each value with a comment that says who set it.
    public static func toml(_ effective: Effective) -> String {
        var lines: [String] = []
        var table = ""
        for (path, entries) in tables(effective) {
            if path != table {
                lines += (lines.isEmpty ? [] : [""]) + ["[\(path)]"]
                table = path
            }
            for entry in entries {
                let name = entry.key.split(separator: ".").last.map(String.init) ?? entry.key
                let value = shown(entry)
                let note = value == entry.value ? "" : "; the secret is not shown"
                lines.append("\(name) = \(value.toml)  # \(entry.source.words)\(note)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// JSON: for each key its value, as TOML writes it without quotes, and who set it.
    public static func json(_ effective: Effective) -> String {
        var writer = JSONWriter()
        writer.value(
            .object(
                effective.entries.filter { $0.value != .unset }.map { entry in
                    JSON.Member(
                        entry.key,
                        .object([
                            .init("value", shown(entry).json), .init("source", .string(entry.source.words)),
                        ]))
                }))
        return writer.text + "\n"
    }

    /// Tables in the order of their first key; a table's own keys come before those of the tables inside it.
    private static func tables(_ effective: Effective) -> [(path: String, entries: [Effective.Entry])] {
        var tables: [(path: String, entries: [Effective.Entry])] = []
        for entry in effective.entries where entry.value != .unset {
            let path = entry.key.lastIndex(of: ".").map { String(entry.key[..<$0]) } ?? ""
            if let place = tables.firstIndex(where: { $0.path == path }) {
                tables[place].entries.append(entry)
            } else {
                tables.append((path, [entry]))
            }
        }
        return tables
    }

    /// An empty secret is none.
    private static func shown(_ entry: Effective.Entry) -> Value {
        guard Keys.byPath[entry.key]?.isSecret == true, entry.value != .text("") else { return entry.value }
        return .text(mask)
    }
}

extension Problem.Source {
    /// Who set a value. A place in the file is shown as the file alone: a dump has lines of its own.
    var words: String {
        switch self {
        case .file: "file"
        case .variable(let name): name
        case .argument(let argument): argument
        case .standard: "default"
        }
    }
}

extension Value {
    /// Numbers, flags and lists as such, everything else as the text that a file would hold.
    var json: JSON {
        switch self {
        case .unset: .null
        case .text(let text): .string(text)
        case .flag(let flag): .boolean(flag)
        case .integer(let integer): .number(.init(integer))
        case .size(let size): .string(size.description)
        case .interval(let interval): .string(interval.description)
        case .expiry(let expiry): .string(expiry.description)
        case .topicSize(let limit): .string(limit.description)
        case .texts(let texts): .array(texts.map { .string($0) })
        case .allocation(let allocation): .string(allocation.description)
        case .indexCache(let cache): .string(cache.rawValue)
        case .tables(let tables):
            .array(tables.map { fields in .object(fields.map { .init($0.path, $0.value.json) }) })
        }
    }
}
