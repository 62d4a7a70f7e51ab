/// A line for the log, before it is text: what happened, and the numbers that go with it.
///
/// It is a value so that writing a line costs no allocation where it happens and no client text can reach it.
public struct Notice: BitwiseCopyable, Equatable, Sendable {
    public let level: Level
    public let subject: Subject
    /// What the numbers mean stands with each subject.
    public let a, b, c: UInt64

    public init(_ level: Level, _ subject: Subject, _ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0) {
        self.level = level
        self.subject = subject
        (self.a, self.b, self.c) = (a, b, c)
    }

    public enum Level: UInt8, BitwiseCopyable, Sendable { case error, warning, info, debug }

    public enum Subject: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        /// a: partitions recovered, b: messages found.
        case shardReady
        /// a: incarnation, b: first offset no longer there, c: bytes cut. An incomplete last write was removed.
        case tailCut
        /// a: incarnation, b: new epoch, c: first offset no longer there. Readers may have seen what was cut.
        case epochStarted
        /// a: incarnation, b: segment base, c: position of the damage. The partition takes no requests.
        case partitionQuarantined
        /// a: incarnation, b: position of the damage in `offsets.log`. The partition takes no requests.
        case storedOffsetsDamaged
        /// a: incarnation, b: errno. What a recovery has to read or write failed; the partition takes no requests.
        case recoveryFailed
        /// a: incarnation. The partition takes no requests until its recovery has found room.
        case recoveryWaitsForRoom
        /// a: incarnation, b: errno. A call of a recovery failed: the partition takes no requests until it has succeeded.
        case recoveryTriedAgain
        /// a: incarnation. A directory that nothing names was moved to orphans/.
        case orphanKept
        /// a: incarnation. The deletion that a crash interrupted was finished.
        case deletionFinished
        /// a: free bytes, b: reserve bytes. Appends are refused until there is room again.
        case diskFull
        /// a: free bytes.
        case diskHasRoom
        /// a: incarnation, b: errno. No writes to the partition until a restart has verified it.
        case syncFailed
        /// a: incarnation, b: errno.
        case readFailed
        /// a: incarnation, b: offset. Bytes on disk do not match their checksum; they were not served.
        case damageFound
        /// a: shard, b: its new generation.
        case shardLost
        /// a: shard, b: its new generation.
        case shardRebuilt
        /// a: connections open, b: limit.
        case connectionRefused
        /// a: bytes of it that had come. There is no memory for the rest of a frame, nor for others: its connection ends.
        case frameGivenUp
        /// a: errno, b: bytes of the catalog log. It stays as it is, and is tried again.
        case catalogNotCompacted
        /// The data directory is locked and laid out: whatever lies in it may be touched.
        case directoryTaken
        /// The directory had no account: the one of the settings was made.
        case rootAccountMade
        /// a: connections, b: bytes of their replies. They took nothing of what they had asked for while others waited
        /// for memory.
        case readersGivenUp
        // What was administered. The name, where one belongs to it, comes beside the notice; c: the user who wanted
        // it, 2^64−1 for the server itself.
        /// a: stream.
        case streamCreated, streamRenamed, streamDeleted, streamPurged
        /// a: stream, b: topic.
        case topicCreated, topicUpdated, topicDeleted, topicPurged
        /// a: stream << 32 | topic, b: partition, c: incarnation.
        case partitionCreated
        /// a: stream << 32 | topic, b: how many.
        case partitionsRemoved
        /// a: user.
        case userCreated
    }
}

