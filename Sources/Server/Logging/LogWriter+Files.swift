import Platform
import Primitives

// The answers of operations on files, step by step.

extension LogWriter {
    private static let microsecondsPerHour: Int64 = 3_600_000_000

    /// Before a line is added: the file has its bytes, or a new hour (UTC) has begun since the last write. An empty
    /// file has nothing to put away, and a line is never split.
    func isRotationDue(_ now: Instant) -> Bool {
        guard settings.limits.fileBytes > 0, now.nanoseconds >= rotateAt else { return false }
        guard byteCount > 0 || settings.mutation == .emptyFileRotated else { return false }
        guard !backlog.isMidLine || settings.mutation == .lineSplitOverFiles else { return false }
        if byteCount >= settings.limits.fileBytes { return true }
        guard let lastHour, settings.mutation != .hourIgnored else { return false }
        return hour(now) != lastHour
    }

    func hour(_ now: Instant) -> Int64 {
        let (hours, rest) = now.wallMicroseconds.quotientAndRemainder(dividingBy: Self.microsecondsPerHour)
        return rest < 0 ? hours - 1 : hours
    }

    // MARK: Opening and writing

    mutating func opened(_ byteCount: UInt64, endsInLine: Bool, _ now: Instant) throws(MachineFailure) {
        try invariant(step == .opening, "a file that opened was being opened")
        step = .idle
        isOpen = true
        self.byteCount = settings.mutation == .lengthForgotten ? 0 : byteCount
        // A line that an earlier life did not finish; one of this life goes on.
        lacksLineEnd = endsInLine && !backlog.isMidLine && settings.mutation != .tornLineContinued
    }

    mutating func done(_ count: Int, _ now: Instant) throws(MachineFailure) {
        switch step {
        case .writing:
            try invariant(count <= askedCount, "no more is written than was to be")
            step = .idle
            if count == 0 { return delay(.inputOutput, now) }
            grown(by: count, now)
            written(count)
        case .endingLine:
            step = .idle
            if count == 0 { return delay(.inputOutput, now) }
            grown(by: count, now)
            lacksLineEnd = false
        case .rotating(let current, let rest, let obstacles): rotated(current, rest, obstacles, now)
        case .deleting(_, let rest, let deleted): deleteNext(rest, deleted: deleted + 1, now)
        case .closing(let next): closed(next, now)
        case .idle, .opening, .surveying: throw MachineFailure("what is done was begun")
        }
    }

    private mutating func grown(by count: Int, _ now: Instant) {
        byteCount += UInt64(count)
        lastHour = askedHour
        guard isTroubled else { return }
        isTroubled = false
        say(.info, "the log file can be written again", now)
    }

    private mutating func written(_ count: Int) {
        switch settings.mutation {
        case .shortWriteCountsAsWhole where count < askedCount: backlog.drop(askedCount)
        case .shortWriteRepeated where count < askedCount: break
        default: backlog.drop(count)
        }
    }

    mutating func failed(_ errno: Errno, _ now: Instant) throws(MachineFailure) {
        switch step {
        case .opening:
            step = .idle
            openAt = now.nanoseconds + Self.retryNanoseconds
            trouble(errno, now)
        case .writing, .endingLine:
            if settings.mutation == .failedWriteForgotten { backlog.drop(backlog.byteCount) }
            step = .idle
            delay(errno, now)
            if settings.mutation == .fullDiskHeldForEver { writeAt = .max }
            // The descriptor may be the reason.
            if !errno.isNoSpace { start(.closing(.reopen), .close) }
        case .surveying(.rotation):
            step = .idle
            rotationFailed("the directory cannot be read", errno, now)
        case .surveying(.retention):
            say(.warning, "\(settings.directory) cannot be read for old archives: \(errno.text)", now)
            passEnded(deleted: 0, now)
        case .rotating(let current, let rest, let obstacles):
            // Somebody has taken it away: nothing is overwritten.
            if errno == .noEntry || settings.mutation == .failedMoveIgnored, !rest.isEmpty || errno == .noEntry {
                return rotated(current, rest, obstacles, now)
            }
            step = .idle
            rotationFailed(current.text, errno, now)
        case .deleting(let number, let rest, let deleted):
            if errno != .noEntry { say(.warning, "archive \(number) cannot be deleted: \(errno.text)", now) }
            deleteNext(rest, deleted: deleted, now)
        case .closing(let next): closed(next, now)
        case .idle: throw MachineFailure("what failed was begun")
        }
    }

