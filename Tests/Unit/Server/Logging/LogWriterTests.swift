import Platform
import Server
import Testing

/// The log writer's decisions, one event after the other. Races and faults are the simulator's.
@Suite struct LogWriterTests {
    /// A writer with its clock; wake-ups are left out of what it answers.
    private struct Rig {
        var writer: LogWriter
        var now: Int64 = 0
        var wall: Int64 = 1_770_977_308_000_000
        var wakeAt: Int64?

        init(_ change: (inout LogWriter.Settings) -> Void = { _ in }) throws {
            var settings = LogWriter.Settings()
            settings.checkInterval = 3_600 * LogWriterTests.second
            settings.limits = .init(fileBytes: 1_000, totalBytes: 4_000, retention: .max)
            change(&settings)
            writer = LogWriter(settings)
        }

        mutating func handle(_ event: LogEvent) throws -> [LogOperation] {
            let all = try writer.handle(event, at: Instant(nanoseconds: now, wallMicroseconds: wall))
            wakeAt = nil
            return all.filter {
                if case .wake(let time) = $0 { wakeAt = time }
                return if case .wake = $0 { false } else { true }
            }
        }

        mutating func say(_ text: String) throws -> [LogOperation] {
            var bytes: [UInt8] = []
            LogRecord.Head(.info, .server, .main, time: wall, textBytes: text.utf8.count).encode(into: &bytes)
            return try handle(.records(bytes + Array(text.utf8), dropped: 0))
        }

        /// Started, with a file of so many bytes open.
        mutating func open(_ byteCount: UInt64 = 0, endsInLine: Bool = false) throws -> [LogOperation] {
            _ = try handle(.started)
            return try handle(.opened(byteCount: byteCount, endsInLine: endsInLine))
        }
    }

    private static let second: Int64 = 1_000_000_000
    private static let line = "2026-02-13T10:08:28.000000Z  INFO main server: hello\n"
    private static let bytes = Array(line.utf8)

    @Test func `it opens the file, writes whole lines and sleeps until the archives are due`() throws {
        var rig = try Rig()

        #expect(try rig.handle(.started) == [.open])
        #expect(try rig.handle(.opened(byteCount: 0, endsInLine: false)) == [])
        #expect(rig.wakeAt == 3_600 * Self.second)
        #expect(try rig.say("hello") == [.write(Self.bytes)])
        #expect(try rig.say("hello") == [])
        #expect(try rig.handle(.done(count: 10)) == [.write(Array(Self.bytes[10...] + Self.bytes))])
    }

    @Test func `early lines wait for the file and come in order`() throws {
        var rig = try Rig { $0.console = .plain }
        _ = try rig.handle(.started)
        let first = try rig.say("hello")
        _ = try rig.say("hello")

        #expect(first == [.show(Self.bytes)])
        #expect(try rig.handle(.opened(byteCount: 0, endsInLine: false)) == [.write(Self.bytes + Self.bytes)])
        #expect(try rig.handle(.shown(count: Self.bytes.count)) == [.show(Self.bytes)])
    }

    @Test func `a restart goes on with the file, and an oversize one is rotated before the first line`() throws {
        var rig = try Rig()
        #expect(try rig.open(999) == [])
        #expect(try rig.say("hello") == [.write(Self.bytes)])

        rig = try Rig()
        #expect(try rig.open(1_000) == [])
        #expect(try rig.say("hello") == [.survey])
        let entries = [1, 2, 3, 7].map { LogFileEntry(number: $0, byteCount: 1, writtenAt: 1, isFile: true) }
        #expect(try rig.handle(.surveyed(entries)) == [.delete(7)])
        #expect(try rig.handle(.done(count: 0)) == [.delete(3)])
        #expect(try rig.handle(.done(count: 0)) == [.move(from: 2, to: 3)])
        #expect(try rig.handle(.done(count: 0)) == [.move(from: 1, to: 2)])
        #expect(try rig.handle(.done(count: 0)) == [.move(from: 0, to: 1)])
        #expect(try rig.handle(.done(count: 0)) == [.close])
        #expect(try rig.handle(.done(count: 0)) == [.open])
        #expect(try rig.handle(.opened(byteCount: 0, endsInLine: false)) == [.write(Self.bytes)])
    }

