public import Platform
import Primitives

/// Writes the log: it puts records into lines for a file and for the console, rotates the file and removes archives.
///
/// Whatever goes wrong with the files, it goes on: lines wait in a bounded backlog, the trouble is told once, and the
/// operation is tried again. Rotation and removal happen between two lines and nowhere else, one operation at a time.
/// The active file is never deleted, and no archive is ever overwritten.
public struct LogWriter: LogMachine, Equatable, Sendable {
    public struct Settings: Equatable, Sendable {
        public var limits = LogArchives.Limits(fileBytes: 500_000_000, totalBytes: 4_000_000_000, retention: .max)
        /// Nanoseconds between two looks at the archives, and from a failed rotation to the next try.
        public var checkInterval: Int64 = 3_600_000_000_000
        /// Nil: no log files.
        public var file: LogFormat.Style? = .plain
        /// Nil: nothing on the console.
        public var console: LogFormat.Style?
        /// Of the writer's own lines.
        public var gate = LogGate { _ in 3 }
        /// Lines of the two outputs may wait in so many bytes each.
        public var backlogBytesMax = 8 << 20
        /// For messages.
        public var directory = "logs"
        public var mutation: LogMutation?

        public init() {}
    }

    /// What it is about with the files: at most one operation is in flight.
    enum Step: Equatable {
        case idle
        case opening
        case writing
        /// The line feed that a line of an earlier life lacks.
        case endingLine
        case surveying(Purpose)
        case rotating(LogArchives.Step, rest: [LogArchives.Step], obstacles: [UInt32])
        case deleting(UInt32, rest: [UInt32], deleted: Int)
        case closing(AfterClosing)
    }

    enum Purpose: Equatable { case rotation, retention }
    enum AfterClosing: Equatable { case reopen, stop }

    private(set) var settings: Settings
    var step = Step.idle
    var operations: [LogOperation] = []

    // The file.
    var isOpen = false
    var lacksLineEnd = false
    var byteCount: UInt64 = 0
    /// Hours since 1970 at the last write of this process.
    var lastHour: Int64?
    var backlog: LogBacklog
    /// Of the write in flight: bytes, and the hour in which it was asked for.
    var askedCount = 0
    var askedHour: Int64 = 0
    private var fileFormat: LogFormat
    /// Monotonic nanoseconds before which this is not tried.
    var openAt = Int64.min, writeAt = Int64.min, rotateAt = Int64.min
    var passAt = Int64.max
    /// Looks at the archives that came to their end.
    public internal(set) var passCount = 0
    /// The file could not be opened or written, which was told.
    var isTroubled = false

    // The console.
    private var consoleBacklog: LogBacklog
    private var consoleFormat: LogFormat
    private var isShowing = false
    private var showAt = Int64.min

    // The end.
    private(set) var isStopping = false
    /// In a stop, what failed is not tried again.
    var hasGivenUpFile = false
    private var hasGivenUpConsole = false
    private var hasClosed = false
    private var hasStopped = false

    static let retryNanoseconds: Int64 = 1_000_000_000
    private static let consoleRetryNanoseconds: Int64 = 100_000_000
    private static let writeBytesMax = 256 << 10
    private static let showBytesMax = 64 << 10

    public init(_ settings: Settings) {
        self.settings = settings
        backlog = LogBacklog(bytesMax: settings.backlogBytesMax)
        consoleBacklog = LogBacklog(bytesMax: settings.backlogBytesMax)
        fileFormat = LogFormat(settings.file ?? .plain)
        consoleFormat = LogFormat(settings.console ?? .plain)
    }

    /// A stop was requested.
    public var isFinishing: Bool { isStopping }

    /// Lines that wait to be written to the file.
    public var waitingLines: Int { backlog.lineCount }

    public mutating func handle(_ event: LogEvent, at now: Instant) throws(MachineFailure) -> [LogOperation] {
        operations = []
        switch event {
        case .started: passAt = now.nanoseconds + settings.checkInterval
        case .records(let bytes, let dropped): take(bytes, dropped: dropped, now)
        case .opened(let byteCount, let endsInLine): try opened(byteCount, endsInLine: endsInLine, now)
        case .done(let count): try done(count, now)
        case .surveyed(let entries): try surveyed(entries, now)
        case .failed(let errno): try failed(errno, now)
        case .shown(let count): try shown(count, now)
        case .timerDue: break
        case .limited(let limits): limit(to: limits, now)
        case .stopRequested: isStopping = true
        }
        Self.tellLoss(in: &backlog, &fileFormat, now, settings.mutation)
        Self.tellLoss(in: &consoleBacklog, &consoleFormat, now, settings.mutation)
        if step == .idle { begin(now) }
        show(now)
        settle(now)
        return operations
    }

    /// What waits for an interval waits for no more than the new one.
    private mutating func limit(to limits: LogLimits, _ now: Instant) {
        settings.gate = limits.gate
        settings.limits = LogArchives.Limits(
            fileBytes: limits.fileBytes, totalBytes: limits.totalBytes, retention: limits.retention)
        settings.checkInterval = limits.checkInterval
        passAt = min(passAt, now.nanoseconds + limits.checkInterval)
        rotateAt = min(rotateAt, now.nanoseconds + limits.checkInterval)
    }

    // MARK: Lines

    private mutating func take(_ bytes: [UInt8], dropped: UInt32, _ now: Instant) {
        var rest = bytes[...]
        while let record = LogRecord(takingFrom: &rest) {
            lose(record.dropped)
            write(record, isOwn: false, now)
        }
        lose(dropped)
    }

