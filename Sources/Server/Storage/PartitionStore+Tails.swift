import Platform
import Primitives

// A copy of a segment's end, made before that end is written over.
//
// A power cut during a write may leave anything where it wrote, also where it wrote what already stood there. Batches
// that may have been promised to survive a power cut are therefore copied to `<base>.tail` first, and that is durable
// before the first byte of the segment is touched. A start that finds the copy puts it back in its place, whatever
// has become of the segment meanwhile; then it is removed.
//
// The copy consists of records (`RecordCodec`, owner = incarnation, sequence from 0): position u64, then the bytes.

extension PartitionStore {
    private static var placeByteCount: Int { 8 }

    /// Plans the copies: under another name first, so that a copy that is there is always whole.
    func planCopies(_ slot: Int, _ promised: [Recovery.Found], _ recovery: inout Recovery) {
        if promised.isEmpty { return }
        for found in promised {
            let base = found.segment.base
            let temporary = Path.segmentTailTemporary(incarnation: logs[slot].incarnation, base: base)
            recovery.actions.append(.copy(logs[slot].path(logOf: base), found.tail, to: temporary))
            recovery.actions.append(.sync(temporary))
            recovery.actions.append(.rename(temporary, to: logs[slot].path(tailOf: base)))
        }
        recovery.actions.append(.syncDirectory)
    }

    /// Plans to put the copies back that a start before this one has left.
    func restoreTails(_ slot: Int, _ recovery: inout Recovery) {
        if recovery.tails.isEmpty { return }
        recovery.isRestoring = true
        // Their names may be nowhere but in memory: as long as that is so the segments must not be touched.
        recovery.actions.append(.syncDirectory)
        for base in recovery.tails where recovery.found.contains(where: { $0.segment.base == base }) {
            let segment = logs[slot].path(logOf: base)
            recovery.actions.append(.restore(logs[slot].path(tailOf: base), to: segment))
            recovery.actions.append(.sync(segment))
        }
        for base in recovery.tails { recovery.actions.append(.unlink(logs[slot].path(tailOf: base))) }
        recovery.actions.append(.syncDirectory)
    }

