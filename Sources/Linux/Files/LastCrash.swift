import CLinux
import Glibc

/// What a process that died of a fatal signal left in its data directory: see `galgo_note_crashes`.
public struct LastCrash: Equatable, Sendable {
    public let version: String
    public let signal: Int32
    /// The thread's name: `shard-0`, a worker's lane and number, or the program's for the main thread.
    public let thread: String
    /// Since 1970.
    public let second: Int64

    /// `2025-01-31T12:00:00Z`.
    public var time: String {
        var second = time_t(second)
        var parts = unsafe tm()
        // SAFETY: both outlive the call.
        unsafe _ = gmtime_r(&second, &parts)
        func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = unsafe "\(Int(parts.tm_year) + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
        return unsafe "\(day)T\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))Z"
    }

    static let fileName = "crash"
    /// While it is written. One that stays was not: the process, or the machine, ended before.
    static let temporaryName = "crash.tmp"
    /// The last one that was told.
    static let toldName = "crash.told"

    /// Nil if the text is not whole: the process, or the machine, may have ended while it was written.
    init?(parsing text: String) {
        var values: [Substring: String] = [:]
        for line in text.split(separator: "\n") {
            guard let space = line.firstIndex(of: " ") else { continue }
            values[line[..<space]] = String(line[line.index(after: space)...])
        }
        guard text.hasSuffix("\n"), let version = values["version"], let thread = values["thread"],
            let signal = values["signal"].flatMap({ Int32($0) }), let second = values["second"].flatMap({ Int64($0) })
        else { return nil }
        self.version = version
        self.signal = signal
        self.thread = thread
        self.second = second
    }
}

extension DataDirectory {
    /// The crash that nobody was told of, which counts as told from now on. For the holder of the lock.
    func takeLastCrash() -> LastCrash? {
        // SAFETY: the names are terminated and outlive the calls.
        let opened = unsafe galgo_open(descriptor, LastCrash.fileName, 0)
        guard opened >= 0 else { return nil }
        let file = Int32(truncatingIfNeeded: opened)
        defer { _ = galgo_close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 10)
        // SAFETY: the array is as long as the count says.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe galgo_read(file, $0.baseAddress, $0.count, 0) }
        let renamed = unsafe galgo_rename(descriptor, LastCrash.fileName, LastCrash.toldName)
        // Otherwise it would be told again.
        guard renamed == 0, count >= 0 else { return nil }
        return LastCrash(parsing: String(decoding: bytes.prefix(Int(count)), as: UTF8.self))
    }
}
