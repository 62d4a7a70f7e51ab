/// Bugs that can be planted at run time where the seam cannot express them: at most one line each in the server,
/// `if world.isMutated(.id)`. Constant false in `Linux`. What each does stands in the simulator's catalogue (`Mutant`).
public enum Mutation: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    // Writing, syncing and undoing.
    case acknowledgeBeforeSync, acknowledgeBeforeWrite, syncCoversLaterWrites, headerVouchesForUnsynced
    case segmentPublishedEarly, sealedSegmentNotSynced, wrongParentSynced, failedSyncRetried
    case writesGoOnAfterFailedSync, failedSyncRefused, syncWithoutSpaceRetried, noSpaceSwallowed
    case waitingForRoomForgotten, completionWakesNobody, failedWriteRefused, failedWriteNotCut
    case cutCountsAsDurable, cutLeavesAllocation, restOfWriteMisplaced, shortSealCountsAsWhole
    case sealBeginsInTheMiddle, segmentBaseOffByOne, lentBytesKept, timestampFollowsClock, halfBatchVisible
    case unacknowledgedReadable, readSkipsOne, readStaysInSegment, readEndsWithSegment, readNotVerified
    case readKeepsItsBuffer, noDescriptorFails, timestampFromMonotonicClock, timestampStandsStill
    case lastBeginsTooEarly, timeFoundTooLate, endNamedTooFar
    case indexEntryRepeated, shortIndexCountsAsWhole, removalKeepsFilesOpen, removalLeavesFiles
    case removalKeepsBuffers, cleanEndNotVouched
    // Recovery.
    case tornTailAccepted, tornTailLeft, segmentsBehindCutKept, cutSegmentNotCounted, damageCutOff
    case epochNotBegun, offsetGivenOutAgain, timestampForgotten, recoveredCountsAsDurable
    case recoveryTrustsPageCache, tailRewrittenWithoutCopy, cutNotSyncedBeforeRewrite, securingOffByOne
    case allocationForgotten, indexNotTruncated, indexOutlivesCut, servesWhileRecovering, bootNotedTooEarly
    case rejoiningTrustsBoot, leftoversKept
    // Consumer offsets.
    case offsetPastEndStored, offsetAcknowledgedBeforeSync, offsetsNameNotSynced, offsetsSyncErrorIgnored
    case failedOffsetRefused, halfCompactionRenamed, sequenceKeptOverCompaction, storedOffsetsForgotten
    case nextRepeatsOne, nextSkipsOne, autoCommitForgotten, autoCommitToEnd, consumersShareAnOffset
    case offsetGuessed, deletedOffsetStays, deletionNotRead, endOfLogStored, offsetNeverGoesBack, autoCommitForNextAlone
    // Shards, mail and catalog.
    case panicLosesOtherAcknowledgement, creditNotReturned, askedShardMisnoted, lostShardStillAwaited
    case answersGoToNextLife, lostLoansKept, lostBorrowerKeepsLoan, lostLenderNotReleased
    case earlyLettersForgotten, refusalAnsweredWell, unknownAnsweredWell, unknownRefused
    case heldAppendAnsweredWell, fullDiskHeldForEver, stopBeforeAnswers, changeWaitsForLostShard
    case changeAnsweredBeforeSpread, changeOnlyOnShardZero, rebuiltCatalogNotJoined, missedRemovalForgotten
    case removedPartitionKept, namesCachedTooLong, catalogSyncRetried, unknownChangeAnsweredWell
    case refusedChangeAnsweredWell, refusedChangeNotCut, refusedBeforeCutSynced, restOfChangeMisplaced, changesOverlap
    case newCatalogNotNamed, replacementNotNamed, newSnapshotUnlinked, snapshotSequenceOffByOne
    case catalogTornTailLeft, lastChangeNotSecured, gatheringNotTold, factsOfOneShard, flushWithoutSync
    case balanceNeverSteps, keyGoesAnywhere
    // Sessions.
    case frameTakenTooEarly, frameLosesItsBeginning, inputNotReleased, unsentRepliesNotReleased
    case orphanedLoanForgotten, closeForgotten, answerWakesNobody, sendWakesNobody, loanEndsBeforeSend
    case pollReplyMiscounts, replyLengthInOtherOrder, loginNotNeeded, anyPasswordTaken, logoutForgotten
    case replyNamesPartitionZero, commandOvertakes, halfClosedCutOff, refusedFrameNotCounted, silentPeerStays
    case connectionsCountedOn
    // The room for large frames.
    case roomNotGivenBack, roomOfOwnFramesForgotten, roomWakesNobody, roomAnswerForgotten
}
