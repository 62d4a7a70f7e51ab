import Platform

/// Verified batches that stand one after another in a buffer read from a segment.
struct CachedPiece {
    struct Batch: BitwiseCopyable {
        let header: BatchHeader
        let messages: Slice
    }

    let serial: UInt64
    let isKept: Bool
    let buffer: BufferID
    let byteCount: Int
    let batches: [Batch]

    var first: UInt64 { batches.first?.header.baseOffset ?? 0 }
    var end: UInt64 { batches.last?.header.endOffset ?? 0 }

    func batch(holding offset: UInt64) -> Batch? {
        var low = 0
        var high = batches.count
        while low < high {
            let middle = (low + high) / 2
            if batches[middle].header.endOffset <= offset { low = middle + 1 } else { high = middle }
        }
        guard low < batches.count, batches[low].header.baseOffset <= offset else { return nil }
        return batches[low]
    }
}

/// The cached pieces of a shard, in two queues, each in the order in which they were read.
///
/// A piece read for the first time is soon let go: who reads once from the first message to the last leaves nothing
/// behind, and its few buffers stay in the processor's cache. A piece read again is kept.
struct PieceOrder {
    struct Entry: BitwiseCopyable {
        let slot: Int
        let serial: UInt64
    }

    struct Queue {
        private var entries: [Entry] = []
        private var head = 0
        /// Bytes of its pieces.
        var byteCount = 0

        var count: Int { entries.count - head }

        mutating func push(_ entry: Entry) { entries.append(entry) }

        mutating func pop() -> Entry? {
            guard head < entries.count else { return nil }
            let entry = entries[head]
            head += 1
            if head >= 64, head * 2 > entries.count {
                entries.removeFirst(head)
                head = 0
            }
            return entry
        }
    }

    var fresh = Queue()
    var kept = Queue()
    private var nextSerial: UInt64 = 0
    /// Where pieces that were read lately begin, and before those.
    private var seen: Set<Place> = []
    private var seenBefore: Set<Place> = []
    /// When so many are in the newer set, the older one is forgotten.
    private static let seenMax = 8_192

    private struct Place: Hashable {
        let incarnation: UInt64
        let offset: UInt64
    }

    mutating func push(slot: Int, isKept: Bool, byteCount: Int) -> UInt64 {
        nextSerial += 1
        let entry = Entry(slot: slot, serial: nextSerial)
        if isKept {
            kept.push(entry)
            kept.byteCount += byteCount
        } else {
            fresh.push(entry)
            fresh.byteCount += byteCount
        }
        return nextSerial
    }

    /// Was a piece that begins there read lately? From now on it was.
    mutating func wasSeen(_ incarnation: UInt64, _ offset: UInt64) -> Bool {
        let place = Place(incarnation: incarnation, offset: offset)
        if seen.count == Self.seenMax {
            seenBefore = seen
            seen = []
        }
        return !seen.insert(place).inserted || seenBefore.contains(place)
    }

    mutating func forget(_ piece: CachedPiece) {
        if piece.isKept { kept.byteCount -= piece.byteCount } else { fresh.byteCount -= piece.byteCount }
    }
}

extension PartitionStore {
    /// Keeps a piece for the next reader; older ones go until the cache fits its bounds. The new one always stays.
    mutating func cachePiece<W: World & ~Copyable>(
        _ slot: Int, _ buffer: BufferID, _ batches: [CachedPiece.Batch], _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        let byteCount = try world.byteCount(of: buffer)
        let first = batches.first?.header.baseOffset ?? 0
        let isKept = pieceOrder.wasSeen(logs[slot].incarnation, first)
        let piece = CachedPiece(
            serial: pieceOrder.push(slot: slot, isKept: isKept, byteCount: byteCount), isKept: isKept, buffer: buffer,
            byteCount: byteCount, batches: batches)
        logs[slot].pieces.insert(piece, at: piecesUpTo(slot, first))
        let freshBytesMax = min(settings.freshPieceBytesMax, settings.pieceCacheBytesMax)
        while pieceOrder.fresh.byteCount > freshBytesMax, isKept || pieceOrder.fresh.count > 1,
            let oldest = pieceOrder.fresh.pop() {
            try dropPiece(oldest, &world, &buffers)
        }
        while pieceOrder.kept.byteCount > settings.pieceCacheBytesMax, !isKept || pieceOrder.kept.count > 1,
            let oldest = pieceOrder.kept.pop() {
            try dropPiece(oldest, &world, &buffers)
        }
    }

    /// False if none is left.
    mutating func dropOldestPiece<W: World & ~Copyable>(
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> Bool {
        guard let oldest = pieceOrder.fresh.pop() ?? pieceOrder.kept.pop() else { return false }
        try dropPiece(oldest, &world, &buffers)
        return true
    }

    private mutating func dropPiece<W: World & ~Copyable>(
        _ entry: PieceOrder.Entry, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard has(UInt32(entry.slot)),
            let place = logs[entry.slot].pieces.firstIndex(where: { $0.serial == entry.serial })
        else { return }
        let piece = logs[entry.slot].pieces.remove(at: place)
        pieceOrder.forget(piece)
        try buffers.release(piece.buffer, &world)
    }

    mutating func dropPieces<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        for piece in logs[slot].pieces {
            pieceOrder.forget(piece)
            try buffers.release(piece.buffer, &world)
        }
        logs[slot].pieces = []
    }

    /// The cached batch that holds `offset`.
    func cachedBatch(_ slot: Int, holding offset: UInt64) -> CachedPiece.Batch? {
        let count = piecesUpTo(slot, offset)
        return count == 0 ? nil : logs[slot].pieces[count - 1].batch(holding: offset)
    }

    /// How many of the partition's pieces begin at `offset` or before.
    private func piecesUpTo(_ slot: Int, _ offset: UInt64) -> Int {
        var low = 0
        var high = logs[slot].pieces.count
        while low < high {
            let middle = (low + high) / 2
            if logs[slot].pieces[middle].first <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
