public import Primitives
import Wire

// The whole catalog as bytes: what a shard gets when it joins, and what a snapshot file holds.
//
// `u64` nextIncarnation, then counted lists (a `u32` before each): streams (id, created, name, topics (id, created,
// options, partitions (created, incarnation))), users (id, created, name, hash).

extension Catalog {
    public func encode(into writer: inout ByteWriter) {
        writer.write(nextIncarnation)
        writer.write(UInt32(truncatingIfNeeded: streams.count))
        for stream in streams {
            writer.write(stream.id)
            writer.write(stream.createdAt)
            writer.write(counted: stream.name.bytes)
            writer.write(UInt32(truncatingIfNeeded: stream.topics.count))
            for topic in stream.topics {
                writer.write(topic.id)
                writer.write(topic.createdAt)
                writer.write(topic.options)
                writer.write(UInt32(truncatingIfNeeded: topic.partitions.count))
                for partition in topic.partitions {
                    writer.write(partition.createdAt)
                    writer.write(partition.incarnation)
                }
            }
        }
        writer.write(UInt32(truncatingIfNeeded: users.count))
        for user in users {
            writer.write(user.id)
            writer.write(user.createdAt)
            writer.write(counted: user.name.bytes)
            writer.write(counted: user.passwordHash)
        }
    }

    /// The catalog that was encoded, or nil if the bytes are none.
    public init?(decoding bytes: RawSpan) {
        var reader = ByteReader(bytes)
        var catalog = Catalog()
        guard let nextIncarnation = reader.next(UInt64.self), let streamCount = reader.next(UInt32.self) else {
            return nil
        }
        catalog.nextIncarnation = nextIncarnation
        for _ in 0..<streamCount {
            guard let stream = Stream(&reader) else { return nil }
            catalog.topicCount += stream.topics.count
            catalog.partitionCount += stream.topics.reduce(0) { $0 + $1.partitions.count }
            catalog.streams.append(stream)
        }
        guard let userCount = reader.next(UInt32.self) else { return nil }
        for _ in 0..<userCount {
            guard let id = reader.next(UInt32.self), let createdAt = reader.next(UInt64.self),
                let name = reader.nextName(), let hash = reader.nextCounted()
            else { return nil }
            catalog.users.append(User(id: id, createdAt: createdAt, name: name, passwordHash: hash))
        }
        guard reader.isAtEnd else { return nil }
        self = catalog
    }
}

extension Catalog.Stream {
    fileprivate init?(_ reader: inout ByteReader) {
        guard let id = reader.next(UInt32.self), let createdAt = reader.next(UInt64.self),
            let name = reader.nextName(), let topicCount = reader.next(UInt32.self)
        else { return nil }
        self.init(id: id, name: name, createdAt: createdAt)
        for _ in 0..<topicCount {
            guard let topic = Catalog.Topic(&reader) else { return nil }
            topics.append(topic)
        }
    }
}

extension Catalog.Topic {
    fileprivate init?(_ reader: inout ByteReader) {
        guard let id = reader.next(UInt32.self), let createdAt = reader.next(UInt64.self),
            let options = reader.nextOptions(), let partitionCount = reader.next(UInt32.self)
        else { return nil }
        self.init(id: id, createdAt: createdAt, options: options, partitions: [])
        for _ in 0..<partitionCount {
            guard let createdAt = reader.next(UInt64.self), let incarnation = reader.next(UInt64.self) else {
                return nil
            }
            partitions.append(Catalog.Partition(createdAt: createdAt, incarnation: incarnation))
        }
    }
}
