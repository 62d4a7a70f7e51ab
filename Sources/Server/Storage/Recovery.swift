import Platform
import Primitives

/// The recovery of one partition: what has been found, and what is looked at now.
///
/// Looking and doing are apart: the phases up to `deciding` only read; what must change is then a list of actions, and
/// a second recovery of the same files finds nothing to change.
struct Recovery {
    enum Phase: Equatable {
        /// Waiting for its turn.
        case queued
        case listing
        case readingOffsets
        /// Looking for the seal at the end of segment n.
        case seal(Int)
        /// Hopping from header to header of segment n.
        case hop(Int)
        /// Verifying the bodies of segment n that no header vouches for.
        case verify(Int)
        /// Looking for anything valid behind the break.
        case search
        case deciding
        /// Reading the headers of the segment that was cut once more, up to the cut.
        case recount(Int)
        case index
        case acting
        case recording
    }

    /// What was found of one segment.
    struct Found {
        var segment: Segment
        var fileByteCount: Int64 = 0
        var hasIndexFile = false
        /// Where the chain of headers stopped, if not at the end of the file.
        var stop: Break?
        /// The `durableEnd` of the last header passed.
        var lastDurableEnd: UInt64 = 0
        /// Where the first batch stands that no header or seal vouches for; nil if there is none.
        var tailPosition: Int64?

        /// The bytes of the file that may not be durable: batches from `tailPosition` on, and the seal.
        var tail: Range<Int64> {
            let end = segment.position + (segment.isSealed ? Int64(SegmentSeal.byteCount) : 0)
            return min(tailPosition ?? segment.position, segment.position)..<end
        }
    }

    /// The first place that does not hold a whole, valid batch.
    struct Break: Equatable {
        var place: Int
        var position: Int64
        var offset: UInt64
        /// The header there is valid and claims bytes up to here; nil if there is no valid header.
        var claimedEnd: Int64?
        /// Nothing stands there: the file ends, or only zeros follow.
        var isClean = false
        /// All bytes of the block or batch have been written, so that it is not what a write left incomplete.
        var isComplete = false
    }

    /// Where a copy stands.
    struct Copying {
        var source: Int64 = 0
        var target: Int64 = 0
        var sequence: UInt64 = 0
        /// The record of the piece being written, and the bytes of the source it stands for.
        var buffer: BufferID?
        var recordByteCount = 0
        var pieceByteCount = 0
        var isDone = false
    }

    enum OffsetsTail {
        case nothing
        /// Only what a power cut may take.
        case dispensable
        /// Something that is, or may be, promised to survive one.
        case promised
        /// The file is being made anew.
        case anew
    }

    enum Action: Equatable {
        case unlink(Path)
        case truncate(Path, to: Int64)
        /// Writes these bytes of the file once more, as they are.
        case rewrite(Path, Range<Int64>)
        case writeSeal(Path, SegmentSeal, at: Int64)
        /// Copies these bytes of the file, each piece with its place, into another.
        case copy(Path, Range<Int64>, to: Path)
        /// Puts what `copy` wrote back in its place.
        case restore(Path, to: Path)
        case rename(Path, to: Path)
        case sync(Path)
        case syncDirectory
        /// The directory that holds the partition's.
        case syncParent
    }

    let isSameBoot: Bool
    var phase = Phase.queued
    var window = Window()
    var pinned: Path?
    /// An operation other than a read is in flight.
    var isBusy = false
    var failure: Errno?
    var listBuffer: BufferID?
    var listBufferByteCount = 64 << 10
    /// What the last operation moved, or would have listed.
    var movedByteCount = 0

    var found: [Found] = []
    var hasOffsets = false
    var offsetsBytes: [UInt8] = []
    /// What the end of `offsets.log` beyond its durable bytes consists of.
    var offsetsTail = OffsetsTail.nothing
    /// The largest `durableEnd` that any header or seal holds.
    var durableEnd: UInt64 = 0
    /// What `durableEnd` was when the bodies were verified.
    var verifiedFrom: UInt64 = 0
    /// Where the hop or the verification stands.
    var position: Int64 = 0
    /// Header of the batch passed last: a large one suggests small reads.
    var hopByteCount: Int64 = 0
    var limit: Int64 = 0
    var broken: Break?
    var searchSawBytes = false
    var searchSawBatch = false
    var cutByteCount: UInt64 = 0
    var actions: [Action] = []
    var nextAction = 0
    /// How far the piece being written has come, or the range if it is written in place.
    var rewritten: Int64 = 0
    var copying: Copying?
    var isRewriting = false
    var indexMatched = 0
    var indexByteCount: Int64 = 0
    /// The epochs that `offsets.log` records.
    var epochs = RecordedEpochs()
    /// What the next batch must be like, while headers are passed or bodies verified.
    var order = BatchOrder(from: 0, behind: nil, RecordedEpochs())
    /// Segments with a copy of their end, and whether these are being put back.
    var tails: [UInt64] = []
    var isRestoring = false
    /// Batches that nothing vouches for waited for `power`: they may have been promised to survive a power cut.
    var hasPromised = false
    var hasSecured = false
    var hasSynced = false
    var newEpoch: UInt32?

    init(isSameBoot: Bool) { self.isSameBoot = isSameBoot }

    /// What a batch at `offset` of segment `place` must be like: that of a waypoint, or the first.
    func order(in place: Int, from offset: UInt64) -> BatchOrder {
        BatchOrder(from: offset, behind: found[..<place].last { !$0.segment.isEmpty }?.segment, epochs)
    }
}
