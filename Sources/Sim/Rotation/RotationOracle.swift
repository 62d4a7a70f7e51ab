import Platform
import Server

/// Judges what a log writer does with its files, from the outside: by logging rules, not by the writer's own state.
struct RotationOracle {
    /// What was promised and not kept.
    struct Violation: Error, Equatable {
        let rule: RotationRule
        let text: String
    }

    /// Lines that callers made, and ranges of them that nobody has to find: a crash took them, or a stop on a volume
    /// that took no writes.
    private(set) var lineCount = 0
    private var forgiven: [Range<Int>] = []
    /// Lines without an end that crashes left.
    private var tornAllowed = 0
    private var limits: LogArchives.Limits
    private var checkInterval: Int64
    /// Until then the active file may grow: a rotation failed.
    private var overrunUntil = Int64.min
    /// Of the last write that wrote something, and of the last that was submitted.
    private var lastHour: Int64?
    private var askedHour: Int64 = 0
    private var surveyedAt: UInt64 = 0
    /// What the last survey showed to be no file.
    private var obstacles: [UInt32] = []
    /// Since the last survey: archives whose deletion failed, and whether anything else did.
    private var spared: [UInt32] = []
    private var isDisturbed = false

    init(_ settings: LogWriter.Settings) {
        limits = settings.limits
        checkInterval = settings.checkInterval
    }

    mutating func made(_ count: Int) { lineCount += count }

    /// A new life begins; of the one before, what it had not written may be lost if `forgives`.
    mutating func restarted(_ settings: LogWriter.Settings, _ directory: LogDirectory, forgives: Bool) {
        limits = settings.limits
        checkInterval = settings.checkInterval
        overrunUntil = .min
        lastHour = nil
        guard forgives else { return }
        let written = lastWritten(directory)
        forgiven.append((written + 1)..<max(written + 1, lineCount))
        if let bytes = directory.file(0)?.bytes, let last = bytes.last, last != 10 { tornAllowed += 1 }
    }

    private func lastWritten(_ directory: LogDirectory) -> Int {
        for file in directory.files.reversed() {
            if let number = Self.lastCaller(file.bytes) { return number }
        }
        return -1
    }

    private static func lastCaller(_ bytes: [UInt8]) -> Int? {
        for line in RotationLine.lines(of: bytes).reversed() { if case .caller(let number) = line { return number } }
        return nil
    }

    // MARK: Operations

    /// Before an operation is carried out.
    mutating func submitted(
        _ operation: LogOperation, _ directory: LogDirectory, now: Int64, wall: Int64
    ) throws(Violation) {
        switch operation {
        case .write(let bytes): try checkWrite(bytes, directory, now, wall)
        case .move(let from, let to):
            if directory.file(to) != nil || obstacles.contains(to) {
                throw Violation(rule: .nothingOverwritten, text: "\(from) is moved to \(to), which is there")
            }
            if from == 0, directory.file(0)?.bytes.isEmpty == true {
                throw Violation(rule: .emptyNotRotated, text: "the empty active file is put away")
            }
        case .delete(let number): try checkDeletion(number, directory)
        case .open, .close, .survey, .show, .wake, .stopped: break
        }
    }

    private mutating func checkWrite(
        _ bytes: [UInt8], _ directory: LogDirectory, _ now: Int64, _ wall: Int64
    ) throws(Violation) {
        let before = directory.file(0)?.bytes ?? []
        let isRest = before.last.map { $0 != 10 } ?? false
        askedHour = wall / 3_600_000_000
        guard limits.fileBytes > 0, now >= overrunUntil else { return }
        if let lastHour, !isRest, !before.isEmpty, lastHour != askedHour {
            throw Violation(rule: .hourRotates, text: "a line of a new hour is added to the file of the last one")
        }
        var end = before.count
        for (place, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            if place == 0 && isRest || line.isEmpty {
                end += line.count + 1
                continue
            }
            if UInt64(end) >= limits.fileBytes {
                throw Violation(
                    rule: .fileLimit,
                    text: "a line is added to a file of \(end) bytes, and \(limits.fileBytes) are its limit")
            }
            end += line.count + 1
        }
    }

    private func checkDeletion(_ number: UInt32, _ directory: LogDirectory) throws(Violation) {
        if number == 0 { throw Violation(rule: .activeStays, text: "the active file is deleted") }
        guard number < limits.archivesMax, let file = directory.file(number) else { return }
        let candidates = directory.archives.filter { !spared.contains($0.number) }
        let isOldest = !candidates.contains {
            $0.number != number
                && ($0.file.writtenAt, number) < (file.writtenAt, $0.number)
        }
        if !isOldest { throw Violation(rule: .oldestFirst, text: "archive \(number) is deleted before an older one") }
        let isExpired = surveyedAt >= limits.retention && file.writtenAt < surveyedAt - limits.retention
        let total = candidates.reduce(0) { $0 + $1.file.bytes.count }
        let isTooMuch = limits.totalBytes > 0 && UInt64(total) > limits.totalBytes
        if !isExpired, !isTooMuch {
            throw Violation(
                rule: .deletedForAReason,
                text: "archive \(number) is deleted, which is not old, and all have \(total) bytes")
        }
    }

