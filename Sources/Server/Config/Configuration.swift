public import Wire

/// What the server does with its configuration, in the types that it needs.
public struct Configuration: Equatable, Sendable {
    public var dataDirectory: String
    public var tcpHost: String
    public var tcpPort: UInt16
    public var rootName: String?
    public var rootPassword: Secret?
    /// The name or the password of the first account is `iggy`, as asked for.
    public var usesDefaultCredentials: Bool
    public var segmentSize: ByteSize
    public var enforcesSync: Bool
    public var cpuAllocation: CPUAllocation
    /// Shards stay on CPUs of their own.
    public var pinsCores: Bool
    /// Bytes that buffers may take together; nil for half of what the process may have.
    public var memoryLimit: ByteSize?
    public var wantsHugePages: Bool
    public var logging: LogSettings
    /// What was asked for to protect data, and this version does not do: a line each.
    public var missingProtections: [String]
    /// For tests of what happens then: a signal lets a shard fail.
    public var failsShardsOnSignal: Bool

    public static let segmentSizeMax: UInt64 = 1 << 30

    /// From layers without an error, and from what is no key: the first account and what tests ask for. What is wrong
    /// with that is told all at once.
    public init(
        _ layers: ConfigurationLayers, environment: [String: String], usesDefaultCredentials: Bool
    ) throws(ConfigurationProblems) {
        let effective = layers.effective
        var problems: [Problem] = []
        dataDirectory = effective.text("system.path")
        do throws(Malformed) {
            let address = try ListenHost(parsing: effective.text("tcp.address"))
            (tcpHost, tcpPort) = (address.host, address.port)
        } catch {
            throw ConfigurationProblems([Problem(.error, effective["tcp.address"].source, "tcp.address: \(error)")])
        }
        segmentSize = effective.size("system.segment.size")
        enforcesSync = effective.flag("system.partition.enforce_fsync")
        cpuAllocation = effective.allocation("system.sharding.cpu_allocation")
        pinsCores = effective.flag("system.sharding.pin_cores")
        memoryLimit = effective.sizeIfSet("galgo.memory_limit")
        wantsHugePages = effective.flag("galgo.huge_pages")
        missingProtections = MissingProtection.asked(effective).map(\.text)
        logging = LogSettings(effective, environment: environment)
        rootName = environment["IGGY_ROOT_USERNAME"]
        rootPassword = environment["IGGY_ROOT_PASSWORD"].map { Secret($0) }
        // The option fills in what is missing and changes nothing that is there.
        self.usesDefaultCredentials = usesDefaultCredentials && (rootName == nil || rootPassword == nil)
        if usesDefaultCredentials {
            rootName = rootName ?? "iggy"
            rootPassword = rootPassword ?? Secret("iggy")
        }
        let testing = "GALGO_FAIL_SHARDS_ON_SIGNAL"
        switch environment[testing]?.lowercased() {
        case nil, "", "false", "0": failsShardsOnSignal = false
        case "true", "1": failsShardsOnSignal = true
        case let text?:
            failsShardsOnSignal = false
            problems.append(Problem(.error, .variable(testing), "\(quoted(text)) is neither true nor false"))
        }
        problems += credentialProblems
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
    }

    private var credentialProblems: [Problem] {
        var problems: [Problem] = []
        let (name, password) = ("IGGY_ROOT_USERNAME", "IGGY_ROOT_PASSWORD")
        if (rootName == nil) != (rootPassword == nil) {
            problems.append(
                Problem(
                    .error, .variable(rootName == nil ? password : name),
                    "\(name) and \(password) belong together, and only this one is set"))
        }
        if let rootName, !Request.userNameByteCounts.contains(rootName.utf8.count) {
            problems.append(
                Problem(.error, .variable(name), "a user name has 3 to 50 bytes, this one \(rootName.utf8.count)"))
        }
        if let rootPassword, !Request.passwordByteCounts.contains(rootPassword.bytes.count) {
            problems.append(
                Problem(
                    .error, .variable(password), "a password has 3 to 100 bytes, this one \(rootPassword.bytes.count)"))
        }
        return problems
    }
}

/// Everything that is wrong, at once.
public struct ConfigurationProblems: Error, Equatable, Sendable {
    public let problems: [Problem]

    public init(_ problems: [Problem]) {
        self.problems = problems
    }
}
