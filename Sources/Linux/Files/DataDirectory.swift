import CLinux
import Glibc
import Platform
import Synchronization

/// The one directory that the server may touch. Every name is resolved relative to its descriptor, so that moving
/// or replacing the path while the server runs changes nothing.
package final class DataDirectory: Sendable {
    package let descriptor: Int32
    /// The descriptor that holds the lock, until the process ends.
    private let lock = Mutex<Int32?>(nil)
    /// Who holds the lock leaves a note when it crashes, if there is a version to name.
    private let crashVersion: String?

    package init(path: String, crashVersion: String? = nil) throws(StartFailure) {
        self.crashVersion = crashVersion
        let opened = unsafe galgo_open_root(path)
        if let number = opened.errorNumber { throw .dataDirectory(path, Errno(number: number)) }
        descriptor = Int32(truncatingIfNeeded: opened)
    }

    /// One that is there, by a descriptor that is closed with it. Nobody has its lock, and no crash is noted in it.
    init(owning descriptor: Int32) {
        crashVersion = nil
        self.descriptor = descriptor
    }

    /// The beginning of the file that says whose the directory is; nil if there is none that can be read.
    func formatText() -> [UInt8]? {
        // SAFETY (both calls): the name is terminated, and the array is as long as the count says.
        let opened = unsafe galgo_open(descriptor, Path.format.text, O_RDONLY | O_NONBLOCK)
        guard opened >= 0 else { return nil }
        let file = Int32(truncatingIfNeeded: opened)
        defer { _ = galgo_close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe galgo_read(file, $0.baseAddress, $0.count, 0) }
        return count < 0 ? nil : Array(bytes.prefix(Int(count)))
    }

    /// Closes the directory and gives the lock back.
    package func close() {
        lock.withLock { held in
            if crashVersion != nil { galgo_forget_crashes() }
            if let open = held { _ = galgo_close(open) }
            held = nil
        }
        _ = galgo_close(descriptor)
    }

    /// Zero, or a negative error number; would-block if another process has the lock. Asking again is fine: a
    /// shard that was rebuilt does.
    func takeLock(_ path: Path) -> Int64 {
        lock.withLock { held in
            if held != nil { return 0 }
            let opened = unsafe galgo_open(descriptor, path.text, O_RDWR | O_CREAT)
            if opened < 0 { return opened }
            let file = Int32(truncatingIfNeeded: opened)
            let locked = galgo_lock(file)
            if locked < 0 {
                _ = galgo_close(file)
            } else {
                held = file
                // SAFETY: the texts are copied. Refused, crashes leave no note.
                if let crashVersion {
                    _ = unsafe galgo_unlink(descriptor, LastCrash.temporaryName)
                    _ = unsafe galgo_note_crashes(
                        descriptor, LastCrash.fileName, LastCrash.temporaryName, crashVersion)
                }
            }
            return locked
        }
    }

    /// Makes a slow call: its result or a negative error number, and a second result.
    package func perform(_ job: Job) -> (Int64, Int64) {
        switch job {
        case .read(let file, let address, let byteCount, let at, let done):
            return (readRest(file, address, byteCount: byteCount, at: at, done: done), 0)
        case .open(let path, let mode): return open(path, mode)
        case .close(let file, let givesBack):
            if givesBack { galgo_give_back(file) }
            return (galgo_close(file), 0)
        case .allocate(let file, let at, let byteCount): return (galgo_allocate(file, at, byteCount), 0)
        case .truncate(let file, let length): return (galgo_truncate(file, length), 0)
        case .sync(let file, let forgotten, _):
            let result = galgo_sync_data(file)
            if result == 0, forgotten > 0 { galgo_forget(file, forgotten) }
            return (result, 0)
        case .syncDirectory(let directory): return (sync(directory), 0)
        case .makeDirectory(let directory): return unsafe (galgo_make_directory(descriptor, name(directory)), 0)
        case .removeDirectory(let directory): return unsafe (galgo_remove_directory(descriptor, name(directory)), 0)
        case .moveDirectory(let from, let to): return unsafe (galgo_rename(descriptor, name(from), name(to)), 0)
        case .unlink(let path): return unsafe (galgo_unlink(descriptor, path.text), 0)
        case .rename(let from, let to): return unsafe (galgo_rename(descriptor, from.text, to.text), 0)
        case .list(let directory, let address, let capacity): return (list(directory, address, capacity: capacity), 0)
        case .measureSpace: return measureSpace()
        case .crypt(let password, let passwordCount, let setting, let settingCount, let result, let capacity):
            // SAFETY: the buffers are held until this call's result is handled.
            return unsafe (
                galgo_crypt(
                    password.pointer.assumingMemoryBound(to: UInt8.self), passwordCount,
                    setting.pointer.assumingMemoryBound(to: UInt8.self), settingCount,
                    result.pointer.assumingMemoryBound(to: UInt8.self), capacity), 0
            )
        }
    }

    /// Bytes per unprivileged process, free and total.
    func measureSpace() -> (Int64, Int64) {
        var (free, total): (Int64, Int64) = (0, 0)
        let result = unsafe galgo_space(descriptor, &free, &total)
        return result < 0 ? (result, 0) : (free, total)
    }

    private func name(_ directory: Directory) -> String { directory == .root ? "." : directory.text }

    /// The file's length, and its descriptor.
    private func open(_ path: Path, _ mode: OpenMode) -> (Int64, Int64) {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            case .replace: O_RDWR | O_CREAT | O_TRUNC
            }
        let opened = unsafe galgo_open(descriptor, path.text, flags)
        if opened < 0 { return (opened, 0) }
        let byteCount = galgo_byte_count(Int32(truncatingIfNeeded: opened))
        if byteCount < 0 {
            _ = galgo_close(Int32(truncatingIfNeeded: opened))
            return (byteCount, 0)
        }
        return (byteCount, opened)
    }

    /// Fills the slice, or as much of it as the file has.
    private func readRest(
        _ file: Int32, _ address: Job.Address, byteCount: Int, at position: Int64, done: Int
    ) -> Int64 {
        var done = done
        while done < byteCount {
            // SAFETY: the buffer is held, and the range lies inside the slice.
            let count = unsafe galgo_read(file, address.pointer + done, byteCount - done, position + Int64(done))
            // What was read before an error is no less true; the error comes again with the next read.
            if count < 0 { return done > 0 ? Int64(done) : count }
            if count == 0 { break }
            done += Int(count)
        }
        return Int64(done)
    }

    private func sync(_ directory: Directory) -> Int64 {
        if directory == .root { return galgo_sync(descriptor) }
        let opened = unsafe galgo_open_directory(descriptor, directory.text)
        // A sync that reports a lack of memory may have lost something; this one has not begun.
        if opened.errorNumber == ErrorNumber.outOfMemory { return -Int64(ErrorNumber.tooManyFilesInSystem) }
        if opened < 0 { return opened }
        let result = galgo_sync(Int32(truncatingIfNeeded: opened))
        _ = galgo_close(Int32(truncatingIfNeeded: opened))
        return result
    }

    private func list(_ directory: Directory, _ address: Job.Address, capacity: Int) -> Int64 {
        let (result, names) = names(in: name(directory))
        if result < 0 { return result }
        var position = 0
        for name in names {
            for byte in name + [0] {
                // SAFETY: the buffer is held and has `capacity` bytes.
                if position < capacity {
                    unsafe address.pointer.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
                }
                position += 1
            }
        }
        return Int64(position)
    }

    /// The names in a directory, sorted by their bytes, each with a `/` behind it if it is one itself; and zero or a
    /// negative error number.
    package func names(in directory: String) -> (Int64, [[UInt8]]) {
        let names = Names()
        // SAFETY: the callback gets the object that lives until the call returns.
        let context = unsafe Unmanaged.passUnretained(names).toOpaque()
        let result = unsafe galgo_list(descriptor, directory, context) { context, name, isDirectory in
            guard let context = unsafe context, let name = unsafe name else { return }
            var bytes = unsafe Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
            if isDirectory != 0 { bytes.append(UInt8(ascii: "/")) }
            unsafe Unmanaged<Names>.fromOpaque(context).takeUnretainedValue().all.append(bytes)
        }
        return (result, names.all.sorted { $0.lexicographicallyPrecedes($1) })
    }

    private final class Names { var all: [[UInt8]] = [] }
}
