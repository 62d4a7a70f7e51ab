public import Wire

extension Client {
    /// The offset stored for a consumer or a group; nil if none is, or the partition does not exist.
    public func storedOffset(
        of consumer: Consumer, in path: TopicPath, partition: UInt32? = 0
    ) throws(ClientError) -> ConsumerOffsetRecord? {
        let target = ConsumerPartition(consumer: consumer, path: path, partition: partition)
        switch try ask(.getConsumerOffset(target)) {
        case .consumerOffset(let record): return record
        case .nothing: return nil
        default: throw .replyMalformed(.brokenStructure)
        }
    }

    /// Stores the offset of the last message a consumer or group is done with.
    public func storeOffset(
        _ offset: UInt64, for consumer: Consumer, in path: TopicPath, partition: UInt32? = 0
    ) throws(ClientError) {
        let target = ConsumerPartition(consumer: consumer, path: path, partition: partition)
        try ask(.storeConsumerOffset(target, offset: offset))
    }

    public func deleteOffset(
        of consumer: Consumer, in path: TopicPath, partition: UInt32? = 0
    ) throws(ClientError) {
        try ask(.deleteConsumerOffset(ConsumerPartition(consumer: consumer, path: path, partition: partition)))
    }

    @discardableResult
    public func createGroup(_ name: String, in path: TopicPath) throws(ClientError) -> GroupRecord {
        guard case .group(let group, _) = try ask(.createConsumerGroup(path, name: try Name(checking: name))) else {
            throw .replyMalformed(.brokenStructure)
        }
        return group
    }

    /// A group and its members; nil if there is none.
    public func group(
        _ path: GroupPath
    ) throws(ClientError) -> (group: GroupRecord, members: [GroupMemberRecord])? {
        switch try ask(.getConsumerGroup(path)) {
        case .group(let group, let members): return (group, members)
        case .nothing: return nil
        default: throw .replyMalformed(.brokenStructure)
        }
    }

    public func groups(of path: TopicPath) throws(ClientError) -> [GroupRecord] {
        switch try ask(.getConsumerGroups(path)) {
        case .groups(let groups): return groups
        case .nothing: return []
        default: throw .replyMalformed(.brokenStructure)
        }
    }

    /// Makes this connection a member of the group, until it leaves or ends.
    public func joinGroup(_ path: GroupPath) throws(ClientError) { try ask(.joinConsumerGroup(path)) }

    public func leaveGroup(_ path: GroupPath) throws(ClientError) { try ask(.leaveConsumerGroup(path)) }

    public func deleteGroup(_ path: GroupPath) throws(ClientError) { try ask(.deleteConsumerGroup(path)) }
}
