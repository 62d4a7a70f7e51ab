public struct CreateTopic: Equatable, Sendable {
    public var stream: Identifier
    public var name: Name
    public var partitionCount: UInt32
    public var settings: TopicSettings

    public init(stream: Identifier, name: Name, partitionCount: UInt32, settings: TopicSettings = TopicSettings()) {
        self.stream = stream
        self.name = name
        self.partitionCount = partitionCount
        self.settings = settings
    }
}

public struct UpdateTopic: Equatable, Sendable {
    public var path: TopicPath
    public var name: Name
    public var settings: TopicSettings

    public init(path: TopicPath, name: Name, settings: TopicSettings = TopicSettings()) {
        self.path = path
        self.name = name
        self.settings = settings
    }
}

/// Removes up to `count` of the oldest sealed segments of a partition.
public struct DeleteSegments: Equatable, Sendable {
    public var path: TopicPath
    public var partition: UInt32
    public var count: UInt32

    public init(path: TopicPath, partition: UInt32, count: UInt32) {
        self.path = path
        self.partition = partition
        self.count = count
    }
}
