/// What a data directory has to obey. The raw value is the law as a sentence, for people.
public enum Law: String, Equatable, Sendable, CaseIterable {
    // The layout.
    case namesAreKnown = "every name in the data directory is one that the server makes"
    case filesAreReadable = "every file can be read"
    case formatIsKnown = "FORMAT is 'galgo 1' and a line feed"
    case bootIsAnIdentity = "boot is two hexadecimal numbers and a line feed"
    case layoutIsWhole = "catalog, partitions and orphans exist"
    case temporariesAreGone = "no temporary file outlives its writer"
    case orphansAreKept = "orphans are kept for somebody to look at"

    // Record files.
    case recordsVerify = "every record has its magic, length, owner and checksum"
    case recordsAreDense = "records are numbered without a gap"
    case recordsEndTheFile = "a record file ends with its last record"

    // The catalog.
    case logFollowsSnapshot = "a catalog log goes on from the newest snapshot or from the log before it"
    case oldLogsAreGone = "snapshots and logs that no start needs any more are removed"
    case snapshotVerifies = "a snapshot is whole records with the sequence of its name"
    case changesDecode = "the body of a catalog record is a change"
    case changesFit = "a change fits the catalog that it changes"
    case namesAreUnique = "a name is used once where it has to be unique"
    case idsAscend = "ids ascend"
    case incarnationsAreFresh = "an incarnation is used once and lies below the next one"

    // Partition directories.
    case directoriesAreNamed = "a partition directory belongs to a life that the catalog began"
    case deletionsFinish = "the directory of a deleted partition is removed"
    case segmentsFollow = "a segment begins where the one before it ends"
    case onlyLastIsOpen = "only the last segment is without a seal"
    case batchVerifies = "a batch is whole and matches its checksums"
    case batchIsOurs = "a batch belongs to the partition life that its directory names"
    case headerIsValid = "a batch header holds only values that the format has"
    case batchesAreDense = "a batch begins at the offset after the one before it"
    case timesAscend = "append times never go back"
    case epochsAscend = "epochs never go back"
    case durableEndAscends = "durableEnd never goes back and never lies beyond the batch"
    case messagesAreCounted = "a body is exactly the messages that its header counts"
    case messagesAreDense = "messages have dense offsets"
    case messagesAreStamped = "classic messages carry the batch's time, an id and zero reserved bytes"
    case messagesAreBounded = "payload and user headers keep their limits"
    case originIsSmallest = "minOrigin is the smallest origin time of the messages"
    case classicBytesAddUp = "classicByteCount is the sum of what its messages count"
    case vsrBatchesAddUp = "a batch counts as so many VSR batches as it is served in"
    case syncedIsThere = "what was synced is there and whole"
    case damageIsExplained = "what is damaged lies where the end of the last server can have left it"
    case copiesAreWhole = "a copy of a segment's end is whole once it bears its name"
    case tailIsEmpty = "nothing but space allocated ahead stands behind the last batch"
    case sealAgrees = "a seal says what its segment holds"
    case sealEndsTheFile = "a seal is the end of its file"
    case rotationIsInTime = "a segment is sealed when it is full, not earlier and not later"

    // Index files.
    case indexHasLog = "an index file has its segment"
    case indexVerifies = "index entries match their checksum"
    case indexPointsAtBatches = "index entries ascend from the segment's first batch and point at batches"

    // Stored offsets.
    case offsetRecordsDecode = "the body of a record in offsets.log is one of its four kinds"
    case offsetsSyncedAscends = "the synced length in a record never goes back and never reaches the record"
    case offsetsAreReadable = "a stored offset lies below the end of the log"
    case epochsSplitTheLog = "an epoch begins exactly at its end: older batches below, newer ones from it on"
    case vouchedIsThere = "the log reaches the end that a record vouches for"
    case recoveryVouches = "a start that may have lost messages records where the log ends"
    case cleanStopVouches = "a clean stop vouches for the end of the log"
}
