package import Platform

/// A slow call, with everything that it needs. Bytes at its addresses are in flight until it is finished.
package enum Job: BitwiseCopyable {
    /// Bytes that the page cache does not hold. `done` bytes of the slice are there already.
    case read(descriptor: Int32, to: Address, byteCount: Int, at: Int64, done: Int)
    case open(Path, OpenMode)
    /// `givingBack`: what is reserved behind the end of the file is freed.
    case close(descriptor: Int32, givingBack: Bool)
    case allocate(descriptor: Int32, at: Int64, byteCount: Int64)
    case truncate(descriptor: Int32, to: Int64)
    /// `forgetting`: bytes at the front that leave the page cache once they are durable.
    case sync(descriptor: Int32, forgetting: Int64, SyncUrgency)
    case syncDirectory(Directory)
    case makeDirectory(Directory)
    case removeDirectory(Directory)
    case moveDirectory(Directory, to: Directory)
    case unlink(Path)
    case rename(Path, to: Path)
    case list(Directory, to: Address, capacity: Int)
    case measureSpace
    case crypt(password: Address, Int, setting: Address, Int, result: Address, capacity: Int)

    /// An address that outlives the job: of a buffer that is held.
    @safe package struct Address: BitwiseCopyable, @unchecked Sendable {
        let pointer: UnsafeMutableRawPointer

        package init(pointer: UnsafeMutableRawPointer) { unsafe self.pointer = pointer }
    }

    /// Jobs of one lane wait for each other; those of different lanes never do.
    enum Lane: Int, CaseIterable {
        /// Each of these holds an acknowledgement up.
        case sync
        /// Syncs that nobody waits for.
        case background
        case read
        /// Short work on names.
        case names
        /// Gives blocks back or takes many: milliseconds for a large file.
        case blocks
        /// Password hashing: slow on purpose.
        case secrets
    }

    var lane: Lane {
        switch self {
        case .sync(_, _, .awaited), .syncDirectory: .sync
        case .sync(_, _, .background): .background
        case .read: .read
        case .open, .makeDirectory, .removeDirectory, .moveDirectory, .rename, .list, .measureSpace: .names
        case .close, .allocate, .truncate, .unlink: .blocks
        case .crypt: .secrets
        }
    }
}

/// A job's result on its way to the shard.
struct Finished: BitwiseCopyable, Sendable {
    /// Which of the shard's pending operations.
    let ticket: UInt32
    /// A result of zero or more, or a negative error number.
    let result: Int64
    /// Total bytes of the volume for `measureSpace`, the descriptor for `open`, else 0.
    let second: Int64
}
