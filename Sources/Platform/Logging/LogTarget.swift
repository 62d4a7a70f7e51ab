/// The part of the server that a line is about: what filters such as `server::storage=debug` name.
public enum LogTarget: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    case server, catalog, storage, sessions, shards, log, linux

    public var name: String {
        switch self {
        case .server: "server"
        case .catalog: "server::catalog"
        case .storage: "server::storage"
        case .sessions: "server::sessions"
        case .shards: "server::shards"
        case .log: "server::log"
        case .linux: "server::linux"
        }
    }
}

extension Notice.Subject {
    public var target: LogTarget {
        switch self {
        case .tailCut, .epochStarted, .partitionQuarantined, .storedOffsetsDamaged, .recoveryFailed,
            .recoveryWaitsForRoom, .recoveryTriedAgain, .orphanKept, .deletionFinished, .diskFull, .diskHasRoom,
            .syncFailed, .readFailed, .damageFound:
            .storage
        case .shardReady, .shardLost, .shardRebuilt: .shards
        case .connectionRefused, .frameGivenUp, .readersGivenUp: .sessions
        case .catalogNotCompacted, .directoryTaken, .rootAccountMade, .streamCreated, .streamRenamed, .streamDeleted,
            .streamPurged,
            .topicCreated, .topicUpdated, .topicDeleted, .topicPurged, .partitionCreated, .partitionsRemoved,
            .userCreated:
            .catalog
        }
    }
}

/// Which lines are worth writing, as one word: four bits for each target say how many levels it has.
public struct LogGate: BitwiseCopyable, Equatable, Sendable {
    public let word: UInt64

    public init(word: UInt64) { self.word = word }

    /// `levels`: of each target 0 for none, 1 for errors alone, up to 4 for everything that there is.
    public init(_ levels: (LogTarget) -> UInt8) {
        word = LogTarget.allCases.reduce(0) { $0 | UInt64(min(levels($1), 15)) << (4 * UInt64($1.rawValue)) }
    }

    @inlinable public func isOpen(_ level: Notice.Level, _ target: LogTarget) -> Bool {
        word >> (4 * UInt64(target.rawValue)) & 0xf > UInt64(level.rawValue)
    }
}
