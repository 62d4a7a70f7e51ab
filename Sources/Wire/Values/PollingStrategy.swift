public import Primitives

/// Where a poll starts: `u8` kind (1–5 in the order below) and a `u64` value, 0 where none is needed.
public enum PollingStrategy: Hashable, Sendable {
    case offset(UInt64)
    /// Messages whose server timestamp, in microseconds since 1970, is at least this.
    case timestamp(UInt64)
    case first
    case last
    /// Behind the consumer's stored offset.
    case next
}

extension PollingStrategy {
    public init(decoding reader: inout ByteReader) throws(WireError) {
        let kind = try reader.read(UInt8.self)
        let value = try reader.read(UInt64.self)
        switch kind {
        case 1: self = .offset(value)
        case 2: self = .timestamp(value)
        case 3: self = .first
        case 4: self = .last
        case 5: self = .next
        default: throw .unknownValue(UInt32(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        let (kind, value): (UInt8, UInt64) =
            switch self {
            case .offset(let offset): (1, offset)
            case .timestamp(let time): (2, time)
            case .first: (3, 0)
            case .last: (4, 0)
            case .next: (5, 0)
            }
        writer.write(kind)
        writer.write(value)
    }
}
