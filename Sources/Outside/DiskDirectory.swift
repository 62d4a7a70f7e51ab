import CLinux
import Glibc
public import Verifier

/// A real directory, listed once and read file by file, relative to one descriptor. No symbolic link is followed.
public final class DiskDirectory: DirectorySource {
    public let directories: [String]
    public let files: [String]
    private let descriptor: Int32

    public init(_ path: String) throws(UnreadableFile) {
        let opened = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw Self.failure(errno) }
        descriptor = opened
        do throws(UnreadableFile) {
            (directories, files) = try Self.walk(opened)
        } catch {
            close(opened)
            throw error
        }
    }

    deinit { close(descriptor) }

    public func read(_ path: String) throws(UnreadableFile) -> [UInt8] {
        let opened = unsafe galgo_open(descriptor, path, O_RDONLY)
        guard opened >= 0 else { throw Self.failure(Int32(truncatingIfNeeded: -opened)) }
        let file = Int32(truncatingIfNeeded: opened)
        defer { galgo_close(file) }
        let length = galgo_byte_count(file)
        guard length >= 0 else { throw Self.failure(Int32(truncatingIfNeeded: -length)) }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        var done = 0
        while done < bytes.count {
            // SAFETY: the range lies inside the array, which is not touched otherwise during the call.
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe galgo_read(file, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done, Int64(done))
            }
            guard count >= 0 else { throw Self.failure(Int32(truncatingIfNeeded: -count)) }
            guard count > 0 else { throw UnreadableFile("it became shorter while it was read: is a server running?") }
            done += Int(count)
        }
        return bytes
    }

    /// All of it, as a value.
    public func image() throws(UnreadableFile) -> DirectoryImage {
        var contents: [String: [UInt8]] = [:]
        for file in files { contents[file] = try read(file) }
        return DirectoryImage(directories: directories, contents: contents)
    }

    /// Removes a directory and all that is in it; what cannot be removed stays.
    public static func remove(_ path: String) {
        do throws(UnreadableFile) {
            let tree = try DiskDirectory(path)
            for file in tree.files { unsafe unlink("\(path)/\(file)") }
            for directory in tree.directories.reversed() { unsafe rmdir("\(path)/\(directory)") }
            unsafe rmdir(path)
        } catch {
            // It is gone already.
        }
    }

    private static func walk(_ descriptor: Int32) throws(UnreadableFile) -> (directories: [String], files: [String]) {
        var directories: [String] = []
        var files: [String] = []
        var pending = [""]
        while let directory = pending.popLast() {
            let found = Names()
            // SAFETY: the callback gets the object that lives until the call returns.
            let context = unsafe Unmanaged.passUnretained(found).toOpaque()
            let result = unsafe galgo_list(descriptor, directory.isEmpty ? "." : directory, context) {
                context, name, isDirectory in
                guard let context = unsafe context, let name = unsafe name else { return }
                let text = unsafe String(cString: name)
                unsafe Unmanaged<Names>.fromOpaque(context).takeUnretainedValue().all.append((text, isDirectory != 0))
            }
            guard result >= 0 else { throw failure(Int32(truncatingIfNeeded: -result)) }
            for (name, isDirectory) in found.all {
                let path = directory.isEmpty ? name : "\(directory)/\(name)"
                if isDirectory {
                    directories.append(path)
                    pending.append(path)
                } else {
                    files.append(path)
                }
            }
        }
        return (directories.sorted(), files.sorted())
    }

    private static func failure(_ number: Int32) -> UnreadableFile {
        UnreadableFile(unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)")
    }

    private final class Names { var all: [(String, Bool)] = [] }
}
