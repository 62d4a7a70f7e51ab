import Platform
import Primitives
import Wire

// Requests to partitions and their answers as the words of letters; `LetterKind` says which word is what.

extension PartitionRequest {
    func letter(ref: UInt64, incarnation: UInt64) -> Letter {
        switch self {
        case .append(let append):
            .request(
                .append,
                Letter.Words(
                    ref, incarnation, UInt64(append.messageCount), append.classicByteCount, append.minOrigin,
                    UInt64(append.vsrBatchCount) << 8 | UInt64(append.dialect.rawValue)),
                lending: append.messages)
        case .read(let read):
            .request(
                .read,
                Letter.Words(
                    ref, incarnation,
                    UInt64(read.strategy.kind) | UInt64(read.count) << 8 | (read.autoCommit ? 1 << 40 : 0),
                    read.strategy.value, read.consumer.word, UInt64(read.byteCountMax)))
        case .storeOffset(let consumer, let offset):
            .request(.storeOffset, Letter.Words(ref, incarnation, offset, consumer.word))
        case .deleteOffset(let consumer):
            .request(.deleteOffset, Letter.Words(ref, incarnation, consumer.word))
        case .getOffset(let consumer):
            .request(.getOffset, Letter.Words(ref, incarnation, consumer.word))
        case .flush(let sync):
            .request(.flush, Letter.Words(ref, incarnation, sync ? 1 : 0))
        }
    }

    init?(_ kind: LetterKind, _ letter: Letter) {
        let words = letter.words
        switch kind {
        case .append:
            guard let messages = letter.lent, let count = UInt32(exactly: words.c),
                let dialect = Dialect(rawValue: UInt8(truncatingIfNeeded: words.f))
            else { return nil }
            self = .append(
                AppendRequest(
                    messages: messages, messageCount: count, dialect: dialect, classicByteCount: words.d,
                    minOrigin: words.e, vsrBatchCount: UInt32(truncatingIfNeeded: words.f >> 8)))
        case .read:
            guard
                let strategy = PollingStrategy(
                    kind: UInt8(truncatingIfNeeded: words.c), value: words.d),
                let consumer = ConsumerKey(word: words.e), let byteCountMax = Int(exactly: words.f)
            else { return nil }
            self = .read(
                PartitionRead(
                    strategy: strategy, count: UInt32(truncatingIfNeeded: words.c >> 8),
                    byteCountMax: byteCountMax, consumer: consumer, autoCommit: words.c >> 40 & 1 == 1))
        case .storeOffset:
            guard let consumer = ConsumerKey(word: words.d) else { return nil }
            self = .storeOffset(consumer, offset: words.c)
        case .deleteOffset:
            guard let consumer = ConsumerKey(word: words.c) else { return nil }
            self = .deleteOffset(consumer)
        case .getOffset:
            guard let consumer = ConsumerKey(word: words.c) else { return nil }
            self = .getOffset(consumer)
        case .flush:
            self = .flush(sync: words.c == 1)
        case .join, .catalog, .catalogTaken, .recovered, .serve, .change, .changed, .apply, .applied, .answer,
            .pieces, .piecesTaken, .gather, .facts, .factsTaken, .room, .roomHeard, .roomGranted, .roomRecalled,
            .roomLooked, .memoryWanted, .memoryFreed, .frameNamed:
            return nil
        }
    }
}

extension PartitionAnswer {
    /// (ref, status, current offset, stored offset, flags): flags 1 an offset reply, 2 with a stored offset.
    func words(ref: UInt64) -> Letter.Words {
        switch self {
        case .ok: Letter.Words(ref, 0)
        case .status(let code): Letter.Words(ref, UInt64(code.rawValue))
        case .unknown: Letter.Words(ref, UInt64(UInt32.max))
        case .offset(let current, let stored):
            Letter.Words(ref, 0, current, stored ?? 0, stored == nil ? 1 : 3)
        }
    }

    init?(_ words: Letter.Words) {
        if words.e & 1 == 1 {
            self = .offset(current: words.c, stored: words.e & 2 == 2 ? words.d : nil)
            return
        }
        switch words.b {
        case 0: self = .ok
        case UInt64(UInt32.max): self = .unknown
        default:
            guard let code = UInt32(exactly: words.b).flatMap(ErrorCode.init(rawValue:)) else { return nil }
            self = .status(code)
        }
    }
}

extension ConsumerKey {
    fileprivate var word: UInt64 { UInt64(kind.rawValue) << 32 | UInt64(id) }

    fileprivate init?(word: UInt64) {
        guard let kind = Kind(rawValue: UInt8(truncatingIfNeeded: word >> 32)) else { return nil }
        self.init(kind, id: UInt32(truncatingIfNeeded: word))
    }
}

