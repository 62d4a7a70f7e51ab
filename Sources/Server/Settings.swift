public import Wire

/// What the operator decides, read once in `main`: a pure value from then on.
public struct Settings: Sendable {
    public var limits = Limits()
    public var storage = StorageSettings()
    /// When a message counts as kept, unless a topic asks for more.
    public var durability = Durability.process
    /// The first account, made at the first start.
    public var rootName: Name
    public var rootPassword: Secret
    /// What GetClusterMetadata tells clients: the host part of the listen address and the bound ports.
    public var advertisedHost = "127.0.0.1"
    public var tcpPort: UInt16 = 8_090
    public var version = "0.0.0"
    public var versionNumber: UInt32 = 0
    /// Of logs and of the settings that hold: relative ones lie below the data directory.
    public var placedPaths: [String] = []

    public init(rootName: Name, rootPassword: Secret) {
        self.rootName = rootName
        self.rootPassword = rootPassword
    }
}
