public import Wire

extension Client {
    /// Returns when the server has answered; works before a login.
    public func ping() throws(ClientError) { try ask(.ping) }

    /// Logs this connection in and returns the user's id.
    @discardableResult
    public func login(_ user: String, password: String) throws(ClientError) -> UInt32 {
        let login = LoginUser(name: try Name(checking: user), password: Secret(password))
        guard case .identity(let id) = try ask(.loginUser(login)) else { throw .replyMalformed(.brokenStructure) }
        return id
    }

    public func logout() throws(ClientError) { try ask(.logoutUser) }

    public func stats() throws(ClientError) -> StatsRecord {
        guard case .stats(let stats) = try ask(.getStats) else { throw .replyMalformed(.brokenStructure) }
        return stats
    }

    /// What the server knows of this connection, and the groups it is a member of.
    public func me() throws(ClientError) -> (client: ClientRecord, groups: [ClientGroupRecord]) {
        guard case .client(let client, let groups) = try ask(.getMe) else { throw .replyMalformed(.brokenStructure) }
        return (client, groups)
    }

    /// Every connection of the server.
    public func clients() throws(ClientError) -> [ClientRecord] {
        switch try ask(.getClients) {
        case .clients(let clients): return clients
        case .nothing: return []
        default: throw .replyMalformed(.brokenStructure)
        }
    }

    /// Makes a user who may do what `permissions` say; none means nothing.
    @discardableResult
    public func createUser(
        _ name: String, password: String, permissions: Permissions? = nil
    ) throws(ClientError) -> UserRecord {
        let user = CreateUser(name: try Name(checking: name), password: Secret(password), permissions: permissions)
        guard case .user(let record, _) = try ask(.createUser(user)) else { throw .replyMalformed(.brokenStructure) }
        return record
    }

    public func users() throws(ClientError) -> [UserRecord] {
        guard case .users(let users) = try ask(.getUsers) else { throw .replyMalformed(.brokenStructure) }
        return users
    }

    public func deleteUser(_ user: Identifier) throws(ClientError) { try ask(.deleteUser(user)) }
}
