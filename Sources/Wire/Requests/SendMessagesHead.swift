/// Where a batch goes, and where in the payload its bytes lie.
///
/// The payload of SendMessages is the head, `messageCount` index entries of 16 bytes, and the messages, which take the
/// rest. Positions and byte counts are relative to the payload, checked, and within it.
public struct SendMessagesHead: Equatable, Sendable {
    public static let indexEntryByteCount = 16

    public var path: TopicPath
    public var partitioning: Partitioning
    public var messageCount: UInt32
    public var indexPosition: Int
    public var indexByteCount: Int
    public var messagesPosition: Int
    public var messagesByteCount: Int

    public init(
        path: TopicPath, partitioning: Partitioning, messageCount: UInt32, indexPosition: Int, indexByteCount: Int,
        messagesPosition: Int, messagesByteCount: Int
    ) {
        self.path = path
        self.partitioning = partitioning
        self.messageCount = messageCount
        self.indexPosition = indexPosition
        self.indexByteCount = indexByteCount
        self.messagesPosition = messagesPosition
        self.messagesByteCount = messagesByteCount
    }
}
