/// What a topic's owner says about compression: a label kept with the topic; the server compresses nothing.
public enum Compression: UInt8, Sendable {
    case none = 1
    case gzip = 2
}

/// How long a topic keeps its messages, in microseconds; two values have a meaning of their own.
public struct MessageExpiry: Hashable, Sendable {
    public static let serverDefault = MessageExpiry(rawValue: 0)
    public static let never = MessageExpiry(rawValue: .max)

    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// How many bytes a topic may hold; two values have a meaning of their own.
public struct MaxTopicSize: Hashable, Sendable {
    public static let serverDefault = MaxTopicSize(rawValue: 0)
    public static let unlimited = MaxTopicSize(rawValue: .max)

    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// What a request may choose about a topic besides its name and its partitions.
public struct TopicSettings: Hashable, Sendable {
    public var compression: Compression
    public var messageExpiry: MessageExpiry
    public var maxTopicSize: MaxTopicSize
    /// 0 when the client did not say; it has no effect.
    public var replicationFactor: UInt8

    public init(
        compression: Compression = .none, messageExpiry: MessageExpiry = .serverDefault,
        maxTopicSize: MaxTopicSize = .serverDefault, replicationFactor: UInt8 = 0
    ) {
        self.compression = compression
        self.messageExpiry = messageExpiry
        self.maxTopicSize = maxTopicSize
        self.replicationFactor = replicationFactor
    }
}
