public import Primitives

/// Who reads: one consumer, or a group that its connection is a member of.
///
/// `u8` kind (1 single, 2 group), then an identifier.
public enum Consumer: Hashable, Sendable {
    case single(Identifier)
    case group(Identifier)
}

extension Consumer {
    public init(decoding reader: inout ByteReader) throws(WireError) {
        let kind = try reader.read(UInt8.self)
        switch kind {
        case 1: self = .single(try Identifier(decoding: &reader))
        case 2: self = .group(try Identifier(decoding: &reader))
        default: throw .unknownValue(UInt32(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .single(let identifier):
            writer.write(UInt8(1))
            identifier.encode(into: &writer)
        case .group(let identifier):
            writer.write(UInt8(2))
            identifier.encode(into: &writer)
        }
    }
}

// A partition that a request may leave to the server: `u8` flag (1 present) and a `u32` id that is there in any case.

extension ByteReader {
    mutating func readOptionalPartition() throws(WireError) -> UInt32? {
        let isPresent = try readPresence()
        let id = try read(UInt32.self)
        return isPresent ? id : nil
    }
}

extension ByteWriter {
    mutating func write(optionalPartition id: UInt32?) {
        write(UInt8(id == nil ? 0 : 1))
        write(id ?? 0)
    }
}