    @Test func `other limits hold from the next line on, and what waits for an interval waits no longer`() throws {
        var rig = try Rig()
        _ = try rig.open(500)
        let gate = LogGate { _ in 1 }
        let limits = LogLimits(
            gate: gate, fileBytes: 400, totalBytes: 0, retention: 1_000_000, checkInterval: 5 * Self.second)

        #expect(try rig.handle(.limited(limits)) == [])
        #expect(rig.wakeAt == 5 * Self.second, "the archives were due in an hour")
        #expect(try rig.say("hello") == [.survey], "the file is over its new limit")
        for operation in [LogEvent.surveyed([]), .done(count: 0), .done(count: 0)] { _ = try rig.handle(operation) }
        #expect(try rig.handle(.opened(byteCount: 0, endsInLine: false)) == [.write(Self.bytes)])
        _ = try rig.handle(.done(count: Self.bytes.count))

        rig.now = 5 * Self.second
        #expect(try rig.handle(.timerDue) == [.survey])
        let old = LogFileEntry(number: 1, byteCount: 1, writtenAt: 1, isFile: true)
        #expect(try rig.handle(.surveyed([old])) == [.delete(1)])
        #expect(try rig.handle(.done(count: 0)) == [], "its own line at INFO is below the new level")
    }

    @Test func `a line that a crash cut is ended before the next one`() throws {
        var rig = try Rig()
        #expect(try rig.open(20, endsInLine: true) == [])

        #expect(try rig.say("hello") == [.write([10])])
        #expect(try rig.handle(.done(count: 1)) == [.write(Self.bytes)])
    }

    @Test(arguments: [(3_600, true), (-3_600, true), (60, false)] as [(Int64, Bool)])
    func `a change of the hour between two writes rotates`(seconds: Int64, rotates: Bool) throws {
        var rig = try Rig()
        _ = try rig.open(5)
        // Not before the first write of a process.
        rig.wall += 7_200 * 1_000_000
        let first = try rig.say("hello")
        _ = try rig.handle(.done(count: Self.bytes.count))
        rig.wall += seconds * 1_000_000

        let second = try rig.say("hello")

        #expect(first != [.survey])
        #expect((second == [.survey]) == rotates)
    }

    @Test func `without a file size nothing rotates, with one a passed hour does not rotate an empty file`() throws {
        var rig = try Rig { $0.limits.fileBytes = 0 }
        _ = try rig.open(1 << 40)
        _ = try rig.say("hello")
        _ = try rig.handle(.done(count: Self.bytes.count))
        rig.wall += 3_600_000_000
        #expect(try rig.say("hello") != [.survey])

        rig = try Rig()
        _ = try rig.open()
        _ = try rig.say("hello")
        _ = try rig.handle(.failed(.noSpace))
        rig.now += 2 * Self.second
        rig.wall += 3_600_000_000
        #expect(try rig.handle(.timerDue) != [.survey])
    }

