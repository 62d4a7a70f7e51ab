/// What decides about log files: the log writer. Like a shard's Machine it is synchronous and knows no clock; its World
/// is a directory of numbered files and the console.
///
/// Files are named by number: 0 is the active file, 1 the newest archive. At most one operation on files is in flight,
/// and one on the console; each is answered by one event.
public protocol LogMachine: SendableMetatype {
    mutating func handle(_ event: LogEvent, at now: Instant) throws(MachineFailure) -> [LogOperation]
}

public enum LogOperation: Equatable, Sendable {
    /// Opens the active file at its end, made if there is none; the directory too. Answered by `opened`.
    case open
    /// Adds bytes at the end of the open file. Answered by `done` with the bytes written, which may be fewer.
    case write([UInt8])
    case close
    /// Answered by `surveyed`.
    case survey
    /// Fails (`exists`) if something has the new name: nothing is replaced.
    case move(from: UInt32, to: UInt32)
    case delete(UInt32)
    /// Answered by `shown` with the bytes shown, which may be fewer, and none while nobody takes them.
    case show([UInt8])
    /// One wake-up at a monotonic time in nanoseconds; it replaces the one asked for before.
    case wake(at: Int64)
    /// Nothing is left to do after `stopRequested`.
    case stopped
}

public enum LogEvent: Equatable, Sendable {
    case started
    /// Records one after the other, and how many lines were lost behind the last.
    case records([UInt8], dropped: UInt32)
    /// `endsInLine`: the last byte is no line feed.
    case opened(byteCount: UInt64, endsInLine: Bool)
    case done(count: Int)
    case surveyed([LogFileEntry])
    /// The operation on files had no effect.
    case failed(Errno)
    case shown(count: Int)
    case timerDue
    /// From now on other limits hold.
    case limited(LogLimits)
    /// Write what is there and stop, without waiting for anything to become better.
    case stopRequested
}

/// What may change while the log writer works.
public struct LogLimits: BitwiseCopyable, Equatable, Sendable {
    /// Which of the writer's own lines are kept.
    public let gate: LogGate
    /// Bytes of the active file, and of all; 0 for no limit.
    public let fileBytes: UInt64
    public let totalBytes: UInt64
    /// Microseconds since the last write of an archive.
    public let retention: UInt64
    /// Nanoseconds between two looks at the archives.
    public let checkInterval: Int64

    public init(gate: LogGate, fileBytes: UInt64, totalBytes: UInt64, retention: UInt64, checkInterval: Int64) {
        self.gate = gate
        self.fileBytes = fileBytes
        self.totalBytes = totalBytes
        self.retention = retention
        self.checkInterval = checkInterval
    }
}

/// An entry of the log directory that has the name of an archive.
public struct LogFileEntry: BitwiseCopyable, Equatable, Sendable {
    public let number: UInt32
    public let byteCount: UInt64
    /// Of its last write: microseconds since 1970.
    public let writtenAt: UInt64
    /// A directory, a link and the like only stand in the way.
    public let isFile: Bool

    public init(number: UInt32, byteCount: UInt64, writtenAt: UInt64, isFile: Bool) {
        self.number = number
        self.byteCount = byteCount
        self.writtenAt = writtenAt
        self.isFile = isFile
    }
}
