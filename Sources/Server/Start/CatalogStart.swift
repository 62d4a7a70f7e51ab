import Platform
import Primitives

/// Shard 0's way from an unknown directory to a catalog: look, lock, look closer, lay out or replay, tidy up.
///
/// Nothing is written before the directory is known to be ours and locked. One operation is in flight at a time;
/// `step` says which. The result is a catalog and an open log, or a refusal that names what to do.
struct CatalogStart {
    enum Outcome {
        case recovered(Recovered)
        case refused(StartRefusal)
    }

    struct Recovered {
        var catalog: Catalog
        var isSameBoot: Bool
        /// Incarnations with a directory in `partitions/`, ascending.
        var directories: [UInt64]
        var logFile: FileID
        var logByteCount: Int64
        /// The sequence that names the log file.
        var firstSequence: UInt64
        var nextSequence: UInt64
        /// The snapshot that the catalog was read from.
        var snapshot: UInt64?
        /// Files that an earlier compaction no longer needed, and that could not be unlinked.
        var leftovers: [Path]
    }

    private enum Step {
        case idle
        case listingRoot
        case locking(isFresh: Bool)
        case readingLockOwner
        case readingFormat
        case making([Directory])
        case writingFormat
        case removingTemporary
        case syncingRoot
        case readingBoot
        case listingCatalog
        case readingSnapshot(sequence: UInt64)
        case readingLog(sequence: UInt64)
        case openingLog
        case cuttingLog
        case creatingLog
        case syncingCatalog
        case unlinking(Path)
        case listingPartitions
    }

    private var step = Step.idle
    private var fetch: FileFetch
    private var replace: FileReplace
    private var listing: DirectoryLister
    private let token: Token
    private let bootText: String
    /// What the configuration places below the data directory.
    private let placedPaths: [String]

    /// A crash interrupted the note of a boot.
    private var hasBootTemporary = false
    private var isSameBoot = false
    private var catalog = Catalog()
    private var files = CatalogFiles([])
    private var snapshot: UInt64?
    private var nextSequence: UInt64 = 1
    /// The last log whose records end where the catalog does, with the bytes of those records.
    private var log: (sequence: UInt64, byteCount: Int64)?
    private var logFile: FileID?
    private var leftovers: [Path] = []

    init(boot: BootIdentity, placedPaths: [String] = []) {
        self.placedPaths = placedPaths
        token = Route(.start, detail: 0).token
        fetch = FileFetch(token: token)
        replace = FileReplace(token: token)
        listing = DirectoryLister(token: token)
        bootText = DataDirectory.text(boot)
    }

    /// The process lock outlives a shard: a rebuilt shard 0 finds it held by its own process.
    mutating func begin<W: World & ~Copyable>(
        _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        step = .listingRoot
        return try listed(try listing.begin(.root, &buffers, &world), &buffers, &world)
    }

    mutating func handle<W: World & ~Copyable>(
        _ completion: Completion, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch step {
        case .idle:
            throw MachineFailure("a start that is over gets no completions")
        case .listingRoot, .listingCatalog, .listingPartitions:
            return try listed(try listing.handle(completion, &buffers, &world), &buffers, &world)
        case .readingLockOwner, .readingFormat, .readingBoot, .readingSnapshot, .readingLog:
            guard let result = try fetch.handle(completion, &buffers, &world) else { return nil }
            return try fetched(result, &buffers, &world)
        case .locking(let isFresh):
            return try locked(completion, isFresh: isFresh, &world)
        case .making(let rest):
            return try made(completion, rest, &world)
        case .writingFormat:
            switch try replace.handle(completion, &buffers, &world) {
            case nil: return nil
            case .failed(let errno): return refuse(.failed(.writeFormat, errno))
            case .replaced: return try readBoot(&world)
            }
        case .removingTemporary:
            // If it can't be removed it is nobody's all the same.
            return try syncRoot(&world)
        case .syncingRoot:
            if case .failed(let errno) = completion { return refuse(.failed(.writeFormat, errno)) }
            return try readBoot(&world)
        case .openingLog, .cuttingLog, .creatingLog, .syncingCatalog, .unlinking:
            return try advanceLog(completion, &buffers, &world)
        }
    }

    private mutating func refuse(_ refusal: StartRefusal) -> Outcome {
        step = .idle
        return .refused(refusal)
    }

    // MARK: Looking and locking

