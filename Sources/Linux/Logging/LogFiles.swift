import CLinux
import Glibc
import Platform

/// The log directory: carries out what the log writer decides, one call after the other, on the writer's own thread.
///
/// Its files are touched by one process at a time: whoever has the lock on the directory, which leaves no file behind.
struct LogFiles: ~Copyable {
    private let path: String
    private var directory: Int32?
    private var isLocked = false
    private var file: Int32?

    init(path: String) { self.path = path }

    deinit {
        if let file { _ = galgo_close(file) }
        if let directory { _ = galgo_close(directory) }
    }

    /// Makes the directory and its parents; the error if that is not possible.
    mutating func makeDirectory() -> Errno? {
        if directory != nil { return nil }
        let opened = unsafe galgo_open_root(path)
        if let number = opened.errorNumber { return Errno(number: number) }
        directory = Int32(truncatingIfNeeded: opened)
        isLocked = false
        return nil
    }

    /// Refuses if another process has the directory. Where the file system knows no locks there is none to respect.
    private mutating func lock() -> Errno? {
        guard let directory else { return .noEntry }
        if isLocked { return nil }
        if galgo_lock_only(directory).errorNumber == ErrorNumber.again { return .locked }
        isLocked = true
        return nil
    }

    /// The writer begins a new life.
    mutating func closeFile() {
        if let file { _ = galgo_close(file) }
        file = nil
    }

    mutating func perform(_ operation: LogOperation) -> LogEvent {
        switch operation {
        case .open: return open()
        case .write(let bytes):
            guard let file else { return .failed(.badDescriptor) }
            return unsafe bytes.withUnsafeBytes { answer(unsafe galgo_append(file, $0.baseAddress, $0.count)) }
        case .close:
            closeFile()
            return .done(count: 0)
        case .survey: return survey()
        case .move(let from, let to):
            guard let directory else { return .failed(.noEntry) }
            return unsafe answer(galgo_rename_new(directory, LogFileName.text(from), LogFileName.text(to)))
        case .delete(let number):
            guard let directory else { return .failed(.noEntry) }
            return unsafe answer(galgo_unlink(directory, LogFileName.text(number)))
        case .show, .wake, .stopped: return .failed(.invalidArgument)
        }
    }

    private func answer(_ result: Int64) -> LogEvent {
        if let number = result.errorNumber { return .failed(Errno(number: number)) }
        return .done(count: Int(result))
    }

    /// A directory that was removed under us is made again.
    private mutating func open() -> LogEvent {
        for _ in 0..<2 {
            if let errno = makeDirectory() ?? lock() { return .failed(errno) }
            guard let directory else { return .failed(.noEntry) }
            var (byteCount, writtenAt): (Int64, Int64) = (0, 0)
            let kind = unsafe galgo_entry(directory, LogFileName.active, &byteCount, &writtenAt)
            // A pipe or the like would hold the writer up.
            if kind == 0 { return .failed(.exists) }
            let opened = unsafe galgo_open(directory, LogFileName.active, O_RDWR | O_APPEND | O_CREAT)
            guard let number = opened.errorNumber else { return use(Int32(truncatingIfNeeded: opened)) }
            guard number == ENOENT else { return .failed(Errno(number: number)) }
            _ = galgo_close(directory)
            self.directory = nil
        }
        return .failed(.noEntry)
    }

    private mutating func use(_ descriptor: Int32) -> LogEvent {
        let byteCount = galgo_byte_count(descriptor)
        var last = UInt8(ascii: "\n")
        if byteCount > 0 { _ = unsafe galgo_read(descriptor, &last, 1, byteCount - 1) }
        guard byteCount >= 0 else {
            _ = galgo_close(descriptor)
            return answer(byteCount)
        }
        file = descriptor
        return .opened(byteCount: UInt64(byteCount), endsInLine: last != UInt8(ascii: "\n"))
    }

    private mutating func survey() -> LogEvent {
        if let errno = lock() { return .failed(errno) }
        guard let directory else { return .failed(.noEntry) }
        let found = Numbers()
        // SAFETY: the callback gets the object that lives until the call returns.
        let context = unsafe Unmanaged.passUnretained(found).toOpaque()
        let result = unsafe galgo_list(directory, ".", context) { context, name, _ in
            guard let context = unsafe context, let name = unsafe name,
                let text = unsafe String(validatingCString: name),
                let number = LogFileName.number(of: text)
            else { return }
            unsafe Unmanaged<Numbers>.fromOpaque(context).takeUnretainedValue().all.append(number)
        }
        if let number = result.errorNumber { return .failed(Errno(number: number)) }
        var entries: [LogFileEntry] = []
        for number in found.all.sorted() {
            var (byteCount, writtenAt): (Int64, Int64) = (0, 0)
            let kind = unsafe galgo_entry(directory, LogFileName.text(number), &byteCount, &writtenAt)
            // What cannot be looked at, or is from before 1970, is left alone and not moved upon.
            if kind == -Int64(ENOENT) { continue }
            entries.append(
                LogFileEntry(
                    number: number, byteCount: UInt64(clamping: byteCount), writtenAt: UInt64(clamping: writtenAt),
                    isFile: kind == 1 && writtenAt >= 0))
        }
        return .surveyed(entries)
    }

    private final class Numbers { var all: [UInt32] = [] }
}
