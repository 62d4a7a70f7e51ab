import Platform
import Primitives

/// What the bytes of a catalog log say: the changes up to its end, and where that end is.
enum CatalogReplay {
    enum Result {
        /// `byteCount` bytes are whole records, the last of them that before `nextSequence`; what the file holds
        /// beyond them is an incomplete last record.
        case replayed(Catalog, byteCount: Int, nextSequence: UInt64)
        /// A record that is not the incomplete last one is damaged.
        case damaged(position: Int)
    }

    /// Applies the records of a log to the catalog as of just before `first`. The first record must have `sequence`;
    /// those below `first` are in the catalog already: a crash came before their log was unlinked.
    ///
    /// Only the last record can be incomplete, since each is synced before the next is written. On the boot that
    /// wrote it an incomplete record is a short one; after a power cut its bytes may be there and be anything.
    static func replay(
        _ log: RawSpan, onto snapshot: Catalog, from first: UInt64, sequence: UInt64, isSameBoot: Bool
    ) throws(MachineFailure) -> Result {
        // Records between the two are missing.
        guard sequence <= first else { return .damaged(position: 0) }
        var catalog = snapshot
        var position = 0
        var next = sequence
        while true {
            switch RecordCodec.scan(log, at: position, owner: 0) {
            case .end:
                return .replayed(catalog, byteCount: position, nextSequence: next)
            case .damaged:
                if RecordCodec.hasRecord(log, after: position, owner: 0)
                    || (isSameBoot && RecordCodec.isThere(log, at: position))
                {
                    return .damaged(position: position)
                }
                return .replayed(catalog, byteCount: position, nextSequence: next)
            case .record(let recordSequence, let bodyPosition, let bodyByteCount, let end):
                guard recordSequence == next, let body = log.slice(at: bodyPosition, byteCount: bodyByteCount),
                    let change = Change(decoding: body)
                else { return .damaged(position: position) }
                if recordSequence >= first { _ = try catalog.apply(change) }
                position = end
                next += 1
            }
        }
    }

}
