/// What the verifier found, and what it counted, so that a clean verdict over nothing is seen to be one.
public struct Verdict: Equatable, Sendable {
    public var findings: [Finding] = []
    /// Findings beyond the bound of what is kept.
    public var droppedFindingCount = 0
    public var catalog = CatalogFacts()
    /// The partitions that the catalog names, in the order of streams, topics and partitions.
    public var partitions: [PartitionFacts] = []
    public var totals = Totals()

    public var isClean: Bool { violations.isEmpty }
    public var violations: [Finding] { findings.filter { $0.severity == .violation } }

    /// What was looked at.
    public struct Totals: Equatable, Sendable {
        public var fileCount = 0
        public var byteCount = 0
        public var catalogRecordCount = 0
        public var offsetRecordCount = 0
        public var segmentCount = 0
        public var sealCount = 0
        public var batchCount = 0
        public var messageCount = 0
        public var indexEntryCount = 0
    }
}

/// What exists, by the catalog.
public struct CatalogFacts: Equatable, Sendable {
    /// Ascending by id.
    public var streams: [StreamFacts] = []
    /// Ascending by id.
    public var users: [UserFacts] = []
    /// The incarnation that the next partition life gets.
    public var nextIncarnation: UInt64 = 1

    public struct StreamFacts: Equatable, Sendable {
        public let id: UInt32
        public var name: String
        /// Ascending by id.
        public var topics: [TopicFacts] = []
    }

    public struct TopicFacts: Equatable, Sendable {
        public let id: UInt32
        public var name: String
        /// The incarnations of its partitions.
        public var incarnations: [UInt64] = []
    }

    public struct UserFacts: Equatable, Sendable {
        public let id: UInt32
        public let name: String
    }
}

/// What is stored of one partition.
public struct PartitionFacts: Equatable, Sendable {
    public let stream: UInt32
    public let topic: UInt32
    public let partition: UInt32
    public let incarnation: UInt64
    /// The first offset retained; equal to `endOffset` if nothing is.
    public var firstOffset: UInt64 = 0
    /// The offset after the last whole message.
    public var endOffset: UInt64 = 0
    /// Offsets below it are said to be synced, by any header or seal.
    public var durableEnd: UInt64 = 0
    public var segmentCount = 0
    public var batchCount = 0
    public var messageCount = 0
    /// 64 + payload + user headers of each message.
    public var classicByteCount: UInt64 = 0
    public var epoch: UInt32 = 0
    /// Ascending by kind and id.
    public var storedOffsets: [StoredOffset] = []
    /// The end that the last epoch or closed record vouches for.
    public var vouchedEnd: UInt64?
    /// In the order of offsets; empty unless asked for.
    public var messages: [MessageFacts] = []

    public struct StoredOffset: Equatable, Sendable {
        public enum Kind: UInt8, Equatable, Sendable { case single = 1, group = 2 }

        public let kind: Kind
        public let id: UInt32
        public var offset: UInt64
    }
}

/// One stored message.
public struct MessageFacts: Equatable, Sendable {
    public let offset: UInt64
    /// The append time of its batch, µs since 1970.
    public let timestamp: UInt64
    /// µs by the producer's clock.
    public let originTimestamp: UInt64
    public let id: UInt128
    /// As stored, in the dialect of the producer.
    public let checksum: UInt64
    public let payloadByteCount: Int
    /// XXH3-64 of the payload alone.
    public let payloadDigest: UInt64
}
