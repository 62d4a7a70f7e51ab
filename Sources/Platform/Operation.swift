/// What a Machine asks of its World. Submitting only appends to a ring; every completion is a later event.
///
/// Slices of vectored operations travel beside the operation (`World.submit(_:_:)`); `slices` says how many.
/// A slice in flight belongs to the World: read by a send or write, written by a receive or read.
public enum Operation: BitwiseCopyable, Sendable {
    // Connections.
    /// Begin accepting: the shard is ready to serve.
    case startAccepting
    /// Receive some bytes into the slice. At most one receive of a connection is in flight.
    case receive(ConnectionID, into: Slice)
    /// Receive some bytes into a fresh buffer of the World's choosing, taken when bytes are there: an idle
    /// connection holds no buffer.
    case receiveFresh(ConnectionID)
    /// Send the slices in order. Completes with the bytes sent, which may be fewer. One send at a time.
    case send(ConnectionID, slices: Int, Token)
    /// Close the connection: what is in flight ends with `canceled`, then comes `disconnected`.
    case disconnect(ConnectionID)

    // Files. Positions and counts are bytes. At most one write of a file range is in flight.
    case open(Path, OpenMode, Token)
    /// Nothing of the file may be in flight.
    case close(FileID, Token)
    case read(FileID, at: Int64, into: Slice, Token)
    /// Write the slices in order from the position on. Completes with the bytes written, which may be fewer.
    case write(FileID, at: Int64, slices: Int, Token)
    /// Grow the file with zeros that have their blocks, so that a later sync of data there finds its space.
    case allocate(FileID, at: Int64, byteCount: Int64, Token)
    case truncate(FileID, to: Int64, Token)
    /// Make what was written before this submission survive a power cut. The bytes before `forgetting` will hardly be
    /// read soon: once they are durable the World may take the memory of its cache that they are in for others. `urgency` is advice too.
    case sync(FileID, forgetting: Int64 = 0, urgency: SyncUrgency = .awaited, Token)
    /// Make creations, renames and removals in the directory survive a power cut. If the directory could not even be
    /// opened for want of a descriptor or of memory, `Errno.isNoDescriptor` says so: nothing was synced, nothing is lost.
    case syncDirectory(Directory, Token)
    case makeDirectory(Directory, Token)
    case removeDirectory(Directory, Token)
    case moveDirectory(Directory, to: Directory, Token)
    case unlink(Path, Token)
    /// Replaces the target, atomically for whoever opens it.
    case rename(Path, to: Path, Token)
    /// The names in a directory, each ended by a zero byte, sorted by their bytes. A directory ends with `/`.
    /// Completes with the bytes that the whole list needs; the list is cut when the slice is shorter than that.
    case list(Directory, into: Slice, Token)
    case measureSpace(Token)
    /// Take the exclusive lock of the data directory, held until the process ends, and write the process id into
    /// the file. Succeeds again for the process that holds it; fails with `locked` for another.
    case lock(Path, Token)

    // Secrets.
    /// `crypt(3)`: three slices, password, setting, result. Runs on a worker of its own. Completes with the
    /// bytes of the result.
    case crypt(slices: Int, Token)

    // Others.
    case mail(to: ShardID, Letter)
    /// One wake-up at a monotonic time in nanoseconds; it replaces the one asked for before.
    case wake(at: Int64)
    case notice(Notice)
    /// This Machine has nothing left to do after `stopRequested`.
    case stopped
    /// The server can't start, and must not touch anything: the process ends with this reason.
    case refuseStart(StartRefusal)
}

/// How a file is opened.
public enum OpenMode: UInt8, BitwiseCopyable, Sendable {
    /// To read; it must exist.
    case read
    /// To read and write; it must exist.
    case readWrite
    /// To read and write; made, and it must not exist.
    case create
    /// To read and write; made, or emptied if it exists.
    case replace
}

/// Who waits for a sync.
public enum SyncUrgency: UInt8, BitwiseCopyable, Sendable {
    /// An answer, or a stop.
    case awaited
    /// Nobody: it may take what others leave of the processor.
    case background
}
