import Platform
import Primitives

// Shard 0 keeps the catalog's log short: at a start, while it serves between two changes, and at ticks for what failed
// before.

extension Shard where W: ~Copyable {
    /// Begins a compaction if the log is too long, nothing is in progress and the last failure was long enough ago.
    mutating func compactIfDue() throws(MachineFailure) {
        guard phase == .serving, let keeper, keeper.isBetweenChanges, keeper.log.isAtRest, !keeper.compaction.isRunning
        else { return }
        let schedule = keeper.compactionSchedule
        if keeper.compaction.hasLeftovers {
            if schedule.mayTry(at: now.nanoseconds) { try self.keeper?.compaction.tidy(&world) }
            return
        }
        guard schedule.isWorthALook(logByteCount: keeper.log.byteCount, at: now.nanoseconds) else { return }
        let encoded = encodedCatalog
        let isTooLong = self.keeper?.compactionSchedule.isTooLong(
            logByteCount: keeper.log.byteCount,
            snapshotByteCount: CatalogSnapshotFile.byteCount(encoded: encoded.count))
        if isTooLong == true { try compact(encoded) }
    }

    /// At a start: there is a log, and what it says must not rest on its last record alone.
    mutating func compactAtStart() throws(MachineFailure) {
        if keeper?.compaction.hasLeftovers == true {
            // A directory in which nothing can be unlinked: nothing is made either.
            try doubtCatalogLog(.inputOutput)
            return try catalogSecured()
        }
        try compact(encodedCatalog)
    }

    /// The catalog is served as the log tells it, but changes are refused until a compaction succeeds.
    private mutating func doubtCatalogLog(_ errno: Errno) throws(MachineFailure) {
        try keeper?.log.doubt(errno)
        keeper?.compactionSchedule.isWanted = true
    }

    private var encodedCatalog: [UInt8] {
        var writer = ByteWriter()
        catalog.encode(into: &writer)
        return writer.bytes
    }

    private mutating func compact(_ encoded: [UInt8]) throws(MachineFailure) {
        guard let keeper else { throw MachineFailure("shard 0 keeps the catalog") }
        let sequence = keeper.log.nextSequence + (world.isMutated(.snapshotSequenceOffByOne) ? 1 : 0)
        // A crash between snapshot and new log leaves the snapshot in force, and the older one is gone: it stays.
        let isThere = keeper.compactionSchedule.snapshot == sequence
        try self.keeper?.compaction.begin(
            snapshot: isThere ? nil : CatalogSnapshotFile.encode(encoded, sequence: sequence), before: sequence, &world)
    }

    mutating func compactionStepEnded(_ completion: Completion) throws(MachineFailure) {
        let outcome = try keeper?.compaction.handle(completion, &buffers, &world) ?? nil
        switch outcome {
        case nil:
            return
        case .begun(let file):
            try goOn(in: file)
        case .ended:
            if keeper?.compaction.hasLeftovers == true {
                keeper?.compactionSchedule.leftFiles(at: now.nanoseconds)
            }
        case .failed(let errno):
            if startSteps.stage == .securing { try doubtCatalogLog(errno) }
            if keeper?.compactionSchedule.failed(at: now.nanoseconds) == true {
                try world.submit(
                    .notice(
                        Notice(
                            .warning, .catalogNotCompacted, UInt64(clamping: Int(errno.rawValue)),
                            UInt64(clamping: keeper?.log.byteCount ?? 0))))
            }
        }
        if startSteps.stage == .securing {
            if keeper?.compaction.isRunning == false { try catalogSecured() }
        } else {
            try decideNext()
        }
        try stopIfDone()
    }

    private mutating func goOn(in file: FileID) throws(MachineFailure) {
        guard let log = keeper?.log else { throw MachineFailure("shard 0 keeps the catalog") }
        var files = [Path.catalogLog(sequence: log.firstSequence)]
        let newest = world.isMutated(.newSnapshotUnlinked) ? 0 : log.nextSequence
        if let snapshot = keeper?.compactionSchedule.snapshot, snapshot != newest {
            files.append(.catalogSnapshot(sequence: snapshot))
        }
        keeper?.compactionSchedule.begun(snapshot: log.nextSequence)
        guard let old = try keeper?.log.goOn(in: file) else { return }
        try keeper?.compaction.retire(old, files, &world)
    }
}
