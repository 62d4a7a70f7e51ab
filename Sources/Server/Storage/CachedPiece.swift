import Platform

/// Verified batches that stand one after another in a buffer read from a segment.
struct CachedPiece {
    struct Batch: BitwiseCopyable {
        let header: BatchHeader
        let messages: Slice
    }

    let serial: UInt64
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

/// The cached pieces of a shard in the order in which they were read.
struct PieceOrder {
    struct Entry: BitwiseCopyable {
        let slot: Int
        let serial: UInt64
    }

    private var entries: [Entry] = []
    private var head = 0
    private var nextSerial: UInt64 = 0
    /// Bytes of all pieces cached.
    var byteCount = 0

    var count: Int { entries.count - head }

    mutating func push(slot: Int) -> UInt64 {
        nextSerial += 1
        entries.append(Entry(slot: slot, serial: nextSerial))
        return nextSerial
    }

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

extension PartitionStore {
    /// Keeps a piece for the next reader; older ones go until the cache fits its bound. The new one always stays.
    mutating func cachePiece<W: World & ~Copyable>(
        _ slot: Int, _ buffer: BufferID, _ batches: [CachedPiece.Batch], _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        let byteCount = try world.byteCount(of: buffer)
        let piece = CachedPiece(
            serial: pieceOrder.push(slot: slot), buffer: buffer, byteCount: byteCount, batches: batches)
        pieceOrder.byteCount += byteCount
        let place = logs[slot].pieces.firstIndex { $0.first > piece.first } ?? logs[slot].pieces.count
        logs[slot].pieces.insert(piece, at: place)
        while pieceOrder.byteCount > settings.pieceCacheBytesMax, pieceOrder.count > 1, let oldest = pieceOrder.pop() {
            try dropPiece(oldest, &world, &buffers)
        }
    }

    private mutating func dropPiece<W: World & ~Copyable>(
        _ entry: PieceOrder.Entry, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        guard has(UInt32(entry.slot)),
            let place = logs[entry.slot].pieces.firstIndex(where: { $0.serial == entry.serial })
        else { return }
        let piece = logs[entry.slot].pieces.remove(at: place)
        pieceOrder.byteCount -= piece.byteCount
        try buffers.release(piece.buffer, &world)
    }

    mutating func dropPieces<W: World & ~Copyable>(
        _ slot: Int, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        for piece in logs[slot].pieces {
            pieceOrder.byteCount -= piece.byteCount
            try buffers.release(piece.buffer, &world)
        }
        logs[slot].pieces = []
    }

    /// The cached batch that holds `offset`.
    func cachedBatch(_ slot: Int, holding offset: UInt64) -> CachedPiece.Batch? {
        var low = 0
        var high = logs[slot].pieces.count
        while low < high {
            let middle = (low + high) / 2
            if logs[slot].pieces[middle].first <= offset { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : logs[slot].pieces[low - 1].batch(holding: offset)
    }
}
