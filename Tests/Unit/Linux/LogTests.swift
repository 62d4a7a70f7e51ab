import CLinux
import Foundation
import Glibc
import Platform
import Server
import Testing

@testable import Linux

/// The mail to the log writer, its directory, and its thread.
@Suite struct LogTests {
    private static let everything = LogGate { _ in 4 }

    private func texts(_ bytes: [UInt8]) -> [String] {
        var rest = bytes[...]
        var texts: [String] = []
        while let record = LogRecord(takingFrom: &rest) { texts.append(String(decoding: record.text, as: UTF8.self)) }
        return texts
    }

    @Test func `lines come in the order in which they were said`() throws {
        let log = try Log(gate: Self.everything)
        for number in 0..<1_000 { log.write(.info, .server, "line \(number)") }

        let taken = try #require(log.take())

        #expect(texts(taken.bytes) == (0..<1_000).map { "line \($0)" })
        #expect(taken.dropped == 0)
        #expect(log.take() == nil)
    }

    @Test func `a line that is not wanted is not even made`() throws {
        let log = try Log(gate: LogGate { $0 == .storage ? 4 : 1 })
        var made = 0
        func text() -> String {
            made += 1
            return "x"
        }

        log.write(.info, .server, text())
        log.write(.debug, .storage, text())
        log.set(LogGate { _ in 0 })
        log.write(.error, .server, text())

        #expect(made == 1)
    }

    @Test func `what finds no room is counted where it is missing`() throws {
        let log = try Log(gate: Self.everything, capacity: 128)
        for text in ["a", "b", "c", "d"] { log.write(.info, .server, text) }
        let first = try #require(log.take())
        log.write(.info, .server, "e")
        let second = try #require(log.take())

        #expect(texts(first.bytes) == ["a", "b"])
        #expect(first.dropped == 2)
        #expect(texts(second.bytes) == ["e"])
    }

    @Test func `a line too long is cut`() throws {
        let log = try Log(gate: Self.everything)
        log.write(.info, .server, String(repeating: "x", count: 100_000))

        #expect(texts(try #require(log.take()).bytes).map(\.utf8.count) == [LogRecord.Head.textBytesMax])
    }

    @Test func `several threads lose nothing and keep the order of each`() throws {
        let log = try Log(gate: Self.everything)
        let threads = try (0..<4).map { caller in
            try Linux.Thread(named: "caller") {
                for number in 0..<2_000 { log.write(.info, .server, from: .shard(UInt16(caller)), "\(number)") }
            }
        }
        for thread in threads { thread.join() }

        var rest = try #require(log.take()).bytes[...]
        var next = [Int](repeating: 0, count: 4)
        while let record = LogRecord(takingFrom: &rest) {
            guard case .shard(let caller) = record.thread else { continue }
            #expect(String(decoding: record.text, as: UTF8.self) == "\(next[Int(caller)])")
            next[Int(caller)] += 1
        }
        #expect(next == [2_000, 2_000, 2_000, 2_000])
    }

    // MARK: The directory

