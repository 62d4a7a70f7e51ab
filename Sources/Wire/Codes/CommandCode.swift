/// The commands of the classic wire, by the code in a request's head.
public enum CommandCode: UInt32, CaseIterable, Sendable {
    case ping = 1
    case getStats = 10
    case getSnapshot = 11
    case getClusterMetadata = 12
    case getMe = 20
    case getClient = 21
    case getClients = 22
    case getUser = 31
    case getUsers = 32
    case createUser = 33
    case deleteUser = 34
    case updateUser = 35
    case updatePermissions = 36
    case changePassword = 37
    case loginUser = 38
    case logoutUser = 39
    case getPersonalAccessTokens = 41
    case createPersonalAccessToken = 42
    case deletePersonalAccessToken = 43
    case loginWithPersonalAccessToken = 44
    case pollMessages = 100
    case sendMessages = 101
    case flushUnsavedBuffer = 102
    case getConsumerOffset = 120
    case storeConsumerOffset = 121
    case deleteConsumerOffset = 122
    case getStream = 200
    case getStreams = 201
    case createStream = 202
    case deleteStream = 203
    case updateStream = 204
    case purgeStream = 205
    case getTopic = 300
    case getTopics = 301
    case createTopic = 302
    case deleteTopic = 303
    case updateTopic = 304
    case purgeTopic = 305
    case createPartitions = 402
    case deletePartitions = 403
    case deleteSegments = 503
    case getConsumerGroup = 600
    case getConsumerGroups = 601
    case createConsumerGroup = 602
    case deleteConsumerGroup = 603
    case joinConsumerGroup = 604
    case leaveConsumerGroup = 605
}

extension CommandCode {
    /// The command's name in the protocol, such as `PollMessages`.
    public var name: String {
        let label = String(describing: self)
        return label.prefix(1).uppercased() + label.dropFirst()
    }

    /// Whether the command is answered before a login.
    public var worksBeforeLogin: Bool {
        switch self {
        case .ping, .loginUser, .loginWithPersonalAccessToken: true
        default: false
        }
    }
}
