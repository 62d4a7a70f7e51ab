/// The archives beside the active log file, `iggy-server.log.1` (newest) to `.N` (oldest), and which of them have to
/// move or go. It decides; the log writer carries out.
public struct LogArchives: Equatable, Sendable {
    /// Limits of the configuration, in bytes and microseconds; a size of 0 means no limit.
    public struct Limits: Equatable, Sendable {
        public var fileBytes: UInt64
        public var totalBytes: UInt64
        public var retention: UInt64

        public init(fileBytes: UInt64, totalBytes: UInt64, retention: UInt64) {
            self.fileBytes = fileBytes
            self.totalBytes = totalBytes
            self.retention = retention
        }

        /// How many archives may stand beside the active file. One less than the field keeps, so that all files
        /// together, the active one among them, stay within the total at every moment; but always one, so that a total
        /// of less than two files is exceeded by the second.
        public var archivesMax: UInt32 {
            max(1, Self.filesMax(totalBytes: totalBytes, fileBytes: fileBytes) - 1)
        }

        /// The field's count: 100,000 without a total, one without a file size, else what fits.
        public static func filesMax(totalBytes: UInt64, fileBytes: UInt64) -> UInt32 {
            if totalBytes == 0 { return 100_000 }
            if fileBytes == 0 { return 1 }
            return UInt32(clamping: max(1, min(totalBytes / fileBytes, 100_000)))
        }
    }

    public struct Archive: Equatable, Sendable {
        public let number: UInt32
        public let byteCount: UInt64
        /// Of its last write: microseconds since 1970.
        public let writtenAt: UInt64

        public init(number: UInt32, byteCount: UInt64, writtenAt: UInt64) {
            self.number = number
            self.byteCount = byteCount
            self.writtenAt = writtenAt
        }
    }

    /// Ascending by number.
    public let archives: [Archive]

    public init(_ archives: [Archive]) {
        self.archives = archives.sorted { $0.number < $1.number }
    }

    /// One step of a rotation.
    public enum Step: Equatable, Sendable {
        case delete(UInt32)
        /// From the first number to the second; 0 is the active file.
        case move(from: UInt32, to: UInt32)
    }

    /// What makes room for the active file as number 1: archives above the number kept go, then the others move up by
    /// one, the highest first. Whoever carries it out stops at the first step that fails, so that nothing is ever
    /// overwritten.
    public func rotation(within limits: Limits, _ mutation: LogMutation? = nil) -> [Step] {
        let kept = limits.archivesMax + (mutation == .oneArchiveTooMany ? 1 : 0)
        let leaving = archives.filter { mutation == .archivesAboveKept ? $0.number == kept : $0.number >= kept }
        let moving = archives.filter { $0.number < kept }.map { Step.move(from: $0.number, to: $0.number + 1) }
        return leaving.reversed().map { Step.delete($0.number) }
            + (mutation == .lowestMovedFirst ? moving : moving.reversed()) + [.move(from: 0, to: 1)]
    }

    /// The archives that a retention pass at `now` deletes, the oldest first: those whose last write is longer ago
    /// than the retention, then the oldest until the rest fits the total.
    ///
    /// A retention longer than the time since 1970 lets nothing expire; at equal times the higher number is older.
    public func expired(at now: UInt64, within limits: Limits, _ mutation: LogMutation? = nil) -> [UInt32] {
        let (cutoff, wraps) = now.subtractingReportingOverflow(limits.retention)
        let isBefore1970 = wraps && mutation != .retentionWraps
        let oldestFirst = archives.sorted {
            mutation == .newestDeletedFirst
                ? ($0.writtenAt, $1.number) > ($1.writtenAt, $0.number)
                : ($0.writtenAt, $1.number) < ($1.writtenAt, $0.number)
        }
        let hasNoAge = isBefore1970 || mutation == .ageIgnored
        var leaving = hasNoAge ? [] : oldestFirst.filter { $0.writtenAt < cutoff }
        guard limits.totalBytes > 0, mutation != .sizeIgnored else { return leaving.map(\.number) }
        let staying = oldestFirst.filter { hasNoAge || $0.writtenAt >= cutoff }
        var total = staying.reduce(UInt128(0)) { $0 + UInt128($1.byteCount) }
        for archive in staying where total > UInt128(limits.totalBytes) {
            leaving.append(archive)
            total -= UInt128(archive.byteCount)
        }
        return leaving.map(\.number)
    }
}
