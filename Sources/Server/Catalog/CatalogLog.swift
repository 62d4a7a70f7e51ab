import Platform
import Primitives

/// The catalog's write-ahead log on shard 0: a change counts once its record is synced.
///
/// `catalog/<sequence>.wal` holds records from `sequence` on, `catalog/<sequence>.snapshot` the catalog as of just
/// before it. One record is in flight at a time: changes are rare and their order is their meaning. A log that has
/// grown too long goes on in a new file (`CatalogCompaction`).
struct CatalogLog {
    enum Outcome {
        /// The record of the change given to `append` is durable.
        case appended
        /// It has no effect: it could not be written, and that the file is as before is durable.
        case refused(Errno)
        /// Whether it will be there after a restart is not known. The log takes no more changes before the catalog goes on
        /// in another file.
        case unknown(Errno)
    }

    private enum State {
        case closed
        case idle
        case writing(done: Int)
        case syncing
        case cutting(Errno)
        /// The cut is on its way to the disk: a power cut before that could bring the record back.
        case syncingCut(Errno)
        /// Its last record may not be durable, or should not be there: nothing may follow it in this file.
        case doubtful(Errno)
    }

    private var state = State.closed
    private(set) var file: FileID?
    private var record: [UInt8] = []
    private var buffer: BufferID?
    /// Bytes of whole, synced records in the file.
    private(set) var byteCount: Int64 = 0
    private(set) var nextSequence: UInt64 = 1
    /// The sequence that names the file.
    private(set) var firstSequence: UInt64 = 1
    private let token: Token

    init(token: Token) { self.token = token }

    var isReady: Bool { if case .idle = state { true } else { false } }

    /// The catalog may go on in a new file.
    var isAtRest: Bool {
        switch state {
        case .idle, .doubtful: true
        case .closed, .writing, .syncing, .cutting, .syncingCut: false
        }
    }

    /// A record is on its way to the disk, or on its way back.
    var isBusy: Bool {
        switch state {
        case .writing, .syncing, .cutting, .syncingCut: true
        case .closed, .idle, .doubtful: false
        }
    }

    /// Takes over an open log file whose first `byteCount` bytes are the whole records from `firstSequence` to just
    /// before `nextSequence`.
    mutating func adopt(_ file: FileID, byteCount: Int64, firstSequence: UInt64, nextSequence: UInt64) {
        self.file = file
        self.byteCount = byteCount
        self.firstSequence = firstSequence
        self.nextSequence = nextSequence
        state = .idle
    }

    /// The process that wrote its last record may have ended before the sync, or after it failed, and what would make
    /// up for that has failed now. A record behind it could outlive it: there will be none until `goOn`.
    mutating func doubt(_ errno: Errno) throws(MachineFailure) {
        try invariant(isAtRest, "a log is doubted between records")
        state = .doubtful(errno)
    }

    /// Goes on in a new, empty file; the old one is the caller's to close.
    mutating func goOn(in newFile: FileID) throws(MachineFailure) -> FileID {
        guard let oldFile = file, isAtRest else { throw MachineFailure("a log goes on in a new file between records") }
        adopt(newFile, byteCount: 0, firstSequence: nextSequence, nextSequence: nextSequence)
        return oldFile
    }

    mutating func append<W: World & ~Copyable>(
        _ change: Change, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch state {
        case .doubtful(let errno): return .refused(errno)
        case .closed, .idle, .writing, .syncing, .cutting, .syncingCut: break
        }
        try invariant(isReady, "one catalog record is in flight at a time")
        var body = ByteWriter()
        change.encode(into: &body)
        var writer = ByteWriter()
        RecordCodec.append(body: body.bytes, sequence: nextSequence, owner: 0, to: &writer)
        record = writer.bytes
        guard let buffer = try buffers.allocate(byteCount: record.count, &world) else {
            return .refused(.outOfMemory)
        }
        self.buffer = buffer
        var bytes = try world.mutableBytes(of: Slice(buffer, position: 0, byteCount: UInt32(clamping: record.count)))
        bytes.store(record.rawSpan, at: 0)
        try write(from: 0, &world)
        return nil
    }

    mutating func handle<W: World & ~Copyable>(
        _ completion: Completion, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        guard let file else { throw MachineFailure("a catalog log that is not open gets no completions") }
        switch (state, completion) {
        case (.writing(let done), .done(let count)):
            let total = done + count
            if total < record.count {
                // A device that takes nothing is out of space in all but name.
                if count == 0 { return try cut(.noSpace, file, &buffers, &world) }
                world.mark(.writeShort)
                try write(from: total, &world)
                return nil
            }
            try releaseBuffer(&buffers, &world)
            state = .syncing
            try world.submit(.sync(file, token))
            return nil
        case (.writing, .failed(let errno)):
            return try cut(errno, file, &buffers, &world)
        case (.syncing, .done):
            byteCount += Int64(record.count) - (world.isMutated(.changesOverlap) ? 1 : 0)
            nextSequence += 1
            state = .idle
            return .appended
        case (.syncing, .failed) where world.isMutated(.catalogSyncRetried):
            try world.submit(.sync(file, token))
            return nil
        case (.syncing, .failed(let errno)):
            // A failed sync is never retried as if it could succeed: the pages may be gone and clean.
            return leaveUnknown(errno)
        case (.cutting(let errno), .done) where !world.isMutated(.refusedBeforeCutSynced):
            state = .syncingCut(errno)
            try world.submit(.sync(file, token))
            return nil
        case (.cutting(let errno), .done), (.syncingCut(let errno), .done):
            state = .idle
            return .refused(errno)
        case (.cutting(let errno), .failed), (.syncingCut(let errno), .failed):
            return leaveUnknown(errno)
        default:
            throw MachineFailure("the catalog log gets only completions of its own operations")
        }
    }

    /// The record may be found by a start, or not. Its sequence is used up: what goes on behind it, in a new file, is a
    /// catalog without it.
    private mutating func leaveUnknown(_ errno: Errno) -> Outcome {
        nextSequence += 1
        state = .doubtful(errno)
        return .unknown(errno)
    }

    private mutating func write<W: World & ~Copyable>(from done: Int, _ world: inout W) throws(MachineFailure) {
        guard let file, let buffer else { throw MachineFailure("a catalog record in flight has a file and a buffer") }
        state = .writing(done: done)
        let slices = [
            Slice(buffer, position: UInt32(clamping: done), byteCount: UInt32(clamping: record.count - done))
        ]
        let position = byteCount + Int64(world.isMutated(.restOfChangeMisplaced) ? 0 : done)
        try world.submit(.write(file, at: position, slices: 1, token), slices.span)
    }

    /// Removes what part of the record may have reached the file, so that the refusal is true.
    private mutating func cut<W: World & ~Copyable>(
        _ errno: Errno, _ file: FileID, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        try releaseBuffer(&buffers, &world)
        state = .cutting(errno)
        let end = byteCount + (world.isMutated(.refusedChangeNotCut) ? Int64(record.count) : 0)
        try world.submit(.truncate(file, to: end, token))
        return nil
    }

    private mutating func releaseBuffer<W: World & ~Copyable>(
        _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) {
        if let buffer { try buffers.release(buffer, &world) }
        buffer = nil
    }
}
