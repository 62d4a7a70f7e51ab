import Platform
import Primitives

/// Stored consumer offsets of one partition in memory, and what waits for `offsets.log`.
///
/// What is answered and what is read back is always the state after the last record that reached its level.
struct OffsetStore {
    struct Entry: BitwiseCopyable {
        let key: ConsumerKey
        var offset: UInt64
    }

    struct Pending: BitwiseCopyable {
        let record: OffsetRecord
        /// Nil for records of our own: epochs, lowered offsets, a clean end.
        let ref: UInt64?
    }

    enum Phase: BitwiseCopyable, Equatable {
        case idle, writing, syncing, syncingDirectory, cutOpening, cutting
        case compactOpening, compactWriting, compactSyncing, compactRenaming, compactDirectory
        /// A compaction failed: its file is closed, then unlinked.
        case compactClosing, compactUnlinking
    }

    /// Records that did not reach their level are being cut from the file.
    struct Cut: BitwiseCopyable {
        let errno: Errno
        /// How many of those in flight, from the first on, may have been in the file to their last byte.
        let unknownCount: Int
    }

    private(set) var entries: [Entry] = []
    var pending: [Pending] = []
    /// How many of `pending` the write in flight brings.
    var inFlight = 0
    var phase = Phase.idle
    var cut: Cut?
    var buffer: BufferID?
    var bufferByteCount = 0
    var progress = 0
    var hasFile = false
    /// Bytes of whole records in the file.
    var fileEnd: Int64 = 0
    /// Bytes of the file known to be synced.
    var durableFileEnd: Int64 = 0
    var nextSequence: UInt64 = 0
    var isSyncWanted = false
    /// What was cut off behind its last record, by this process or one before it, may come back with a power cut.
    var isCutVolatile = false
    /// The directory entry of a file made by this life is not durable yet.
    var isEntryDirty = false
    /// What the file holds may be lost by a power cut although it was synced: it has to be made anew, of these bytes.
    var copyDue: [UInt8]?
    /// A sync found no room, so the file may have lost what looks written: it is made anew before the next sync.
    var isDoubtful = false
    /// A rename failed: the old file or the new one may stand under the name, so nothing is written to either before it
    /// is made anew.
    var isNameDoubtful = false
    /// Calls in a row that failed and were made again.
    var failuresInRow = 0
    /// Waits for room: tried again by the next tick.
    var isStuck = false
    /// Why nothing is stored any more, until a restart.
    var failure: Errno?
    /// Why the last compaction failed.
    var compactFailure: Errno?
    /// After a failed compaction: not again before the file is longer than this.
    var compactAfter: Int64 = 0
    /// The end of the log that a record vouches for: nothing that a reader saw lies beyond it.
    var vouchedEnd: UInt64?
    var epoch: UInt32 = 0

    func value(of key: ConsumerKey) -> UInt64? {
        let place = place(of: key)
        return place < entries.count && entries[place].key == key ? entries[place].offset : nil
    }

    var smallest: UInt64? { entries.map(\.offset).min() }

    mutating func apply(_ record: OffsetRecord) {
        switch record {
        case .store(let key, let offset):
            let place = place(of: key)
            if place < entries.count, entries[place].key == key {
                entries[place].offset = offset
            } else {
                entries.insert(Entry(key: key, offset: offset), at: place)
            }
        case .delete(let key):
            let place = place(of: key)
            if place < entries.count, entries[place].key == key { entries.remove(at: place) }
        case .epoch(let epoch, let end):
            self.epoch = epoch
            vouchedEnd = end
        case .closed(let end):
            vouchedEnd = end
        }
    }

    /// The records that say all there is to say.
    var compacted: [OffsetRecord] {
        var records = entries.map { OffsetRecord.store($0.key, $0.offset) }
        if epoch > 0 || vouchedEnd != nil { records.insert(.epoch(epoch, end: vouchedEnd ?? 0), at: 0) }
        return records
    }

    /// The value that `key` will have when everything pending is applied.
    func pendingValue(of key: ConsumerKey) -> UInt64? {
        for item in pending.reversed() {
            switch item.record {
            case .store(key, let offset): return offset
            case .delete(key): return nil
            default: continue
            }
        }
        return value(of: key)
    }

    private func place(of key: ConsumerKey) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The body of a record in `offsets.log` (`RecordCodec`, owner = incarnation).
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0        | 1     | kind: 1 store, 2 delete, 3 epoch, 4 closed |
/// | 1        | 1     | consumer kind: 1 single, 2 group; 0 for kinds 3 and 4 |
/// | 2        | 2     | 0 |
/// | 4        | 4     | consumer id; the epoch for kind 3 |
/// | 8        | 8     | stored offset; for kinds 3 and 4 the end of the log at that moment |
/// | 16       | 8     | bytes of this file known to be synced when the record was made |
///
/// `epoch` says that offsets from its end on were given out before and lost; `closed` that the server stopped with
/// exactly this end. Both vouch that no reader has seen beyond it.
enum OffsetRecord: BitwiseCopyable, Equatable {
    case store(ConsumerKey, UInt64)
    case delete(ConsumerKey)
    case epoch(UInt32, end: UInt64)
    case closed(end: UInt64)

    static let byteCount = 24

    func encode(durable: Int64) -> [UInt8] {
        var writer = ByteWriter(reserving: Self.byteCount)
        let (kind, consumer, id, value): (UInt8, UInt8, UInt32, UInt64) =
            switch self {
            case .store(let key, let offset): (1, key.kind.rawValue, key.id, offset)
            case .delete(let key): (2, key.kind.rawValue, key.id, 0)
            case .epoch(let epoch, let end): (3, 0, epoch, end)
            case .closed(let end): (4, 0, 0, end)
            }
        writer.write(kind)
        writer.write(consumer)
        writer.write(UInt16(0))
        writer.write(id)
        writer.write(value)
        writer.write(UInt64(clamping: durable))
        return writer.bytes
    }

    init?(_ bytes: RawSpan, at position: Int, byteCount: Int) {
        guard byteCount == Self.byteCount, let kind = bytes.load(UInt8.self, at: position),
            let consumer = bytes.load(UInt8.self, at: position + 1),
            let id = bytes.load(UInt32.self, at: position + 4),
            let value = bytes.load(UInt64.self, at: position + 8)
        else { return nil }
        let key = ConsumerKey.Kind(rawValue: consumer).map { ConsumerKey($0, id: id) }
        switch (kind, key) {
        case (1, .some(let key)): self = .store(key, value)
        case (2, .some(let key)): self = .delete(key)
        case (3, nil): self = .epoch(id, end: value)
        case (4, nil): self = .closed(end: value)
        default: return nil
        }
    }

    static func durable(_ bytes: RawSpan, at position: Int) -> UInt64 { bytes.load(UInt64.self, at: position + 16) ?? 0 }
}

enum OffsetsStep: BitwiseCopyable {
    case write, sync, syncDirectory, cut
    case compactWrite, compactSync, compactRename, compactDirectory, compactUnlink
}