    /// After it was carried out.
    mutating func ended(
        _ operation: LogOperation, _ event: LogEvent, now: Int64, wall: UInt64
    ) {
        switch (operation, event) {
        case (.write, .done): lastHour = askedHour
        case (.survey, .surveyed(let entries)):
            obstacles = entries.filter { !$0.isFile }.map(\.number)
            noteObstacles(now)
            surveyedAt = wall
            spared = []
            isDisturbed = false
        case (.survey, _), (.move, .failed), (.delete, .failed):
            if case .failed(.noEntry) = event { return }
            overrunUntil = now + checkInterval
            isDisturbed = true
            if case .delete(let number) = operation { spared.append(number) }
        case (.move, _), (.delete, _): noteObstacles(now)
        default: break
        }
    }

    /// A rotation stops before what is no file.
    private mutating func noteObstacles(_ now: Int64) {
        if !obstacles.isEmpty { overrunUntil = now + checkInterval }
    }

    /// A look at the archives came to its end.
    func passed(_ directory: LogDirectory) throws(Violation) {
        guard !isDisturbed else { return }
        let total = directory.archives.reduce(0) { $0 + $1.file.bytes.count }
        if limits.totalBytes > 0, UInt64(total) > limits.totalBytes {
            throw Violation(
                rule: .totalLimit,
                text: "after a pass the archives have \(total) bytes, and \(limits.totalBytes) are the limit")
        }
        guard surveyedAt >= limits.retention else { return }
        for (number, file) in directory.archives where file.writtenAt < surveyedAt - limits.retention {
            throw Violation(rule: .ageLimit, text: "after a pass archive \(number) is older than the retention")
        }
    }

    /// Between two operations.
    func rested(_ directory: LogDirectory, hasRotated: Bool) throws(Violation) {
        if directory.open != nil, !directory.isOpenFileActive {
            throw Violation(rule: .activeStays, text: "what is written to is not the active file")
        }
        var older = Int.max
        for (number, file) in directory.names {
            if file > older {
                throw Violation(rule: .orderKept, text: "archive \(number) is younger than the one before")
            }
            older = file
        }
        guard hasRotated, limits.fileBytes > 0, let most = directory.names.last?.number else { return }
        if most > limits.archivesMax {
            throw Violation(
                rule: .archiveCount,
                text: "after a rotation there is archive \(most), and \(limits.archivesMax) are kept")
        }
    }

    // MARK: Lines

    /// All that was ever written, file after file, holds every line once and in order, or says how many are missing.
    func checkLines(_ directory: LogDirectory) throws(Violation) {
        var expected = 0
        var told = 0
        var torn = 0
        for line in directory.files.flatMap({ RotationLine.lines(of: $0.bytes) }) {
            switch line {
            case .own: break
            case .torn: torn += 1
            case .missing(let count): told += count
            case .caller(let number):
                if number < expected {
                    throw Violation(rule: .nothingTwice, text: "line \(number) comes after line \(expected - 1)")
                }
                try checkMissing(expected..<number, told)
                expected = number + 1
                told = 0
            }
        }
        try checkMissing(expected..<max(expected, lineCount), told)
        if torn > tornAllowed {
            throw Violation(rule: .linesWhole, text: "\(torn) lines are torn, and crashes account for \(tornAllowed)")
        }
    }

    private func checkMissing(_ numbers: Range<Int>, _ told: Int) throws(Violation) {
        let missing = numbers.count { number in !forgiven.contains { $0.contains(number) } }
        if missing > told {
            throw Violation(
                rule: .nothingLost,
                text: "lines \(numbers.lowerBound) to \(numbers.upperBound - 1) are missing, and \(told) were told")
        }
        if told > numbers.count {
            throw Violation(
                rule: .lossExact,
                text: "\(told) lines are told to be missing, and before line \(numbers.upperBound) are \(numbers.count)"
            )
        }
    }
}

/// What the oracle holds the writer to.
public enum RotationRule: String, CaseIterable, Sendable {
    case nothingLost = "nothing-lost"
    case lossExact = "loss-exact"
    case nothingTwice = "nothing-twice"
    case orderKept = "order-kept"
    case linesWhole = "lines-whole"
    case fileLimit = "file-limit"
    case hourRotates = "hour-rotates"
    case archiveCount = "archive-count"
    case totalLimit = "total-limit"
    case ageLimit = "age-limit"
    case activeStays = "active-stays"
    case nothingOverwritten = "nothing-overwritten"
    case emptyNotRotated = "empty-not-rotated"
    case oldestFirst = "oldest-first"
    case deletedForAReason = "deleted-for-a-reason"
    case progress
    case stopIsImmediate = "stop-is-immediate"
    case oneAtATime = "one-at-a-time"
    case lawsHold = "laws-hold"
}
