/// Places worth knowing that a run went through. The simulator counts them; a mark nobody hits is a test that
/// cannot fail. Names are stable: stored plans refer to them.
public enum Mark: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    // Log.
    case appended, writeSubmitted, writeShort, groupCommit, syncSubmitted, syncCovered
    // Rotation, step by step.
    case rotationDecided, rotationSealed, rotationOldSynced, rotationCreated, rotationDirectorySynced
    case rotationPublished, pollAcrossBoundary
    // Space.
    case diskFullMet, diskFullRecovered, reserveHeld
    // Recovery.
    case recoveryStarted, recoveryTailCut, recoveryEpoch, recoveryQuarantine, recoveryIndexRebuilt, recoverySealTrusted
    case recoveryDone
    // Shards.
    case shardLostSeen, shardRejoined, mailOutOfCredit
    // Requests.
    case requestRefused, requestUnknown, pollFromMemory, pollFromDisk, offsetStored, offsetsCompacted
    // Catalog.
    case catalogCompacted
}
