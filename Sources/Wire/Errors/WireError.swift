/// Why bytes from a peer could not be turned into a value.
///
/// The cases name the cause; what a client is told is `code`, since two wires may answer one cause differently.
public enum WireError: Error, Equatable, Sendable {
    /// The payload ends before its last field does.
    case truncated
    /// A kind, status or compression byte, or a command code, that the protocol does not know.
    case unknownValue(UInt32)
    /// Text that is not UTF-8.
    case invalidUTF8
    /// Lengths that contradict each other, such as blocks that do not fill their frame.
    case lengthsDisagree
    /// A numeric identifier whose length is not 4, an empty name, a reply with counts that do not add up.
    case brokenStructure
    /// An identifier in the head of SendMessages, where every defect of it has a status of its own.
    case invalidIdentifier
    /// A block inside a request whose declared length is above its limit.
    case blockTooLarge
    /// A frame whose declared length is below 4; the stream cannot be trusted afterwards.
    case frameTooShort
    /// A well-formed value outside the limits that the protocol sets for it.
    case outsideLimits(ErrorCode)
}

extension WireError {
    /// The status that a classic client is answered with.
    public var code: ErrorCode {
        switch self {
        case .truncated, .unknownValue, .invalidUTF8, .lengthsDisagree, .frameTooShort:
            .invalidCommand
        case .brokenStructure: .invalidFormat
        case .invalidIdentifier: .invalidIdentifier
        case .blockTooLarge: .invalidSizeBytes
        case .outsideLimits(let code): code
        }
    }

    /// Whether nothing after these bytes can be understood, so that the connection must be closed.
    public var endsConnection: Bool {
        switch self {
        case .frameTooShort: true
        case .truncated, .unknownValue, .invalidUTF8, .lengthsDisagree, .brokenStructure, .invalidIdentifier,
            .blockTooLarge, .outsideLimits:
            false
        }
    }
}