    private mutating func listed<W: World & ~Copyable>(
        _ result: DirectoryLister.Result?, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch result {
        case nil:
            return nil
        case .failed(let errno):
            switch step {
            case .listingRoot: return refuse(.failed(.openDirectory, errno))
            case .listingCatalog: return refuse(.failed(.readCatalog, errno))
            default: return refuse(.failed(.listPartitions, errno))
            }
        case .names(let names):
            switch step {
            case .listingRoot:
                switch DataDirectory.judge(names, besides: placedPaths) {
                case .refused(let refusal): return refuse(refusal)
                case .fresh:
                    step = .locking(isFresh: true)
                    try world.submit(.lock(.lock, token))
                case .ours:
                    hasBootTemporary = names.contains(Path.bootTemporary.name)
                    step = .readingFormat
                    try fetch.begin(.format, &world)
                }
                return nil
            case .listingCatalog:
                files = CatalogFiles(names)
                return try readSnapshot(&world)
            default:
                return finish(directories: names.compactMap { DataDirectory.incarnation(named: $0) }.sorted())
            }
        }
    }

    private mutating func locked<W: World & ~Copyable>(
        _ completion: Completion, isFresh: Bool, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch completion {
        case .failed(.locked):
            step = .readingLockOwner
            try fetch.begin(.lock, &world)
            return nil
        case .failed(let errno):
            return refuse(.failed(.lock, errno))
        default:
            guard isFresh else {
                guard hasBootTemporary else { return try syncRoot(&world) }
                // A start without a note of its boot would not write over it.
                step = .removingTemporary
                try world.submit(.unlink(.bootTemporary, token))
                return nil
            }
            step = .making([.catalog, .partitions, .orphans])
            try world.submit(.makeDirectory(.catalog, token))
            return nil
        }
    }

