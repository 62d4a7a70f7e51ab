import Primitives

/// The 96 bytes that end a sealed segment.
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0  | 4 | `GSEL` |
/// | 4  | 1 | format, 1 |
/// | 5  | 3 | 0 |
/// | 8  | 8 | XXH3-64 of bytes 0–7 and 16–95 |
/// | 16 | 8 | incarnation |
/// | 24 | 8 | base offset of the segment |
/// | 32 | 8 | end offset: the base of the next segment |
/// | 40 | 8 | position of this block |
/// | 48 | 8 | classic byte count of the segment |
/// | 56 | 8 | VSR batches it counts as |
/// | 64 | 8 | append time of the first batch |
/// | 72 | 8 | append time of the last batch |
/// | 80 | 8 | durable end |
/// | 88 | 4 | epoch of the last batch |
/// | 92 | 4 | 0 |
struct Seal: Equatable {
    static let byteCount = 96
    private static let magic: UInt32 = 0x4c45_5347

    let incarnation: UInt64
    let baseOffset: UInt64
    let endOffset: UInt64
    let position: UInt64
    let classicByteCount: UInt64
    let vsrBatchCount: UInt64
    let firstTimestamp: UInt64
    let lastTimestamp: UInt64
    let durableEnd: UInt64
    let epoch: UInt32
    /// Bytes 4–7 and 92–95 are as the format has them.
    let isFormatKnown: Bool

    /// Nil unless a block with this magic and a fitting checksum stands at `position`.
    init?(_ bytes: RawSpan, at position: Int) {
        guard bytes.load(UInt32.self, at: position) == Self.magic,
            let block = bytes.slice(at: position, byteCount: Self.byteCount),
            block.load(UInt64.self, at: 8) == blockChecksum(block), let format = block.load(UInt32.self, at: 4),
            let incarnation = block.load(UInt64.self, at: 16), let baseOffset = block.load(UInt64.self, at: 24),
            let endOffset = block.load(UInt64.self, at: 32), let ownPosition = block.load(UInt64.self, at: 40),
            let classicByteCount = block.load(UInt64.self, at: 48),
            let vsrBatchCount = block.load(UInt64.self, at: 56),
            let firstTimestamp = block.load(UInt64.self, at: 64), let lastTimestamp = block.load(UInt64.self, at: 72),
            let durableEnd = block.load(UInt64.self, at: 80), let epoch = block.load(UInt32.self, at: 88),
            let reserved = block.load(UInt32.self, at: 92)
        else { return nil }
        self.incarnation = incarnation
        self.baseOffset = baseOffset
        self.endOffset = endOffset
        self.position = ownPosition
        self.classicByteCount = classicByteCount
        self.vsrBatchCount = vsrBatchCount
        self.firstTimestamp = firstTimestamp
        self.lastTimestamp = lastTimestamp
        self.durableEnd = durableEnd
        self.epoch = epoch
        isFormatKnown = format == 1 && reserved == 0
    }
}
