import Primitives

/// What a key is set to.
public enum Value: Equatable, Sendable {
    /// The key has no value of its own.
    case unset
    case text(String)
    case flag(Bool)
    case integer(UInt64)
    case size(ByteSize)
    case interval(Interval)
    case expiry(Expiry)
    case topicSize(TopicSizeLimit)
    case texts([String])
    case allocation(CPUAllocation)
    case indexCache(IndexCache)
    /// Each table as its fields, by their paths from the key on (`ports.tcp`), ascending.
    case tables([[Field]])

    public struct Field: Equatable, Sendable {
        public let path: String
        public let value: Value
    }

    public enum IndexCache: String, Sendable {
        case all
        case openSegment = "open_segment"
        case none
    }
}

extension Value {
    /// A value as a variable of the environment says it: by the kind of its key and never by its looks, so that a
    /// password of digits is a text.
    init(variable text: String, of kind: Key.Kind) throws(Malformed) {
        switch kind {
        case .text: self = .text(text)
        case .flag:
            switch text.lowercased() {
            case "true": self = .flag(true)
            case "false": self = .flag(false)
            default: throw Malformed("\(quoted(text)) is neither true nor false")
            }
        case .integer(let bound):
            guard let value = UInt64(digits: text), value <= bound else {
                throw Malformed("\(quoted(text)) is not \(kind.words)")
            }
            self = .integer(value)
        case .texts: self = .texts(try Self.items(text))
        case .size, .interval, .expiry, .topicSize, .allocation, .indexCache:
            self = try Value(text: text, of: kind)
        case .tables: throw Malformed("a variable can set one field of one table: add its number and the field's name")
        }
    }

    /// A value that files write in quotes.
    init(text: String, of kind: Key.Kind) throws(Malformed) {
        switch kind {
        case .size: self = .size(try ByteSize(parsing: text))
        case .interval: self = .interval(try Interval(parsing: text))
        case .expiry: self = .expiry(try Expiry(parsing: text))
        case .topicSize: self = .topicSize(try TopicSizeLimit(parsing: text))
        case .allocation: self = .allocation(try CPUAllocation(parsing: text))
        case .indexCache:
            guard let cache = IndexCache(rawValue: text.lowercased()) else {
                throw Malformed("\(quoted(text)) is not \(kind.words)")
            }
            self = .indexCache(cache)
        case .text: self = .text(text)
        case .flag, .integer, .texts, .tables: throw Malformed("\(kind.words) should be here, and not a text")
        }
    }

    /// `[a, "b,c"]`: the items between commas outside of quotes, trimmed, without one pair of quotes around each. A
    /// comma behind the last item begins no other, as in TOML.
    private static func items(_ text: String) throws(Malformed) -> [String] {
        guard text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count >= 2 else {
            throw Malformed("\(quoted(text)) is not a list such as [a, b]")
        }
        var items: [[Character]] = [[]]
        var quote: Character?
        for character in text.dropFirst().dropLast() {
            switch character {
            case "," where quote == nil:
                items.append([])
                continue
            case "\"", "'":
                if quote == nil { quote = character } else if quote == character { quote = nil }
            default: break
            }
            items[items.count - 1].append(character)
        }
        guard quote == nil else { throw Malformed("\(quoted(text)): a quote is not closed") }
        if let last = items.last, last.allSatisfy({ $0 == " " }) { items.removeLast() }
        return items.map { item in
            var item = item[...]
            while item.first == " " { item.removeFirst() }
            while item.last == " " { item.removeLast() }
            if let first = item.first, first == "\"" || first == "'", item.count >= 2, item.last == first {
                item = item.dropFirst().dropLast()
            }
            return String(item)
        }
    }
}

extension Value {
    /// A value as a file says it. Lists and tables are read by `ConfigurationFile`.
    init(_ value: TOML.Value, of kind: Key.Kind) throws(Malformed) {
        switch (kind, value) {
        case (.text, .string(let text)): self = .text(text)
        case (.flag, .boolean(let flag)): self = .flag(flag)
        case (.integer(let bound), .integer(let integer)):
            guard let value = UInt64(exactly: integer), value <= bound else {
                throw Malformed("\(integer) is not \(kind.words)")
            }
            self = .integer(value)
        case (.allocation, .integer(let integer)):
            self = try Value(text: String(integer), of: kind)
        case (.allocation, .float(let float)):
            throw Malformed("Invalid shard count: \(float)")
        case (.indexCache, .boolean(let flag)):
            self = .indexCache(flag ? .all : .none)
        case (.size, .string(let text)), (.interval, .string(let text)), (.expiry, .string(let text)),
            (.topicSize, .string(let text)), (.allocation, .string(let text)), (.indexCache, .string(let text)):
            self = try Value(text: text, of: kind)
        default:
            throw Malformed("\(kind.words) should be here, and not \(value.kind)")
        }
    }
}

extension Value: CustomStringConvertible {
    /// As TOML, on one line. Reads back as the same value.
    public var description: String { toml }

    var toml: String {
        switch self {
        case .unset: ""
        case .text(let text): TOMLText.quoted(text)
        case .flag(let flag): flag ? "true" : "false"
        case .integer(let integer): String(integer)
        case .size(let size): TOMLText.quoted(size.description)
        case .interval(let interval): TOMLText.quoted(interval.description)
        case .expiry(let expiry): TOMLText.quoted(expiry.description)
        case .topicSize(let limit): TOMLText.quoted(limit.description)
        case .texts(let texts): "[" + texts.map(TOMLText.quoted).joined(separator: ", ") + "]"
        case .allocation(let allocation): TOMLText.quoted(allocation.description)
        case .indexCache(let cache): TOMLText.quoted(cache.rawValue)
        case .tables(let tables):
            "["
                + tables.map { fields in
                    "{ " + fields.map { "\($0.path) = \($0.value.toml)" }.joined(separator: ", ") + " }"
                }.joined(separator: ", ") + "]"
        }
    }
}
