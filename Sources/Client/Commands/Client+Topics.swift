public import Wire

extension Client {
    @discardableResult
    public func createTopic(
        _ stream: Identifier, _ name: String, partitions: UInt32, settings: TopicSettings = TopicSettings()
    ) throws(ClientError) -> (topic: TopicRecord, partitions: [PartitionRecord]) {
        let topic = CreateTopic(
            stream: stream, name: try Name(checking: name), partitionCount: partitions, settings: settings)
        guard case .topic(let record, let partitions) = try ask(.createTopic(topic)) else {
            throw .replyMalformed(.brokenStructure)
        }
        return (record, partitions)
    }

    /// A topic and its partitions; nil if there is none.
    public func topic(
        _ path: TopicPath
    ) throws(ClientError) -> (topic: TopicRecord, partitions: [PartitionRecord])? {
        switch try ask(.getTopic(path)) {
        case .topic(let topic, let partitions): return (topic, partitions)
        case .nothing: return nil
        default: throw .replyMalformed(.brokenStructure)
        }
    }

    /// The topics of a stream; empty, too, if there is no such stream.
    public func topics(of stream: Identifier) throws(ClientError) -> [TopicRecord] {
        switch try ask(.getTopics(stream: stream)) {
        case .topics(let topics): return topics
        case .nothing: return []
        default: throw .replyMalformed(.brokenStructure)
        }
    }

    /// Replaces name and settings of a topic.
    public func updateTopic(
        _ path: TopicPath, name: String, settings: TopicSettings = TopicSettings()
    ) throws(ClientError) {
        try ask(.updateTopic(UpdateTopic(path: path, name: try Name(checking: name), settings: settings)))
    }

    /// Removes all messages and stored offsets; the next message has offset 0.
    public func purgeTopic(_ path: TopicPath) throws(ClientError) { try ask(.purgeTopic(path)) }

    public func deleteTopic(_ path: TopicPath) throws(ClientError) { try ask(.deleteTopic(path)) }

    /// Adds `count` partitions behind the last one.
    public func createPartitions(_ path: TopicPath, count: UInt32) throws(ClientError) {
        try ask(.createPartitions(path, count: count))
    }

    /// Removes the last `count` partitions and their messages.
    public func deletePartitions(_ path: TopicPath, count: UInt32) throws(ClientError) {
        try ask(.deletePartitions(path, count: count))
    }

    /// Removes up to `count` of the oldest sealed segments.
    public func deleteSegments(_ path: TopicPath, partition: UInt32, count: UInt32) throws(ClientError) {
        try ask(.deleteSegments(DeleteSegments(path: path, partition: partition, count: count)))
    }
}
