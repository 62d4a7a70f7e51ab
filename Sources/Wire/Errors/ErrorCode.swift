/// Every status number of the Iggy protocols.
///
/// A reply carries the raw value as a little-endian `u32`; 0 means success and is no case here. The table is that of
/// the SDKs 0.7.0 to 0.9.0; `Tests/Unit/Golden/errors.csv` holds it with its meanings, and a test compares the two.
public enum ErrorCode: UInt32, Error, CaseIterable, Sendable {
    case error = 1
    case invalidConfiguration = 2
    case invalidCommand = 3
    case invalidFormat = 4
    case featureUnavailable = 5
    case invalidIdentifier = 6
    case invalidVersion = 7
    case disconnected = 8
    case cannotEstablishConnection = 9
    case cannotCreateBaseDirectory = 10
    case cannotCreateRuntimeDirectory = 11
    case cannotRemoveRuntimeDirectory = 12
    case cannotCreateStateDirectory = 13
    case stateFileNotFound = 14
    case stateFileCorrupted = 15
    case invalidStateEntryChecksum = 16
    case cannotOpenDatabase = 19
    case resourceNotFound = 20
    case cannotCloseWebSocketConnection = 21
    case staleClient = 30
    case tcpError = 31
    case quicError = 32
    case invalidServerAddress = 33
    case invalidClientAddress = 34
    case invalidIpAddress = 35
    case httpError = 36
    case invalidApiUrl = 37
    case unauthenticated = 40
    case unauthorized = 41
    case invalidCredentials = 42
    case invalidUsername = 43
    case invalidPassword = 44
    case invalidUserStatus = 45
    case userAlreadyExists = 46
    case userInactive = 47
    case cannotDeleteUser = 48
    case cannotChangePermissions = 49
    case invalidPersonalAccessTokenName = 50
    case personalAccessTokenAlreadyExists = 51
    case personalAccessTokensLimitReached = 52
    case invalidPersonalAccessToken = 53
    case personalAccessTokenExpired = 54
    case usersLimitReached = 55
    case invalidPersonalAccessTokenExpiry = 56
    case transientNotCommitted = 57
    case transientNotAccepted = 58
    case requestAlreadyApplied = 59
    case notConnected = 61
    case clientShutdown = 63
    case invalidTlsDomain = 64
    case invalidTlsCertificatePath = 65
    case invalidTlsCertificate = 66
    case failedToAddCertificate = 67
    case invalidEncryptionKey = 70
    case cannotEncryptData = 71
    case cannotDecryptData = 72
    case invalidJwtAlgorithm = 73
    case invalidJwtSecret = 74
    case jwtMissing = 75
    case cannotGenerateJwt = 76
    case accessTokenMissing = 77
    case invalidAccessToken = 78
    case cannotFetchJwks = 79
    case invalidSizeBytes = 80
    case invalidUtf8 = 81
    case invalidNumberEncoding = 82
    case invalidBooleanValue = 83
    case invalidNumberValue = 84
    case clientNotFound = 100
    case invalidClientId = 101
    case connectionClosed = 206
    case cannotParseHeaderKind = 209
    case httpResponseError = 300
    case invalidHttpRequest = 301
    case invalidJsonResponse = 302
    case invalidBytesResponse = 303
    case emptyResponse = 304
    case cannotCreateEndpoint = 305
    case cannotParseUrl = 306
    case webSocketError = 400
    case webSocketConnectionError = 401
    case webSocketCloseError = 402
    case webSocketReceiveError = 403
    case webSocketSendError = 404
    case cannotCreateStreamsDirectory = 1000
    case cannotCreateStreamDirectory = 1001
    case cannotCreateStreamInfo = 1002
    case cannotUpdateStreamInfo = 1003
    case cannotOpenStreamInfo = 1004
    case cannotReadStreamInfo = 1005
    case cannotCreateStream = 1006
    case cannotDeleteStream = 1007
    case cannotDeleteStreamDirectory = 1008
    case streamIdNotFound = 1009
    case streamNameNotFound = 1010
    case streamDirectoryNotFound = 1011
    case streamNameAlreadyExists = 1012
    case invalidStreamName = 1013
    case invalidStreamId = 1014
    case cannotReadStreams = 1015
    case invalidTopicSize = 1019
    case tooManyStreams = 1020
    case cannotCreateTopicsDirectory = 2000
    case cannotCreateTopicDirectory = 2001
    case cannotCreateTopicInfo = 2002
    case cannotUpdateTopicInfo = 2003
    case cannotOpenTopicInfo = 2004
    case cannotReadTopicInfo = 2005
    case cannotCreateTopic = 2006
    case cannotDeleteTopic = 2007
    case cannotDeleteTopicDirectory = 2008
    case cannotPollTopic = 2009
    case topicIdNotFound = 2010
    case topicNameNotFound = 2011
    case topicNameAlreadyExists = 2013
    case invalidTopicName = 2014
    case tooManyPartitions = 2015
    case invalidTopicId = 2016
    case cannotReadTopics = 2017
    case invalidReplicationFactor = 2018
    case invalidPartitionsCount = 2019
    case topicDirectoryNotFound = 2020
    case tooManyTopics = 2021
    case cannotCreatePartition = 3000
    case cannotCreatePartitionsDirectory = 3001
    case cannotCreatePartitionDirectory = 3002
    case cannotOpenPartitionLogFile = 3003
    case cannotReadPartitions = 3004
    case cannotDeletePartition = 3005
    case cannotDeletePartitionDirectory = 3006
    case partitionNotFound = 3007
    case noPartitions = 3008
    case topicFull = 3009
    case cannotDeleteConsumerOffsetsDirectory = 3010
    case cannotDeleteConsumerOffsetFile = 3011
    case cannotCreateConsumerOffsetsDirectory = 3012
    case partitionIdSpaceExhausted = 3013
    case cannotReadConsumerOffsets = 3020
    case consumerOffsetNotFound = 3021
    case notResolvedConsumer = 3022
    case cannotOpenConsumerOffsetsFile = 3023
    case tooManyConsumerOffsets = 3024
    case segmentNotFound = 4000
    case segmentClosed = 4001
    case invalidSegmentSize = 4002
    case cannotCreateSegmentLogFile = 4003
    case cannotCreateSegmentIndexFile = 4004
    case cannotCreateSegmentTimeIndexFile = 4005
    case cannotSaveMessagesToSegment = 4006
    case cannotSaveIndexToSegment = 4007
    case cannotSaveTimeIndexToSegment = 4008
    case invalidMessagesCount = 4009
    case cannotAppendMessage = 4010
    case cannotReadMessage = 4011
    case cannotReadMessageId = 4012
    case cannotReadMessageState = 4013
    case cannotReadMessageTimestamp = 4014
    case cannotReadHeadersLength = 4015
    case cannotReadHeadersPayload = 4016
    case tooBigUserHeaders = 4017
    case invalidHeaderKey = 4018
    case invalidHeaderValue = 4019
    case cannotReadMessageLength = 4020
    case cannotReadMessagePayload = 4021
    case tooBigMessagePayload = 4022
    case tooManyMessages = 4023
    case emptyMessagePayload = 4024
    case invalidMessagePayloadLength = 4025
    case cannotReadMessageChecksum = 4026
    case invalidMessageChecksum = 4027
    case invalidKeyValueLength = 4028
    case commandLengthError = 4029
    case invalidSegmentsCount = 4030
    case nonZeroOffset = 4031
    case nonZeroTimestamp = 4032
    case missingIndex = 4033
    case invalidIndexesByteSize = 4034
    case invalidIndexesCount = 4035
    case invalidMessagesSize = 4036
    case tooSmallMessage = 4037
    case invalidMessageTimestampDelta = 4038
    case invalidBatchChecksum = 4039
    case invalidHeaderKind = 4040
    case unsupportedOptionKey = 4041
    case invalidOptionValue = 4042
    case optionsBlockTooLarge = 4043
    case cannotSendMessagesDueToClientDisconnection = 4050
    case backgroundSendError = 4051
    case backgroundSendTimeout = 4052
    case backgroundSendBufferFull = 4053
    case backgroundWorkerDisconnected = 4054
    case backgroundSendBufferOverflow = 4055
    case producerSendFailed = 4056
    case producerClosed = 4057
    case invalidOffset = 4100
    case invalidReservedField = 4101
    case segmentSizeMismatchAtOpen = 4102
    case consumerGroupIdNotFound = 5000
    case invalidConsumerGroupId = 5002
    case consumerGroupNameNotFound = 5003
    case consumerGroupNameAlreadyExists = 5004
    case invalidConsumerGroupName = 5005
    case consumerGroupMemberNotFound = 5006
    case cannotCreateConsumerGroupInfo = 5007
    case cannotDeleteConsumerGroupInfo = 5008
    case consumerGroupPartitionNotOwned = 5009
    case missingBaseOffsetRetainedMessageBatch = 6000
    case missingLastOffsetDeltaRetainedMessageBatch = 6001
    case missingMaxTimestampRetainedMessageBatch = 6002
    case missingLengthRetainedMessageBatch = 6003
    case missingPayloadRetainedMessageBatch = 6004
    case cannotReadBatchBaseOffset = 7000
    case cannotReadBatchLength = 7001
    case cannotReadLastOffsetDelta = 7002
    case cannotReadMaxTimestamp = 7003
    case cannotReadBatchPayload = 7004
    case invalidConnectionString = 8000
    case snapshotFileCompletionFailed = 9000
    case cannotSerializeResource = 10000
    case cannotDeserializeResource = 10001
    case cannotReadFile = 10002
    case cannotReadFileMetadata = 10003
    case cannotSeekFile = 10004
    case cannotAppendToFile = 10005
    case cannotWriteToFile = 10006
    case cannotOverwriteFile = 10007
    case cannotDeleteFile = 10008
    case cannotSyncFile = 10009
    case cannotReadIndexOffset = 10010
    case cannotReadIndexPosition = 10011
    case cannotReadIndexTimestamp = 10012
    case timestampOutOfRange = 10013
    case shardNotFound = 11000
    case shardCommunicationError = 11001
    case cannotBindToSocket = 12000
    case taskTimeout = 12001
    case ioError = 13000
    case alreadyAuthenticated = 14000
    case invalidSession = 14001
    case incompatibleProtocolVersion = 14003
}

extension ErrorCode {
    /// The name in the protocol's error table, such as `StreamIdNotFound`.
    public var name: String {
        let label = String(describing: self)
        return label.prefix(1).uppercased() + label.dropFirst()
    }

    /// Whether clients of every classic release know the number.
    ///
    /// The others appear on the VSR wire, or inside the 0.8.0 client only; a classic client turns a number that it
    /// does not know into `error`, so a classic session never sends them.
    public var isClassic: Bool {
        switch self {
        case .invalidApiUrl, .invalidPersonalAccessTokenExpiry, .transientNotCommitted,
            .transientNotAccepted, .requestAlreadyApplied, .cannotFetchJwks, .tooManyStreams,
            .tooManyTopics, .partitionIdSpaceExhausted, .tooManyConsumerOffsets,
            .invalidMessageTimestampDelta, .invalidBatchChecksum, .invalidHeaderKind,
            .unsupportedOptionKey, .invalidOptionValue, .optionsBlockTooLarge,
            .segmentSizeMismatchAtOpen, .consumerGroupPartitionNotOwned, .alreadyAuthenticated,
            .invalidSession, .incompatibleProtocolVersion:
            false
        default:
            true
        }
    }
}
