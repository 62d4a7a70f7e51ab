import Wire

/// How each command is handled. One table for every session: what is not in it is not done.
enum Handling {
    /// Answered from this shard's own state, with or without a login.
    case here
    /// A login: the password is checked on a worker.
    case login
    /// Changes the catalog: decided on shard 0.
    case catalog
    /// Asks one partition.
    case partition
    /// Needs facts of every shard.
    case facts
    /// Known, and not offered by this server.
    case unavailable
}

extension CommandCode {
    var handling: Handling {
        switch self {
        case .ping, .getClusterMetadata, .getMe, .logoutUser: .here
        case .loginUser: .login
        case .createStream, .deleteStream, .updateStream, .purgeStream, .createTopic, .deleteTopic, .updateTopic,
            .purgeTopic, .createPartitions, .deletePartitions:
            .catalog
        case .pollMessages, .sendMessages, .flushUnsavedBuffer, .getConsumerOffset, .storeConsumerOffset,
            .deleteConsumerOffset:
            .partition
        case .getStats, .getClient, .getClients, .getStream, .getStreams, .getTopic, .getTopics: .facts
        case .getSnapshot, .getUser, .getUsers, .createUser, .deleteUser, .updateUser, .updatePermissions,
            .changePassword, .getPersonalAccessTokens, .createPersonalAccessToken, .deletePersonalAccessToken,
            .loginWithPersonalAccessToken, .deleteSegments, .getConsumerGroup, .getConsumerGroups,
            .createConsumerGroup, .deleteConsumerGroup, .joinConsumerGroup, .leaveConsumerGroup:
            .unavailable
        }
    }
}
