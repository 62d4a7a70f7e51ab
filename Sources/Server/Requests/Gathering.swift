import Platform
import Primitives
import Wire

/// A question that every shard answers a part of, in progress on the shard that was asked.
struct Gathering {
    let slot: UInt32
    let serial: UInt32
    let question: Question
    /// Shards that have not answered.
    var missing: [ShardID]
    var partitions: [PartitionFacts]
    var clients: [ClientRecord]

    enum Question: Equatable {
        case stream(UInt32)
        case streams
        case topic(stream: UInt32, topic: UInt32)
        case topics(stream: UInt32)
        case stats
        case client(UInt32)
        case clients

        var wantsPartitions: Bool {
            switch self {
            case .stream, .streams, .topic, .topics, .stats: true
            case .client, .clients: false
            }
        }

        var wantsClients: Bool {
            switch self {
            case .client, .clients, .stats: true
            case .stream, .streams, .topic, .topics: false
            }
        }

        /// Which partitions matter: nil for all.
        var scope: (stream: UInt32?, topic: UInt32?) {
            switch self {
            case .stream(let stream), .topics(let stream): (stream, nil)
            case .topic(let stream, let topic): (stream, topic)
            case .streams, .stats, .client, .clients: (nil, nil)
            }
        }
    }
}

/// Facts of one shard as a letter's lent bytes.
///
/// `u32` partition count, per partition `u32` stream, topic, partition, segment count, `u64` current offset, message
/// count, byte count; `u32` client count, per client `u32` id, `u32` user (2^32−1 none), `u32` count + address text.
enum FactsCodec {
    static func encode(_ partitions: [PartitionFacts], _ clients: [ClientRecord], into writer: inout ByteWriter) {
        writer.write(UInt32(clamping: partitions.count))
        for facts in partitions {
            writer.write(facts.address.stream)
            writer.write(facts.address.topic)
            writer.write(facts.address.partition)
            writer.write(facts.segmentCount)
            writer.write(facts.currentOffset)
            writer.write(facts.messageCount)
            writer.write(facts.byteCount)
        }
        writer.write(UInt32(clamping: clients.count))
        for client in clients {
            writer.write(client.id)
            writer.write(client.userID ?? .max)
            writer.write(counted: Array(client.address.utf8))
        }
    }

    static func decode(_ bytes: RawSpan) -> ([PartitionFacts], [ClientRecord])? {
        var reader = ByteReader(bytes)
        var partitions: [PartitionFacts] = []
        guard let partitionCount = reader.next(UInt32.self) else { return nil }
        for _ in 0..<partitionCount {
            guard let stream = reader.next(UInt32.self), let topic = reader.next(UInt32.self),
                let partition = reader.next(UInt32.self), let segmentCount = reader.next(UInt32.self),
                let currentOffset = reader.next(UInt64.self), let messageCount = reader.next(UInt64.self),
                let byteCount = reader.next(UInt64.self)
            else { return nil }
            partitions.append(
                PartitionFacts(
                    address: PartitionAddress(stream: stream, topic: topic, partition: partition),
                    segmentCount: segmentCount, currentOffset: currentOffset, messageCount: messageCount,
                    byteCount: byteCount))
        }
        var clients: [ClientRecord] = []
        guard let clientCount = reader.next(UInt32.self) else { return nil }
        for _ in 0..<clientCount {
            guard let id = reader.next(UInt32.self), let user = reader.next(UInt32.self),
                let address = reader.nextCounted()
            else { return nil }
            clients.append(
                ClientRecord(
                    id: id, userID: user == .max ? nil : user, transport: .tcp,
                    address: String(decoding: address, as: UTF8.self), groupCount: 0))
        }
        return reader.isAtEnd ? (partitions, clients) : nil
    }
}
