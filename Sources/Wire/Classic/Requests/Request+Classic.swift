public import Primitives

extension Request {
    /// Reads the payload of a classic request. Bytes behind the last field are ignored: official clients send some.
    ///
    /// Throws for what cannot be read; limits on what was read are `checkLimits()`.
    public init(decoding payload: RawSpan, code: CommandCode) throws(WireError) {
        var reader = ByteReader(payload)
        switch code {
        case .ping: self = .ping
        case .getStats: self = .getStats
        case .getSnapshot: self = .getSnapshot(try GetSnapshot(classic: &reader))
        case .getClusterMetadata: self = .getClusterMetadata
        case .getMe: self = .getMe
        case .getClient: self = .getClient(id: try reader.read())
        case .getClients: self = .getClients
        case .getUser: self = .getUser(try Identifier(decoding: &reader))
        case .getUsers: self = .getUsers
        case .createUser: self = .createUser(try CreateUser(classic: &reader))
        case .deleteUser: self = .deleteUser(try Identifier(decoding: &reader))
        case .updateUser: self = .updateUser(try UpdateUser(classic: &reader))
        case .updatePermissions: self = .updatePermissions(try UpdatePermissions(classic: &reader))
        case .changePassword: self = .changePassword(try ChangePassword(classic: &reader))
        case .loginUser: self = .loginUser(try LoginUser(classic: &reader))
        case .logoutUser: self = .logoutUser
        case .getPersonalAccessTokens: self = .getPersonalAccessTokens
        case .createPersonalAccessToken:
            self = .createPersonalAccessToken(try CreatePersonalAccessToken(classic: &reader))
        case .deletePersonalAccessToken: self = .deletePersonalAccessToken(name: try reader.readName())
        case .loginWithPersonalAccessToken:
            self = .loginWithPersonalAccessToken(Secret(try reader.readName().bytes))
        case .pollMessages: self = .pollMessages(try PollMessages(classic: &reader))
        case .sendMessages: self = .sendMessages(try SendMessagesHead(decoding: payload))
        case .flushUnsavedBuffer: self = .flushUnsavedBuffer(try FlushUnsavedBuffer(classic: &reader))
        case .getConsumerOffset: self = .getConsumerOffset(try ConsumerPartition(classic: &reader))
        case .storeConsumerOffset:
            let target = try ConsumerPartition(classic: &reader)
            self = .storeConsumerOffset(target, offset: try reader.read())
        case .deleteConsumerOffset: self = .deleteConsumerOffset(try ConsumerPartition(classic: &reader))
        case .getStream: self = .getStream(try Identifier(decoding: &reader))
        case .getStreams: self = .getStreams
        case .createStream: self = .createStream(name: try reader.readName())
        case .deleteStream: self = .deleteStream(try Identifier(decoding: &reader))
        case .updateStream:
            let stream = try Identifier(decoding: &reader)
            self = .updateStream(stream, name: try reader.readName())
        case .purgeStream: self = .purgeStream(try Identifier(decoding: &reader))
        case .getTopic: self = .getTopic(try TopicPath(decoding: &reader))
        case .getTopics: self = .getTopics(stream: try Identifier(decoding: &reader))
        case .createTopic: self = .createTopic(try CreateTopic(classic: &reader))
        case .deleteTopic: self = .deleteTopic(try TopicPath(decoding: &reader))
        case .updateTopic: self = .updateTopic(try UpdateTopic(classic: &reader))
        case .purgeTopic: self = .purgeTopic(try TopicPath(decoding: &reader))
        case .createPartitions:
            let path = try TopicPath(decoding: &reader)
            self = .createPartitions(path, count: try reader.read())
        case .deletePartitions:
            let path = try TopicPath(decoding: &reader)
            self = .deletePartitions(path, count: try reader.read())
        case .deleteSegments: self = .deleteSegments(try DeleteSegments(classic: &reader))
        case .getConsumerGroup: self = .getConsumerGroup(try GroupPath(decoding: &reader))
        case .getConsumerGroups: self = .getConsumerGroups(try TopicPath(decoding: &reader))
        case .createConsumerGroup:
            let path = try TopicPath(decoding: &reader)
            self = .createConsumerGroup(path, name: try reader.readName())
        case .deleteConsumerGroup: self = .deleteConsumerGroup(try GroupPath(decoding: &reader))
        case .joinConsumerGroup: self = .joinConsumerGroup(try GroupPath(decoding: &reader))
        case .leaveConsumerGroup: self = .leaveConsumerGroup(try GroupPath(decoding: &reader))
        }
    }
}

extension Request {
    /// Writes the payload as a classic client sends it. Of SendMessages only the head: index and messages follow it.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .ping, .getStats, .getClusterMetadata, .getMe, .getClients, .getUsers, .logoutUser,
            .getPersonalAccessTokens, .getStreams:
            break
        case .getSnapshot(let request): request.encodeClassic(into: &writer)
        case .getClient(let id): writer.write(id)
        case .getUser(let user), .deleteUser(let user): user.encode(into: &writer)
        case .createUser(let request): request.encodeClassic(into: &writer)
        case .updateUser(let request): request.encodeClassic(into: &writer)
        case .updatePermissions(let request): request.encodeClassic(into: &writer)
        case .changePassword(let request): request.encodeClassic(into: &writer)
        case .loginUser(let request): request.encodeClassic(into: &writer)
        case .createPersonalAccessToken(let request): request.encodeClassic(into: &writer)
        case .deletePersonalAccessToken(let name): writer.write(name)
        case .loginWithPersonalAccessToken(let token): writer.write(text8: token.bytes)
        case .pollMessages(let request): request.encodeClassic(into: &writer)
        case .sendMessages(let head): head.encode(into: &writer)
        case .flushUnsavedBuffer(let request): request.encodeClassic(into: &writer)
        case .getConsumerOffset(let target), .deleteConsumerOffset(let target): target.encodeClassic(into: &writer)
        case .storeConsumerOffset(let target, let offset):
            target.encodeClassic(into: &writer)
            writer.write(offset)
        case .createStream(let name): writer.write(name)
        case .getStream(let stream), .deleteStream(let stream), .purgeStream(let stream), .getTopics(let stream):
            stream.encode(into: &writer)
        case .updateStream(let stream, let name):
            stream.encode(into: &writer)
            writer.write(name)
        case .createTopic(let request): request.encodeClassic(into: &writer)
        case .updateTopic(let request): request.encodeClassic(into: &writer)
        case .getTopic(let path), .deleteTopic(let path), .purgeTopic(let path), .getConsumerGroups(let path):
            path.encode(into: &writer)
        case .createPartitions(let path, let count), .deletePartitions(let path, let count):
            path.encode(into: &writer)
            writer.write(count)
        case .deleteSegments(let request): request.encodeClassic(into: &writer)
        case .createConsumerGroup(let path, let name):
            path.encode(into: &writer)
            writer.write(name)
        case .getConsumerGroup(let path), .deleteConsumerGroup(let path), .joinConsumerGroup(let path),
            .leaveConsumerGroup(let path):
            path.encode(into: &writer)
        }
    }

    /// The whole frame, head included.
    public func encodeFrame(into writer: inout ByteWriter) {
        let start = writer.byteCount
        writer.write(UInt32(0))
        writer.write(command.rawValue)
        encode(into: &writer)
        writer.overwrite(UInt32(clamping: writer.byteCount - start - 4), at: start)
    }
}