    private mutating func delay(_ errno: Errno, _ now: Instant) {
        writeAt = now.nanoseconds + Self.retryNanoseconds
        trouble(errno, now)
    }

    private mutating func trouble(_ errno: Errno, _ now: Instant) {
        if isStopping { hasGivenUpFile = true }
        guard !isTroubled else { return }
        isTroubled = true
        let what =
            errno == .locked
            ? "another server writes its log to \(settings.directory): until it ends"
            : "the log file cannot be written: \(errno.text);"
        say(.warning, "\(what) lines wait in memory", now)
    }

    private mutating func closed(_ next: AfterClosing, _ now: Instant) {
        step = .idle
        isOpen = false
        switch next {
        case .reopen: if openAt < writeAt { openAt = writeAt }
        case .stop: hasGivenUpFile = true
        }
    }

    // MARK: Rotating

    mutating func surveyed(_ entries: [LogFileEntry], _ now: Instant) throws(MachineFailure) {
        guard case .surveying(let purpose) = step else { throw MachineFailure("what was surveyed was asked for") }
        let archives = LogArchives(
            entries.filter(\.isFile).map {
                LogArchives.Archive(number: $0.number, byteCount: $0.byteCount, writtenAt: $0.writtenAt)
            })
        switch purpose {
        case .rotation:
            let steps = archives.rotation(within: settings.limits, settings.mutation)
            step = .idle
            move(steps, entries.filter { !$0.isFile }.map(\.number), now)
        case .retention:
            var numbers = archives.expired(at: now.timestamp, within: settings.limits, settings.mutation)
            if settings.mutation == .activeFileDeleted, !numbers.isEmpty { numbers.append(0) }
            deleteNext(numbers, deleted: 0, now)
        }
    }

    /// Carries out the steps of a rotation; what is no file stands in the way, and is left alone.
    private mutating func move(_ steps: [LogArchives.Step], _ obstacles: [UInt32], _ now: Instant) {
        guard let next = steps.first else { return }
        let rest = Array(steps.dropFirst())
        switch next {
        case .delete(let number): start(.rotating(next, rest: rest, obstacles: obstacles), .delete(number))
        case .move(let from, let to):
            if obstacles.contains(to), settings.mutation != .obstacleOverwritten {
                return rotationFailed(next.text, .exists, now)
            }
            start(.rotating(next, rest: rest, obstacles: obstacles), .move(from: from, to: to))
        }
    }

    private mutating func rotated(
        _ current: LogArchives.Step, _ rest: [LogArchives.Step], _ obstacles: [UInt32], _ now: Instant
    ) {
        step = .idle
        guard rest.isEmpty else { return move(rest, obstacles, now) }
        if settings.mutation == .oldFileWrittenOn {
            byteCount = 0
            return
        }
        openAt = now.nanoseconds
        start(.closing(.reopen), .close)
    }

    private mutating func rotationFailed(_ what: String, _ errno: Errno, _ now: Instant) {
        rotateAt = settings.mutation == .failedRotationNotRetried ? .max : now.nanoseconds + settings.checkInterval
        say(.warning, "the log file is not rotated: \(what): \(errno.text)", now)
    }

    // MARK: Deleting

    private mutating func deleteNext(_ numbers: [UInt32], deleted: Int, _ now: Instant) {
        guard let next = numbers.first else { return passEnded(deleted: deleted, now) }
        start(.deleting(next, rest: Array(numbers.dropFirst()), deleted: deleted), .delete(next))
    }

    private mutating func passEnded(deleted: Int, _ now: Instant) {
        step = .idle
        passCount += 1
        passAt = settings.mutation == .passNotRepeated ? .max : now.nanoseconds + settings.checkInterval
        if deleted > 0 { say(.info, "\(settings.directory): \(deleted) old archives deleted", now) }
    }
}

extension LogArchives.Step {
    /// What could not be done, for people.
    var text: String {
        switch self {
        case .delete(let number): "archive \(number) cannot be deleted"
        case .move(0, let to): "the active file cannot become archive \(to)"
        case .move(let from, let to): "archive \(from) cannot become archive \(to)"
        }
    }
}
