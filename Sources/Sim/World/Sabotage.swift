import Platform

/// A world that breaks one promise all the time: proof that the checkers would see it. What each does stands in the
/// catalogue (`Mutant`).
public enum Sabotage: String, CaseIterable, Sendable {
    case syncSwallowed = "sync-swallowed"
    case offsetsSyncSwallowed = "offsets-sync-swallowed"
    case catalogSyncSwallowed = "catalog-sync-swallowed"
    case temporarySyncSwallowed = "temporary-sync-swallowed"
    case stopSyncSwallowed = "stop-sync-swallowed"
    case syncMissesLastWrite = "sync-misses-last-write"
    case directorySyncSwallowed = "directory-sync-swallowed"
    case parentSyncSwallowed = "parent-sync-swallowed"
    case partitionDirectorySyncSwallowed = "partition-directory-sync-swallowed"
    case catalogDirectorySyncSwallowed = "catalog-directory-sync-swallowed"
    case syncFailureHidden = "sync-failure-hidden"
    case noSpaceHidden = "no-space-hidden"
    case shortWriteReportedWhole = "short-write-reported-whole"
    case writeMisdirected = "write-misdirected"
    case writeLost = "write-lost"
    case readMisdirected = "read-misdirected"
    case readFlipsBit = "read-flips-bit"
    case readEndsEarly = "read-ends-early"
    case truncateSwallowed = "truncate-swallowed"
    case unlinkSwallowed = "unlink-swallowed"
    case renameSwallowed = "rename-swallowed"
    case directoryRemovalSwallowed = "directory-removal-swallowed"
    case closeSwallowed = "close-swallowed"
    case machineKept = "machine-kept"
    case bootKept = "boot-kept"
    case completionForgotten = "completion-forgotten"
    case completionTwice = "completion-twice"
    case mailTwice = "mail-twice"
    case mailLost = "mail-lost"
    case wakeForgotten = "wake-forgotten"
    case shardLossUntold = "shard-loss-untold"
    case disconnectUntold = "disconnect-untold"
    case requestTwice = "request-twice"
    case receiveLosesByte = "receive-loses-byte"
    case replyLost = "reply-lost"
    case replyTwice = "reply-twice"
    case shortSendReportedWhole = "short-send-reported-whole"
}

extension Universe {
    /// Whether this promise is broken at the call with this number.
    func breaks(_ promise: Sabotage, at call: Int) -> Bool {
        settings.sabotage == promise && call % max(1, settings.sabotagePeriod ?? promise.usualPeriod) == 0
    }

    /// Whether a sync of a file of this class makes nothing durable.
    func swallowsSync(of ioClass: IOClass) -> Bool {
        switch settings.sabotage {
        case .syncSwallowed: true
        case .offsetsSyncSwallowed: ioClass == .offsets
        case .catalogSyncSwallowed: ioClass == .catalogLog
        case .temporarySyncSwallowed: ioClass == .temporary
        case .stopSyncSwallowed: process.isStopping
        default: false
        }
    }

    func swallowsSync(of directory: Directory) -> Bool {
        switch (settings.sabotage, directory) {
        case (.directorySyncSwallowed, _), (.parentSyncSwallowed, .partitions),
            (.catalogDirectorySyncSwallowed, .catalog), (.partitionDirectorySyncSwallowed, .partition):
            true
        default: false
        }
    }
}
