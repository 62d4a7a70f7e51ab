import Platform
import Server
import Testing

/// Records as bytes and as lines.
@Suite struct LogFormatTests {
    private let time: Int64 = 1_770_977_308_268_923

    private func line(
        _ style: LogFormat.Style, _ text: String, _ level: Notice.Level = .info, _ message: LogRecord.Message = .text
    ) -> String {
        line(style, bytes: Array(text.utf8), level, message)
    }

    private func line(
        _ style: LogFormat.Style, bytes: [UInt8], _ level: Notice.Level = .info, _ message: LogRecord.Message = .text
    ) -> String {
        var format = LogFormat(style)
        var line: [UInt8] = []
        format.append(LogRecord(level, .server, .main, time: time, message, text: bytes), to: &line)
        return String(decoding: line, as: UTF8.self)
    }

    @Test(arguments: [
        (Notice.Level.error, "ERROR"), (.warning, " WARN"), (.info, " INFO"), (.debug, "DEBUG"),
    ])
    func `a line has time, level, thread, target and message`(level: Notice.Level, columns: String) {
        #expect(line(.plain, "hello", level) == "2026-02-13T10:08:28.268923Z \(columns) main server: hello\n")
    }

    @Test func `thread names are as wide as the widest so far`() {
        var format = LogFormat(.plain)
        var bytes: [UInt8] = []
        for thread in [LogRecord.Thread.main, .shard(12), .log, .main] {
            format.append(LogRecord(.info, .log, thread, time: time, text: []), to: &bytes)
        }

        let threads = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.dropFirst(34).prefix(9) }
        #expect(threads == ["main serv", "shard-12 ", "     log ", "    main "])
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000Z"), (-5, "1970-01-01T00:00:00.000000Z"),
        (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"), (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        (253_402_300_800_000_000, "10000-01-01T00:00:00.000000Z"),
    ])
    func `times are those of the civil calendar`(microseconds: Int64, text: String) {
        var format = LogFormat(.plain)
        var bytes: [UInt8] = []
        format.append(LogRecord(.info, .server, .main, time: microseconds, text: []), to: &bytes)

        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(text + " "))
    }

    @Test func `control characters are shown and end no line`() {
        let hostile = "a\nb\rc\td\u{1b}[31me\u{7f}\u{9b}f\u{202e}g\u{2028}\0"

        #expect(
            line(.plain, hostile).hasSuffix(
                "server: a\\nb\\rc\\td\\u{1b}[31me\\u{7f}\\u{9b}f\\u{202e}g\\u{2028}\\u{0}\n"))
        #expect(
            line(.json, hostile).hasSuffix(
                #""message":"a\nb\rc\td\u001b[31me\u007f\u009bf\u202eg\u2028\u0000"}"# + "\n"))
        for style in [LogFormat.Style.plain, .coloured, .json] {
            #expect(line(style, hostile).utf8.count { $0 == 10 } == 1)
        }
    }

    @Test func `bytes that are no text do no harm`() {
        #expect(line(.plain, bytes: [0x61, 0xff, 0xc3, 0x62]).hasSuffix("server: a\u{fffd}\u{fffd}b\n"))
    }

    @Test func `a name is quoted and cannot leave its quotation marks`() {
        let notice = LogRecord.Message.notice(Notice(.info, .streamCreated, 7, 0, 3))

        #expect(
            line(.plain, #"a" b=\"#, .info, notice).hasSuffix(
                #"server: stream created stream_id=7 by_user_id=3 name="a\" b=\\""# + "\n"))
        #expect(
            line(.json, "größe", .info, notice)
                == #"{"timestamp":"2026-02-13T10:08:28.268923Z","level":"INFO","thread":"main","target":"server","message":"stream created stream_id=7 by_user_id=3","name":"größe"}"#
                + "\n")
    }

    @Test func `colours stand on a terminal alone`() {
        #expect(line(.coloured, "x", .error).contains("\u{1b}[31mERROR\u{1b}[0m"))
        #expect(!line(.plain, "x", .error).contains("\u{1b}"))
    }

    @Test func `every notice has a target and words`() {
        for subject in Notice.Subject.allCases {
            #expect(!Notice(.info, subject, 1, 2, 3).description.isEmpty)
            #expect(subject.target.name.hasPrefix("server"))
        }
    }

    // MARK: Records

    @Test func `records come back from their bytes`() {
        let notice = Notice(.warning, .diskFull, 1, .max, 3)
        var bytes: [UInt8] = []
        LogRecord.Head(notice, .shard(513), time: -1, textBytes: 2).encode(into: &bytes)
        bytes += Array("ab".utf8)
        LogRecord.Head(.debug, .linux, .log, time: 5, textBytes: 0).encode(into: &bytes)
        var rest = bytes[...]

        let first = LogRecord(takingFrom: &rest)
        let second = LogRecord(takingFrom: &rest)

        #expect(first == LogRecord(.warning, .storage, .shard(513), time: -1, .notice(notice), text: Array("ab".utf8)))
        #expect(second == LogRecord(.debug, .linux, .log, time: 5, text: []))
        #expect(LogRecord(takingFrom: &rest) == nil)
    }

    @Test func `a head in memory is its bytes`() {
        var head = LogRecord.Head(Notice(.error, .shardLost, 1, 2, 3), .shard(4), time: 5, textBytes: 6)
        head.dropped = 7
        var bytes: [UInt8] = []
        head.encode(into: &bytes)

        #expect(MemoryLayout<LogRecord.Head>.size == LogRecord.Head.byteCount)
        #expect(withUnsafeBytes(of: head) { Array($0) } == bytes)
    }

    @Test func `bytes that are no record are not read`() {
        var bytes: [UInt8] = []
        LogRecord.Head(.info, .server, .main, time: 0, textBytes: 4).encode(into: &bytes)
        var short = bytes[...]
        var wrongLevel = (bytes[..<44] + [9, 0, 255, 0, 1, 2, 3, 4])[...]

        #expect(LogRecord(takingFrom: &short) == nil)
        #expect(LogRecord(takingFrom: &wrongLevel) == nil)
    }

    @Test func `a gate opens for each target up to its level`() {
        let (filter, _) = LogFilter.leniently("warn,server::storage=debug,server::log=off")
        let gate = LogGate { filter.verbosity(of: $0.name).rawValue }

        #expect(gate.isOpen(.warning, .server) && !gate.isOpen(.info, .server))
        #expect(gate.isOpen(.debug, .storage))
        #expect(!gate.isOpen(.error, .log))
    }
}
