import CLinux
import Glibc
public import Platform

/// Looks at what a start needs of the machine, and makes, takes and changes nothing.
public enum StartLook {
    /// What a start would find at the path of a directory that it uses.
    public enum DirectoryState: Equatable, Sendable {
        /// It is there and may be written to, or can be made.
        case usable
        /// It is there, and nothing can be made in it.
        case readOnly(Errno)
        /// It cannot be opened, or not be made.
        case unusable(Errno)
    }

    /// Its parents are made where they are missing, so the nearest directory that is there decides.
    public static func directory(_ path: String) -> DirectoryState {
        var place = path
        while true {
            switch access(place) {
            case nil: return .usable
            // Below it nothing can be made, which is why the directory will not be there.
            case .closed(let errno): return place == path ? .readOnly(errno) : .unusable(errno)
            case .failed(.noEntry) where !isLink(place):
                guard let parent = parent(of: place) else { return .unusable(.noEntry) }
                place = parent
            case .failed(let errno): return .unusable(errno)
            }
        }
    }

    /// What keeps a server from listening there: nil if nothing does. The address is taken for a moment, and nobody can
    /// connect to it.
    public static func listening(on address: ListenAddress) -> StartFailure? {
        do throws(StartFailure) {
            _ = try ListenPoint(address)
            return nil
        } catch {
            return error
        }
    }

    /// The names in a directory, with a `/` behind those of directories, ascending, and the beginning of its `FORMAT`;
    /// nil where there is no directory that can be read.
    public static func contents(of path: String) -> (names: [String], format: [UInt8]?)? {
        // SAFETY: the string is terminated and outlives the call.
        let opened = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        let directory = DataDirectory(owning: opened)
        defer { directory.close() }
        let (result, names) = directory.names(in: ".")
        guard result >= 0 else { return nil }
        return (names.map { String(decoding: $0, as: UTF8.self) }, directory.formatText())
    }

    /// Why a file cannot be opened that may be somebody else's; nil where it can, or is not there.
    public static func opening(_ path: String, forWriting: Bool) -> Errno? {
        // SAFETY: the string is terminated and outlives the call.
        let opened = unsafe open(path, (forWriting ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard opened < 0 else {
            Glibc.close(opened)
            return nil
        }
        return errno == ENOENT ? nil : Errno(number: errno)
    }

    private enum Obstacle {
        case failed(Errno)
        case closed(Errno)
    }

    /// Nil for a directory in which files can be made, by the process's effective user.
    private static func access(_ path: String) -> Obstacle? {
        // SAFETY (both calls): the string is terminated and outlives them.
        let opened = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return .failed(Errno(number: errno)) }
        let fileSystem = galgo_file_system(opened)
        Glibc.close(opened)
        guard unsafe faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0 else {
            return .closed(Errno(number: errno))
        }
        return kernels.contains(fileSystem) ? .closed(.noEntry) : nil
    }

    /// File systems in which the kernel alone makes files, whatever their permissions say: proc, sysfs and both of control
    /// groups, by their numbers in linux/magic.h.
    private static let kernels: [Int64] = [0x9FA0, 0x6265_6572, 0x6367_7270, 0x27_E0EB]

    /// Of a link that leads nowhere mkdir(2) says that it is there, and open(2) that it is not.
    private static func isLink(_ path: String) -> Bool {
        var facts = stat()
        // SAFETY: the structure and the string outlive the call.
        return unsafe lstat(path, &facts) == 0
    }

    /// Nil for what has none.
    private static func parent(of path: String) -> String? {
        var parts = path.split(separator: "/")
        guard parts.popLast() != nil else { return nil }
        let joined = parts.joined(separator: "/")
        return path.hasPrefix("/") ? "/" + joined : joined.isEmpty ? (path == "." ? nil : ".") : joined
    }
}
