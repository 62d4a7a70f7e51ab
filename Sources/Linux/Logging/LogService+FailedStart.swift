import CLinux
import Glibc
import Platform
import Synchronization

extension LogService {
    /// For a start that fails, perhaps before a shard has looked at the data directory: the log files have its reason where
    /// the directory is a server's and no other server uses it. Nothing more is said afterwards.
    ///
    /// - Parameter isServers: whether a directory with these names, whose `FORMAT` begins so, is one of a server like this.
    /// - Returns: whether the log has the line.
    public func tellFailedStart(
        _ line: String, on dataDirectory: String, where isServers: (_ names: [String], _ format: [UInt8]) -> Bool
    ) -> Bool {
        if hasBegun.load(ordering: .acquiring) {
            log.write(.error, .server, line)
            return log.isOpen(.error, .server)
        }
        guard let contents = StartLook.contents(of: dataDirectory), let format = contents.format,
            isServers(contents.names, format)
        else { return false }
        // SAFETY: the string is terminated and outlives the call.
        let opened = unsafe open(dataDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return false }
        let directory = DataDirectory(owning: opened)
        defer { directory.close() }
        // SAFETY: the name is terminated. A lock is taken where there is a file for it, and none is made.
        let lock = unsafe galgo_open(opened, Path.lock.text, O_RDWR)
        guard lock >= 0 else { return false }
        let file = Int32(truncatingIfNeeded: lock)
        defer { _ = galgo_close(file) }
        guard galgo_lock_only(file) >= 0, begin() == nil else { return false }
        log.write(.error, .server, line)
        // Whoever starts a server meanwhile is refused.
        let isWritten = stop(within: 200)
        return isWritten && log.isOpen(.error, .server)
    }
}
