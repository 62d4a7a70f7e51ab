/// How large a topic may grow: as a configuration, a request and the catalog say it.
public enum TopicSizeLimit: Equatable, Hashable, Sendable {
    case unlimited
    /// What the server's configuration says.
    case serverDefault
    /// Neither 0 nor 2^64−1, which mean the other two.
    case bytes(UInt64)

    public init(parsing text: String) throws(Malformed) {
        switch text {
        case "unlimited": self = .unlimited
        // Words that mean nothing elsewhere mean a size of zero here, and that the server's default.
        case "server_default", "none", "None", "Unlimited": self = .serverDefault
        default: self = TopicSizeLimit(bytes: try ByteSize(parsing: text).bytes)
        }
    }

    /// As requests and replies have it.
    public init(bytes: UInt64) {
        self =
            switch bytes {
            case 0: .serverDefault
            case .max: .unlimited
            default: .bytes(bytes)
            }
    }

    public var bytes: UInt64 {
        switch self {
        case .unlimited: .max
        case .serverDefault: 0
        case .bytes(let bytes): bytes
        }
    }
}

extension TopicSizeLimit: CustomStringConvertible {
    /// Exact, so that it reads back as the same limit.
    public var description: String {
        switch self {
        case .unlimited: "unlimited"
        case .serverDefault: "server_default"
        case .bytes(let bytes): ByteSize(bytes: bytes).description
        }
    }
}
