extension Errno {
    /// What it means, for the operator.
    public var text: String {
        switch self {
        case .notPermitted: "not permitted"
        case .noEntry: "no such file or directory"
        case .inputOutput: "input/output error"
        case .badDescriptor: "bad file descriptor"
        case .outOfMemory: "out of memory"
        case .accessDenied: "permission denied"
        case .exists: "it exists already"
        case .notADirectory: "not a directory"
        case .isADirectory: "it is a directory"
        case .invalidArgument: "invalid argument"
        case .tooManyFilesInSystem: "too many open files in the system"
        case .tooManyFiles: "too many open files"
        case .fileTooLarge: "file too large"
        case .noSpace: "no space left on the device"
        case .readOnlyFileSystem: "read-only file system"
        case .brokenPipe: "broken pipe"
        case .nameTooLong: "name too long"
        case .notImplemented: "not implemented by the system"
        case .notEmpty: "directory not empty"
        case .connectionReset: "connection reset"
        case .timedOut: "timed out"
        case .quotaExceeded: "disk quota exceeded"
        case .canceled: "canceled"
        case .locked: "locked by another process"
        case .other: "an error without a name here; the log has its number"
        }
    }
}
