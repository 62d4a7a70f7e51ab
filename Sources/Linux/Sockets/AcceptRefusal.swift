import Glibc

/// Why nobody can be accepted now.
enum AcceptRefusal: Equatable {
    /// This process, or the system, has no descriptor left.
    case descriptors
    case memory
    /// All who waited had left, many in a row.
    case peers
    case other(Int32)

    /// Nil when the error, by accept(2), is one of the connection that waited: it is no longer there.
    init?(number: Int32) {
        switch number {
        case EMFILE, ENFILE: self = .descriptors
        case ENOBUFS, ENOMEM: self = .memory
        // The last two are a firewall's word on this peer, and its silence.
        case ECONNABORTED, ENETDOWN, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH,
            EPERM, ETIMEDOUT:
            return nil
        default: self = .other(number)
        }
    }

    /// For the log: what is missing, and what becomes of peers.
    var text: String {
        switch self {
        case .descriptors: "no descriptors left for connections; some are refused until others close"
        case .memory: "no memory left for connections; they wait until there is some"
        case .peers: "many connections in a row ended before they were accepted"
        case .other(let number): "connections cannot be accepted: errno \(number)"
        }
    }
}
