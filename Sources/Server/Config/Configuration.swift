import Primitives
public import Wire

/// What the operator asked for: a pure function of the environment and the command line.
///
/// The variables have Iggy's names, so that compose files and test suites keep working.
public struct Configuration: Equatable, Sendable {
    public var dataDirectory = "local_data"
    public var tcpHost = "127.0.0.1"
    public var tcpPort: UInt16 = 8_090
    public var rootName: String?
    public var rootPassword: Secret?
    public var usesDefaultCredentials = false
    public var segmentSize = ByteSize(bytes: 1 << 30)
    public var enforcesSync = false
    public var cpuAllocation = Placement.Setting.all
    /// For tests of what happens then: a signal lets a shard fail.
    public var failsShardsOnSignal = false
    /// What is right as it stands, and perhaps not what was meant: lines for the operator.
    public var hints: [String] = []

    public static let segmentSizeMax: UInt64 = 1 << 30

    /// What the process is to do.
    public enum Command: Equatable, Sendable {
        case serve(Configuration)
        case showVersion
        case showHelp
    }

    /// Everything that is wrong, at once; each line says where, what, and what would be right.
    public struct Problems: Error, Equatable, Sendable {
        public let lines: [String]
    }

    private init() {}

    /// The variables this version reads. Any other `IGGY_…` or `GALGO_…` name is pointed out, since a silent typo is
    /// the worst kind of setting.
    public static let variables = [
        "IGGY_SYSTEM_PATH", "IGGY_TCP_ADDRESS", "IGGY_ROOT_USERNAME", "IGGY_ROOT_PASSWORD",
        "IGGY_SYSTEM_SEGMENT_SIZE", "IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC",
        "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION", "GALGO_FAIL_SHARDS_ON_SIGNAL",
    ]

    public static func command(
        arguments: [String], environment: [String: String]
    ) throws(Problems) -> Command {
        var problems: [String] = []
        var configuration = Configuration()
        for argument in arguments {
            switch argument {
            case "--help", "-h": return .showHelp
            case "--version", "-V": return .showVersion
            case "--with-default-root-credentials": configuration.usesDefaultCredentials = true
            default:
                problems.append("unknown argument '\(printable(argument))'; --help lists what there is")
            }
        }
        configuration.read(environment, &problems)
        configuration.checkCredentials(&problems)
        guard problems.isEmpty else { throw Problems(lines: problems) }
        return .serve(configuration)
    }

    /// Names in the environment that look like settings and are none, ascending.
    public static func unknownVariables(in environment: [String: String]) -> [String] {
        environment.keys.filter { name in
            (name.hasPrefix("IGGY_") || name.hasPrefix("GALGO_")) && !variables.contains(name)
        }.sorted()
    }

    private mutating func read(_ environment: [String: String], _ problems: inout [String]) {
        if let path = environment["IGGY_SYSTEM_PATH"] {
            if path.isEmpty || path.utf8.contains(0) {
                problems.append("IGGY_SYSTEM_PATH: the data directory's path is empty")
            } else {
                dataDirectory = path
            }
        }
        if let address = environment["IGGY_TCP_ADDRESS"] { readAddress(address, &problems) }
        rootName = environment["IGGY_ROOT_USERNAME"]
        rootPassword = environment["IGGY_ROOT_PASSWORD"].map { Secret($0) }
        if let text = environment["IGGY_SYSTEM_SEGMENT_SIZE"] { readSegmentSize(text, &problems) }
        Self.readFlag("IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC", environment, &enforcesSync, &problems)
        Self.readFlag("GALGO_FAIL_SHARDS_ON_SIGNAL", environment, &failsShardsOnSignal, &problems)
        if failsShardsOnSignal {
            hints.append("GALGO_FAIL_SHARDS_ON_SIGNAL: SIGUSR1 with the number of a shard lets it fail; for tests")
        }
        if let text = environment["IGGY_SYSTEM_SHARDING_CPU_ALLOCATION"] {
            if let setting = Placement.Setting(text) {
                cpuAllocation = setting
            } else {
                problems.append(
                    "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION: '\(printable(text))' is neither 'all' (one shard per "
                        + "physical core) nor a number of shards from 1 to 1024")
            }
        }
    }

    private static func readFlag(
        _ name: String, _ environment: [String: String], _ flag: inout Bool, _ problems: inout [String]
    ) {
        switch environment[name]?.lowercased() {
        case nil: break
        case "true", "1": flag = true
        case "false", "0": flag = false
        case let text?: problems.append("\(name): '\(printable(text))' is neither true nor false")
        }
    }

    private mutating func readAddress(_ text: String, _ problems: inout [String]) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(digits: text[text.index(after: colon)...])
        else {
            problems.append(
                "IGGY_TCP_ADDRESS: '\(printable(text))' is not HOST:PORT, such as 127.0.0.1:8090 or [::1]:8090")
            return
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            problems.append("IGGY_TCP_ADDRESS: '\(printable(text))': write an IPv6 address in brackets, [::1]:8090")
            return
        }
        guard !host.isEmpty else {
            problems.append("IGGY_TCP_ADDRESS: '\(printable(text))' has no host; 0.0.0.0 means every IPv4 address")
            return
        }
        tcpHost = String(host)
        tcpPort = port
    }

    private mutating func readSegmentSize(_ text: String, _ problems: inout [String]) {
        do throws(ByteSize.Malformed) {
            let size = try ByteSize(parsing: text)
            guard size.bytes >= 512, size.bytes <= Self.segmentSizeMax, size.bytes.isMultiple(of: 512) else {
                problems.append(
                    "IGGY_SYSTEM_SEGMENT_SIZE: '\(printable(text))' is \(size.bytes) bytes; it has to be a multiple "
                        + "of 512 from 512 to \(Self.segmentSizeMax) (1 GiB)")
                return
            }
            segmentSize = size
            if size.countsBits {
                hints.append(
                    "IGGY_SYSTEM_SEGMENT_SIZE: '\(printable(text))' counts bits and is \(size.bytes) bytes; "
                        + "a unit of bytes ends in a capital B")
            }
        } catch {
            problems.append("IGGY_SYSTEM_SEGMENT_SIZE: \(printable(error.description))")
        }
    }

    private func checkCredentials(_ problems: inout [String]) {
        if (rootName == nil) != (rootPassword == nil) {
            problems.append(
                "IGGY_ROOT_USERNAME and IGGY_ROOT_PASSWORD belong together; only "
                    + (rootName == nil ? "the password" : "the name") + " is set")
        }
        if let rootName, !Request.userNameByteCounts.contains(rootName.utf8.count) {
            problems.append("IGGY_ROOT_USERNAME: a user name has 3 to 50 bytes, this one \(rootName.utf8.count)")
        }
        if let rootPassword, !Request.passwordByteCounts.contains(rootPassword.bytes.count) {
            problems.append("IGGY_ROOT_PASSWORD: a password has 3 to 100 bytes, this one \(rootPassword.bytes.count)")
        }
        if usesDefaultCredentials, rootName != nil {
            problems.append(
                "--with-default-root-credentials and IGGY_ROOT_USERNAME contradict each other; choose one")
        }
    }
}

/// Text from outside for a terminal: control characters are shown, not obeyed.
public func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}
