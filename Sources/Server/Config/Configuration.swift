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
        let others = EnvironmentSettings(environment, usesDefaultCredentials: usesDefaultCredentials)
        guard others.problems.isEmpty else { throw ConfigurationProblems(others.problems) }
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
        rootName = others.rootName
        rootPassword = others.rootPassword
        self.usesDefaultCredentials = others.usesDefaultCredentials
        failsShardsOnSignal = others.failsShardsOnSignal
    }
}

/// Everything that is wrong, at once.
public struct ConfigurationProblems: Error, Equatable, Sendable {
    public let problems: [Problem]

    public init(_ problems: [Problem]) {
        self.problems = problems
    }
}
