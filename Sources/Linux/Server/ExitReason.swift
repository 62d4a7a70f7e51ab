public import Platform

/// How a server that had started came to its end.
public enum ExitReason: Equatable, Sendable {
    /// Every shard finished its work after a stop was requested.
    case stopped
    /// A second stop signal came before that.
    case interrupted
    /// The stop took longer than it may.
    case overdue
    /// The core must not serve this directory.
    case refused(StartRefusal)
    /// It could not begin to listen.
    case failed(StartFailure)
    /// This shard's Machine failed more often than rebuilding can be a cure.
    case gaveUp(ShardID, law: String)

    /// What the shards had begun is finished, or never will be: their threads end by themselves. Otherwise they may
    /// hang.
    var endsThreads: Bool {
        switch self {
        case .stopped, .refused, .failed, .gaveUp: true
        case .interrupted, .overdue: false
        }
    }

    /// What the process ends with, after sysexits(3).
    public var exitCode: Int32 {
        switch self {
        case .stopped: 0
        case .interrupted: 130
        case .overdue: 75
        // The system would not let us.
        case .refused(.failed), .failed: 71
        case .refused: 78
        case .gaveUp: 70
        }
    }
}

/// Why a server could not start at all. Nothing was changed.
public enum StartFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The host of the listen address is unknown.
    case unknownHost(ListenAddress)
    /// Another socket has the port.
    case portInUse(ListenAddress)
    /// The port needs a privilege.
    case portForbidden(ListenAddress)
    /// The address belongs to another machine.
    case addressNotHere(ListenAddress)
    case cannotListen(ListenAddress, Errno)
    case dataDirectory(String, Errno)
    case logDirectory(String, Errno)
    case noDescriptor(Errno)
    case noThread
    /// So many bytes of address space are not there.
    case noMemory(Int)

    public var description: String {
        switch self {
        case .unknownHost(let address): "cannot listen on \(address): the host is unknown"
        case .portInUse(let address): "cannot listen on \(address): the port is in use by another process"
        case .portForbidden(let address): "cannot listen on \(address): the port needs a privilege; use one above 1023"
        case .addressNotHere(let address): "cannot listen on \(address): this machine has no such address"
        case .cannotListen(let address, let errno): "cannot listen on \(address): \(errno.text)"
        case .dataDirectory(let path, let errno): "cannot use \(path) as the data directory: \(errno.text)"
        case .logDirectory(let path, let errno): "cannot use \(path) as the log directory: \(errno.text)"
        case .noDescriptor(let errno): "cannot start: no descriptor (\(errno.text))"
        case .noMemory(let byteCount):
            "cannot start: the system has no \(byteCount >> 10) KiB for a table of buffers; lift its limit on data "
                + "(ulimit -d, ulimit -v), or set galgo.memory_limit lower or fewer shards"
        case .noThread: "cannot start: the system has no more threads for this process"
        }
    }
}
