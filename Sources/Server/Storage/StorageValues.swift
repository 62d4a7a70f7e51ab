public import Platform

// What goes into the store and what comes out of it. Refusals are values: they end as answers to clients.

/// Where a partition's log is in the store. Reused after `.removed`.
public typealias PartitionSlot = UInt32

/// Messages to append as one batch, still without offset, time and checksum when their dialect is classic.
public struct AppendRequest: BitwiseCopyable, Sendable {
    /// The messages back to back, and nothing else. Own buffers get a further user while the store needs them; a
    /// slice lent by another shard is not touched again after the outcome.
    public var messages: Slice
    public var messageCount: UInt32
    public var dialect: Dialect
    /// 64 + payload + user headers of each message. Bytes.
    public var classicByteCount: UInt64
    /// Smallest origin time of the messages, µs.
    public var minOrigin: UInt64
    /// VSR batches it counts as (wire-vsr 9.7): 1, or more for a wide or large classic batch.
    public var vsrBatchCount: UInt32
    /// What this producer waits for; the partition's own level is used if that is stronger.
    public var level: Durability

    public init(
        messages: Slice, messageCount: UInt32, dialect: Dialect, classicByteCount: UInt64, minOrigin: UInt64,
        vsrBatchCount: UInt32 = 1, level: Durability = .memory
    ) {
        self.messages = messages
        self.messageCount = messageCount
        self.dialect = dialect
        self.classicByteCount = classicByteCount
        self.minOrigin = minOrigin
        self.vsrBatchCount = vsrBatchCount
        self.level = level
    }
}

/// Which messages a reader wants.
public struct ReadQuery: BitwiseCopyable, Sendable {
    public enum Start: BitwiseCopyable, Sendable {
        case offset(UInt64)
        /// The first message whose append time is this or later, µs.
        case timestamp(UInt64)
        case first
        /// The last so many messages.
        case last(UInt32)
    }

    public var start: Start
    public var countMax: UInt32
    /// Bytes of messages, at most; one message always comes.
    public var byteCountMax: Int

    public init(_ start: Start, countMax: UInt32, byteCountMax: Int) {
        self.start = start
        self.countMax = countMax
        self.byteCountMax = byteCountMax
    }
}

/// Consecutive verified messages of one batch. Each piece holds its buffer for the caller until `releaseRead`.
public struct ReadPiece: BitwiseCopyable, Sendable {
    /// The messages in their dialect, whole, and nothing else.
    public let messages: Slice
    /// The batch they belong to, as stored.
    public let header: BatchHeader
    public let firstOffset: UInt64
    public let count: UInt32

    public var lastOffset: UInt64 { firstOffset &+ UInt64(count) &- 1 }
    /// The messages are the whole batch.
    public var isWhole: Bool { count == header.messageCount }
}

/// Whose progress is stored. Singles and groups are kept apart.
public struct ConsumerKey: BitwiseCopyable, Hashable, Comparable, Sendable {
    public enum Kind: UInt8, BitwiseCopyable, Sendable { case single = 1, group = 2 }

    public let kind: Kind
    public let id: UInt32

    public init(_ kind: Kind, id: UInt32) {
        self.kind = kind
        self.id = id
    }

    private var order: UInt64 { UInt64(kind.rawValue) << 32 | UInt64(id) }
    public static func < (left: ConsumerKey, right: ConsumerKey) -> Bool { left.order < right.order }
}

/// Why the store did not do what it was asked; nothing happened.
public enum StoreRefusal: BitwiseCopyable, Equatable, Sendable {
    /// Recovery found damage it must not repair; the partition serves nothing.
    case quarantined(Damage)
    /// Bytes on disk do not match their checksum.
    case damaged(offset: UInt64)
    /// A sync failed: no writes until a restart has verified the files.
    case syncFailed(Errno)
    /// The volume or the quota is full.
    case noSpace
    /// Reading or writing failed and was undone.
    case failed(Errno)
    /// Still opening, being removed, stopped.
    case unavailable
    /// Memory or queue used up: try again.
    case busy
    /// The messages are not what the request says they are.
    case malformed
    /// Above the last readable offset, which is named; nil for an empty partition.
    case offsetPastEnd(last: UInt64?)
    /// Nothing is stored under the key.
    case nothingStored
}

