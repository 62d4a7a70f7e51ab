public import Primitives

/// The eight bytes before the payload of a classic request.
///
/// | Offset | Width | Field |
/// |---|---|---|
/// | 0 | u32 | length: 4 + byte count of the payload |
/// | 4 | u32 | command code |
public struct ClassicRequestHead: Equatable, Sendable {
    public static let byteCount = 8

    /// May be a number that is no command.
    public let code: UInt32
    public let payloadByteCount: Int

    /// Nil while the bytes are too few to tell. Throws `frameTooShort` for a length below 4, whatever follows it.
    public init?(_ bytes: RawSpan) throws(WireError) {
        guard let length = bytes.load(UInt32.self, at: 0) else { return nil }
        guard length >= 4 else { throw .frameTooShort }
        guard let code = bytes.load(UInt32.self, at: 4) else { return nil }
        self.code = code
        payloadByteCount = Int(length) - 4
    }

    public var command: CommandCode? { CommandCode(rawValue: code) }

    /// Head and payload.
    public var frameByteCount: Int { Self.byteCount + payloadByteCount }
}

/// The eight bytes before the payload of a classic response.
///
/// | Offset | Width | Field |
/// |---|---|---|
/// | 0 | u32 | status: 0 or an `ErrorCode` |
/// | 4 | u32 | byte count of the payload |
///
/// Two laws: a refusal has no payload, and a payload is never one byte long. The Rust client reads neither, and would
/// take what follows for the next response.
public struct ClassicResponseHead: Equatable, Sendable {
    public static let byteCount = 8

    public let status: UInt32
    public let payloadByteCount: Int

    /// The head of a success.
    public init(payloadByteCount: Int) {
        status = 0
        self.payloadByteCount = payloadByteCount
    }

    public init(refusal code: ErrorCode) {
        status = code.rawValue
        payloadByteCount = 0
    }

    /// Nil while the bytes are too few.
    public init?(_ bytes: RawSpan) {
        guard let status = bytes.load(UInt32.self, at: 0), let count = bytes.load(UInt32.self, at: 4) else {
            return nil
        }
        self.status = status
        payloadByteCount = Int(count)
    }

    /// Why the request was refused; nil for a success. A number that is not in the table reads as `error`.
    public var refusal: ErrorCode? {
        status == 0 ? nil : ErrorCode(rawValue: status) ?? .error
    }

    public func encode(into writer: inout ByteWriter) {
        writer.write(status)
        writer.write(UInt32(clamping: payloadByteCount))
    }
}
