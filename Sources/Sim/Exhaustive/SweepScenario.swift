public import Platform

/// The scenarios of the sweep, each small and named by what it covers.
public enum SweepScenario: String, CaseIterable, Sendable {
    case firstStart = "first-start"
    case rotation
    case rotationUnsynced = "rotation-unsynced"
    case lentMessages = "lent-messages"
    case bigBatches = "big-batches"
    case manySegments = "many-segments"
    case pollAcross = "poll-across"
    case storedOffsets = "stored-offsets"
    case topics
    case purge
    case partitions
    case catalogCompaction = "catalog-compaction"
    case stopUnderLoad = "stop-under-load"
    case killedTail = "killed-tail"
    case diskFull = "disk-full"
    case failedSync = "failed-sync"
    case shardFailure = "shard-failure"
    case memoryPressure = "memory-pressure"

    public var summary: String {
        switch self {
        case .firstStart: "an empty directory is started for the first time"
        case .rotation: "appends over several segments, polls, offsets; synced before the answer"
        case .rotationUnsynced: "the same, answered when written"
        case .lentMessages: "two shards; messages that arrive on one are written by the other"
        case .bigBatches: "batches larger than a segment and than what is read at once"
        case .manySegments: "ten segments of one batch each, read from end to end, with few open files"
        case .pollAcross: "one client reads over the boundaries while another fills segments"
        case .storedOffsets: "offsets stored until their file is compacted"
        case .topics: "topics made, filled, deleted and made again"
        case .purge: "a topic is emptied, twice, and filled again"
        case .partitions: "partitions added, filled and taken away"
        case .catalogCompaction: "the catalog's log is compacted after nearly every change"
        case .stopUnderLoad: "a stop in the middle of appends, and the start after it"
        case .killedTail: "a kill in the middle of writes: the start cuts a torn tail"
        case .diskFull: "no room in the middle of a rotation, and room again"
        case .failedSync: "a sync fails, and a restart settles it"
        case .shardFailure: "one of two shards fails in a rotation and is made anew"
        case .memoryPressure: "large batches on two shards take turns in a room that holds one or two of them"
        }
    }

    /// What a run without a crash must go through: otherwise the scenario does not cover what its name says.
    public var marks: [Mark] {
        switch self {
        case .firstStart: []
        case .rotation, .rotationUnsynced, .lentMessages, .bigBatches: [.rotationPublished, .offsetStored]
        case .manySegments: [.rotationPublished, .pollAcrossBoundary, .pollFromDisk]
        case .pollAcross: [.rotationPublished, .pollAcrossBoundary]
        case .storedOffsets: [.offsetsCompacted]
        case .topics, .purge, .partitions: [.appended]
        case .catalogCompaction: [.catalogCompacted]
        case .stopUnderLoad: [.recoverySealTrusted]
        case .killedTail: [.recoveryTailCut]
        case .diskFull: [.diskFullMet, .diskFullRecovered]
        case .failedSync: [.recoveryDone]
        case .shardFailure: [.shardLostSeen, .shardRejoined]
        case .memoryPressure: [.rotationPublished]
        }
    }
}
