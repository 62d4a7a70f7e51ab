/// What is known of one segment: the newest may be writable, all others are sealed.
struct Segment {
    let base: UInt64
    /// The offset after the last message written.
    var end: UInt64
    /// Bytes of whole batches written: where the next one, or the seal, goes.
    var position: Int64 = 0
    /// Bytes of the file that are there with their blocks, zeros behind `position`.
    var allocatedEnd: Int64 = 0
    var classicByteCount: UInt64 = 0
    var vsrBatchCount: UInt64 = 0
    var firstTimestamp: UInt64 = 0
    var lastTimestamp: UInt64 = 0
    var epoch: UInt32 = 0
    var isSealed = false
    /// Waypoints: always there while writable, loaded for readers once sealed.
    var index: SegmentIndex?
    /// Waypoints already in the index file.
    var indexWrittenCount = 0
    /// The index file could not be written; it is rebuilt when somebody needs it.
    var isIndexBroken = false
    /// Reads that have its file in hand: it is not unlinked under them.
    var readerCount = 0

    init(base: UInt64) {
        self.base = base
        end = base
    }

    var isEmpty: Bool { end == base }
    var messageCount: UInt64 { end - base }

    /// Takes a batch that was found or written at `position`.
    mutating func add(_ header: BatchHeader, indexInterval: Int64) {
        if isEmpty { firstTimestamp = header.timestamp }
        index?.note(
            offset: header.baseOffset, position: position, timestamp: header.timestamp, interval: indexInterval)
        end = header.endOffset
        position += header.totalByteCount
        classicByteCount &+= header.classicByteCount
        vsrBatchCount &+= UInt64(header.vsrBatchCount)
        lastTimestamp = header.timestamp
        epoch = max(epoch, header.epoch)
    }

    func seal(incarnation: UInt64, durableEnd: UInt64) -> SegmentSeal {
        SegmentSeal(
            incarnation: incarnation, baseOffset: base, endOffset: end, position: position,
            classicByteCount: classicByteCount, vsrBatchCount: vsrBatchCount, firstTimestamp: firstTimestamp,
            lastTimestamp: lastTimestamp, durableEnd: min(durableEnd, end), epoch: epoch)
    }

    mutating func adopt(_ seal: SegmentSeal) {
        end = seal.endOffset
        position = seal.position
        classicByteCount = seal.classicByteCount
        vsrBatchCount = seal.vsrBatchCount
        firstTimestamp = seal.firstTimestamp
        lastTimestamp = seal.lastTimestamp
        epoch = seal.epoch
        isSealed = true
    }
}
