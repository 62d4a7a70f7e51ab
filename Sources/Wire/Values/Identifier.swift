public import Primitives

/// How a request names a stream, topic, group or user: by id or by name, never one as a fallback for the other.
///
/// | Width | Field |
/// |---|---|
/// | u8 | kind: 1 id, 2 name |
/// | u8 | length: 4 for an id, 1–255 for a name |
/// | … | the id as `u32`, or the name |
public enum Identifier: Hashable, Sendable {
    case id(UInt32)
    case name(Name)
}

extension Identifier {
    public init(decoding reader: inout ByteReader) throws(WireError) {
        let kind = try reader.read(UInt8.self)
        switch kind {
        case 1:
            guard try reader.read(UInt8.self) == 4 else { throw .brokenStructure }
            self = .id(try reader.read())
        case 2:
            self = .name(try reader.readName())
        default:
            throw .unknownValue(UInt32(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .id(let id):
            writer.write(UInt8(1))
            writer.write(UInt8(4))
            writer.write(id)
        case .name(let name):
            writer.write(UInt8(2))
            writer.write(name)
        }
    }
}

extension Identifier: CustomStringConvertible {
    public var description: String {
        switch self {
        case .id(let id): "\(id)"
        case .name(let name): "'\(name)'"
        }
    }
}

/// A topic, and the stream it belongs to.
public struct TopicPath: Hashable, Sendable {
    public var stream: Identifier
    public var topic: Identifier

    public init(stream: Identifier, topic: Identifier) {
        self.stream = stream
        self.topic = topic
    }

    public init(decoding reader: inout ByteReader) throws(WireError) {
        stream = try Identifier(decoding: &reader)
        topic = try Identifier(decoding: &reader)
    }

    public func encode(into writer: inout ByteWriter) {
        stream.encode(into: &writer)
        topic.encode(into: &writer)
    }
}

/// A consumer group, and the topic it reads.
public struct GroupPath: Hashable, Sendable {
    public var topic: TopicPath
    public var group: Identifier

    public init(topic: TopicPath, group: Identifier) {
        self.topic = topic
        self.group = group
    }

    public init(decoding reader: inout ByteReader) throws(WireError) {
        topic = try TopicPath(decoding: &reader)
        group = try Identifier(decoding: &reader)
    }

    public func encode(into writer: inout ByteWriter) {
        topic.encode(into: &writer)
        group.encode(into: &writer)
    }
}
