/// A broken promise that lies in wait: a bug of depth three or four. Two or three rare things have to happen in their order
/// before the world swallows a sync, and then it does so twice only: unless a power cut comes before the next sync that is
/// kept, nobody ever notices.
public enum Ambush: String, CaseIterable, Sendable {
    case afterRotationFailure = "after-rotation-failure"
    case afterCatalogCompactionCrash = "after-catalog-compaction-crash"
    case afterCompactionFailure = "after-compaction-failure"
    case afterSyncAndCompactionFailure = "after-sync-and-compaction-failure"
    case afterThreeFailures = "after-three-failures"
    case afterCatalogRecoveries = "after-catalog-recoveries"
    case afterCompactionRecoveries = "after-compaction-recoveries"
    case afterCompactionRemovalCatalog = "after-compaction-removal-catalog"

    /// What it waits for, and what it then does.
    public var summary: String { "\(row.text): the next \(Self.times) syncs of \(row.harm.text) are swallowed" }

    /// How often the promise is broken.
    static let times = 2

    /// What can be seen at the seam.
    enum Sight: Equatable {
        case shardFailed
        case crash(CrashKind)
        case syncFailed
        /// The names of new offsets are durable.
        case compacted
        /// All shards serve.
        case served
    }

    /// What has to be going on at that time, on the same shard; of a crash, on any.
    enum Meanwhile {
        case anything
        /// A segment was created, and its name is not durable yet.
        case rotation
        /// The new file of stored offsets was begun, and its name is not durable yet.
        case compaction
        /// The unlinking of a segment was begun, and is not durable yet.
        case removal
        /// A snapshot of the catalog was begun, and its name is not durable yet.
        case catalogCompaction
        /// The process runs, and not every shard serves.
        case recovery
    }

    struct Stage {
        let sights: [Sight]
        let meanwhile: Meanwhile

        init(_ sights: [Sight], _ meanwhile: Meanwhile) {
            self.sights = sights
            self.meanwhile = meanwhile
        }
    }

    /// The files whose syncs are swallowed in the end.
    enum Harm: Equatable {
        case segments, offsets

        var text: String {
            switch self {
            case .segments: "segments"
            case .offsets: "offsets"
            }
        }
    }

    struct Row {
        let text: String
        let stages: [Stage]
        /// What makes it forget the first.
        let forgottenBy: [Sight]
        let harm: Harm
    }

    private static let crashes: [Sight] = [.crash(.processKill), .crash(.powerCut)]

    var row: Row {
        switch self {
        case .afterRotationFailure:
            Row(
                text: "a shard fails in a rotation, and a crash comes before all serve again",
                stages: [Stage([.shardFailed], .rotation), Stage(Self.crashes, .recovery)], forgottenBy: [.served], harm: .segments)
        case .afterCatalogCompactionCrash:
            Row(
                text: "a crash while the catalog is compacted, and a shard fails in the recovery",
                stages: [Stage(Self.crashes, .catalogCompaction), Stage([.shardFailed], .recovery)], forgottenBy: [.served], harm: .segments)
        case .afterCompactionFailure:
            Row(
                text: "a shard fails while it compacts offsets, and a crash comes before all serve again",
                stages: [Stage([.shardFailed], .compaction), Stage(Self.crashes, .recovery)], forgottenBy: [.served], harm: .offsets)
        case .afterSyncAndCompactionFailure:
            Row(
                text: "a sync fails, then a shard while it compacts offsets, before any crash",
                stages: [Stage([.syncFailed], .anything), Stage([.shardFailed], .compaction)], forgottenBy: Self.crashes, harm: .offsets)
        case .afterThreeFailures:
            Row(
                text: "a shard fails in a rotation, one while it removes a segment, one while it compacts offsets, and no crash",
                stages: [Stage([.shardFailed], .rotation), Stage([.shardFailed], .removal), Stage([.shardFailed], .compaction)],
                forgottenBy: Self.crashes, harm: .offsets)
        case .afterCatalogRecoveries:
            Row(
                text: "a crash while the catalog is compacted, another in the recovery, and a shard fails in the next",
                stages: [
                    Stage(Self.crashes, .catalogCompaction), Stage(Self.crashes, .recovery), Stage([.shardFailed], .recovery),
                ], forgottenBy: [.served], harm: .segments)
        case .afterCompactionRecoveries:
            Row(
                text: "a shard fails while it compacts offsets, and two crashes come before all serve again",
                stages: [Stage([.shardFailed], .compaction), Stage(Self.crashes, .recovery), Stage(Self.crashes, .recovery)],
                forgottenBy: [.served], harm: .offsets)
        case .afterCompactionRemovalCatalog:
            Row(
                text: "a crash while offsets are compacted, a shard fails while it removes a segment, a crash while the "
                    + "catalog is compacted",
                stages: [
                    Stage(Self.crashes, .compaction), Stage([.shardFailed], .removal),
                    Stage(Self.crashes, .catalogCompaction),
                ], forgottenBy: [.compacted], harm: .offsets)
        }
    }
}
