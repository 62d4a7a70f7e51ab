import Platform

/// The log directory of a simulated machine: numbered names, files behind them, and what the volume has room for.
///
/// Calls answer as the kernel does: a file that was moved or deleted is written on by whoever has it open.
struct LogDirectory: Equatable {
    struct File: Equatable {
        var bytes: [UInt8] = []
        /// Wall clock, microseconds.
        var writtenAt: UInt64 = 0
    }

    /// Ascending by name; 0 is the active file.
    private(set) var names: [(number: UInt32, file: Int)] = []
    private(set) var files: [File] = []
    /// The file that is open.
    private(set) var open: Int?
    /// Bytes of all files with names, at most.
    var capacity = Int.max
    /// Calls on names, and the opening of files, fail for want of permission.
    var isForbidden = false
    /// Names that are directories.
    var obstacles: [UInt32] = []

    static func == (left: Self, right: Self) -> Bool {
        left.names.elementsEqual(right.names, by: ==) && left.files == right.files && left.open == right.open
            && left.capacity == right.capacity && left.isForbidden == right.isForbidden
            && left.obstacles == right.obstacles
    }

    func file(_ number: UInt32) -> File? { place(number).map { files[names[$0].file] } }

    var archives: [(number: UInt32, file: File)] {
        names.filter { $0.number > 0 }.map { ($0.number, files[$0.file]) }
    }

    /// What is open has the name of the active file.
    var isOpenFileActive: Bool { open != nil && open == place(0).map { names[$0].file } }

    private var usedBytes: Int { names.reduce(0) { $0 + files[$1.file].bytes.count } }

    private func place(_ number: UInt32) -> Int? { names.firstIndex { $0.number == number } }

    /// The process is gone.
    mutating func closeAll() { open = nil }

    /// Carries out an operation on files; `most` bytes of a write at most.
    mutating func perform(_ operation: LogOperation, at time: UInt64, most: Int = .max) -> LogEvent {
        switch operation {
        case .open: return openActive()
        case .write(let bytes): return write(bytes, at: time, most)
        case .close:
            open = nil
            return .done(count: 0)
        case .survey:
            if isForbidden { return .failed(.accessDenied) }
            let entries = archives.map {
                LogFileEntry(
                    number: $0.number, byteCount: UInt64($0.file.bytes.count), writtenAt: $0.file.writtenAt,
                    isFile: true)
            }
            return .surveyed(
                (entries + obstacles.map { LogFileEntry(number: $0, byteCount: 0, writtenAt: 0, isFile: false) })
                    .sorted { $0.number < $1.number })
        case .move(let from, let to):
            if isForbidden { return .failed(.accessDenied) }
            guard let source = place(from) else { return .failed(.noEntry) }
            if obstacles.contains(to) || place(to) != nil { return .failed(.exists) }
            let file = names[source].file
            names.removeAll { $0.number == from }
            insert(to, file)
            return .done(count: 0)
        case .delete(let number):
            if isForbidden { return .failed(.accessDenied) }
            guard let place = place(number) else { return .failed(.noEntry) }
            names.remove(at: place)
            return .done(count: 0)
        case .show, .wake, .stopped: return .failed(.invalidArgument)
        }
    }

    private mutating func openActive() -> LogEvent {
        if isForbidden { return .failed(.accessDenied) }
        let file: Int
        if let place = place(0) {
            file = names[place].file
        } else {
            if usedBytes >= capacity { return .failed(.noSpace) }
            files.append(File())
            file = files.count - 1
            insert(0, file)
        }
        open = file
        let bytes = files[file].bytes
        return .opened(byteCount: UInt64(bytes.count), endsInLine: bytes.last.map { $0 != 10 } ?? false)
    }

    private mutating func write(_ bytes: [UInt8], at time: UInt64, _ most: Int) -> LogEvent {
        guard let open else { return .failed(.badDescriptor) }
        let room = max(0, capacity == .max ? bytes.count : capacity - usedBytes)
        let count = min(bytes.count, room, most)
        guard count > 0 else { return .failed(.noSpace) }
        files[open].bytes += bytes.prefix(count)
        files[open].writtenAt = time
        return .done(count: count)
    }

    private mutating func insert(_ number: UInt32, _ file: Int) {
        let place = names.firstIndex { $0.number > number } ?? names.count
        names.insert((number, file), at: place)
    }

    /// A file that lies there before the first start.
    mutating func leave(_ number: UInt32, _ bytes: [UInt8], writtenAt time: UInt64) {
        files.append(File(bytes: bytes, writtenAt: time))
        insert(number, files.count - 1)
    }
}
