import Platform

/// What an operation asks of the disk; triggers and statistics choose by it and by the file's class.
public enum IOKind: String, CaseIterable, Sendable {
    case open, close, read, write, allocate, truncate, sync
    case syncDirectory = "sync-directory"
    case makeDirectory = "make-directory"
    case removeDirectory = "remove-directory"
    case moveDirectory = "move-directory"
    case unlink, rename, list, space, lock
}

/// What a fault does to one operation.
enum InjectedFault: Equatable {
    case fails(Errno)
    /// Only so many bytes are moved.
    case short(Int)
    /// The write fails with `EIO` when so many bytes are in the file.
    case breaksOff(after: Int)
    /// One bit of what is read is the other way round, counted from the first.
    case flips(bit: Int)
    /// What is read stands so many bytes further on.
    case misdirected(by: Int64)
    /// The sync fails, and what it was to save is partly lost.
    case syncFails
}

extension Operation {
    var isSync: Bool {
        switch self {
        case .sync, .syncDirectory: true
        default: false
        }
    }

    /// Whether its effect can show after a crash.
    var changesDisk: Bool {
        switch self {
        case .open(_, let mode, _): mode == .create || mode == .replace
        case .write, .allocate, .truncate, .sync, .syncDirectory, .makeDirectory, .removeDirectory, .moveDirectory,
            .unlink, .rename:
            true
        case .close, .read, .list, .measureSpace, .lock, .startAccepting, .receive, .receiveFresh, .send, .disconnect,
            .crypt, .mail, .wake, .notice, .stopped, .refuseStart:
            false
        }
    }

    /// A change of names or of a length, or what makes names durable: seldom enough to tell runs apart.
    var isMilestone: Bool {
        switch self {
        case .open, .truncate, .syncDirectory, .makeDirectory, .removeDirectory, .moveDirectory, .unlink, .rename:
            changesDisk
        default: false
        }
    }

    /// nil for what has nothing to do with the disk.
    var ioKind: IOKind? {
        switch self {
        case .open: .open
        case .close: .close
        case .read: .read
        case .write: .write
        case .allocate: .allocate
        case .truncate: .truncate
        case .sync: .sync
        case .syncDirectory: .syncDirectory
        case .makeDirectory: .makeDirectory
        case .removeDirectory: .removeDirectory
        case .moveDirectory: .moveDirectory
        case .unlink: .unlink
        case .rename: .rename
        case .list: .list
        case .measureSpace: .space
        case .lock: .lock
        case .startAccepting, .receive, .receiveFresh, .send, .disconnect, .crypt, .mail, .wake, .notice, .stopped,
            .refuseStart:
            nil
        }
    }

    var token: Token? {
        switch self {
        case .send(_, _, let token), .open(_, _, let token), .close(_, let token), .read(_, _, _, let token),
            .write(_, _, _, let token), .allocate(_, _, _, let token), .truncate(_, _, let token),
            .sync(_, _, _, let token), .syncDirectory(_, let token), .makeDirectory(_, let token),
            .removeDirectory(_, let token), .moveDirectory(_, _, let token), .unlink(_, let token),
            .rename(_, _, let token), .list(_, _, let token), .measureSpace(let token), .lock(_, let token),
            .crypt(_, let token):
            token
        case .startAccepting, .receive, .receiveFresh, .disconnect, .mail, .wake, .notice, .stopped, .refuseStart:
            nil
        }
    }
}

extension Desk {
    /// The class of the file that an operation is about; directories have the class of what they name.
    func ioClass(of operation: Operation) -> IOClass? {
        switch operation {
        case .open(let path, _, _), .unlink(let path, _), .rename(_, to: let path, _), .lock(let path, _):
            path.ioClass
        case .close(let file, _), .read(let file, _, _, _), .write(let file, _, _, _), .allocate(let file, _, _, _),
            .truncate(let file, _, _), .sync(let file, _, _, _):
            files[Int(file.slot)].ioClass
        case .syncDirectory(let directory, _), .makeDirectory(let directory, _), .removeDirectory(let directory, _),
            .moveDirectory(let directory, _, _), .list(let directory, _, _):
            directory.ioClass
        case .startAccepting, .receive, .receiveFresh, .send, .disconnect, .measureSpace, .crypt, .mail, .wake, .notice,
            .stopped, .refuseStart:
            nil
        }
    }
}

extension Directory {
    var ioClass: IOClass {
        switch self {
        case .root: .identity
        case .catalog: .catalogLog
        case .partitions, .partition, .orphans, .orphan: .segment
        }
    }
}
