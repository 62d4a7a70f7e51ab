/// When messages or tokens expire: as a configuration, a request and the catalog say it.
public enum Expiry: Equatable, Hashable, Sendable {
    case never
    /// What the server's configuration says.
    case serverDefault
    /// At most 2^32−1 whole seconds.
    case after(Interval)

    /// 136 years.
    public static let secondsMax = UInt64(UInt32.max)

    /// Words and units in the case that they are listed in: `1M` is a month.
    public init(parsing text: String) throws(Malformed) {
        switch text {
        case "unlimited", "Unlimited", "none", "None", "never_expire": self = .never
        case "default", "Default", "server_default", "Server_default": self = .serverDefault
        case "0": self = .after(.zero)
        default:
            let interval = try IntervalParser.parse(text)
            guard interval.seconds <= Self.secondsMax else {
                throw Malformed(
                    "\(quoted(text)) is longer than the longest expiry, \(Interval(seconds: Self.secondsMax))")
            }
            self = .after(interval)
        }
    }

    /// In requests and replies. Zero means the server's default there, so an expiry after nothing does not survive it.
    public var microseconds: UInt64 {
        switch self {
        case .never: .max
        case .serverDefault: 0
        case .after(let interval): interval.microseconds
        }
    }
}

extension Expiry: CustomStringConvertible {
    public var description: String {
        switch self {
        case .never: "never_expire"
        case .serverDefault: "server_default"
        case .after(let interval): interval.description
        }
    }
}
