/// What stands before the messages of a poll's reply: 16 bytes on both wires.
public struct PolledHead: Equatable, Sendable {
    public static let byteCount = 16

    /// Nothing, from nowhere: the reply to a group member that owns no partition, or not the one it asked for.
    public static let none = PolledHead(partitionID: 0, currentOffset: 0, messageCount: 0)

    /// The partition that was read.
    public var partitionID: UInt32
    /// The last offset given out in it; 0 also while it is empty.
    public var currentOffset: UInt64
    public var messageCount: UInt32

    public init(partitionID: UInt32, currentOffset: UInt64, messageCount: UInt32) {
        self.partitionID = partitionID
        self.currentOffset = currentOffset
        self.messageCount = messageCount
    }
}

/// Where a consumer stands in a partition.
public struct ConsumerOffsetRecord: Equatable, Sendable {
    public static let byteCount = 20

    public var partitionID: UInt32
    public var currentOffset: UInt64
    public var storedOffset: UInt64

    public init(partitionID: UInt32, currentOffset: UInt64, storedOffset: UInt64) {
        self.partitionID = partitionID
        self.currentOffset = currentOffset
        self.storedOffset = storedOffset
    }
}