/// Where a file is not what its own checksums and neighbours say.
public struct Damage: BitwiseCopyable, Equatable, Sendable {
    public enum Place: UInt8, BitwiseCopyable, Sendable { case segment, offsets, unreadable }

    public let place: Place
    /// Base offset of the segment; 0 otherwise.
    public let segmentBase: UInt64
    /// Byte in the file; the errno for `unreadable`.
    public let position: UInt64
    /// The first offset that cannot be trusted.
    public let offset: UInt64

    func notice(of incarnation: UInt64) -> Notice {
        switch place {
        case .segment: Notice(.error, .partitionQuarantined, incarnation, segmentBase, position)
        case .offsets: Notice(.error, .storedOffsetsDamaged, incarnation, position)
        case .unreadable: Notice(.error, .recoveryFailed, incarnation, position)
        }
    }

    /// Nothing is damaged: there was no room for what a recovery has to write.
    var isForWantOfSpace: Bool {
        place == .unreadable && (Int32(exactly: position).flatMap { Errno(rawValue: $0) }?.isNoSpace ?? false)
    }
}

/// The end of a request that may or may not have had its effect.
public enum Settled<Value: BitwiseCopyable & Sendable>: BitwiseCopyable, Sendable {
    case done(Value)
    case refused(StoreRefusal)
    /// Only a restart can tell: the answer is a closed connection.
    case unknown
}

/// Offsets given to a batch.
public struct StoredRange: BitwiseCopyable, Equatable, Sendable {
    public let first: UInt64
    public let last: UInt64
    public let timestamp: UInt64
}

public struct NoValue: BitwiseCopyable, Sendable, Equatable {}

/// What became of the requests, in the order in which it became known. The shard drains them after each call.
public enum Outcome: Sendable {
    case opened(PartitionSlot, PartitionStats)
    /// There was no room for what `open` has to write: it goes on when there is some, and the start without it.
    case parked(PartitionSlot)
    /// `open` ended: the partition exists but serves nothing.
    case quarantined(PartitionSlot, Damage)
    case appended(ref: UInt64, PartitionSlot, Settled<StoredRange>)
    /// `currentOffset` is the last readable offset, 0 when empty.
    case read(ref: UInt64, PartitionSlot, pieces: [ReadPiece], currentOffset: UInt64)
    case readRefused(ref: UInt64, PartitionSlot, StoreRefusal)
    case offsetSettled(ref: UInt64, PartitionSlot, ConsumerKey, Settled<NoValue>)
    case flushed(ref: UInt64, PartitionSlot, Settled<NoValue>)
    /// Segments removed from the front.
    case segmentsDeleted(ref: UInt64, PartitionSlot, count: UInt32)
    /// The directory is gone, or what stopped it.
    case removed(ref: UInt64, PartitionSlot, Errno?)
    case stopped(ref: UInt64)
    /// Something met a full volume: measure the space.
    case noSpaceMet(PartitionSlot)
}

/// Facts of one partition. Sizes in bytes, times in µs.
public struct PartitionStats: BitwiseCopyable, Equatable, Sendable {
    public var incarnation: UInt64 = 0
    public var level: Durability = .process
    public var epoch: UInt32 = 0
    public var segmentCount: UInt32 = 0
    /// The first offset retained; equal to `readableEnd` when nothing is.
    public var firstOffset: UInt64 = 0
    /// Offsets below it may be read.
    public var readableEnd: UInt64 = 0
    /// Offsets below it survive a power cut.
    public var durableEnd: UInt64 = 0
    public var messageCount: UInt64 = 0
    public var classicByteCount: UInt64 = 0
    public var vsrBatchCount: UInt64 = 0

    /// The last readable offset, 0 when there never was a message.
    public var currentOffset: UInt64 { readableEnd == 0 ? 0 : readableEnd - 1 }
    /// 256 per batch and 48 + payload + headers per message: what VSR clients call size.
    public var vsrByteCount: UInt64 { classicByteCount &+ 256 &* vsrBatchCount &- 16 &* messageCount }
}

/// One segment, for retention.
public struct SegmentFacts: BitwiseCopyable, Equatable, Sendable {
    public let baseOffset: UInt64
    public let endOffset: UInt64
    public let isSealed: Bool
    public let firstTimestamp: UInt64
    public let lastTimestamp: UInt64
    public let classicByteCount: UInt64
    public let vsrBatchCount: UInt64
}
