public import Platform
import Glibc

/// Where lines for the operator go.
public struct Log: Sendable {
    public let write: @Sendable (Notice.Level, String) -> Void
    /// Called with each notice of a shard, on the shard's thread, before its line is written.
    public var watch: @Sendable (Notice) -> Void = { _ in }

    public init(_ write: @escaping @Sendable (Notice.Level, String) -> Void) { self.write = write }

    func note(_ notice: Notice, of shard: ShardID) {
        watch(notice)
        write(notice.level, "\(shard): \(notice)")
    }

    /// One line on standard error: time, level, text. One `write`, so that lines of several threads stay whole.
    public static let standardError = Log { level, text in
        let line = Array("\(timestamp()) \(label(level)) \(text)\n".utf8)
        // A line that nobody can take is lost; there is no better place to say so.
        _ = unsafe line.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
    }

    private static func label(_ level: Notice.Level) -> String {
        switch level {
        case .error: "ERROR"
        case .warning: "WARN "
        case .info: "INFO "
        case .debug: "DEBUG"
        }
    }

    /// `2025-01-31T12:00:00.123456Z`.
    private static func timestamp() -> String {
        var time = timespec()
        var parts = unsafe tm()
        unsafe _ = clock_gettime(CLOCK_REALTIME, &time)
        unsafe _ = gmtime_r(&time.tv_sec, &parts)
        let day = unsafe [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2), padded(parts.tm_mday, 2)]
        let clock = unsafe [padded(parts.tm_hour, 2), padded(parts.tm_min, 2), padded(parts.tm_sec, 2)]
        let microseconds = padded(Int32(truncatingIfNeeded: time.tv_nsec / 1000), 6)
        return "\(day.joined(separator: "-"))T\(clock.joined(separator: ":")).\(microseconds)Z"
    }

    private static func padded(_ value: Int32, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
