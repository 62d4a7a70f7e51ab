public import Wire

// What exists: streams, topics, partitions, users. A value that only `apply` changes, equal on every shard.
//
// Shard 0 decides a change, makes its record durable, and every shard applies the same record: the catalog is a
// function of the records. Counts and sizes are not here; they live with the partition owners.

public struct Catalog: Equatable, Sendable {
    /// Ascending by id.
    public internal(set) var streams: [Stream] = []
    /// Ascending by id. User 0 is root.
    public internal(set) var users: [User] = []
    /// The incarnation that the next partition life gets. Never reused: every number below it that no partition
    /// holds was deleted.
    public internal(set) var nextIncarnation: UInt64 = 1
    /// Topics and partitions of all streams, counted as they come and go.
    public internal(set) var topicCount = 0
    public internal(set) var partitionCount = 0

    public init() {}

    public struct Stream: Equatable, Sendable {
        public let id: UInt32
        public internal(set) var name: Name
        /// Microseconds since 1970.
        public let createdAt: UInt64
        /// Ascending by id.
        public internal(set) var topics: [Topic] = []
    }

    public struct Topic: Equatable, Sendable {
        public let id: UInt32
        public let createdAt: UInt64
        public internal(set) var options: Options
        /// The place in the array is the partition id.
        public internal(set) var partitions: [Partition]

        /// What UpdateTopic may change.
        public struct Options: Equatable, Sendable {
            public var name: Name
            /// As on the wire: 1 none, 2 gzip. A label; the server does not compress.
            public var compression: UInt8
            /// Microseconds; 2^64−1 never.
            public var messageExpiry: UInt64
            /// Bytes; 2^64−1 unlimited.
            public var byteCountMax: UInt64
            public var replicationFactor: UInt8

            public init(
                name: Name, compression: UInt8, messageExpiry: UInt64, byteCountMax: UInt64,
                replicationFactor: UInt8
            ) {
                self.name = name
                self.compression = compression
                self.messageExpiry = messageExpiry
                self.byteCountMax = byteCountMax
                self.replicationFactor = replicationFactor
            }
        }
    }

    public struct Partition: Equatable, Sendable {
        public let createdAt: UInt64
        /// This life of the partition; a purge begins another.
        public internal(set) var incarnation: UInt64
    }

    public struct User: Equatable, Sendable {
        public let id: UInt32
        public let createdAt: UInt64
        public internal(set) var name: Name
        /// As `crypt(3)` writes it, method and salt included.
        public internal(set) var passwordHash: [UInt8]
    }
}

/// Where a partition is in the hierarchy.
public struct PartitionAddress: Hashable, Comparable, Sendable {
    public let stream: UInt32
    public let topic: UInt32
    public let partition: UInt32

    public init(stream: UInt32, topic: UInt32, partition: UInt32) {
        self.stream = stream
        self.topic = topic
        self.partition = partition
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.stream, left.topic, left.partition) < (right.stream, right.topic, right.partition)
    }
}

extension Catalog {
    public func streamIndex(id: UInt32) -> Int? { index(of: id, in: streams) { $0.id } }
    public func streamIndex(named name: Name) -> Int? { streams.firstIndex { $0.name == name } }
    public func user(id: UInt32) -> User? { index(of: id, in: users) { $0.id }.map { users[$0] } }
    public func user(named name: Name) -> User? { users.first { $0.name == name } }

    public func partition(_ address: PartitionAddress) -> Partition? {
        guard let stream = streamIndex(id: address.stream),
            let topic = streams[stream].topicIndex(id: address.topic),
            Int(address.partition) < streams[stream].topics[topic].partitions.count
        else { return nil }
        return streams[stream].topics[topic].partitions[Int(address.partition)]
    }

    /// Every partition, ascending by address.
    public func forEachPartition(_ body: (PartitionAddress, Partition) -> Void) {
        for stream in streams {
            for topic in stream.topics {
                for (number, partition) in topic.partitions.enumerated() {
                    body(
                        PartitionAddress(stream: stream.id, topic: topic.id, partition: UInt32(number)), partition)
                }
            }
        }
    }
}

extension Catalog.Stream {
    public func topicIndex(id: UInt32) -> Int? { index(of: id, in: topics) { $0.id } }
    public func topicIndex(named name: Name) -> Int? { topics.firstIndex { $0.options.name == name } }
}

/// The place of `id` in an array that ascends by id.
func index<Element>(of id: UInt32, in elements: [Element], by key: (Element) -> UInt32) -> Int? {
    let place = insertionIndex(of: id, in: elements, by: key)
    return place < elements.count && key(elements[place]) == id ? place : nil
}

/// The first place whose id is not below `id`.
func insertionIndex<Element>(of id: UInt32, in elements: [Element], by key: (Element) -> UInt32) -> Int {
    var low = 0
    var high = elements.count
    while low < high {
        let middle = low + (high - low) / 2
        if key(elements[middle]) < id { low = middle + 1 } else { high = middle }
    }
    return low
}

/// The lowest id that no element has. `elements` ascends by id.
func lowestFreeID<Element>(in elements: [Element], by key: (Element) -> UInt32) -> UInt32 {
    var id: UInt32 = 0
    for element in elements {
        if key(element) != id { break }
        id += 1
    }
    return id
}
