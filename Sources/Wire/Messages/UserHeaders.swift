public import Primitives

/// The headers that an application gives a message. The server stores their bytes and never looks inside; clients and
/// tests do.
///
/// Repeated to the end of the block: `u8` kind, `u32` length 1–255, key; `u8` kind, `u32` length 1–255, value. Numbers
/// are little endian.
public struct UserHeaders: Equatable, Sendable {
    public var entries: [Entry]

    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    public struct Entry: Equatable, Sendable {
        public var key: Field
        public var value: Field

        public init(key: Field, value: Field) {
            self.key = key
            self.value = value
        }
    }

    /// A key or a value: bytes, and what they mean.
    public struct Field: Equatable, Sendable {
        public let kind: Kind
        public let bytes: [UInt8]

        /// Nil unless there are 1–255 bytes, and as many as a kind of fixed width has.
        public init?(_ kind: Kind, _ bytes: [UInt8]) {
            guard (1...255).contains(bytes.count), kind.byteCount.map({ $0 == bytes.count }) ?? true else {
                return nil
            }
            self.kind = kind
            self.bytes = bytes
        }

        /// Nil unless the text takes 1–255 bytes.
        public init?(text: String) {
            self.init(.string, [UInt8](text.utf8))
        }
    }

    public enum Kind: UInt8, Sendable {
        case raw = 1
        case string, bool, int8, int16, int32, int64, int128, uint8, uint16, uint32, uint64, uint128, float32, float64

        /// Nil for kinds of any width.
        public var byteCount: Int? {
            switch self {
            case .raw, .string: nil
            case .bool, .int8, .uint8: 1
            case .int16, .uint16: 2
            case .int32, .uint32, .float32: 4
            case .int64, .uint64, .float64: 8
            case .int128, .uint128: 16
            }
        }
    }
}

extension UserHeaders {
    /// Reads a whole block. Throws 4018 for a key and 4019 for a value that does not fit its kind or its limits.
    public init(decoding block: RawSpan) throws(WireError) {
        var reader = ByteReader(block)
        entries = []
        while !reader.isAtEnd {
            let key = try reader.readField(orRefuse: .invalidHeaderKey)
            entries.append(Entry(key: key, value: try reader.readField(orRefuse: .invalidHeaderValue)))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        for entry in entries {
            for field in [entry.key, entry.value] {
                writer.write(field.kind.rawValue)
                writer.write(UInt32(clamping: field.bytes.count))
                writer.write(field.bytes)
            }
        }
    }
}

extension ByteReader {
    fileprivate mutating func readField(orRefuse code: ErrorCode) throws(WireError) -> UserHeaders.Field {
        let raw = try read(UInt8.self)
        let bytes = try readBytes(Int(try read(UInt32.self)))
        guard let kind = UserHeaders.Kind(rawValue: raw) else { throw .unknownValue(UInt32(raw)) }
        guard let field = UserHeaders.Field(kind, bytes) else { throw .outsideLimits(code) }
        return field
    }
}
