import Primitives

/// The 96 bytes before the messages of a batch.
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0  | 4 | `GBAT` |
/// | 4  | 1 | format, 1 |
/// | 5  | 1 | dialect: 1 classic, 2 VSR |
/// | 6  | 2 | flags: bits 0–1 the level its producer waited for, 0 memory, 1 process, 2 power; the rest 0 |
/// | 8  | 8 | XXH3-64 of bytes 0–7 and 16–95 |
/// | 16 | 8 | body checksum: XXH3-64 of the messages' checksums, 8 bytes each |
/// | 24 | 8 | incarnation |
/// | 32 | 8 | base offset |
/// | 40 | 4 | message count, at least 1 |
/// | 44 | 4 | epoch |
/// | 48 | 8 | body byte count |
/// | 56 | 8 | classic byte count |
/// | 64 | 8 | append time, µs |
/// | 72 | 8 | smallest origin time, µs |
/// | 80 | 8 | durable end |
/// | 88 | 4 | VSR batches it counts as |
/// | 92 | 4 | 0 |
struct BatchHead: Equatable {
    static let byteCount = 96
    private static let magic: UInt32 = 0x5441_4247

    enum Dialect: UInt8 { case classic = 1, vsr = 2 }

    let dialect: Dialect
    let bodyChecksum: UInt64
    let incarnation: UInt64
    let baseOffset: UInt64
    let messageCount: UInt32
    let epoch: UInt32
    let bodyByteCount: Int
    let classicByteCount: UInt64
    let timestamp: UInt64
    let minOrigin: UInt64
    let durableEnd: UInt64
    let vsrBatchCount: UInt32
    let endOffset: UInt64

    var totalByteCount: Int { Self.byteCount + bodyByteCount }

    enum Reading: Equatable {
        case head(BatchHead)
        /// No block with this magic and a fitting checksum stands here.
        case none
        /// The checksum fits, but a field holds what the format does not have; which, in words.
        case invalid(String)
    }

    static func read(_ bytes: RawSpan, at position: Int) -> Reading {
        guard bytes.load(UInt32.self, at: position) == magic, let block = bytes.slice(at: position, byteCount: byteCount),
            block.load(UInt64.self, at: 8) == blockChecksum(block)
        else { return .none }
        guard block.load(UInt8.self, at: 4) == 1 else { return .invalid("the format is not 1") }
        guard let dialect = block.load(UInt8.self, at: 5).flatMap(Dialect.init) else {
            return .invalid("there is no such dialect")
        }
        guard let flags = block.load(UInt16.self, at: 6), flags <= 2 else { return .invalid("unknown flags") }
        guard block.load(UInt32.self, at: 92) == 0 else { return .invalid("the last four bytes are not zero") }
        return read(block, dialect)
    }

    private static func read(_ block: RawSpan, _ dialect: Dialect) -> Reading {
        guard let bodyChecksum = block.load(UInt64.self, at: 16), let incarnation = block.load(UInt64.self, at: 24),
            let baseOffset = block.load(UInt64.self, at: 32), let messageCount = block.load(UInt32.self, at: 40),
            let epoch = block.load(UInt32.self, at: 44), let bodyByteCount = block.load(UInt64.self, at: 48),
            let classicByteCount = block.load(UInt64.self, at: 56), let timestamp = block.load(UInt64.self, at: 64),
            let minOrigin = block.load(UInt64.self, at: 72), let durableEnd = block.load(UInt64.self, at: 80),
            let vsrBatchCount = block.load(UInt32.self, at: 88)
        else { return .none }
        guard messageCount > 0 else { return .invalid("it has no message") }
        guard bodyByteCount <= 1 << 40 else { return .invalid("a body of \(bodyByteCount) bytes") }
        let (endOffset, isOver) = baseOffset.addingReportingOverflow(UInt64(messageCount))
        guard !isOver else { return .invalid("its offsets exceed 64 bits") }
        return .head(
            BatchHead(
                dialect: dialect, bodyChecksum: bodyChecksum, incarnation: incarnation, baseOffset: baseOffset,
                messageCount: messageCount, epoch: epoch, bodyByteCount: Int(bodyByteCount),
                classicByteCount: classicByteCount, timestamp: timestamp, minOrigin: minOrigin,
                durableEnd: durableEnd, vsrBatchCount: vsrBatchCount, endOffset: endOffset))
    }
}

/// The checksum of a block of 96 bytes that holds its checksum at 8.
func blockChecksum(_ block: RawSpan) -> UInt64? {
    guard let head = block.slice(at: 0, byteCount: 8), let rest = block.slice(at: 16, byteCount: 80) else { return nil }
    var hash = XXH3.Stream()
    hash.update(head)
    hash.update(rest)
    return hash.finalize()
}
