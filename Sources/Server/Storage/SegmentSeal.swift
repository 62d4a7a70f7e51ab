import Primitives

/// The last block of a sealed segment: what the segment holds, so that a start need not read it.
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0        | 4     | magic, `GSEL` |
/// | 4        | 1     | format, 1 |
/// | 5        | 3     | 0 |
/// | 8        | 8     | checksum: XXH3-64 of bytes 0–7 followed by bytes 16–95 |
/// | 16       | 8     | incarnation of the partition |
/// | 24       | 8     | base offset of the segment |
/// | 32       | 8     | end offset: the base of the next segment |
/// | 40       | 8     | position of this block: bytes of batches before it |
/// | 48       | 8     | classic byte count of its batches |
/// | 56       | 8     | VSR batches they count as |
/// | 64       | 8     | append time of the first batch |
/// | 72       | 8     | append time of the last batch |
/// | 80       | 8     | `durableEnd`: offsets below it were synced when this block was made |
/// | 88       | 4     | epoch of the last batch |
/// | 92       | 4     | 0 |
struct SegmentSeal: BitwiseCopyable, Equatable {
    static let byteCount = 96
    static let magic: UInt32 = 0x4c45_5347

    var incarnation: UInt64
    var baseOffset: UInt64
    var endOffset: UInt64
    var position: Int64
    var classicByteCount: UInt64
    var vsrBatchCount: UInt64
    var firstTimestamp: UInt64
    var lastTimestamp: UInt64
    var durableEnd: UInt64
    var epoch: UInt32

    func encode(into bytes: inout MutableRawSpan) -> Bool {
        guard bytes.byteCount >= Self.byteCount else { return false }
        bytes.store(Self.magic, at: 0)
        bytes.store(UInt32(1), at: 4)
        bytes.store(incarnation, at: 16)
        bytes.store(baseOffset, at: 24)
        bytes.store(endOffset, at: 32)
        bytes.store(UInt64(clamping: position), at: 40)
        bytes.store(classicByteCount, at: 48)
        bytes.store(vsrBatchCount, at: 56)
        bytes.store(firstTimestamp, at: 64)
        bytes.store(lastTimestamp, at: 72)
        bytes.store(durableEnd, at: 80)
        bytes.store(epoch, at: 88)
        bytes.store(UInt32(0), at: 92)
        guard let sum = BlockChecksum.compute(bytes.bytes, at: 0) else { return false }
        return bytes.store(sum, at: 8)
    }

    /// The seal at `position` of `bytes`, which stands at `filePosition` of the segment; nil unless it verifies.
    init?(_ bytes: RawSpan, at position: Int, filePosition: Int64, incarnation expected: UInt64, base: UInt64) {
        guard bytes.load(UInt32.self, at: position) == Self.magic, bytes.load(UInt32.self, at: position + 4) == 1,
            let stored = bytes.load(UInt64.self, at: position + 8),
            bytes.load(UInt64.self, at: position + 16) == expected,
            bytes.load(UInt64.self, at: position + 24) == base,
            let endOffset = bytes.load(UInt64.self, at: position + 32), endOffset > base,
            bytes.load(UInt64.self, at: position + 40) == UInt64(clamping: filePosition),
            let classicByteCount = bytes.load(UInt64.self, at: position + 48),
            let vsrBatchCount = bytes.load(UInt64.self, at: position + 56),
            let firstTimestamp = bytes.load(UInt64.self, at: position + 64),
            let lastTimestamp = bytes.load(UInt64.self, at: position + 72),
            let durableEnd = bytes.load(UInt64.self, at: position + 80), durableEnd <= endOffset,
            let epoch = bytes.load(UInt32.self, at: position + 88),
            stored == BlockChecksum.compute(bytes, at: position)
        else { return nil }
        incarnation = expected
        baseOffset = base
        self.endOffset = endOffset
        self.position = filePosition
        self.classicByteCount = classicByteCount
        self.vsrBatchCount = vsrBatchCount
        self.firstTimestamp = firstTimestamp
        self.lastTimestamp = lastTimestamp
        self.durableEnd = durableEnd
        self.epoch = epoch
    }

    init(
        incarnation: UInt64, baseOffset: UInt64, endOffset: UInt64, position: Int64, classicByteCount: UInt64,
        vsrBatchCount: UInt64, firstTimestamp: UInt64, lastTimestamp: UInt64, durableEnd: UInt64, epoch: UInt32
    ) {
        self.incarnation = incarnation
        self.baseOffset = baseOffset
        self.endOffset = endOffset
        self.position = position
        self.classicByteCount = classicByteCount
        self.vsrBatchCount = vsrBatchCount
        self.firstTimestamp = firstTimestamp
        self.lastTimestamp = lastTimestamp
        self.durableEnd = durableEnd
        self.epoch = epoch
    }
}
