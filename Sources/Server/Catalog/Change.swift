public import Primitives
public import Wire

/// One decided change of the catalog: the body of a catalog record, and what shard 0 mails to the others.
///
/// Ids, times and incarnations are decided before the record is written, so that replay needs neither clock nor
/// luck. Body: `u8` kind, then the fields in the order of the case; integers little endian; byte strings with a
/// `u32` count before them.
public enum Change: Equatable, Sendable {
    case streamCreated(id: UInt32, at: UInt64, name: Name)
    case streamRenamed(id: UInt32, name: Name)
    case streamDeleted(id: UInt32)
    /// All partitions of all topics of the stream begin a new life, numbered from `firstIncarnation` on in the
    /// order of topics and partitions.
    case streamPurged(id: UInt32, firstIncarnation: UInt64)
    case topicCreated(
        stream: UInt32, id: UInt32, at: UInt64, Catalog.Topic.Options, partitionCount: UInt32,
        firstIncarnation: UInt64)
    case topicUpdated(stream: UInt32, id: UInt32, Catalog.Topic.Options)
    case topicDeleted(stream: UInt32, id: UInt32)
    case topicPurged(stream: UInt32, id: UInt32, firstIncarnation: UInt64)
    case partitionsAdded(stream: UInt32, topic: UInt32, at: UInt64, count: UInt32, firstIncarnation: UInt64)
    /// The last `count` partitions.
    case partitionsRemoved(stream: UInt32, topic: UInt32, count: UInt32)
    case userCreated(id: UInt32, at: UInt64, name: Name, passwordHash: [UInt8])
    case passwordChanged(user: UInt32, passwordHash: [UInt8])
}

