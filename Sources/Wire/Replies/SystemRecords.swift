/// A connection as GetMe, GetClient and GetClients show it.
public struct ClientRecord: Equatable, Sendable {
    public var id: UInt32
    /// Nil before a login.
    public var userID: UInt32?
    public var transport: Transport
    /// "ip:port" of the peer.
    public var address: String
    /// How many groups it is a member of. A reply about one client takes the number from the groups it lists.
    public var groupCount: UInt32

    public init(id: UInt32, userID: UInt32?, transport: Transport, address: String, groupCount: UInt32) {
        self.id = id
        self.userID = userID
        self.transport = transport
        self.address = address
        self.groupCount = groupCount
    }
}

public enum Transport: UInt8, Sendable {
    case tcp = 1
    case quic = 2
    case http = 3
    case webSocket = 4
}

/// A group that a connection is a member of.
public struct ClientGroupRecord: Equatable, Sendable {
    public var streamID: UInt32
    public var topicID: UInt32
    public var groupID: UInt32

    public init(streamID: UInt32, topicID: UInt32, groupID: UInt32) {
        self.streamID = streamID
        self.topicID = topicID
        self.groupID = groupID
    }
}

/// The cluster as GetClusterMetadata shows it. Clients stay where they are only if it has exactly one node.
public struct ClusterRecord: Equatable, Sendable {
    public var name: String
    public var nodes: [ClusterNodeRecord]

    public init(name: String, nodes: [ClusterNodeRecord]) {
        self.name = name
        self.nodes = nodes
    }
}

public struct ClusterNodeRecord: Equatable, Sendable {
    public var name: String
    public var address: String
    /// 0 for a transport that is off.
    public var tcpPort: UInt16
    public var quicPort: UInt16
    public var httpPort: UInt16
    public var webSocketPort: UInt16
    public var role: ClusterRole
    public var status: ClusterNodeStatus

    public init(
        name: String, address: String, tcpPort: UInt16, quicPort: UInt16 = 0, httpPort: UInt16 = 0,
        webSocketPort: UInt16 = 0, role: ClusterRole = .leader, status: ClusterNodeStatus = .healthy
    ) {
        self.name = name
        self.address = address
        self.tcpPort = tcpPort
        self.quicPort = quicPort
        self.httpPort = httpPort
        self.webSocketPort = webSocketPort
        self.role = role
        self.status = status
    }
}

public enum ClusterRole: UInt8, Sendable {
    case leader = 0
    case follower = 1
}

public enum ClusterNodeStatus: UInt8, Sendable {
    case healthy = 0
    case starting = 1
    case stopping = 2
    case unreachable = 3
    case maintenance = 4
}