extension Notice: CustomStringConvertible {
    public var description: String {
        switch subject {
        case .shardReady: "ready: \(a) partitions, \(b) messages"
        case .tailCut: "\(directory): an incomplete last write was cut at offset \(b), \(c) bytes"
        case .epochStarted: "\(directory): epoch \(b) begins, offsets from \(c) on were lost in a crash"
        case .partitionQuarantined:
            "\(directory): damaged in segment \(b) at byte \(c); it is kept as it is and serves nothing"
        case .storedOffsetsDamaged:
            "\(directory): offsets.log is damaged at byte \(b); the partition is kept as it is and serves nothing"
        case .recoveryFailed:
            "\(directory): recovery failed (\(cause(b))); it serves nothing until a restart has recovered it"
        case .recoveryWaitsForRoom:
            "\(directory): no room on the disk to recover it; it serves nothing, and is tried again until there is some"
        case .recoveryTriedAgain:
            "\(directory): recovery failed (\(cause(b))); it is tried again a few times, and serves nothing meanwhile"
        case .orphanKept: "\(directory) belongs to nothing in the catalog; moved to orphans/"
        case .deletionFinished: "\(directory): the deletion that a crash interrupted is finished"
        case .diskFull: "disk full: \(a) bytes free, \(b) kept in reserve; appends are refused until there is room"
        case .diskHasRoom: "disk has room again: \(a) bytes free"
        case .syncFailed: "\(directory): sync failed (\(cause(b))); no writes until a restart has verified it"
        case .readFailed: "\(directory): read failed (\(cause(b)))"
        case .damageFound: "\(directory): bytes at offset \(b) do not match their checksum; not served"
        case .shardLost: "shard \(a) failed; generation \(b) is being rebuilt from disk"
        case .shardRebuilt: "shard \(a) is back as generation \(b)"
        case .connectionRefused: "connection refused: \(a) open, limit \(b)"
        case .frameGivenUp: "out of memory: a frame was given up after \(a) bytes, and its connection with it"
        case .catalogNotCompacted:
            "the catalog log of \(b) bytes could not be compacted (\(cause(a))); it is tried again"
        case .readersGivenUp:
            "out of memory: \(a) connections ended that took nothing of \(b) bytes of replies while others waited"
        case .directoryTaken: "the data directory is locked and ours"
        case .rootAccountMade: "the root account was made"
        case .streamCreated: "stream created stream_id=\(a) \(requester)"
        case .streamRenamed: "stream renamed stream_id=\(a) \(requester)"
        case .streamDeleted: "stream deleted stream_id=\(a) \(requester)"
        case .streamPurged: "stream purged stream_id=\(a) \(requester)"
        case .topicCreated: "topic created stream_id=\(a) topic_id=\(b) \(requester)"
        case .topicUpdated: "topic updated stream_id=\(a) topic_id=\(b) \(requester)"
        case .topicDeleted: "topic deleted stream_id=\(a) topic_id=\(b) \(requester)"
        case .topicPurged: "topic purged stream_id=\(a) topic_id=\(b) \(requester)"
        case .partitionCreated:
            "partition created \(topic) partition_id=\(b) incarnation=\(c)"
        case .partitionsRemoved: "partitions removed \(topic) count=\(b) \(requester)"
        case .userCreated: "user created user_id=\(a) \(requester)"
        }
    }

    private var topic: String { "stream_id=\(a >> 32) topic_id=\(a & 0xffff_ffff)" }

    private var requester: String { c == .max ? "by=server" : "by_user_id=\(c)" }

    /// Where the partition that the notice is about lies in the data directory.
    private var directory: String { Directory.partition(incarnation: a).text }

    private func cause(_ errno: UInt64) -> String {
        Int32(exactly: errno).flatMap { Errno(rawValue: $0) }?.text ?? "errno \(errno)"
    }
}

/// Why the server must not start on this directory. The executable turns it into a message and an exit code.
public enum StartRefusal: BitwiseCopyable, Equatable, Sendable {
    /// Another process holds the lock; its process id, 0 if unknown.
    case directoryInUse(processID: UInt64)
    /// `FORMAT` names a layout that this version does not know.
    case newerFormat(found: UInt64, known: UInt64)
    /// `FORMAT` is not what any version of this server writes.
    case damagedFormat
    /// The directory looks like one of Iggy's own (`state/` or `streams/`).
    case iggyDirectory
    /// The directory holds things but no `FORMAT`: not ours to write into.
    case foreignDirectory
    /// Something the start needs failed: what, and why.
    case failed(StartStep, Errno)
    /// A catalog record or snapshot that is not the incomplete last one is damaged, at this byte.
    case damagedCatalog(sequence: UInt64, position: UInt64)

    public enum StartStep: UInt8, BitwiseCopyable, Sendable {
        case openDirectory, lock, readFormat, writeFormat, readCatalog, writeCatalog, readBoot, writeBoot, listPartitions
    }
}
