public import Primitives

extension Reply {
    /// Writes the payload of a classic response.
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .nothing: break
        case .identity(let userID): writer.write(userID)
        case .token(let token): writer.write(text8: token.bytes)
        case .stats(let stats): stats.encodeClassic(into: &writer)
        case .snapshot(let archive): writer.write(archive)
        case .cluster(let cluster): cluster.encodeClassic(into: &writer)
        case .client(let client, let groups):
            client.encodeClassic(groupCount: UInt32(clamping: groups.count), into: &writer)
            for group in groups { group.encodeClassic(into: &writer) }
        case .clients(let clients):
            for client in clients { client.encodeClassic(groupCount: client.groupCount, into: &writer) }
        case .user(let user, let permissions):
            user.encodeClassic(into: &writer)
            // Absent permissions take four bytes here, unlike in requests.
            if permissions == nil { writer.write(UInt32(0)) } else { writer.write(permissions) }
        case .users(let users):
            for user in users { user.encodeClassic(into: &writer) }
        case .tokens(let tokens):
            for token in tokens { token.encodeClassic(into: &writer) }
        case .polled(let head): head.encodeClassic(into: &writer)
        case .consumerOffset(let record): record.encodeClassic(into: &writer)
        case .stream(let stream, let topics):
            stream.encodeClassic(topicCount: UInt32(clamping: topics.count), into: &writer)
            for topic in topics { topic.encodeClassic(partitionCount: topic.partitionCount, into: &writer) }
        case .streams(let streams):
            for stream in streams { stream.encodeClassic(topicCount: stream.topicCount, into: &writer) }
        case .topic(let topic, let partitions):
            topic.encodeClassic(partitionCount: UInt32(clamping: partitions.count), into: &writer)
            for partition in partitions { partition.encodeClassic(into: &writer) }
        case .topics(let topics):
            for topic in topics { topic.encodeClassic(partitionCount: topic.partitionCount, into: &writer) }
        case .group(let group, let members):
            group.encodeClassic(memberCount: UInt32(clamping: members.count), into: &writer)
            for member in members { member.encodeClassic(into: &writer) }
        case .groups(let groups):
            for group in groups { group.encodeClassic(memberCount: group.memberCount, into: &writer) }
        }
    }

    /// Writes the whole frame of a success, `followedBy` bytes of messages to come counted in its head.
    ///
    /// A payload of one byte, which no reply has, would put the client out of step: it goes out as a refusal.
    public func encodeFrame(followedBy byteCount: Int = 0, into writer: inout ByteWriter) {
        var payload = ByteWriter()
        encode(into: &payload)
        let payloadByteCount = payload.byteCount + byteCount
        guard payloadByteCount != 1 else { return ClassicResponseHead(refusal: .error).encode(into: &writer) }
        ClassicResponseHead(payloadByteCount: payloadByteCount).encode(into: &writer)
        writer.write(payload.bytes)
    }
}

extension Reply {
    /// Reads the payload of a success, as a client does. Whatever is left over breaks the structure.
    ///
    /// Of PollMessages the head is read; the messages stand behind its 16 bytes.
    public init(decoding payload: RawSpan, to command: CommandCode) throws(WireError) {
        var reader = ByteReader(payload)
        self = try Self.decode(&reader, command)
        guard reader.isAtEnd || command == .pollMessages else { throw .brokenStructure }
    }