    /// Lines that never came.
    private mutating func lose(_ count: UInt32) {
        guard count > 0 else { return }
        if settings.file != nil { backlog.lose(Int(count)) }
        if settings.console != nil, !hasGivenUpConsole { consoleBacklog.lose(Int(count)) }
    }

    /// A line of the writer itself, in its place among the others.
    mutating func say(_ level: Notice.Level, _ text: String, _ now: Instant) {
        guard settings.gate.isOpen(level, .log) else { return }
        write(LogRecord(level, .log, .log, time: now.wallMicroseconds, text: Array(text.utf8)), isOwn: true, now)
    }

    private mutating func write(_ record: LogRecord, isOwn: Bool, _ now: Instant) {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        if settings.file != nil {
            fileFormat.append(record, to: &line)
            Self.add(line, isOwn: isOwn, to: &backlog, &fileFormat, now, settings.mutation)
        }
        guard settings.console != nil, !hasGivenUpConsole else { return }
        if settings.console != settings.file {
            line.removeAll(keepingCapacity: true)
            consoleFormat.append(record, to: &line)
        }
        Self.add(line, isOwn: isOwn, to: &consoleBacklog, &consoleFormat, now, settings.mutation)
    }

    /// A line that has no room is lost; in front of the first one that has again stands how many of the callers' were.
    private static func add(
        _ line: [UInt8], isOwn: Bool, to backlog: inout LogBacklog, _ format: inout LogFormat, _ now: Instant,
        _ mutation: LogMutation?
    ) {
        let notice = backlog.lost > 0 && mutation != .lossNotTold ? tellingLoss(backlog.lost, &format, now) : []
        guard backlog.hasRoom(for: line.count + notice.count) else {
            if !isOwn { backlog.lose(1) }
            return
        }
        if !notice.isEmpty { backlog.append(notice) }
        backlog.append(line)
    }

    /// Everything is written: what was lost behind it is told without waiting for another line.
    private static func tellLoss(
        in backlog: inout LogBacklog, _ format: inout LogFormat, _ now: Instant, _ mutation: LogMutation?
    ) {
        guard backlog.lost > 0, backlog.isEmpty, mutation != .lossNotTold else { return }
        backlog.append(tellingLoss(backlog.lost, &format, now))
    }

    private static func tellingLoss(_ count: Int, _ format: inout LogFormat, _ now: Instant) -> [UInt8] {
        var line: [UInt8] = []
        let text =
            "\(count) \(count == 1 ? "line was" : "lines were") lost here: they came faster than they could be written"
        format.append(LogRecord(.warning, .log, .log, time: now.wallMicroseconds, text: Array(text.utf8)), to: &line)
        return line
    }

    // MARK: The console

    private mutating func show(_ now: Instant) {
        guard !isShowing, !hasGivenUpConsole, !consoleBacklog.isEmpty, isStopping || now.nanoseconds >= showAt else {
            return
        }
        isShowing = true
        let count = consoleBacklog.nextCount(length: 0, limit: 0, most: Self.showBytesMax)
        operations.append(.show(consoleBacklog.first(count)))
    }

    private mutating func shown(_ count: Int, _ now: Instant) throws(MachineFailure) {
        try invariant(isShowing && count <= consoleBacklog.byteCount, "what is shown was to be shown")
        isShowing = false
        consoleBacklog.drop(count)
        if count > 0 { return }
        showAt = now.nanoseconds + Self.consoleRetryNanoseconds
        if isStopping { hasGivenUpConsole = true }
    }

    // MARK: What next

    /// Nothing of the files is in flight: the next operation, if there is one to do now.
    private mutating func begin(_ now: Instant) {
        guard settings.file != nil, !hasClosed else { return }
        if !isStopping, now.nanoseconds >= passAt {
            start(.surveying(.retention), .survey)
        } else if isStopping && (hasGivenUpFile || backlog.isEmpty || settings.mutation == .stopForgetsLines) {
            if isOpen { start(.closing(.stop), .close) } else { hasClosed = true }
        } else if !isOpen {
            if isStopping || now.nanoseconds >= openAt { start(.opening, .open) }
        } else if !backlog.isEmpty, isStopping || now.nanoseconds >= writeAt {
            if isRotationDue(now) {
                start(.surveying(.rotation), .survey)
            } else if lacksLineEnd {
                askedHour = hour(now)
                start(.endingLine, .write([UInt8(ascii: "\n")]))
            } else {
                let limit = now.nanoseconds < rotateAt ? 0 : settings.limits.fileBytes
                let count = backlog.nextCount(length: byteCount, limit: limit, most: Self.writeBytesMax)
                askedCount = count
                askedHour = hour(now)
                start(.writing, .write(backlog.first(count)))
            }
        }
    }

    mutating func start(_ step: Step, _ operation: LogOperation) {
        self.step = step
        operations.append(operation)
    }

    /// What it waits for, and whether it has come to its end.
    private mutating func settle(_ now: Instant) {
        if isStopping {
            let isFileDone = settings.file == nil || hasClosed
            let isConsoleDone = hasGivenUpConsole || consoleBacklog.isEmpty && !isShowing
            guard isFileDone, isConsoleDone, !hasStopped else { return }
            hasStopped = true
            operations.append(.stopped)
            return
        }
        var times: [Int64] = []
        if settings.file != nil, step == .idle {
            times.append(passAt)
            if !isOpen { times.append(openAt) } else if !backlog.isEmpty { times.append(writeAt) }
        }
        if !consoleBacklog.isEmpty, !isShowing { times.append(showAt) }
        if let next = times.min() { operations.append(.wake(at: next)) }
    }
}
