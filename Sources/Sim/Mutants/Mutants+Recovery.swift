import Platform

extension Mutant {
    static let recovery: [Mutant] = [
        Mutant(.tornTailAccepted, .tornTail, .corruption,
            "recovery keeps a last batch that does not match its checksum",
            recreates: "torn tail resurrected (Iggy #3946)",
            canary: [.onDisk, .foreignMessage, .batchAtomicity, .liveness]),
        Mutant(.tornTailLeft, .tornTail, .corruption, "recovery ends the log before a torn batch and leaves its bytes"),
        Mutant(.segmentsBehindCutKept, .tornTail, .corruption,
            "recovery cuts a log in the middle and keeps the segments behind the cut"),
        Mutant(.cutSegmentNotCounted, .recovery, .loss, "a segment that recovery has cut counts as empty"),
        Mutant(.damageCutOff, .recovery, .loss, "damage in the middle of a log is cut off instead of quarantined",
            recreates: "delete on doubt (NATS #7556)"),
        Mutant(.epochNotBegun, .recovery, .corruption, "a start that may have lost messages begins no epoch"),
        Mutant(.offsetGivenOutAgain, .restart, .corruption, "after a start the last offset is given out again",
            recreates: "offset reuse (Iggy #3975)"),
        Mutant(.timestampForgotten, .restart, .corruption, "after a start append times do not continue the log's"),
        Mutant(.recoveredCountsAsDurable, .acknowledgement, .loss, "what recovery finds counts as synced"),
        Mutant(.recoveryTrustsPageCache, .syncError, .loss,
            "recovery does not write again what a failed sync may have lost"),
        Mutant(.tailRewrittenWithoutCopy, .tornTail, .loss,
            "recovery writes promised batches over without a copy of them"),
        Mutant(.cutNotSyncedBeforeRewrite, .wrongSync, .corruption,
            "recovery writes batches over while cuts behind them are not durable"),
        Mutant(.securingOffByOne, .boundary, .loss,
            "recovery does not secure a segment that ends where the durable offsets end"),
        Mutant(.allocationForgotten, .restart, .other,
            "after a start the writable segment's allocated space is unknown"),
        Mutant(.indexNotTruncated, .index, .corruption,
            "recovery cuts the log and leaves index entries beyond its end",
            canary: [.onDisk, .liveness, .pollSkip, .recoveryIdempotence]),
        Mutant(.indexOutlivesCut, .index, .corruption, "after a power cut, the index of a segment that is cut stays",
            equivalence: "the segment that was cut is the writable one, and the start compares the index of that with its log "
                + "all the same: if it says more it is unlinked then, and where it cannot be read, it is begun anew when it is "
                + "written next"),
        Mutant(.servesWhileRecovering, .recovery, .other, "a shard says that it is ready while its partitions recover"),
        Mutant(.bootNotedTooEarly, .recovery, .other, "the boot is noted while other shards recover"),
        Mutant(.rejoiningTrustsBoot, .recovery, .other,
            "a shard made anew recovers as on the boot that wrote, whatever boot it is"),
        Mutant(.leftoversKept, .removal, .other, "a start leaves directories of deleted partitions",
            recreates: "purge not durable (Iggy #4128)"),
    ]
}
