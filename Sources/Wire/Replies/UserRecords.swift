public struct UserRecord: Equatable, Sendable {
    public var id: UInt32
    /// µs since 1970.
    public var createdAt: UInt64
    public var status: UserStatus
    public var name: Name

    public init(id: UInt32, createdAt: UInt64, status: UserStatus, name: Name) {
        self.id = id
        self.createdAt = createdAt
        self.status = status
        self.name = name
    }
}

/// A personal access token, without its text.
public struct TokenRecord: Equatable, Sendable {
    public var name: Name
    /// µs since 1970; 0 is never.
    public var expiresAt: UInt64

    public init(name: Name, expiresAt: UInt64) {
        self.name = name
        self.expiresAt = expiresAt
    }
}
