/// What happened. Every event is one of these, in both worlds, in the order in which the World saw it.
public enum Event: BitwiseCopyable, Sendable {
    /// The Machine's first event.
    case started
    /// A peer connected. The core asks for its first bytes with `receive`.
    case accepted(ConnectionID, PeerAddress)
    /// A `receive` ended: these bytes came, and their buffer is the core's. `byteCount` 0 means that the peer has
    /// finished sending; the slice then still hands the buffer back.
    case received(ConnectionID, Slice)
    /// A `receive` failed, or was ended by `disconnect`. The slice asked for, if any, is the core's again.
    case receiveFailed(ConnectionID, Errno)
    /// The connection is gone and nothing of it is in flight any more: the last event of its name.
    case disconnected(ConnectionID)
    /// An `open` ended well. `byteCount` is the file's length.
    case opened(Token, FileID, byteCount: Int64)
    /// An operation ended well; `count` is the bytes moved for reads, writes and sends (which may be short), the
    /// listed bytes for `list`, the result's bytes for `crypt`, and 0 for the rest.
    case completed(Token, count: Int)
    /// A `measureSpace` ended well. Bytes, as an unprivileged process may use them.
    case space(Token, free: Int64, total: Int64)
    /// An operation had no effect that can be relied on.
    case failed(Token, Errno)
    /// The wake-up asked for with `wake` is due.
    case timerDue
    case mail(from: ShardID, Letter)
    /// The shard's Machine is gone: nothing it was asked will be answered, and all it lent or borrowed is home.
    case shardLost(ShardID, generation: UInt32)
    /// Somebody wants the server to stop: finish what was accepted, sync, then submit `stopped`.
    case stopRequested
}

/// Why the kernel refused, by its own names. Interrupted and would-block never reach the core.
public enum Errno: Int32, BitwiseCopyable, Sendable, CaseIterable {
    case notPermitted = 1  // EPERM
    case noEntry = 2  // ENOENT
    case inputOutput = 5  // EIO
    case badDescriptor = 9  // EBADF
    case outOfMemory = 12  // ENOMEM
    case accessDenied = 13  // EACCES
    case exists = 17  // EEXIST
    case notADirectory = 20  // ENOTDIR
    case isADirectory = 21  // EISDIR
    case invalidArgument = 22  // EINVAL
    case tooManyFilesInSystem = 23  // ENFILE
    case tooManyFiles = 24  // EMFILE
    case fileTooLarge = 27  // EFBIG
    case noSpace = 28  // ENOSPC
    case readOnlyFileSystem = 30  // EROFS
    case brokenPipe = 32  // EPIPE
    case nameTooLong = 36  // ENAMETOOLONG
    case notImplemented = 38  // ENOSYS
    case notEmpty = 39  // ENOTEMPTY
    case connectionReset = 104  // ECONNRESET
    case timedOut = 110  // ETIMEDOUT
    case quotaExceeded = 122  // EDQUOT
    case canceled = 125  // ECANCELED
    /// Locked by another process: EWOULDBLOCK of a lock request, given a name of its own.
    case locked = 11
    /// Any other number; the World logs which.
    case other = 4095

    /// The volume or the quota is full: space may come back.
    public var isNoSpace: Bool { self == .noSpace || self == .quotaExceeded }

    /// There was no descriptor for a file that an operation had to open before anything else: it has changed nothing.
    public var isNoDescriptor: Bool { self == .tooManyFiles || self == .tooManyFilesInSystem }
}
