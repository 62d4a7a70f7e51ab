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

/// Bugs that can be planted at run time where the seam cannot express them. At most one line each:
/// `if world.isMutated(.id)`. Constant false in `Linux`.
public enum Mutation: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// At `power`, a request is answered when its bytes are written.
    case acknowledgeBeforeSync
    /// Recovery keeps a last batch whose body does not match its checksum.
    case tornTailAccepted
    /// Recovery cuts the log but leaves index entries beyond its end.
    case indexNotTruncated
    /// A new segment takes acknowledged batches before its directory entry is durable.
    case segmentPublishedEarly
    /// A write refused for want of space counts as written.
    case noSpaceSwallowed
    /// A shard's failure drops answers that another shard still owes.
    case panicLosesOtherAcknowledgement
    /// A consumer offset past the end is stored.
    case offsetPastEndStored
    /// Readers see the part of a batch that has been written.
    case halfBatchVisible
}
