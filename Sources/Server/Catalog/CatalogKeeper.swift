import Platform
import Wire

/// Shard 0's side of the catalog: one change at a time is decided, logged, applied by every shard, then answered.
struct CatalogKeeper {
    /// Who wants a change.
    enum Requester: BitwiseCopyable {
        case session(slot: UInt32, serial: UInt32)
        case shard(ShardID, ref: UInt64, lent: Slice)
        /// The server itself: the root account at the first start.
        case start
        /// A shard that is gone.
        case nobody
    }

    struct Wanted {
        var requester: Requester
        let proposal: CatalogProposal

        func isWanted(by shard: ShardID) -> Bool {
            if case .shard(let wanting, _, _) = requester { wanting == shard } else { false }
        }
    }

    /// Which of the catalog's operations a completion belongs to.
    static let logDetail: UInt32 = 0
    static let compactionDetail: UInt32 = 1

    private enum Step {
        case idle
        /// The record is on its way to the disk.
        case logging(Wanted, Change)
        /// Applied here; other shards still have to.
        case spreading(Wanted, Change)
    }

    private var step = Step.idle
    /// The change in progress as other shards will be told of it. It is made before the change counts, because
    /// afterwards memory must not be wanting any more. The keeper is one of its users, each shard that has it another.
    private(set) var letter: Slice?
    private(set) var waiting: [Wanted] = []
    private(set) var unapplied: [ShardID] = []
    var log: CatalogLog
    var compaction: CatalogCompaction
    var compactionSchedule: CatalogCompactionSchedule
    let isSameBoot: Bool
    /// Directories to remove or keep before partitions are recovered.
    var leftovers: [UInt64]

    init(
        log: CatalogLog, compaction: CatalogCompaction, compactionSchedule: CatalogCompactionSchedule,
        isSameBoot: Bool, leftovers: [UInt64]
    ) {
        self.log = log
        self.compaction = compaction
        self.compactionSchedule = compactionSchedule
        self.isSameBoot = isSameBoot
        self.leftovers = leftovers
    }

    /// No change is in progress; others may wait.
    var isBetweenChanges: Bool { if case .idle = step { true } else { false } }
    var canDecide: Bool { isBetweenChanges && !waiting.isEmpty && !compaction.holdsChanges }
    /// Something is on its way to the disk.
    var isWriting: Bool { log.isBusy || compaction.isRunning }

    mutating func enqueue(_ wanted: Wanted) { waiting.append(wanted) }

    mutating func next() -> Wanted? { waiting.isEmpty ? nil : waiting.removeFirst() }

    mutating func begin(_ wanted: Wanted, _ change: Change, letter: Slice?) {
        step = .logging(wanted, change)
        self.letter = letter
    }

    /// Nobody else is told: the letter is the caller's to release.
    mutating func takeLetter() -> Slice? {
        defer { letter = nil }
        return letter
    }

    /// The record counts now.
    mutating func logged(spreadingTo shards: [ShardID]) throws(MachineFailure) -> (Wanted, Change) {
        guard case .logging(let wanted, let change) = step else {
            throw MachineFailure("a logged change was being logged")
        }
        unapplied = shards
        step = .spreading(wanted, change)
        return (wanted, change)
    }

    mutating func abandon() throws(MachineFailure) -> Wanted {
        guard case .logging(let wanted, _) = step else { throw MachineFailure("a refused change was being logged") }
        step = .idle
        return wanted
    }

    /// A shard has applied the change, or is gone and will join with it.
    mutating func applied(by shard: ShardID) { unapplied.removeAll { $0 == shard } }

    /// The change that every shard has applied, once.
    mutating func takeSpread() -> (Wanted, Change)? {
        guard case .spreading(let wanted, let change) = step, unapplied.isEmpty else { return nil }
        step = .idle
        return (wanted, change)
    }

    /// A shard is gone: what it wanted needs no answer, and a change that is in progress is finished for nobody.
    mutating func forget(_ shard: ShardID) {
        waiting.removeAll { $0.isWanted(by: shard) }
        switch step {
        case .logging(var wanted, let change) where wanted.isWanted(by: shard):
            wanted.requester = .nobody
            step = .logging(wanted, change)
        case .spreading(var wanted, let change) where wanted.isWanted(by: shard):
            wanted.requester = .nobody
            step = .spreading(wanted, change)
        case .idle, .logging, .spreading: break
        }
        applied(by: shard)
    }
}

/// A wish for a change, as a client said it; ids and times are not decided yet.
enum CatalogProposal {
    case request(Request, user: UInt32)
    case createRoot(name: Name, passwordHash: [UInt8])
}
