import Platform

/// A read under way: what was found so far, and where on disk it looks next.
struct ReadTask {
    let id: UInt32
    let ref: UInt64
    /// The offset of the next message to give out.
    var next: UInt64
    /// Batches older than this are passed over; 0 once the first match is found.
    var timestampMin: UInt64
    var countLeft: UInt32
    var bytesLeft: Int
    var pieces: [ReadPiece] = []
    var window = Window()
    /// The segment it has in hand; counted as a reader there.
    var segmentBase: UInt64?
    /// Where in that segment the batch at `scanOffset` begins.
    var scanPosition: Int64 = 0
    var scanOffset: UInt64 = 0
    /// Bytes of the last batch met on disk: the usual next one is as large.
    var batchByteCount = 0
    /// Waypoints gathered so far when the segment's index has to be loaded or made.
    var loading: IndexLoad?
    /// The file whose read is in flight: pinned.
    var pinned: Path?

    struct IndexLoad {
        var index = SegmentIndex()
        var position: Int64 = 0
        /// Past the file: the rest is found by hopping through the log.
        var isHopping = false
        var hopPosition: Int64 = 0
        /// Of the batch there. The scan has a place of its own: another reader's index may end the hopping at any time.
        var hopOffset: UInt64 = 0
        /// The file is whole and right.
        var isOnDisk = true
    }
}
