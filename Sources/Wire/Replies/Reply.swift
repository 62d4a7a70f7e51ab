/// What a request is answered with when it succeeds, whichever wire it came on.
public enum Reply: Equatable, Sendable {
    /// Nothing to say, or, for a question about one thing, that there is no such thing.
    case nothing
    case identity(userID: UInt32)
    /// The text of a new token, shown this once.
    case token(Secret)
    case stats(StatsRecord)
    /// The bytes of a ZIP file.
    case snapshot([UInt8])
    case cluster(ClusterRecord)
    case client(ClientRecord, groups: [ClientGroupRecord])
    case clients([ClientRecord])
    case user(UserRecord, Permissions?)
    case users([UserRecord])
    case tokens([TokenRecord])
    /// The head only: the messages follow it from the buffers that they lie in.
    case polled(PolledHead)
    case consumerOffset(ConsumerOffsetRecord)
    case stream(StreamRecord, topics: [TopicRecord])
    case streams([StreamRecord])
    case topic(TopicRecord, partitions: [PartitionRecord])
    case topics([TopicRecord])
    case group(GroupRecord, members: [GroupMemberRecord])
    case groups([GroupRecord])
}
