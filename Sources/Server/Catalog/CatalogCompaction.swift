import Platform

/// Puts a snapshot in place of a catalog log that has grown too long.
///
/// The snapshot goes into place and its name is made durable; then an empty log is made and its name is made durable;
/// only then does the catalog go on in the new log, and what it no longer needs is unlinked. Until that moment every
/// change is in the old log, and a start that finds the snapshot beside it skips what the snapshot holds. So whatever
/// fails before, the old files stay in force and what was made is unlinked again.
///
/// Changes wait until the catalog goes on in the new log; unlinking holds up nobody. One operation is in flight.
struct CatalogCompaction {
    enum Outcome {
        /// The new log is there and empty. Its opener goes on in it, then calls `retire`.
        case begun(FileID)
        case ended
        /// The old files are in force as before.
        case failed(Errno)
    }

    private enum State {
        case idle
        case writingSnapshot
        case creatingLog
        case syncingDirectory(FileID)
        case begun
        case closingOldLog
        case closingNewLog(Errno)
        /// Removing what is not needed: after a failure what was made, otherwise what came before.
        case unlinking(Path, after: Errno?)
    }

    private var state = State.idle
    private var replace: FileReplace
    private var sequence: UInt64 = 0
    private var writesSnapshot = false
    /// Files that wait to be unlinked in this pass, and those that an earlier one could not unlink.
    private var doomed: [Path]
    private var kept: [Path] = []
    private let token: Token

    /// `leftovers` are files that a start could not unlink.
    init(token: Token, leftovers: [Path]) {
        self.token = token
        kept = leftovers
        doomed = []
        replace = FileReplace(token: token)
    }

    var isRunning: Bool { if case .idle = state { false } else { true } }

    /// A change that came now might be missing from the files that are about to be in force.
    var holdsChanges: Bool {
        switch state {
        case .idle, .closingOldLog, .unlinking(_, after: nil): false
        case .writingSnapshot, .creatingLog, .syncingDirectory, .begun, .closingNewLog, .unlinking: true
        }
    }

    var hasLeftovers: Bool { !kept.isEmpty }

    /// Begins with the file of the catalog as of just before `sequence`; nil if that snapshot is in force already and
    /// only its log is missing. Nothing may be left over of an earlier attempt.
    mutating func begin<W: World & ~Copyable>(
        snapshot: [UInt8]?, before sequence: UInt64, _ world: inout W
    ) throws(MachineFailure) {
        try invariant(!isRunning && kept.isEmpty, "one compaction at a time, and after the last one's files are gone")
        self.sequence = sequence
        writesSnapshot = snapshot != nil
        guard let snapshot else { return try createLog(&world) }
        state = .writingSnapshot
        try replace.begin(
            .catalogSnapshot(sequence: sequence), by: .catalogSnapshotTemporary(sequence: sequence), content: snapshot,
            &world)
    }

    /// The catalog goes on in the new log: closes the old one and unlinks what nobody needs any more.
    mutating func retire<W: World & ~Copyable>(
        _ log: FileID, _ files: [Path], _ world: inout W
    ) throws(MachineFailure) {
        guard case .begun = state else { throw MachineFailure("old files are retired after the new log has begun") }
        doomed = files
        state = .closingOldLog
        try world.submit(.close(log, token))
    }

    /// Tries once more to unlink what could not be unlinked before.
    mutating func tidy<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) {
        try invariant(!isRunning && hasLeftovers, "there is something to tidy, and nothing else to do")
        doomed = kept
        kept = []
        _ = try unlinkNext(after: nil, &world)
    }

    mutating func handle<W: World & ~Copyable>(
        _ completion: Completion, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch (state, completion) {
        case (.writingSnapshot, _):
            switch try replace.handle(completion, &buffers, &world) {
            case nil: return nil
            case .failed(let errno): return try undo(errno, &world)
            case .replaced:
                try createLog(&world)
                return nil
            }
        case (.creatingLog, .opened(let file, _)) where world.isMutated(.newCatalogNotNamed):
            state = .begun
            return .begun(file)
        case (.creatingLog, .opened(let file, _)):
            state = .syncingDirectory(file)
            try world.submit(.syncDirectory(.catalog, token))
            return nil
        case (.creatingLog, .failed(let errno)):
            return try undo(errno, &world)
        case (.syncingDirectory(let file), .done):
            state = .begun
            world.mark(.catalogCompacted)
            return .begun(file)
        case (.syncingDirectory(let file), .failed(let errno)):
            state = .closingNewLog(errno)
            try world.submit(.close(file, token))
            return nil
        case (.closingNewLog(let errno), _):
            return try undo(errno, &world)
        case (.closingOldLog, _):
            return try unlinkNext(after: nil, &world)
        case (.unlinking(let path, let errno), _):
            switch completion {
            case .done, .failed(.noEntry): break
            case .failed, .opened, .space: kept.append(path)
            }
            return try unlinkNext(after: errno, &world)
        case (.idle, _), (.creatingLog, _), (.syncingDirectory, _), (.begun, _):
            throw MachineFailure("a compaction gets only completions of its own operations")
        }
    }

    private mutating func createLog<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) {
        state = .creatingLog
        try world.submit(.open(.catalogLog(sequence: sequence), .create, token))
    }

    /// Removes what was made, the log first. One that stays all the same is empty, and a start goes on in none that no
    /// snapshot leads to.
    private mutating func undo<W: World & ~Copyable>(
        _ errno: Errno, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        doomed = [.catalogLog(sequence: sequence)]
        if writesSnapshot {
            doomed += [.catalogSnapshot(sequence: sequence), .catalogSnapshotTemporary(sequence: sequence)]
        }
        return try unlinkNext(after: errno, &world)
    }

    private mutating func unlinkNext<W: World & ~Copyable>(
        after errno: Errno?, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        guard let path = doomed.first else {
            state = .idle
            return errno.map { .failed($0) } ?? .ended
        }
        doomed.removeFirst()
        state = .unlinking(path, after: errno)
        try world.submit(.unlink(path, token))
        return nil
    }
}