    private func inDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "galgo-log-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func `the directory is made, and made again when it was removed`() throws {
        try inDirectory { path in
            var files = LogFiles(path: path + "/a/b")

            #expect(files.perform(.open) == .opened(byteCount: 0, endsInLine: false))
            #expect(files.perform(.write(Array("abc".utf8))) == .done(count: 3))
            #expect(files.perform(.close) == .done(count: 0))
            #expect(files.perform(.open) == .opened(byteCount: 3, endsInLine: true))
            try FileManager.default.removeItem(atPath: path)
            #expect(files.perform(.move(from: 0, to: 1)) == .failed(.noEntry))
            #expect(files.perform(.open) == .opened(byteCount: 0, endsInLine: false))
        }
    }

    @Test func `a survey tells archives and what stands in their way, and nothing else`() throws {
        try inDirectory { path in
            var files = LogFiles(path: path)
            _ = files.perform(.open)
            for name in [
                "iggy-server.log.1", "iggy-server.log.12", "iggy-server.log.bak", "iggy-server.logs", "other.2",
            ] {
                try Data("xx".utf8).write(to: URL(filePath: path + "/" + name))
            }
            try FileManager.default.createDirectory(
                atPath: path + "/iggy-server.log.3", withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(
                atPath: path + "/iggy-server.log.4", withDestinationPath: "iggy-server.log.1")

            guard case .surveyed(let entries) = files.perform(.survey) else { throw Failed() }

            #expect(entries.map(\.number) == [1, 3, 4, 12])
            #expect(entries.map(\.isFile) == [true, false, false, true])
            #expect(entries.first?.byteCount == 2)
            #expect(abs(Double(entries[0].writtenAt) / 1e6 - Date().timeIntervalSince1970) < 60)
            #expect(files.perform(.move(from: 12, to: 13)) == .done(count: 0))
            #expect(files.perform(.delete(13)) == .done(count: 0))
            #expect(files.perform(.delete(13)) == .failed(.noEntry))
        }
    }

    @Test func `an active file that is a pipe or a link is refused`() throws {
        try inDirectory { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            mkfifo(path + "/iggy-server.log", 0o600)
            var files = LogFiles(path: path)
            #expect(files.perform(.open) == .failed(.exists))

            try FileManager.default.removeItem(atPath: path + "/iggy-server.log")
            try FileManager.default.createSymbolicLink(
                atPath: path + "/iggy-server.log", withDestinationPath: "/etc/passwd")
            #expect(files.perform(.open) == .failed(.exists))
        }
    }

    @Test func `a move replaces nothing`() throws {
        try inDirectory { path in
            var files = LogFiles(path: path)
            _ = files.perform(.open)
            for number in 1...2 {
                try Data("\(number)".utf8).write(to: URL(filePath: "\(path)/iggy-server.log.\(number)"))
            }
            try FileManager.default.createSymbolicLink(
                atPath: path + "/iggy-server.log.3", withDestinationPath: "nowhere")

            #expect(files.perform(.move(from: 1, to: 2)) == .failed(.exists))
            #expect(files.perform(.move(from: 1, to: 3)) == .failed(.exists))

            for number in 1...2 {
                let text = try String(contentsOfFile: "\(path)/iggy-server.log.\(number)", encoding: .utf8)
                #expect(text == "\(number)")
            }
            #expect(files.perform(.move(from: 1, to: 4)) == .done(count: 0))
        }
    }

    @Test func `a directory belongs to one writer at a time, and to the next when that one ends`() throws {
        try inDirectory { path in
            var second = LogFiles(path: path)
            do {
                var first = LogFiles(path: path)
                #expect(first.perform(.open) == .opened(byteCount: 0, endsInLine: false))

                #expect(second.makeDirectory() == nil)
                #expect(second.perform(.open) == .failed(.locked))
                // It would delete archives by limits of its own.
                #expect(second.perform(.survey) == .failed(.locked))
                #expect(first.perform(.write([10])) == .done(count: 1))
                _ = consume first
            }
            #expect(second.perform(.survey) == .surveyed([]))
            #expect(second.perform(.open) == .opened(byteCount: 1, endsInLine: false))
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(names == ["iggy-server.log"])
        }
    }

    // MARK: The thread

    /// What was sent from outside is for others; a fault that is blocked would be no crash but a thread that spins.
    @Test func `a deaf thread hears what it does wrong itself, and nothing else`() throws {
        let mask = Shared(sigset_t())
        let thread = try Linux.Thread(named: "deaf", isDeaf: true) {
            var blocked = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &blocked)
            mask.change { $0 = blocked }
        }
        thread.join()

        var blocked = mask.value
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS] {
            #expect(sigismember(&blocked, fault) == 0, "\(fault)")
        }
        for other in [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE, SIGCHLD] {
            #expect(sigismember(&blocked, other) == 1, "\(other)")
        }
    }

    private func settings(_ change: (inout LogWriter.Settings) -> Void = { _ in }) -> LogWriter.Settings {
        var settings = LogWriter.Settings()
        settings.limits = .init(fileBytes: 20_000, totalBytes: 0, retention: .max)
        change(&settings)
        return settings
    }

    @Test func `early lines are kept until the directory is ours, and a stop writes everything`() throws {
        try inDirectory { path in
            let log = try Log(gate: Self.everything)
            let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
            defer { close(null) }
            let service = try LogService(log: log, directory: path, console: null)
            let settings = settings()
            log.write(.info, .server, "early")
            try service.start { _ in LogWriter(settings) }
            #expect(!FileManager.default.fileExists(atPath: path))

            #expect(service.begin() == nil)
            for number in 0..<2_000 { log.write(.info, .server, "line \(number)") }
            #expect(service.stop(within: 20_000))

            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(names.count > 3)
            let order = names.sorted { (LogFileName.number(of: $0) ?? 0) > (LogFileName.number(of: $1) ?? 0) }
            let lines = try order.flatMap {
                try String(contentsOfFile: path + "/" + $0, encoding: .utf8).split(separator: "\n")
            }
            #expect(lines.map { $0.drop { $0 != ":" }.suffix(9) }.count == 2_001)
            #expect(lines[0].hasSuffix("server: early"))
            #expect(zip(lines.dropFirst(), 0...).allSatisfy { $0.hasSuffix("server: line \($1)") })
            for name in order {
                let bytes = try Data(contentsOf: URL(filePath: path + "/" + name)).count
                #expect(bytes < 20_100, "\(name)")
            }
        }
    }

    @Test func `what was said early stands before what is wrong with the files`() throws {
        try inDirectory { path in
            try FileManager.default.createDirectory(
                atPath: path + "/" + LogFileName.active, withIntermediateDirectories: true)
            let shown = path + "/shown"
            let console = open(shown, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(console) }
            let log = try Log(gate: Self.everything)
            let service = try LogService(log: log, directory: path, console: console)
            let settings = settings { $0.console = .plain }
            log.write(.info, .server, "early")
            try service.start { _ in LogWriter(settings) }
            #expect(service.begin() == nil)
            #expect(service.stop(within: 20_000))

            let lines = try String(contentsOfFile: shown, encoding: .utf8).split(separator: "\n")
            #expect(lines.count >= 2 && lines[0].hasSuffix("server: early"), "\(lines)")
        }
    }

    @Test func `a console that nobody reads holds up neither the file nor the stop`() throws {
        try inDirectory { path in
            var ends: [Int32] = [0, 0]
            #expect(galgo_pipe(&ends) == 0)
            defer { for end in ends { close(end) } }
            let log = try Log(gate: Self.everything)
            let service = try LogService(log: log, directory: path, console: ends[1])
            let settings = settings { $0.console = .plain }
            try service.start { _ in LogWriter(settings) }
            _ = service.begin()
            for number in 0..<5_000 { log.write(.info, .server, "line \(number)") }

            #expect(service.stop(within: 20_000))
            let lines = try FileManager.default.contentsOfDirectory(atPath: path).map {
                try String(contentsOfFile: path + "/" + $0, encoding: .utf8).utf8.count { $0 == 10 }
            }
            #expect(lines.reduce(0, +) >= 5_000)
        }
    }

    /// A writer that is never done by itself.
    private struct Busy: LogMachine {
        enum Work: CaseIterable {
            /// Each line that it is told lets another be said.
            case lines
            /// Each operation on files is followed by another.
            case operations
        }

        let work: Work
        let log: Log
        let until = ContinuousClock.now + .seconds(60)

        mutating func handle(_ event: LogEvent, at now: Instant) throws(MachineFailure) -> [LogOperation] {
            if event == .stopRequested { return [.stopped] }
            guard ContinuousClock.now < until else { return [] }
            switch (work, event) {
            case (.lines, .records): log.write(.info, .server, "another")
            case (.operations, .started), (.operations, .done): return [.close]
            default: break
            }
            return []
        }
    }

    @Test(arguments: Busy.Work.allCases)
    private func `a stop waits neither for lines that go on to come nor for work that never ends`(
        work: Busy.Work
    ) throws {
        try inDirectory { path in
            let log = try Log(gate: Self.everything)
            let service = try LogService(log: log, directory: path, console: -1)
            try service.start { _ in Busy(work: work, log: log) }
            _ = service.begin()
            log.write(.info, .server, "first")
            usleep(50_000)

            #expect(service.stop(within: 20_000))
        }
    }

    @Test func `a directory that cannot be made is a reason not to start`() throws {
        try inDirectory { path in
            try Data().write(to: URL(filePath: path))
            let log = try Log(gate: Self.everything)
            let service = try LogService(log: log, directory: path + "/logs", console: -1)

            #expect(service.begin() == .logDirectory(path + "/logs", .notADirectory))
        }
    }

    private struct Failed: Error {}
}
