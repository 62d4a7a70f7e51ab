public import Wire

/// Why a call of the client failed.
public enum ClientError: Error, Equatable {
    /// The host name cannot be resolved, or it has no address.
    case addressUnusable(String)
    /// No stream, topic, group or user can have this name: it needs 1 to 255 bytes.
    case nameUnusable(String)
    /// Nothing answered; `code` is the system's error number.
    case connectFailed(code: Int32)
    /// The connection ended before the reply was complete. `code` is the system's error number, 0 when the
    /// server closed in good order. Whether the request took effect is unknown.
    case connectionLost(code: Int32)
    /// The server did not answer within `Timeouts`. Whether the request took effect is unknown, and the
    /// connection must not be used further: the reply may still come.
    case timedOut
    /// The server refused the request, which had no effect; the connection can be used further.
    case status(ErrorCode)
    /// The reply is not what the protocol says, for this reason; the connection must not be used further.
    case replyMalformed(WireError)
}

extension ClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .addressUnusable(let address): "cannot resolve \(address)"
        case .nameUnusable(let name): "\"\(name)\" is no name: it needs 1 to 255 bytes"
        case .connectFailed(let code): "cannot connect: \(systemMessage(code))"
        case .connectionLost(code: 0): "the server ended or closed the connection"
        case .connectionLost(let code): "the connection was lost, perhaps with the server: \(systemMessage(code))"
        case .timedOut: "the server did not answer in time"
        case .status(let code): "the server refused: \(code.text) (\(code.rawValue))"
        case .replyMalformed(let cause): "the reply is not what the protocol says: \(cause)"
        }
    }
}
