import Platform
import Wire

/// A request to a partition in progress on the shard that owns it, and who gets the answer.
struct PartitionOperation {
    var requester: Requester
    let kind: Kind

    enum Requester: BitwiseCopyable {
        case session(slot: UInt32, serial: UInt32)
        /// `lent` goes home with the answer.
        case shard(ShardID, ref: UInt64, lent: Slice?)
        /// Whoever asked is gone.
        case nobody
    }

    enum Kind {
        case append
        case read(commitFor: ConsumerKey?)
        /// The pieces wait for the consumer's offset to be stored.
        case commitAfterRead([ReadPiece], currentOffset: UInt64)
        case storeOffset
        case deleteOffset
        case flush
    }
}

/// What a partition is asked: one value for the session's own shard and for mail.
enum PartitionRequest {
    case append(AppendRequest)
    case read(PartitionRead)
    case storeOffset(ConsumerKey, offset: UInt64)
    case deleteOffset(ConsumerKey)
    case getOffset(ConsumerKey)
    case flush(sync: Bool)
}

/// A poll, after the partition is known.
struct PartitionRead {
    var strategy: PollingStrategy
    var count: UInt32
    var byteCountMax: Int
    var consumer: ConsumerKey
    var autoCommit: Bool
}

/// How a request to a partition ended, other than with messages.
enum PartitionAnswer: Equatable {
    case ok
    case status(ErrorCode)
    /// Closing the connection is the only true answer.
    case unknown
    /// A consumer's stored offset; nil when nothing is stored.
    case offset(current: UInt64, stored: UInt64?)
}

/// Pieces of a read that somebody is sending.
struct Loan {
    let pieces: [ReadPiece]
    /// The shard that sends them, and the list it was given.
    let borrower: ShardID
    let list: BufferID?
}

/// The bytes of a letter, until the shard that reads them sends them back or is lost.
struct LentBytes: BitwiseCopyable {
    let buffer: BufferID
    let borrower: ShardID
}

/// A buffer whose session went away while it was lent.
struct OrphanedLoan: BitwiseCopyable {
    let serial: UInt32
    let buffer: BufferID
    let borrower: ShardID
}

extension StoreRefusal {
    /// What a client is told. Numbers that every classic client knows.
    func code(of kind: PartitionOperation.Kind) -> ErrorCode {
        switch self {
        case .offsetPastEnd: .invalidOffset
        case .nothingStored: .consumerOffsetNotFound
        case .malformed: .invalidMessagesSize
        case .damaged: .invalidMessageChecksum
        case .quarantined, .syncFailed, .noSpace, .failed, .unavailable, .busy:
            switch kind {
            case .append: .cannotAppendMessage
            case .read, .commitAfterRead: .cannotReadMessage
            case .storeOffset, .deleteOffset: .cannotOpenConsumerOffsetsFile
            case .flush: .cannotSyncFile
            }
        }
    }
}