    @Test func `a failed rotation is told once and tried again after the interval`() throws {
        var rig = try Rig()
        _ = try rig.open(1_000)
        #expect(try rig.say("hello") == [.survey])

        let after = try rig.handle(.failed(.accessDenied))

        #expect(
            Self.text(after).contains(
                "WARN  log server::log: the log file is not rotated: the directory cannot be read: permission denied"))
        _ = try rig.handle(.done(count: Self.written(after)))
        rig.now += 3_599 * Self.second
        let before = try rig.say("hello")
        #expect(Self.text(before).hasSuffix("server: hello\n"))
        _ = try rig.handle(.done(count: Self.written(before)))
        rig.now += 2 * Self.second
        // The archives are due first, then the rotation.
        #expect(try rig.say("hello") == [.survey])
        #expect(try rig.handle(.surveyed([])) == [.survey])
        #expect(try rig.handle(.surveyed([])) == [.move(from: 0, to: 1)])
    }

    @Test func `a full disk holds lines back, is told once, and ends`() throws {
        var rig = try Rig { $0.console = .plain }
        _ = try rig.open()
        _ = try rig.say("hello")

        let failed = try rig.handle(.failed(.noSpace))
        #expect(failed == [])
        #expect(rig.wakeAt == Self.second)
        rig.now = Self.second
        #expect(
            Self.text(try rig.handle(.timerDue)).hasPrefix(
                Self.line + "2026-02-13T10:08:28.000000Z  WARN  log server::log: "))
        #expect(try rig.handle(.failed(.noSpace)) == [])
        rig.now = 2 * Self.second
        let again = try rig.handle(.timerDue)
        #expect(Self.text(again).split(separator: "\n").count == 2)
        #expect(Self.text(try rig.handle(.done(count: Self.written(again)))).contains("can be written again"))
    }

    @Test func `what finds no room is counted in its place`() throws {
        var rig = try Rig { $0.backlogBytesMax = 3 * Self.bytes.count }
        _ = try rig.handle(.started)
        for _ in 0..<5 { _ = try rig.say("hello") }

        let written = try rig.handle(.opened(byteCount: 0, endsInLine: false))
        let rest = try rig.handle(.done(count: Self.written(written)))

        #expect(Self.written(written) == 3 * Self.bytes.count)
        #expect(Self.text(rest).hasSuffix("2 lines were lost here: they came faster than they could be written\n"))
    }

    @Test func `a directory that another server writes to is told, and tried again until it ends`() throws {
        var rig = try Rig { $0.console = .plain }
        _ = try rig.handle(.started)

        let shown = try rig.handle(.failed(.locked))

        guard case .show(let bytes) = shown.first else { return #expect(Bool(false), "\(shown)") }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasSuffix(" another server writes its log to logs: until it ends lines wait in memory\n"))
        #expect(rig.wakeAt == Self.second)
        rig.now = Self.second
        #expect(try rig.handle(.timerDue) == [.open])
        #expect(try rig.handle(.opened(byteCount: 0, endsInLine: false)) == [.write(bytes)])
    }

    // MARK: What the simulator found

    @Test func `lines lost behind the last one are told without waiting for another`() throws {
        var rig = try Rig()
        _ = try rig.open()

        let told = try rig.handle(.records([], dropped: 3))

        #expect(Self.text(told).hasSuffix("3 lines were lost here: they came faster than they could be written\n"))
    }

    @Test func `a line of this life goes on where it stopped when the file is opened again`() throws {
        var rig = try Rig()
        _ = try rig.open()
        _ = try rig.say("hello")
        #expect(try rig.handle(.done(count: 10)) == [.write(Array(Self.bytes[10...]))])
        #expect(try rig.handle(.failed(.inputOutput)) == [.close])
        #expect(try rig.handle(.done(count: 0)) == [])
        rig.now = Self.second
        #expect(try rig.handle(.timerDue) == [.open])

        let next = try rig.handle(.opened(byteCount: 10, endsInLine: true))

        #expect(Self.text(next).hasPrefix(String(decoding: Self.bytes[10...], as: UTF8.self)))
    }

    @Test(arguments: [false, true])
    func `a write belongs to the hour in which it was asked for, also the end of an old line`(isLineEnd: Bool) throws {
        var rig = try Rig()
        _ = try rig.open(20, endsInLine: isLineEnd)
        let first = try rig.say("hello")
        if !isLineEnd { _ = try rig.say("hello") }
        rig.wall += 3_600_000_000

        let next = try rig.handle(.done(count: Self.written(first)))

        #expect(Self.written(first) == (isLineEnd ? 1 : Self.bytes.count))
        #expect(next == [.survey])
    }

    @Test func `lines of the writer itself that find no room are not counted among the callers'`() throws {
        var rig = try Rig { $0.backlogBytesMax = Self.bytes.count }
        _ = try rig.open()
        _ = try rig.say("hello")
        // The warning has no room.
        _ = try rig.handle(.failed(.noSpace))
        _ = try rig.say("hello")
        rig.now = Self.second
        _ = try rig.handle(.timerDue)

        let rest = try rig.handle(.done(count: Self.bytes.count))

        #expect(Self.text(rest).contains("1 line was lost here"))
    }

    // MARK: Archives

    @Test func `the first look at the archives is one interval after the start, also when no line comes`() throws {
        var rig = try Rig { $0.limits.retention = 1_000_000 }
        _ = try rig.open()
        rig.now = 3_600 * Self.second

        #expect(try rig.handle(.timerDue) == [.survey])
        let now = UInt64(rig.wall)
        let entries = [(2, now - 1_000_001), (1, now - 1_000_000)].map {
            LogFileEntry(number: UInt32($0.0), byteCount: 1, writtenAt: $0.1, isFile: true)
        }
        #expect(try rig.handle(.surveyed(entries)) == [.delete(2)])
        let done = try rig.handle(.done(count: 0))
        #expect(Self.text(done).contains(" INFO log server::log: logs: 1 old archives deleted"))
    }

    @Test func `a deletion that fails is told and the others go on`() throws {
        var rig = try Rig { $0.limits.retention = 1_000_000 }
        _ = try rig.open()
        rig.now = 3_600 * Self.second
        _ = try rig.handle(.timerDue)
        let entries = [2, 1].map { LogFileEntry(number: $0, byteCount: 1, writtenAt: 1, isFile: true) }

        #expect(try rig.handle(.surveyed(entries)) == [.delete(2)])
        #expect(try rig.handle(.failed(.notPermitted)) == [.delete(1)])
        #expect(Self.text(try rig.handle(.done(count: 0))).contains("archive 2 cannot be deleted: not permitted"))
    }

    @Test func `what is no file stands in the way and is left alone`() throws {
        var rig = try Rig()
        _ = try rig.open(1_000)
        _ = try rig.say("hello")

        let after = try rig.handle(.surveyed([LogFileEntry(number: 1, byteCount: 0, writtenAt: 0, isFile: false)]))

        #expect(Self.text(after).contains("the active file cannot become archive 1: it exists already"))
    }

    // MARK: Stopping

    @Test func `a stop while nothing is in flight is immediate`() throws {
        var rig = try Rig()
        _ = try rig.open()

        #expect(try rig.handle(.stopRequested) == [.close])
        #expect(try rig.handle(.done(count: 0)) == [.stopped])
    }

    @Test func `a stop writes what is there`() throws {
        var rig = try Rig()
        _ = try rig.open()
        _ = try rig.say("hello")
        _ = try rig.say("hello")

        #expect(try rig.handle(.stopRequested) == [])
        #expect(try rig.handle(.done(count: Self.bytes.count)) == [.write(Self.bytes)])
        #expect(try rig.handle(.done(count: Self.bytes.count)) == [.close])
        #expect(try rig.handle(.done(count: 0)) == [.stopped])
    }

    @Test func `a stop during a pass waits for it, and one on a full disk for nothing`() throws {
        var rig = try Rig { $0.limits.retention = 1 }
        _ = try rig.open()
        rig.now = 3_600 * Self.second
        _ = try rig.handle(.timerDue)
        let entries = [2, 1].map { LogFileEntry(number: $0, byteCount: 1, writtenAt: 1, isFile: true) }
        _ = try rig.handle(.surveyed(entries))
        #expect(try rig.handle(.stopRequested) == [])
        #expect(try rig.handle(.done(count: 0)) == [.delete(1)])

        rig = try Rig()
        _ = try rig.open()
        _ = try rig.say("hello")
        _ = try rig.handle(.stopRequested)
        #expect(try rig.handle(.failed(.noSpace)) == [.close])
        #expect(try rig.handle(.done(count: 0)) == [.stopped])
    }

    @Test func `a console that takes nothing ends no stop`() throws {
        var rig = try Rig {
            $0.file = nil
            $0.console = .plain
        }
        _ = try rig.handle(.started)
        #expect(try rig.say("hello") == [.show(Self.bytes)])
        #expect(try rig.handle(.shown(count: 0)) == [])
        #expect(rig.wakeAt == 100_000_000)
        rig.now = 100_000_000
        #expect(try rig.handle(.timerDue) == [.show(Self.bytes)])
        #expect(try rig.handle(.stopRequested) == [])
        #expect(try rig.handle(.shown(count: 0)) == [.stopped])
    }

    // MARK: Details

    private static func text(_ operations: [LogOperation]) -> String {
        for operation in operations {
            if case .write(let bytes) = operation { return String(decoding: bytes, as: UTF8.self) }
        }
        return ""
    }

    private static func written(_ operations: [LogOperation]) -> Int { text(operations).utf8.count }
}
