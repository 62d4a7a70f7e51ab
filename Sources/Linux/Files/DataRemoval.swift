import CLinux
import Glibc
public import Platform

/// Removes what is in a data directory, for a start that wants a fresh one. The directory itself stays, and so does
/// what links in it lead to.
public enum DataRemoval {
    public enum Outcome: Equatable, Sendable {
        /// So many files and directories are gone.
        case removed(count: Int)
        /// There is no directory.
        case notThere
        /// Another process has it.
        case inUse
        /// The caller would not have it.
        case refused
        /// Another file system is mounted at this path; nothing is gone.
        case mounted(path: String)
        /// Of the entry with this path; what comes before it is gone.
        case failed(path: String, Errno)
    }

    /// What a file system makes, and what holds the lock meanwhile.
    private static let kept = ["lost+found/", "lock"]
    /// Says whose the directory is, and so goes last: a removal that is cut short can be taken up again.
    private static let lastName = "FORMAT"

    /// - Parameters:
    ///   - mayRemove: whether what is there may go, by the names in the directory; directories end with `/`.
    public static func empty(_ path: String, mayRemove: ([String]) -> Bool) -> Outcome {
        var facts = stat()
        // SAFETY: the structure and the string outlive the call.
        if unsafe stat(path, &facts) != 0, errno == ENOENT { return .notThere }
        let directory: DataDirectory
        do throws(StartFailure) {
            directory = try DataDirectory(path: path)
        } catch {
            guard case .dataDirectory(_, let errno) = error else { return .failed(path: path, .other) }
            return .failed(path: path, errno)
        }
        defer { directory.close() }
        let (listed, entries) = directory.names(in: ".")
        if let number = listed.errorNumber { return .failed(path: path, Errno(number: number)) }
        guard mayRemove(entries.map { String(decoding: $0, as: UTF8.self) }) else { return .refused }
        let locked = directory.takeLock(.lock)
        if locked.errorNumber == ErrorNumber.again { return .inUse }
        if let number = locked.errorNumber { return .failed(path: "lock", Errno(number: number)) }
        let goers = entries.filter { entry in !kept.contains { Array($0.utf8) == entry } }
        if let path = mount(below: goers, of: directory, device: facts.st_dev) { return .mounted(path: path) }
        return remove(goers, from: directory)
    }

    /// The first directory there, or below, that is on another device.
    private static func mount(below entries: [[UInt8]], of directory: DataDirectory, device: dev_t) -> String? {
        var pending = entries
        while let path = pending.popLast() {
            guard path.last == UInt8(ascii: "/") else { continue }
            let plain = String(decoding: path.dropLast(), as: UTF8.self)
            var facts = stat()
            // SAFETY: the structure and the string outlive the call.
            if unsafe fstatat(directory.descriptor, plain, &facts, AT_SYMLINK_NOFOLLOW) == 0, facts.st_dev != device {
                return plain
            }
            pending += directory.names(in: plain).1.map { path + $0 }
        }
        return nil
    }

    private static func remove(_ entries: [[UInt8]], from directory: DataDirectory) -> Outcome {
        let ordered = entries.filter { $0 != Array(lastName.utf8) } + entries.filter { $0 == Array(lastName.utf8) }
        var count = 0
        for entry in ordered {
            // Directories are walked into, and removed on the way back.
            var pending = [(path: entry, isWalked: false)]
            while let (path, isWalked) = pending.popLast() {
                let isDirectory = path.last == UInt8(ascii: "/")
                let plain = isDirectory ? Array(path.dropLast()) : path
                if isDirectory, !isWalked {
                    let (listed, inner) = directory.names(in: String(decoding: plain, as: UTF8.self))
                    if let number = listed.errorNumber { return failure(plain, number) }
                    pending.append((path, isWalked: true))
                    pending += inner.map { (path + $0, isWalked: false) }
                    continue
                }
                let result = unsafe (plain + [0]).withUnsafeBytes { bytes in
                    // SAFETY: the path ends with a zero byte and outlives the call.
                    guard let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return Int64(0) }
                    return unsafe isDirectory
                        ? galgo_remove_directory(directory.descriptor, start)
                        : galgo_unlink(directory.descriptor, start)
                }
                if let number = result.errorNumber { return failure(plain, number) }
                count += 1
            }
        }
        let synced = galgo_sync(directory.descriptor)
        return synced.errorNumber.map { failure([UInt8(ascii: ".")], $0) } ?? .removed(count: count)
    }

    private static func failure(_ path: [UInt8], _ number: Int32) -> Outcome {
        .failed(path: String(decoding: path, as: UTF8.self), Errno(number: number))
    }
}
