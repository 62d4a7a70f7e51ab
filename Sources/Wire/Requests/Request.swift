/// What a client asks for, whichever wire it came on.
///
/// Behind the codecs there is one set of request values and one set of handlers. The fields of each noun's commands
/// stand in a file of their own next to this one.
public enum Request: Equatable, Sendable {
    // The server itself
    case ping
    case getStats
    case getSnapshot(GetSnapshot)
    case getClusterMetadata
    case getMe
    case getClient(id: UInt32)
    case getClients

    // Users
    case getUser(Identifier)
    case getUsers
    case createUser(CreateUser)
    case deleteUser(Identifier)
    case updateUser(UpdateUser)
    case updatePermissions(UpdatePermissions)
    case changePassword(ChangePassword)
    case loginUser(LoginUser)
    case logoutUser

    // The tokens of the session's user
    case getPersonalAccessTokens
    case createPersonalAccessToken(CreatePersonalAccessToken)
    case deletePersonalAccessToken(name: Name)
    case loginWithPersonalAccessToken(Secret)

    // Messages
    case pollMessages(PollMessages)
    /// The head only: the messages stay in the buffer that they arrived in.
    case sendMessages(SendMessagesHead)
    case flushUnsavedBuffer(FlushUnsavedBuffer)

    // Stored offsets
    case getConsumerOffset(ConsumerPartition)
    case storeConsumerOffset(ConsumerPartition, offset: UInt64)
    case deleteConsumerOffset(ConsumerPartition)

    // Streams
    case getStream(Identifier)
    case getStreams
    case createStream(name: Name)
    case deleteStream(Identifier)
    case updateStream(Identifier, name: Name)
    case purgeStream(Identifier)

    // Topics, their partitions and segments
    case getTopic(TopicPath)
    case getTopics(stream: Identifier)
    case createTopic(CreateTopic)
    case deleteTopic(TopicPath)
    case updateTopic(UpdateTopic)
    case purgeTopic(TopicPath)
    case createPartitions(TopicPath, count: UInt32)
    case deletePartitions(TopicPath, count: UInt32)
    case deleteSegments(DeleteSegments)

    // Consumer groups
    case getConsumerGroup(GroupPath)
    case getConsumerGroups(TopicPath)
    case createConsumerGroup(TopicPath, name: Name)
    case deleteConsumerGroup(GroupPath)
    case joinConsumerGroup(GroupPath)
    case leaveConsumerGroup(GroupPath)
}

extension Request {
    /// The command that the request is an instance of.
    public var command: CommandCode {
        switch self {
        case .ping: .ping
        case .getStats: .getStats
        case .getSnapshot: .getSnapshot
        case .getClusterMetadata: .getClusterMetadata
        case .getMe: .getMe
        case .getClient: .getClient
        case .getClients: .getClients
        case .getUser: .getUser
        case .getUsers: .getUsers
        case .createUser: .createUser
        case .deleteUser: .deleteUser
        case .updateUser: .updateUser
        case .updatePermissions: .updatePermissions
        case .changePassword: .changePassword
        case .loginUser: .loginUser
        case .logoutUser: .logoutUser
        case .getPersonalAccessTokens: .getPersonalAccessTokens
        case .createPersonalAccessToken: .createPersonalAccessToken
        case .deletePersonalAccessToken: .deletePersonalAccessToken
        case .loginWithPersonalAccessToken: .loginWithPersonalAccessToken
        case .pollMessages: .pollMessages
        case .sendMessages: .sendMessages
        case .flushUnsavedBuffer: .flushUnsavedBuffer
        case .getConsumerOffset: .getConsumerOffset
        case .storeConsumerOffset: .storeConsumerOffset
        case .deleteConsumerOffset: .deleteConsumerOffset
        case .getStream: .getStream
        case .getStreams: .getStreams
        case .createStream: .createStream
        case .deleteStream: .deleteStream
        case .updateStream: .updateStream
        case .purgeStream: .purgeStream
        case .getTopic: .getTopic
        case .getTopics: .getTopics
        case .createTopic: .createTopic
        case .deleteTopic: .deleteTopic
        case .updateTopic: .updateTopic
        case .purgeTopic: .purgeTopic
        case .createPartitions: .createPartitions
        case .deletePartitions: .deletePartitions
        case .deleteSegments: .deleteSegments
        case .getConsumerGroup: .getConsumerGroup
        case .getConsumerGroups: .getConsumerGroups
        case .createConsumerGroup: .createConsumerGroup
        case .deleteConsumerGroup: .deleteConsumerGroup
        case .joinConsumerGroup: .joinConsumerGroup
        case .leaveConsumerGroup: .leaveConsumerGroup
        }
    }
}
