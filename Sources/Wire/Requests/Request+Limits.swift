extension Request {
    public static let userNameByteCounts = 3...50
    public static let passwordByteCounts = 3...100
    public static let tokenNameByteCounts = 3...30
    public static let partitionCountMax: UInt32 = 1000

    /// Checks what the request says against the limits of the classic wire, in the order in which they are answered.
    ///
    /// Decoding does not do this: a client that is not logged in, or, for commands about users, not allowed, is told
    /// that first. Lookups come after it.
    public func checkLimits() throws(WireError) {
        switch self {
        case .createUser(let request):
            try Self.check(userName: request.name)
            try Self.check(password: request.password)
        case .updateUser(let request):
            if let name = request.name { try Self.check(userName: name) }
        case .changePassword(let request):
            try Self.check(password: request.current)
            try Self.check(password: request.new)
        case .loginUser(let request):
            try Self.check(userName: request.name)
            try Self.check(password: request.password)
        case .createPersonalAccessToken(let request):
            guard tokenNameFits(request.name) else { throw .outsideLimits(.invalidPersonalAccessTokenName) }
        case .createTopic(let request):
            try Self.check(partitionCount: request.partitionCount, in: 0...Self.partitionCountMax)
        case .createPartitions(_, let count):
            try Self.check(partitionCount: count, in: 1...Self.partitionCountMax)
        case .deletePartitions(_, let count):
            try Self.check(partitionCount: count, in: 1...UInt32.max)
        case .sendMessages(let head):
            guard head.messageCount > 0 else { throw .outsideLimits(.invalidMessagesCount) }
        case .ping, .getStats, .getSnapshot, .getClusterMetadata, .getMe, .getClient, .getClients, .getUser, .getUsers,
            .deleteUser, .updatePermissions, .logoutUser, .getPersonalAccessTokens, .deletePersonalAccessToken,
            .loginWithPersonalAccessToken, .pollMessages, .flushUnsavedBuffer, .getConsumerOffset,
            .storeConsumerOffset, .deleteConsumerOffset, .getStream, .getStreams, .createStream, .deleteStream,
            .updateStream, .purgeStream, .getTopic, .getTopics, .deleteTopic, .updateTopic, .purgeTopic,
            .deleteSegments, .getConsumerGroup, .getConsumerGroups, .createConsumerGroup, .deleteConsumerGroup,
            .joinConsumerGroup, .leaveConsumerGroup:
            break
        }
    }

    private func tokenNameFits(_ name: Name) -> Bool {
        Self.tokenNameByteCounts.contains(name.bytes.count)
    }

    private static func check(userName name: Name) throws(WireError) {
        guard userNameByteCounts.contains(name.bytes.count) else { throw .outsideLimits(.invalidUsername) }
    }

    private static func check(password: Secret) throws(WireError) {
        guard passwordByteCounts.contains(password.bytes.count) else { throw .outsideLimits(.invalidPassword) }
    }

    private static func check(partitionCount: UInt32, in limits: ClosedRange<UInt32>) throws(WireError) {
        guard limits.contains(partitionCount) else { throw .outsideLimits(.tooManyPartitions) }
    }
}
