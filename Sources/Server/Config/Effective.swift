import Primitives

/// The whole configuration: of every key the value that holds, and who said so.
///
/// Three layers, the later over the earlier: what holds by itself, the file, the environment. Tables merge key by key;
/// lists and arrays of tables are replaced whole.
public struct Effective: Sendable {
    public struct Entry: Equatable, Sendable {
        public let key: String
        public var value: Value
        public var source: Problem.Source
    }

    /// One for each key, in the order of the documentation.
    public private(set) var entries: [Entry]
    private let places: SortedMap<String, Int>

    /// What holds when nobody says anything.
    public init() {
        let keys = Keys.all.filter { !$0.isField }
        var places = SortedMap<String, Int>()
        for (place, key) in keys.enumerated() { places[key.path] = place }
        self.places = places
        entries = keys.map { Entry(key: $0.path, value: $0.standardValue, source: .standard) }
    }

    /// The entry of a key; that of nothing for a path that is no key.
    public subscript(path: String) -> Entry {
        places[path].map { entries[$0] } ?? Entry(key: path, value: .unset, source: .standard)
    }

    /// The same with the address that clients connect to.
    public func listening(on address: String) -> Effective {
        var changed = self
        changed.set("tcp.address", to: .text(address), by: self["tcp.address"].source)
        return changed
    }

    /// What lies below the data directory by its own path, which may be absolute.
    public var placedPaths: [String] { ["system.logging.path", "system.runtime.path"].map(text) }

    /// Something about the value of a key, told where that was written.
    public func problem(_ severity: Problem.Severity, with path: String, _ message: String) -> Problem {
        // Some messages are sentences about the key.
        Problem(severity, self[path].source, message.hasPrefix("\(path) ") ? message : "\(path): \(message)")
    }

    mutating func set(_ path: String, to value: Value, by source: Problem.Source) {
        guard let place = places[path] else { return }
        entries[place].value = value
        entries[place].source = source
    }
}

// Values of the kind that the key has; what a wrong path would give is never read.
extension Effective {
    public func flag(_ path: String) -> Bool {
        if case .flag(let flag) = self[path].value { flag } else { false }
    }

    public func text(_ path: String) -> String {
        if case .text(let text) = self[path].value { text } else { "" }
    }

    public func integer(_ path: String) -> UInt64 {
        if case .integer(let integer) = self[path].value { integer } else { 0 }
    }

    public func size(_ path: String) -> ByteSize {
        if case .size(let size) = self[path].value { size } else { ByteSize(bytes: 0) }
    }

    /// Nil for a key without a value.
    public func sizeIfSet(_ path: String) -> ByteSize? {
        if case .size(let size) = self[path].value { size } else { nil }
    }

    public func interval(_ path: String) -> Interval {
        if case .interval(let interval) = self[path].value { interval } else { .zero }
    }

    public func allocation(_ path: String) -> CPUAllocation {
        if case .allocation(let allocation) = self[path].value { allocation } else { .all }
    }

    public func expiry(_ path: String) -> Expiry {
        if case .expiry(let expiry) = self[path].value { expiry } else { .serverDefault }
    }

    public func topicSize(_ path: String) -> TopicSizeLimit {
        if case .topicSize(let limit) = self[path].value { limit } else { .serverDefault }
    }
}

extension Key {
    /// A field of an array of tables, which has no value of its own.
    var isField: Bool { path.utf8.contains(UInt8(ascii: "[")) }

    /// The text of the table is our own, so it is read once and holds.
    var standardValue: Value {
        guard !standard.isEmpty else { return .unset }
        do {
            let toml = try TOML(parsing: "value = " + standard)
            guard let item = toml.root["value"]?.item else { return .unset }
            var reader = ConfigurationFile(bytes: [])
            let value = reader.value(of: item, for: self)
            return reader.problems.isEmpty ? value ?? .unset : .unset
        } catch {
            return .unset
        }
    }
}