extension PollingStrategy {
    fileprivate var kind: UInt8 {
        switch self {
        case .offset: 1
        case .timestamp: 2
        case .first: 3
        case .last: 4
        case .next: 5
        }
    }

    fileprivate var value: UInt64 {
        switch self {
        case .offset(let value), .timestamp(let value): value
        case .first, .last, .next: 0
        }
    }

    fileprivate init?(kind: UInt8, value: UInt64) {
        switch kind {
        case 1: self = .offset(value)
        case 2: self = .timestamp(value)
        case 3: self = .first
        case 4: self = .last
        case 5: self = .next
        default: return nil
        }
    }
}

/// Pieces of a read as a lent list: what the sending shard needs to know of each.
///
/// | field | width |
/// |---|---:|
/// | current offset | 8 |
/// | piece count | 8 |
/// | per piece: owner, generation, slot, position, byte count of its slice | 2, 2, 4, 4, 4 |
/// | first offset, count, dialect | 8, 4, 4 |
/// | of its batch: base offset, append time, smallest origin time | 8, 8, 8 |
enum PieceList {
    private static let headByteCount = 16
    private static let entryByteCount = 56

    static func byteCount(of pieces: [ReadPiece]) -> Int { headByteCount + pieces.count * entryByteCount }

    /// Writes the list into `byteCount(of:)` bytes.
    static func encode(_ pieces: [ReadPiece], currentOffset: UInt64, into bytes: inout MutableRawSpan) {
        bytes.store(currentOffset, at: 0)
        bytes.store(UInt64(pieces.count), at: 8)
        var at = headByteCount
        for piece in pieces {
            bytes.store(piece.messages.buffer.owner.number, at: at)
            bytes.store(piece.messages.buffer.generation, at: at + 2)
            bytes.store(piece.messages.buffer.slot, at: at + 4)
            bytes.store(piece.messages.position, at: at + 8)
            bytes.store(piece.messages.byteCount, at: at + 12)
            bytes.store(piece.firstOffset, at: at + 16)
            bytes.store(piece.count, at: at + 24)
            bytes.store(UInt32(piece.header.dialect.rawValue), at: at + 28)
            bytes.store(piece.header.baseOffset, at: at + 32)
            bytes.store(piece.header.timestamp, at: at + 40)
            bytes.store(piece.header.minOrigin, at: at + 48)
            at += entryByteCount
        }
    }

    /// Appends the pieces of the list and returns its current offset; nil if it is not whole.
    static func decode(_ bytes: RawSpan, into pieces: inout [MessagePiece]) -> UInt64? {
        var reader = ByteReader(bytes)
        guard let currentOffset = reader.next(UInt64.self), let count = reader.next(UInt64.self) else { return nil }
        pieces.reserveCapacity(min(Int(clamping: count), bytes.byteCount / entryByteCount))
        for _ in 0..<count {
            guard let owner = reader.next(UInt16.self), let generation = reader.next(UInt16.self),
                let slot = reader.next(UInt32.self), let position = reader.next(UInt32.self),
                let byteCount = reader.next(UInt32.self), let firstOffset = reader.next(UInt64.self),
                let messageCount = reader.next(UInt32.self), let dialectNumber = reader.next(UInt32.self),
                let dialect = Dialect(rawValue: UInt8(truncatingIfNeeded: dialectNumber)),
                let baseOffset = reader.next(UInt64.self), let timestamp = reader.next(UInt64.self),
                let minOrigin = reader.next(UInt64.self)
            else { return nil }
            pieces.append(
                MessagePiece(
                    messages: Slice(
                        BufferID(owner: ShardID(owner), slot: slot, generation: generation), position: position,
                        byteCount: byteCount),
                    firstOffset: firstOffset, count: messageCount, dialect: dialect, baseOffset: baseOffset,
                    timestamp: timestamp, minOrigin: minOrigin))
        }
        return currentOffset
    }
}

/// Consecutive messages to be sent, and what of their batch is needed to say them in another dialect.
struct MessagePiece: BitwiseCopyable {
    let messages: Slice
    let firstOffset: UInt64
    let count: UInt32
    let dialect: Dialect
    let baseOffset: UInt64
    let timestamp: UInt64
    let minOrigin: UInt64
}

extension MessagePiece {
    init(_ piece: ReadPiece) {
        self.init(
            messages: piece.messages, firstOffset: piece.firstOffset, count: piece.count,
            dialect: piece.header.dialect, baseOffset: piece.header.baseOffset, timestamp: piece.header.timestamp,
            minOrigin: piece.header.minOrigin)
    }
}
