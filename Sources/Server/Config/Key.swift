/// One key of the configuration, by its dotted path: the same names as Iggy's, so that files and compose files keep
/// working.
public struct Key: Sendable {
    /// `system.segment.size`; the fields of an array of tables are `cluster.node.others[].name`.
    public let path: String
    public let kind: Kind
    /// What holds when nobody says otherwise, as TOML; empty for a key without a value.
    let standard: String
    public let standing: Standing
    /// Never shown.
    public let isSecret: Bool

    /// What a value may be, and how a file and a variable write it.
    public enum Kind: Equatable, Sendable {
        case text
        case flag
        /// 0 to the bound.
        case integer(UInt64)
        case size
        case interval
        case expiry
        case topicSize
        case texts
        case allocation
        case indexCache
        /// An array of tables, whose fields are keys of their own.
        case tables
    }

    /// Whether the key changes anything.
    public enum Standing: Equatable, Sendable {
        case effective
        /// Part of what this version does not do.
        case missing(Feature)
        /// No version of Iggy that has the key ever used it.
        case neverUsed
        /// We do it in another way, which needs no setting.
        case unnecessary
    }

    /// What Iggy has and this version has not.
    public enum Feature: String, Sendable {
        case http = "HTTP"
        case quic = "QUIC"
        case webSocket = "WebSocket"
        case tls = "TLS"
        case telemetry = "telemetry"
        case cluster = "clusters"
        case groups = "consumer groups"
        case tokens = "personal access tokens"
        case encryption = "encryption"
        case deduplication = "deduplication"
        case retention = "deletion by age and size"
        case heartbeat = "heartbeats"
        case socketOptions = "socket options"
        case vsr = "the protocol of 0.9"
    }

    init(_ path: String, _ kind: Kind, _ standard: String, _ standing: Standing, isSecret: Bool = false) {
        self.path = path
        self.kind = kind
        self.standard = standard
        self.standing = standing
        self.isSecret = isSecret
    }

    /// A key that Iggy does not have.
    var isOurs: Bool { path.hasPrefix("galgo.") }

    /// `IGGY_SYSTEM_SEGMENT_SIZE`, `GALGO_MEMORY_LIMIT`: the path in upper case. For a field of the n-th table of an
    /// array, with its number.
    func variable(element: Int? = nil) -> String {
        let place = element.map { "_\($0)" } ?? ""
        // What only we have stands in a table of our own, whose name is the prefix.
        return (isOurs ? "" : "IGGY_")
            + path.uppercased().split(separator: ".").joined(separator: "_")
            .replacing("[]", with: place)
    }
}

extension Key.Kind {
    /// What should be written, for people.
    var words: String {
        switch self {
        case .text: "a text in quotes"
        case .flag: "true or false"
        case .integer(let bound): "an integer from 0 to \(bound)"
        case .size: "a size in quotes, such as \"500 MB\" or \"1 GiB\""
        case .interval: "an interval in quotes, such as \"30 s\" or \"1 h 30 m\""
        case .expiry: "an expiry in quotes, such as \"7 days\", or \"none\""
        case .topicSize: "a size in quotes, such as \"10 GiB\", or \"unlimited\""
        case .texts: "a list of texts"
        case .allocation: "\"all\", a number of shards, a range \"0..4\" or \"numa:auto\""
        case .indexCache: "\"all\", \"open_segment\" or \"none\""
        case .tables: "tables in double brackets"
        }
    }
}
