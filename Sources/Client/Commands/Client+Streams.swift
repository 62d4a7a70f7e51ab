public import Wire

extension Client {
    @discardableResult
    public func createStream(_ name: String) throws(ClientError) -> StreamRecord {
        guard case .stream(let stream, _) = try ask(.createStream(name: try Name(checking: name))) else {
            throw .replyMalformed(.brokenStructure)
        }
        return stream
    }

    /// A stream and its topics; nil if there is none.
    public func stream(
        _ stream: Identifier
    ) throws(ClientError) -> (stream: StreamRecord, topics: [TopicRecord])? {
        switch try ask(.getStream(stream)) {
        case .stream(let stream, let topics): return (stream, topics)
        case .nothing: return nil
        default: throw .replyMalformed(.brokenStructure)
        }
    }

    public func streams() throws(ClientError) -> [StreamRecord] {
        switch try ask(.getStreams) {
        case .streams(let streams): return streams
        case .nothing: return []
        default: throw .replyMalformed(.brokenStructure)
        }
    }

    public func renameStream(_ stream: Identifier, to name: String) throws(ClientError) {
        try ask(.updateStream(stream, name: try Name(checking: name)))
    }

    /// Removes all messages and stored offsets of the stream's topics; the topics stay.
    public func purgeStream(_ stream: Identifier) throws(ClientError) { try ask(.purgeStream(stream)) }

    public func deleteStream(_ stream: Identifier) throws(ClientError) { try ask(.deleteStream(stream)) }
}