extension Change {
    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .streamCreated(let id, let time, let name):
            writer.write(UInt8(1))
            writer.write(id)
            writer.write(time)
            writer.write(counted: name.bytes)
        case .streamRenamed(let id, let name):
            writer.write(UInt8(2))
            writer.write(id)
            writer.write(counted: name.bytes)
        case .streamDeleted(let id):
            writer.write(UInt8(3))
            writer.write(id)
        case .streamPurged(let id, let first):
            writer.write(UInt8(4))
            writer.write(id)
            writer.write(first)
        case .topicCreated(let stream, let id, let time, let options, let count, let first):
            writer.write(UInt8(5))
            writer.write(stream)
            writer.write(id)
            writer.write(time)
            writer.write(options)
            writer.write(count)
            writer.write(first)
        case .topicUpdated(let stream, let id, let options):
            writer.write(UInt8(6))
            writer.write(stream)
            writer.write(id)
            writer.write(options)
        case .topicDeleted(let stream, let id):
            writer.write(UInt8(7))
            writer.write(stream)
            writer.write(id)
        case .topicPurged(let stream, let id, let first):
            writer.write(UInt8(8))
            writer.write(stream)
            writer.write(id)
            writer.write(first)
        case .partitionsAdded(let stream, let topic, let time, let count, let first):
            writer.write(UInt8(9))
            writer.write(stream)
            writer.write(topic)
            writer.write(time)
            writer.write(count)
            writer.write(first)
        case .partitionsRemoved(let stream, let topic, let count):
            writer.write(UInt8(10))
            writer.write(stream)
            writer.write(topic)
            writer.write(count)
        case .userCreated(let id, let time, let name, let hash):
            writer.write(UInt8(11))
            writer.write(id)
            writer.write(time)
            writer.write(counted: name.bytes)
            writer.write(counted: hash)
        case .passwordChanged(let user, let hash):
            writer.write(UInt8(12))
            writer.write(user)
            writer.write(counted: hash)
        }
    }

    /// The change in a record's body; nil if the bytes are none, which a verified record never is.
    public init?(decoding bytes: RawSpan) {
        var reader = ByteReader(bytes)
        guard let kind = reader.next(UInt8.self), let change = Change(kind: kind, &reader), reader.isAtEnd else {
            return nil
        }
        self = change
    }

    private init?(kind: UInt8, _ reader: inout ByteReader) {
        switch kind {
        case 1:
            guard let id = reader.next(UInt32.self), let time = reader.next(UInt64.self),
                let name = reader.nextName()
            else { return nil }
            self = .streamCreated(id: id, at: time, name: name)
        case 2:
            guard let id = reader.next(UInt32.self), let name = reader.nextName() else { return nil }
            self = .streamRenamed(id: id, name: name)
        case 3:
            guard let id = reader.next(UInt32.self) else { return nil }
            self = .streamDeleted(id: id)
        case 4:
            guard let id = reader.next(UInt32.self), let first = reader.next(UInt64.self) else { return nil }
            self = .streamPurged(id: id, firstIncarnation: first)
        case 5:
            guard let stream = reader.next(UInt32.self), let id = reader.next(UInt32.self),
                let time = reader.next(UInt64.self), let options = reader.nextOptions(),
                let count = reader.next(UInt32.self), let first = reader.next(UInt64.self)
            else { return nil }
            self = .topicCreated(
                stream: stream, id: id, at: time, options, partitionCount: count, firstIncarnation: first)
        case 6:
            guard let stream = reader.next(UInt32.self), let id = reader.next(UInt32.self),
                let options = reader.nextOptions()
            else { return nil }
            self = .topicUpdated(stream: stream, id: id, options)
        case 7:
            guard let stream = reader.next(UInt32.self), let id = reader.next(UInt32.self) else { return nil }
            self = .topicDeleted(stream: stream, id: id)
        case 8:
            guard let stream = reader.next(UInt32.self), let id = reader.next(UInt32.self),
                let first = reader.next(UInt64.self)
            else { return nil }
            self = .topicPurged(stream: stream, id: id, firstIncarnation: first)
        case 9:
            guard let stream = reader.next(UInt32.self), let topic = reader.next(UInt32.self),
                let time = reader.next(UInt64.self), let count = reader.next(UInt32.self),
                let first = reader.next(UInt64.self)
            else { return nil }
            self = .partitionsAdded(stream: stream, topic: topic, at: time, count: count, firstIncarnation: first)
        case 10:
            guard let stream = reader.next(UInt32.self), let topic = reader.next(UInt32.self),
                let count = reader.next(UInt32.self)
            else { return nil }
            self = .partitionsRemoved(stream: stream, topic: topic, count: count)
        case 11:
            guard let id = reader.next(UInt32.self), let time = reader.next(UInt64.self),
                let name = reader.nextName(), let hash = reader.nextCounted()
            else { return nil }
            self = .userCreated(id: id, at: time, name: name, passwordHash: hash)
        case 12:
            guard let user = reader.next(UInt32.self), let hash = reader.nextCounted() else { return nil }
            self = .passwordChanged(user: user, passwordHash: hash)
        default:
            return nil
        }
    }
}

extension ByteWriter {
    mutating func write(counted bytes: [UInt8]) {
        write(UInt32(truncatingIfNeeded: bytes.count))
        write(bytes)
    }

    mutating func write(_ options: Catalog.Topic.Options) {
        write(options.compression)
        write(options.replicationFactor)
        write(options.messageExpiry)
        write(options.byteCountMax)
        write(counted: options.name.bytes)
    }
}

extension ByteReader {
    mutating func nextCounted() -> [UInt8]? {
        guard let count = next(UInt32.self), let taken = take(Int(count)) else { return nil }
        return [UInt8](copying: taken)
    }

    mutating func nextName() -> Name? { nextCounted().flatMap(Name.init) }

    mutating func nextOptions() -> Catalog.Topic.Options? {
        guard let compression = next(UInt8.self), let replicationFactor = next(UInt8.self),
            let messageExpiry = next(UInt64.self), let byteCountMax = next(UInt64.self), let name = nextName()
        else { return nil }
        return Catalog.Topic.Options(
            name: name, compression: compression, messageExpiry: messageExpiry, byteCountMax: byteCountMax,
            replicationFactor: replicationFactor)
    }
}
