public struct CreateUser: Equatable, Sendable {
    public var name: Name
    public var password: Secret
    public var status: UserStatus
    public var permissions: Permissions?

    public init(name: Name, password: Secret, status: UserStatus = .active, permissions: Permissions? = nil) {
        self.name = name
        self.password = password
        self.status = status
        self.permissions = permissions
    }
}

/// What is nil stays as it is.
public struct UpdateUser: Equatable, Sendable {
    public var user: Identifier
    public var name: Name?
    public var status: UserStatus?

    public init(user: Identifier, name: Name? = nil, status: UserStatus? = nil) {
        self.user = user
        self.name = name
        self.status = status
    }
}

/// Absent permissions take all of them away.
public struct UpdatePermissions: Equatable, Sendable {
    public var user: Identifier
    public var permissions: Permissions?

    public init(user: Identifier, permissions: Permissions?) {
        self.user = user
        self.permissions = permissions
    }
}

public struct ChangePassword: Equatable, Sendable {
    public var user: Identifier
    public var current: Secret
    public var new: Secret

    public init(user: Identifier, current: Secret, new: Secret) {
        self.user = user
        self.current = current
        self.new = new
    }
}

public struct LoginUser: Equatable, Sendable {
    public var name: Name
    public var password: Secret
    /// What the SDK calls its version; older clients leave it out. Never branch on it.
    public var version: String?
    /// Free text about the application; left out, or present only with a version.
    public var context: String?

    public init(name: Name, password: Secret, version: String? = "", context: String? = "") {
        self.name = name
        self.password = password
        self.version = version
        self.context = context
    }
}

public struct CreatePersonalAccessToken: Equatable, Sendable {
    public var name: Name
    /// Lifetime in microseconds from now; 0 and 2^64-1 mean for ever.
    public var lifetime: UInt64

    public init(name: Name, lifetime: UInt64) {
        self.name = name
        self.lifetime = lifetime
    }
}