    /// The segments are as they were: now they are looked at.
    mutating func restored<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W
    ) throws(MachineFailure) -> RecoveryStep {
        // How long they are is asked anew.
        for base in recovery.tails {
            let path = logs[slot].path(logOf: base)
            try files.discard(path, &world, &operations)
            if files.holds(path) { return .waiting }
        }
        recovery.isRestoring = false
        recovery.tails = []
        recovery.phase = .readingOffsets
        return .again
    }

    /// Copies the next piece.
    mutating func copy<W: World & ~Copyable>(
        _ slot: Int, _ source: Path, _ range: Range<Int64>, to target: Path, _ recovery: inout Recovery,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        var copying = recovery.copying ?? Recovery.Copying(source: range.lowerBound)
        defer { recovery.copying = copying.isDone ? nil : copying }
        if let buffer = copying.buffer, recovery.rewritten == Int64(copying.recordByteCount) {
            try buffers.release(buffer, &world)
            copying.buffer = nil
            copying.source += Int64(copying.pieceByteCount)
            copying.target += Int64(copying.recordByteCount)
            copying.sequence += 1
            recovery.rewritten = 0
        }
        if copying.source >= range.upperBound {
            copying.isDone = true
            recovery.nextAction += 1
            return .again
        }
        if copying.buffer == nil {
            let byteCount = Int(min(Int64(settings.readPieceBytes), range.upperBound - copying.source))
            var length = range.upperBound
            let start: Int
            switch try look(
                slot, &recovery, source, at: copying.source, need: byteCount, prefer: settings.readPieceBytes,
                &length, &world, &buffers) {
            case .ready(let found): start = found
            case .short: return .quarantined(unreadable(.inputOutput))
            case .step(let step): return step
            }
            let recordByteCount = RecordCodec.headByteCount + Self.placeByteCount + byteCount
            guard let buffer = try buffers.allocate(byteCount: recordByteCount, &world) else {
                wait(forMemory: slot)
                return .waiting
            }
            copying.buffer = buffer
            copying.pieceByteCount = byteCount
            copying.recordByteCount = recordByteCount
            var body = ByteWriter(reserving: Self.placeByteCount + byteCount)
            body.write(UInt64(clamping: copying.source))
            let piece = try recovery.window.slice(start, byteCount)
            body.write(try world.bytes(of: piece))
            var record = ByteWriter(reserving: recordByteCount)
            RecordCodec.append(
                body: body.bytes, sequence: copying.sequence, owner: logs[slot].incarnation, to: &record)
            var bytes = try world.mutableBytes(of: Slice(buffer, position: 0, byteCount: UInt32(recordByteCount)))
            try invariant(bytes.store(record.bytes.rawSpan, at: 0), "a record fits its buffer")
        }
        guard let buffer = copying.buffer else { throw MachineFailure("a piece being copied has its buffer") }
        let done = recovery.rewritten
        return try writeAgain(
            slot, target,
            Slice(buffer, position: UInt32(done), byteCount: UInt32(Int64(copying.recordByteCount) - done)),
            at: copying.target + done, mode: copying.target + done == 0 ? .replace : .readWrite, &recovery, &world)
    }

    /// Puts the next piece back. What of the copy does not verify stays where it is: the segment is judged anyway.
    mutating func restore<W: World & ~Copyable>(
        _ slot: Int, _ source: Path, to target: Path, _ recovery: inout Recovery,
        _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) -> RecoveryStep {
        var copying = recovery.copying ?? Recovery.Copying()
        recovery.copying = copying
        var length: Int64 = 0
        let headByteCount = RecordCodec.headByteCount + Self.placeByteCount
        switch try look(
            slot, &recovery, source, at: copying.source, need: headByteCount, prefer: settings.readPieceBytes, &length,
            &world, &buffers) {
        case .ready(let start):
            let slice = try recovery.window.slice(start, headByteCount)
            let head = try world.bytes(of: slice)
            let bodyByteCount = Int(head.load(UInt32.self, at: 4) ?? 0)
            guard bodyByteCount > Self.placeByteCount, bodyByteCount <= RecordCodec.bodyBytesMax else { break }
            copying.recordByteCount = RecordCodec.headByteCount + bodyByteCount
            copying.pieceByteCount = bodyByteCount - Self.placeByteCount
        case .short: break
        case .step(let step): return step
        }
        if copying.recordByteCount == 0 { return endRestore(&recovery) }
        switch try look(
            slot, &recovery, source, at: copying.source, need: copying.recordByteCount,
            prefer: settings.readPieceBytes, &length, &world, &buffers) {
        case .ready(let start):
            if recovery.rewritten == Int64(copying.pieceByteCount) {
                recovery.rewritten = 0
                recovery.copying?.source += Int64(copying.recordByteCount)
                recovery.copying?.sequence += 1
                return .again
            }
            let whole = try recovery.window.slice(start, copying.recordByteCount)
            guard let position = place(try world.bytes(of: whole), copying.sequence, logs[slot].incarnation) else {
                return endRestore(&recovery)
            }
            let done = Int(recovery.rewritten)
            let slice = try recovery.window.slice(start + headByteCount + done, copying.pieceByteCount - done)
            return try writeAgain(slot, target, slice, at: position &+ Int64(done), &recovery, &world)
        case .short: return endRestore(&recovery)
        case .step(let step): return step
        }
    }

    /// Where in the segment the bytes of a record belong; nil unless it is the record with this number.
    private func place(_ record: RawSpan, _ sequence: UInt64, _ incarnation: UInt64) -> Int64? {
        guard case .record(sequence, let bodyPosition, _, _) = RecordCodec.scan(record, at: 0, owner: incarnation)
        else { return nil }
        return record.load(UInt64.self, at: bodyPosition).flatMap { Int64(exactly: $0) }
    }

    private func endRestore(_ recovery: inout Recovery) -> RecoveryStep {
        recovery.rewritten = 0
        recovery.copying = nil
        recovery.nextAction += 1
        return .again
    }

    /// A recovery ends before its time: gives back what it was writing.
    mutating func dropCopying<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        if let buffer = recovery.copying?.buffer { try buffers.release(buffer, &world) }
        recovery.copying = nil
        giveSealBlock(slot)
    }
}
