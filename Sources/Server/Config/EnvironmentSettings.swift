public import Wire

/// What the environment says that is no key of the configuration: the first account, and what tests ask for.
public struct EnvironmentSettings: Sendable {
    public private(set) var rootName: String?
    public private(set) var rootPassword: Secret?
    /// The name or the password of the first account is `iggy`, as asked for.
    public private(set) var usesDefaultCredentials = false
    public private(set) var failsShardsOnSignal = false
    /// Everything that is wrong.
    public private(set) var problems: [Problem] = []

    private static let (name, password) = ("IGGY_ROOT_USERNAME", "IGGY_ROOT_PASSWORD")
    private static let testing = "GALGO_FAIL_SHARDS_ON_SIGNAL"

    public init(_ environment: [String: String], usesDefaultCredentials: Bool) {
        rootName = environment[Self.name]
        rootPassword = environment[Self.password].map { Secret($0) }
        // The option fills in what is missing and changes nothing that is there.
        self.usesDefaultCredentials = usesDefaultCredentials && (rootName == nil || rootPassword == nil)
        if usesDefaultCredentials {
            rootName = rootName ?? "iggy"
            rootPassword = rootPassword ?? Secret("iggy")
        }
        switch environment[Self.testing]?.lowercased() {
        case nil, "", "false", "0": failsShardsOnSignal = false
        case "true", "1": failsShardsOnSignal = true
        case let text?: add(Self.testing, "\(quoted(text)) is neither true nor false")
        }
        checkAccount()
    }

    private mutating func add(_ variable: String, _ message: String) {
        problems.append(Problem(.error, .variable(variable), message))
    }

    private mutating func checkAccount() {
        if (rootName == nil) != (rootPassword == nil) {
            add(
                rootName == nil ? Self.password : Self.name,
                "\(Self.name) and \(Self.password) belong together, and only this one is set")
        }
        if let rootName, !Request.userNameByteCounts.contains(rootName.utf8.count) {
            add(Self.name, "a user name has 3 to 50 bytes, this one \(rootName.utf8.count)")
        }
        if let rootPassword, !Request.passwordByteCounts.contains(rootPassword.bytes.count) {
            add(Self.password, "a password has 3 to 100 bytes, this one \(rootPassword.bytes.count)")
        }
    }
}
