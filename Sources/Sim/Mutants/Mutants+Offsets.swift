import Platform

extension Mutant {
    static let offsets: [Mutant] = [
        Mutant(.offsetPastEndStored, .offsets, .corruption, "a consumer offset past the end is stored",
            recreates: "offset beyond end (Iggy #2794)", canary: [.consumerOffset, .onDisk]),
        Mutant(.offsetAcknowledgedBeforeSync, .acknowledgement, .loss,
            "at level power, a stored offset is answered when it is written"),
        Mutant(.offsetsNameNotSynced, .directory, .loss, "a new offsets file is synced and its name is not",
            recreates: "missing directory fsync"),
        Mutant(.offsetsSyncErrorIgnored, .syncError, .loss, "a failed sync of stored offsets counts"),
        Mutant(.failedOffsetRefused, in: .init(.storedOffsets, DiskPoint(36, .refusal(.whole)), DiskPoint(39, .torn)),
            .errorMapped, .corruption,
            "a stored offset that may stand in the file after a failure counts as refused"),
        Mutant(.halfCompactionRenamed, .shortWrite, .loss,
            "a compacted offsets file takes the old one's place though a part of it was written"),
        Mutant(.sequenceKeptOverCompaction, .offsets, .corruption,
            "records after a compaction go on with the old sequence"),
        Mutant(.storedOffsetsForgotten, .restart, .loss, "a start does not read stored offsets"),
        Mutant(.nextRepeatsOne, .boundary, .duplicate, "a poll for what is next begins with the stored offset"),
        Mutant(.nextSkipsOne, .boundary, .loss, "a poll for what is next skips a message",
            recreates: "group offset skip (Iggy #2958)"),
        Mutant(.autoCommitForgotten, .offsets, .duplicate, "a poll that commits does not store the offset"),
        Mutant(.autoCommitToEnd, .offsets, .loss, "a poll that commits stores the end of the log",
            recreates: "group offset skip (Iggy #2958)"),
        Mutant(.consumersShareAnOffset, .offsets, .corruption, "consumers of a partition share one stored offset"),
        Mutant(.deletedOffsetStays, .offsets, .corruption, "a deletion of a stored offset is answered and not done"),
        Mutant(.deletionNotRead, .restart, .corruption, "a start brings deleted offsets back"),
        Mutant(.offsetGuessed, .offsets, .other, "a consumer's offset is told before it is known"),
        Mutant(.endOfLogStored, .boundary, .corruption, "the end of the log is stored as a consumer's offset"),
        Mutant(.offsetNeverGoesBack, .offsets, .corruption, "a stored offset does not go back to an earlier one"),
        Mutant(.autoCommitForNextAlone, .offsets, .duplicate, "polls that commit do so only for what is next"),
    ]
}
