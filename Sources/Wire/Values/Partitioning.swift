public import Primitives

/// How the partition of a batch is chosen.
///
/// | Width | Field |
/// |---|---|
/// | u8 | kind: 1 balanced, 2 partition, 3 key |
/// | u8 | length: 0, 4 or 1–255 |
/// | … | nothing, the partition as `u32`, or the bytes of the key |
public enum Partitioning: Hashable, Sendable {
    /// Round robin over the topic's partitions, one step per batch.
    case balanced
    case partition(UInt32)
    /// All batches with one key go to one partition. Any bytes; an empty key is accepted.
    case key([UInt8])
}

extension Partitioning {
    public init(decoding reader: inout ByteReader) throws(WireError) {
        let kind = try reader.read(UInt8.self)
        let byteCount = try reader.read(UInt8.self)
        switch kind {
        case 1:
            guard byteCount == 0 else { throw .lengthsDisagree }
            self = .balanced
        case 2:
            guard byteCount == 4 else { throw .lengthsDisagree }
            self = .partition(try reader.read())
        case 3:
            self = .key(try reader.readBytes(Int(byteCount)))
        default:
            throw .unknownValue(UInt32(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .balanced:
            writer.write(UInt8(1))
            writer.write(UInt8(0))
        case .partition(let id):
            writer.write(UInt8(2))
            writer.write(UInt8(4))
            writer.write(id)
        case .key(let key):
            writer.write(UInt8(3))
            writer.write(text8: key)
        }
    }
}
