public struct StreamRecord: Equatable, Sendable {
    public var id: UInt32
    /// µs since 1970.
    public var createdAt: UInt64
    /// A reply about one stream takes the number from the topics it lists.
    public var topicCount: UInt32
    /// Whole messages as they are on the classic wire.
    public var byteCount: UInt64
    public var messageCount: UInt64
    public var name: Name

    public init(
        id: UInt32, createdAt: UInt64, topicCount: UInt32, byteCount: UInt64, messageCount: UInt64, name: Name
    ) {
        self.id = id
        self.createdAt = createdAt
        self.topicCount = topicCount
        self.byteCount = byteCount
        self.messageCount = messageCount
        self.name = name
    }
}

public struct TopicRecord: Equatable, Sendable {
    public var id: UInt32
    /// µs since 1970.
    public var createdAt: UInt64
    /// A reply about one topic takes the number from the partitions it lists.
    public var partitionCount: UInt32
    /// Resolved: no value here means the server's default.
    public var settings: TopicSettings
    public var byteCount: UInt64
    public var messageCount: UInt64
    public var name: Name

    public init(
        id: UInt32, createdAt: UInt64, partitionCount: UInt32, settings: TopicSettings, byteCount: UInt64,
        messageCount: UInt64, name: Name
    ) {
        self.id = id
        self.createdAt = createdAt
        self.partitionCount = partitionCount
        self.settings = settings
        self.byteCount = byteCount
        self.messageCount = messageCount
        self.name = name
    }
}

public struct PartitionRecord: Equatable, Sendable {
    public var id: UInt32
    /// µs since 1970.
    public var createdAt: UInt64
    public var segmentCount: UInt32
    /// The last offset given out; 0 also while the partition is empty.
    public var currentOffset: UInt64
    public var byteCount: UInt64
    public var messageCount: UInt64

    public init(
        id: UInt32, createdAt: UInt64, segmentCount: UInt32, currentOffset: UInt64, byteCount: UInt64,
        messageCount: UInt64
    ) {
        self.id = id
        self.createdAt = createdAt
        self.segmentCount = segmentCount
        self.currentOffset = currentOffset
        self.byteCount = byteCount
        self.messageCount = messageCount
    }
}
