import Platform
import Wire

// The catalog's things as the records of replies.

/// Counts and sizes summed over partitions. Bytes as classic clients count them.
struct Facts: Equatable {
    var segmentCount: UInt32 = 0
    var messageCount: UInt64 = 0
    var byteCount: UInt64 = 0

    static func += (left: inout Facts, right: Facts) {
        left.segmentCount &+= right.segmentCount
        left.messageCount &+= right.messageCount
        left.byteCount &+= right.byteCount
    }
}

/// One partition's facts as its owner knows them.
struct PartitionFacts: Equatable {
    let address: PartitionAddress
    let segmentCount: UInt32
    let currentOffset: UInt64
    let messageCount: UInt64
    let byteCount: UInt64

    var total: Facts { Facts(segmentCount: segmentCount, messageCount: messageCount, byteCount: byteCount) }
}

extension StreamRecord {
    init(_ stream: Catalog.Stream, _ facts: Facts) {
        self.init(
            id: stream.id, createdAt: stream.createdAt, topicCount: UInt32(clamping: stream.topics.count),
            byteCount: facts.byteCount, messageCount: facts.messageCount, name: stream.name)
    }
}

extension TopicRecord {
    init(_ topic: Catalog.Topic, _ facts: Facts) {
        self.init(
            id: topic.id, createdAt: topic.createdAt, partitionCount: UInt32(clamping: topic.partitions.count),
            settings: TopicSettings(
                compression: Compression(rawValue: topic.options.compression) ?? .none,
                messageExpiry: MessageExpiry(rawValue: topic.options.messageExpiry),
                maxTopicSize: MaxTopicSize(rawValue: topic.options.byteCountMax),
                replicationFactor: topic.options.replicationFactor),
            byteCount: facts.byteCount, messageCount: facts.messageCount, name: topic.options.name)
    }
}

extension Catalog.Topic {
    /// One record for each partition; zeros where nobody told its facts.
    func records(_ facts: (UInt32) -> PartitionFacts? = { _ in nil }) -> [PartitionRecord] {
        partitions.indices.map { number in
            let found = facts(UInt32(clamping: number))
            return PartitionRecord(
                id: UInt32(clamping: number), createdAt: partitions[number].createdAt,
                segmentCount: found?.segmentCount ?? 0, currentOffset: found?.currentOffset ?? 0,
                byteCount: found?.byteCount ?? 0, messageCount: found?.messageCount ?? 0)
        }
    }
}

extension ClientRecord {
    init(_ session: Session) {
        self.init(
            id: session.clientID, userID: session.userID, transport: .tcp, address: session.peer.description,
            groupCount: 0)
    }
}