    /// The start that made all this may have been killed before its names were durable.
    private mutating func syncRoot<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) -> Outcome? {
        step = .syncingRoot
        try world.submit(.syncDirectory(.root, token))
        return nil
    }

    private mutating func fetched<W: World & ~Copyable>(
        _ result: FileFetch.Result, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch step {
        case .readingLockOwner:
            guard case .bytes(let bytes) = result else { return refuse(.directoryInUse(processID: 0)) }
            let text = String(decoding: bytes.prefix(32), as: UTF8.self)
            return refuse(.directoryInUse(processID: UInt64(text.prefix { $0.isNumber }) ?? 0))
        case .readingFormat:
            switch result {
            case .failed(let errno): return refuse(.failed(.readFormat, errno))
            case .missing: return refuse(.failed(.readFormat, .noEntry))
            case .bytes(let bytes):
                if let refusal = DataDirectory.judge(formatText: bytes) { return refuse(refusal) }
                step = .locking(isFresh: false)
                try world.submit(.lock(.lock, token))
                return nil
            }
        case .readingBoot:
            switch result {
            case .failed(let errno): return refuse(.failed(.readBoot, errno))
            case .missing: isSameBoot = false
            case .bytes(let bytes): isSameBoot = bytes == Array(bootText.utf8)
            }
            step = .listingCatalog
            return try listed(try listing.begin(.catalog, &buffers, &world), &buffers, &world)
        default:
            return try catalogFetched(result, &world)
        }
    }

    /// The listing has shown these files, so they must be there.
    private mutating func catalogFetched<W: World & ~Copyable>(
        _ result: FileFetch.Result, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch (step, result) {
        case (_, .failed(let errno)): return refuse(.failed(.readCatalog, errno))
        case (_, .missing): return refuse(.failed(.readCatalog, .noEntry))
        case (.readingSnapshot(let sequence), .bytes(let bytes)):
            return try take(snapshot: bytes, sequence, &world)
        case (.readingLog(let sequence), .bytes(let bytes)):
            return try replay(bytes, sequence, &world)
        case (_, .bytes): throw MachineFailure("a fetched file belongs to a step that reads one")
        }
    }

    private mutating func made<W: World & ~Copyable>(
        _ completion: Completion, _ directories: [Directory], _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch completion {
        case .failed(let errno) where errno != .exists:
            return refuse(.failed(.writeFormat, errno))
        default:
            let rest = Array(directories.dropFirst())
            if let next = rest.first {
                step = .making(rest)
                try world.submit(.makeDirectory(next, token))
            } else {
                step = .writingFormat
                try replace.begin(
                    .format, by: .formatTemporary, content: Array(DataDirectory.formatText.utf8), &world)
            }
            return nil
        }
    }

    private mutating func readBoot<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) -> Outcome? {
        step = .readingBoot
        try world.submit(.notice(Notice(.debug, .directoryTaken)))
        try fetch.begin(.boot, &world)
        return nil
    }

    // MARK: The catalog

    /// The newest snapshot, and then every log: a compaction that a crash interrupted leaves the log from before the
    /// snapshot, and what of it goes beyond the snapshot counts.
    private mutating func readSnapshot<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) -> Outcome? {
        guard let newest = files.snapshots.last else { return try readNextLog(&world) }
        step = .readingSnapshot(sequence: newest)
        try fetch.begin(.catalogSnapshot(sequence: newest), &world)
        return nil
    }

    private mutating func take<W: World & ~Copyable>(
        snapshot bytes: [UInt8], _ sequence: UInt64, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch CatalogSnapshotFile.decode(bytes.rawSpan, sequence: sequence) {
        case .damaged(let position):
            return refuse(.damagedCatalog(sequence: sequence, position: UInt64(position)))
        case .catalog(let catalog):
            self.catalog = catalog
            snapshot = sequence
            nextSequence = sequence
            return try readNextLog(&world)
        }
    }

    private mutating func readNextLog<W: World & ~Copyable>(_ world: inout W) throws(MachineFailure) -> Outcome? {
        if let sequence = files.takeLog() {
            step = .readingLog(sequence: sequence)
            try fetch.begin(.catalogLog(sequence: sequence), &world)
        } else if let log {
            step = .openingLog
            try world.submit(.open(.catalogLog(sequence: log.sequence), .readWrite, token))
        } else {
            step = .creatingLog
            try world.submit(.open(.catalogLog(sequence: nextSequence), .create, token))
        }
        return nil
    }

    private mutating func replay<W: World & ~Copyable>(
        _ bytes: [UInt8], _ sequence: UInt64, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch try CatalogReplay.replay(
            bytes.rawSpan, onto: catalog, from: nextSequence, sequence: sequence, isSameBoot: isSameBoot)
        {
        case .damaged(let position):
            return refuse(.damagedCatalog(sequence: sequence, position: UInt64(position)))
        case .replayed(let catalog, let byteCount, let end):
            self.catalog = catalog
            // An empty log without its snapshot is left of a compaction that failed: what leads to it holds changes that
            // no snapshot has.
            let isLeftover = log != nil && end == sequence && sequence != snapshot
            if end >= nextSequence, !isLeftover {
                nextSequence = end
                log = (sequence, Int64(byteCount))
            }
            return try readNextLog(&world)
        }
    }

    private mutating func advanceLog<W: World & ~Copyable>(
        _ completion: Completion, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        switch (step, completion) {
        case (.openingLog, .opened(let file, let byteCount)):
            logFile = file
            let kept = log?.byteCount ?? 0
            guard byteCount > kept, !world.isMutated(.catalogTornTailLeft) else {
                return try secureNames(&buffers, &world)
            }
            step = .cuttingLog
            try world.submit(.truncate(file, to: kept, token))
            return nil
        case (.cuttingLog, .done):
            return try secureNames(&buffers, &world)
        case (.creatingLog, .opened(let file, _)):
            logFile = file
            log = (nextSequence, 0)
            return try secureNames(&buffers, &world)
        case (.syncingCatalog, .done):
            return try unlinkNext(&buffers, &world)
        case (.unlinking, .done), (.unlinking, .failed(.noEntry)):
            return try unlinkNext(&buffers, &world)
        case (.unlinking(let path), .failed):
            leftovers.append(path)
            return try unlinkNext(&buffers, &world)
        case (_, .failed(let errno)):
            return refuse(.failed(.writeCatalog, errno))
        default:
            throw MachineFailure("a catalog start gets only completions of its own operations")
        }
    }

    /// Before the catalog rests on names that a crash may have kept from becoming durable: those of a log that
    /// nothing was written to yet, and those that make others superfluous.
    private mutating func secureNames<W: World & ~Copyable>(
        _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        files.keep(snapshot: snapshot, log: log?.sequence ?? nextSequence)
        guard log?.byteCount == 0 || !files.superfluous.isEmpty else { return try listPartitions(&buffers, &world) }
        step = .syncingCatalog
        try world.submit(.syncDirectory(.catalog, token))
        return nil
    }

    private mutating func unlinkNext<W: World & ~Copyable>(
        _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        guard let path = files.takeSuperfluous() else { return try listPartitions(&buffers, &world) }
        step = .unlinking(path)
        try world.submit(.unlink(path, token))
        return nil
    }

    private mutating func listPartitions<W: World & ~Copyable>(
        _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> Outcome? {
        step = .listingPartitions
        return try listed(try listing.begin(.partitions, &buffers, &world), &buffers, &world)
    }

    private mutating func finish(directories: [UInt64]) -> Outcome {
        step = .idle
        guard let logFile, let log else { return .refused(.failed(.readCatalog, .badDescriptor)) }
        return .recovered(
            Recovered(
                catalog: catalog, isSameBoot: isSameBoot, directories: directories, logFile: logFile,
                logByteCount: log.byteCount, firstSequence: log.sequence, nextSequence: nextSequence,
                snapshot: snapshot, leftovers: leftovers))
    }
}
