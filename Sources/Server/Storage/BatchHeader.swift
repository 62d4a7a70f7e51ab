import Primitives

/// The fixed head of a batch in a segment: everything but the messages, under its own checksum.
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0        | 4     | magic, `GBAT` |
/// | 4        | 1     | format, 1 |
/// | 5        | 1     | dialect of the body: 1 classic messages, 2 VSR frames without their 256-byte header |
/// | 6        | 2     | flags: bits 0–1 the level its producer waited for (`Durability`), the rest 0 |
/// | 8        | 8     | header checksum: XXH3-64 of bytes 0–7 followed by bytes 16–95 |
/// | 16       | 8     | body checksum: XXH3-64 over the 8 checksum bytes of each message, in order |
/// | 24       | 8     | incarnation of the partition |
/// | 32       | 8     | base offset |
/// | 40       | 4     | message count, at least 1 |
/// | 44       | 4     | epoch |
/// | 48       | 8     | body byte count |
/// | 56       | 8     | classic byte count: 64 + payload + user headers of each message |
/// | 64       | 8     | append time, µs since 1970; never below the batch before |
/// | 72       | 8     | smallest origin time of its messages, µs |
/// | 80       | 8     | `durableEnd`: offsets below it were synced when this header was made |
/// | 88       | 4     | VSR batches it counts as |
/// | 92       | 4     | 0 |
///
/// All integers are little endian. The body follows at once; the next batch follows the body.
public struct BatchHeader: BitwiseCopyable, Equatable, Sendable {
    public static let byteCount = 96
    static let magic: UInt32 = 0x5441_4247
    static let format: UInt8 = 1

    public var dialect: Dialect
    public var level: Durability
    public var bodyChecksum: UInt64
    public var incarnation: UInt64
    public var baseOffset: UInt64
    public var messageCount: UInt32
    public var epoch: UInt32
    public var bodyByteCount: UInt64
    public var classicByteCount: UInt64
    public var timestamp: UInt64
    public var minOrigin: UInt64
    public var durableEnd: UInt64
    public var vsrBatchCount: UInt32

    /// The offset after its last message.
    public var endOffset: UInt64 { baseOffset &+ UInt64(messageCount) }
    /// Header and body, as they lie in the segment.
    var totalByteCount: Int64 { Int64(Self.byteCount) + Int64(bodyByteCount) }

    /// Writes the 96 bytes to the start of `bytes`. False, and nothing relied on, if there is no room.
    func encode(into bytes: inout MutableRawSpan) -> Bool {
        guard bytes.byteCount >= Self.byteCount else { return false }
        bytes.store(Self.magic, at: 0)
        bytes.store(Self.format, at: 4)
        bytes.store(dialect.rawValue, at: 5)
        bytes.store(UInt16(level.rawValue), at: 6)
        bytes.store(bodyChecksum, at: 16)
        bytes.store(incarnation, at: 24)
        bytes.store(baseOffset, at: 32)
        bytes.store(messageCount, at: 40)
        bytes.store(epoch, at: 44)
        bytes.store(bodyByteCount, at: 48)
        bytes.store(classicByteCount, at: 56)
        bytes.store(timestamp, at: 64)
        bytes.store(minOrigin, at: 72)
        bytes.store(durableEnd, at: 80)
        bytes.store(vsrBatchCount, at: 88)
        bytes.store(UInt32(0), at: 92)
        guard let sum = BlockChecksum.compute(bytes.bytes, at: 0) else { return false }
        return bytes.store(sum, at: 8)
    }

    /// The header at `position`; nil unless it is whole, verifies, belongs to `incarnation` and claims nothing that
    /// could overflow or exceed `bodyBytesMax`.
    init?(_ bytes: RawSpan, at position: Int, incarnation expected: UInt64, bodyBytesMax: UInt64) {
        guard bytes.load(UInt32.self, at: position) == Self.magic,
            bytes.load(UInt8.self, at: position + 4) == Self.format,
            let dialectByte = bytes.load(UInt8.self, at: position + 5), let dialect = Dialect(rawValue: dialectByte),
            let flags = bytes.load(UInt16.self, at: position + 6), flags <= 2,
            let level = Durability(rawValue: UInt8(truncatingIfNeeded: flags)),
            let stored = bytes.load(UInt64.self, at: position + 8),
            let bodyChecksum = bytes.load(UInt64.self, at: position + 16),
            bytes.load(UInt64.self, at: position + 24) == expected,
            let baseOffset = bytes.load(UInt64.self, at: position + 32),
            let messageCount = bytes.load(UInt32.self, at: position + 40), messageCount > 0,
            let epoch = bytes.load(UInt32.self, at: position + 44),
            let bodyByteCount = bytes.load(UInt64.self, at: position + 48), bodyByteCount <= bodyBytesMax,
            let classicByteCount = bytes.load(UInt64.self, at: position + 56), classicByteCount <= 1 << 40,
            let timestamp = bytes.load(UInt64.self, at: position + 64),
            let minOrigin = bytes.load(UInt64.self, at: position + 72),
            let durableEnd = bytes.load(UInt64.self, at: position + 80), durableEnd <= baseOffset,
            let vsrBatchCount = bytes.load(UInt32.self, at: position + 88),
            bytes.load(UInt32.self, at: position + 92) == 0,
            baseOffset <= UInt64.max - UInt64(messageCount),
            stored == BlockChecksum.compute(bytes, at: position)
        else { return nil }
        self.init(
            dialect: dialect, level: level, bodyChecksum: bodyChecksum, incarnation: expected,
            baseOffset: baseOffset, messageCount: messageCount, epoch: epoch, bodyByteCount: bodyByteCount,
            classicByteCount: classicByteCount, timestamp: timestamp, minOrigin: minOrigin,
            durableEnd: durableEnd, vsrBatchCount: vsrBatchCount)
    }

    init(
        dialect: Dialect, level: Durability, bodyChecksum: UInt64, incarnation: UInt64, baseOffset: UInt64,
        messageCount: UInt32, epoch: UInt32, bodyByteCount: UInt64, classicByteCount: UInt64, timestamp: UInt64,
        minOrigin: UInt64, durableEnd: UInt64, vsrBatchCount: UInt32
    ) {
        self.dialect = dialect
        self.level = level
        self.bodyChecksum = bodyChecksum
        self.incarnation = incarnation
        self.baseOffset = baseOffset
        self.messageCount = messageCount
        self.epoch = epoch
        self.bodyByteCount = bodyByteCount
        self.classicByteCount = classicByteCount
        self.timestamp = timestamp
        self.minOrigin = minOrigin
        self.durableEnd = durableEnd
        self.vsrBatchCount = vsrBatchCount
    }
}

/// In whose bytes a batch lies on disk: those of the wire that produced it.
public enum Dialect: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    case classic = 1
    case vsr = 2
}

/// The checksum of a 96-byte block whose own place, bytes 8–15, is left out.
enum BlockChecksum {
    static let byteCount = 96

    static func compute(_ bytes: RawSpan, at position: Int) -> UInt64? {
        guard let head = bytes.load(UInt64.self, at: position),
            let rest = bytes.slice(at: position + 16, byteCount: byteCount - 16)
        else { return nil }
        return XXH3.hash(head, followedBy: rest)
    }
}
