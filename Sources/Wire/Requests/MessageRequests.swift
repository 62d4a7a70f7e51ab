public struct PollMessages: Equatable, Sendable {
    public var consumer: Consumer
    public var path: TopicPath
    /// Nil leaves it to the server: 0 for a single consumer, the next of its own for a group member.
    public var partition: UInt32?
    public var strategy: PollingStrategy
    /// At most this many messages; 0 asks for none.
    public var count: UInt32
    /// Whether the offset of the last message of the reply is stored for the consumer.
    public var autoCommit: Bool

    public init(
        consumer: Consumer, path: TopicPath, partition: UInt32?, strategy: PollingStrategy, count: UInt32,
        autoCommit: Bool = false
    ) {
        self.consumer = consumer
        self.path = path
        self.partition = partition
        self.strategy = strategy
        self.count = count
        self.autoCommit = autoCommit
    }
}

public struct FlushUnsavedBuffer: Equatable, Sendable {
    public var path: TopicPath
    public var partition: UInt32
    /// Whether the bytes must reach the disk, not just the file.
    public var sync: Bool

    public init(path: TopicPath, partition: UInt32, sync: Bool) {
        self.path = path
        self.partition = partition
        self.sync = sync
    }
}

/// Whose stored offset a request is about, and in which partition.
public struct ConsumerPartition: Equatable, Sendable {
    public var consumer: Consumer
    public var path: TopicPath
    public var partition: UInt32?

    public init(consumer: Consumer, path: TopicPath, partition: UInt32?) {
        self.consumer = consumer
        self.path = path
        self.partition = partition
    }
}