    private static func decode(_ reader: inout ByteReader, _ command: CommandCode) throws(WireError) -> Reply {
        switch command {
        case .getStats: return .stats(try StatsRecord(classic: &reader))
        case .getSnapshot: return .snapshot([UInt8](copying: reader.takeRest()))
        case .getClusterMetadata: return .cluster(try ClusterRecord(classic: &reader))
        case .getMe: return try readClient(&reader)
        case .getClient: return reader.isAtEnd ? .nothing : try readClient(&reader)
        case .getClients: return .clients(try readAll(&reader, ClientRecord.init(classic:)))
        case .createUser: return try readUser(&reader)
        case .getUser: return reader.isAtEnd ? .nothing : try readUser(&reader)
        case .getUsers: return .users(try readAll(&reader, UserRecord.init(classic:)))
        case .loginUser, .loginWithPersonalAccessToken: return .identity(userID: try reader.read())
        case .getPersonalAccessTokens: return .tokens(try readAll(&reader, TokenRecord.init(classic:)))
        case .createPersonalAccessToken: return .token(Secret(try reader.readText8()))
        case .pollMessages: return .polled(try PolledHead(classic: &reader))
        case .getConsumerOffset:
            return reader.isAtEnd ? .nothing : .consumerOffset(try ConsumerOffsetRecord(classic: &reader))
        case .createStream: return try readStream(&reader)
        case .getStream: return reader.isAtEnd ? .nothing : try readStream(&reader)
        case .getStreams: return .streams(try readAll(&reader, StreamRecord.init(classic:)))
        case .createTopic: return try readTopic(&reader)
        case .getTopic: return reader.isAtEnd ? .nothing : try readTopic(&reader)
        case .getTopics: return .topics(try readAll(&reader, TopicRecord.init(classic:)))
        case .createConsumerGroup: return try readGroup(&reader)
        case .getConsumerGroup: return reader.isAtEnd ? .nothing : try readGroup(&reader)
        case .getConsumerGroups: return .groups(try readAll(&reader, GroupRecord.init(classic:)))
        case .ping, .deleteUser, .updateUser, .updatePermissions, .changePassword, .logoutUser,
            .deletePersonalAccessToken, .sendMessages, .flushUnsavedBuffer, .storeConsumerOffset,
            .deleteConsumerOffset, .deleteStream, .updateStream, .purgeStream, .deleteTopic, .updateTopic,
            .purgeTopic, .createPartitions, .deletePartitions, .deleteSegments, .deleteConsumerGroup,
            .joinConsumerGroup, .leaveConsumerGroup:
            return .nothing
        }
    }

    private static func readClient(_ reader: inout ByteReader) throws(WireError) -> Reply {
        let client = try ClientRecord(classic: &reader)
        let groups = try readAll(&reader, ClientGroupRecord.init(classic:))
        guard groups.count == client.groupCount else { throw .brokenStructure }
        return .client(client, groups: groups)
    }

    private static func readUser(_ reader: inout ByteReader) throws(WireError) -> Reply {
        let user = try UserRecord(classic: &reader)
        if let permissions = try reader.readOptionalPermissions() { return .user(user, permissions) }
        guard reader.skip(3) else { throw .truncated }
        return .user(user, nil)
    }

    private static func readStream(_ reader: inout ByteReader) throws(WireError) -> Reply {
        let stream = try StreamRecord(classic: &reader)
        let topics = try readAll(&reader, TopicRecord.init(classic:))
        guard topics.count == stream.topicCount else { throw .brokenStructure }
        return .stream(stream, topics: topics)
    }

    private static func readTopic(_ reader: inout ByteReader) throws(WireError) -> Reply {
        let topic = try TopicRecord(classic: &reader)
        let partitions = try readAll(&reader, PartitionRecord.init(classic:))
        guard partitions.count == topic.partitionCount else { throw .brokenStructure }
        return .topic(topic, partitions: partitions)
    }

    private static func readGroup(_ reader: inout ByteReader) throws(WireError) -> Reply {
        let group = try GroupRecord(classic: &reader)
        let members = try readAll(&reader, GroupMemberRecord.init(classic:))
        guard members.count == group.memberCount else { throw .brokenStructure }
        return .group(group, members: members)
    }

    /// Records to the end of the payload; each takes at least one byte, so this ends.
    private static func readAll<Record>(
        _ reader: inout ByteReader, _ read: (inout ByteReader) throws(WireError) -> Record
    ) throws(WireError) -> [Record] {
        var records: [Record] = []
        while !reader.isAtEnd { records.append(try read(&reader)) }
        return records
    }
}
