import Client
import Foundation
import Glibc
import Support
import Testing
import Wire

/// Iggy's own test of log rotation (`log_rotation_should_be_valid`), its four cases three times each, on the real binary.
@Suite(.serialized) struct LogRotationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let file: Int
        let total: Int
        var testDescription: String { name }
    }

    private static let cases = [
        Case(name: "log_regular_rotation", file: 100_000, total: 400_000),
        Case(name: "log_unlimited_size", file: 0, total: 400_000),
        Case(name: "log_unlimited_archives", file: 100_000, total: 0),
        Case(name: "log_special_scenario", file: 0, total: 0),
    ]

    @Test(arguments: cases, 1...3)
    func `files stay within their limits`(test: Case, run: Int) throws {
        var settings = TestServer.Settings()
        settings.environment = [
            "IGGY_SYSTEM_LOGGING_MAX_FILE_SIZE": Self.text(test.file),
            "IGGY_SYSTEM_LOGGING_MAX_TOTAL_SIZE": Self.text(test.total),
            "IGGY_SYSTEM_LOGGING_ROTATION_CHECK_INTERVAL": "1s", "IGGY_SYSTEM_LOGGING_RETENTION": "30s",
        ]
        try withServer(settings) { server in
            #expect(FileManager.default.fileExists(atPath: Self.logs(of: server)))
            let client = try server.client()
            for number in 0..<300 {
                let stream = Identifier.id(try client.createStream("test-stream-\(number)").id)
                try client.createTopic(stream, "test-topic-\(number)", partitions: 3)
                try client.deleteStream(stream)
            }
            Thread.sleep(forTimeInterval: 1.2)

            let sizes = try Self.sizes(of: server)

            #expect(!sizes.isEmpty)
            if test.file == 0 { #expect(sizes.count == 1) }
            if test.total == 0, test.file > 0 { #expect(sizes.count >= 2) }
            guard test.file > 0 else { return }
            #expect(sizes.allSatisfy { $0 / 1_000 <= test.file / 1_000 }, "\(sizes)")
            guard test.total > 0 else { return }
            #expect(sizes.reduce(0, +) / 1_000 <= test.total / 1_000, "\(sizes)")
            #expect(sizes.count <= test.total / test.file, "\(sizes)")
        }
    }

    // MARK: Beside it

    @Test func `the log has one line for each command and each partition, in files and on the console`() throws {
        try withServer { server in
            let client = try server.client()
            let id = try client.createStream("with \"quotes\"").id
            try client.createTopic(.id(id), "topic", partitions: 2)
            try client.deleteStream(.id(id))
            try server.stop()

            let file = try String(contentsOfFile: Self.logs(of: server) + "/iggy-server.log", encoding: .utf8)
            let lines = file.split(separator: "\n")
            for text in [
                "server: galgo-server ", "server::log: logging to ", "stream created stream_id=\(id) by_user_id=",
                #"name="with \"quotes\"""#, "topic created stream_id=\(id) topic_id=", "partition_id=0 incarnation=",
                "partition_id=1 incarnation=", "stream deleted stream_id=\(id) by_user_id=",
            ] {
                #expect(lines.count { $0.contains(text) } >= 1, "\(text)")
            }
            #expect(lines.count { $0.contains("partition created") } == 2)
            for line in lines { #expect(server.output.contains(line), "\(line)") }
            #expect(!server.output.contains("\u{1b}["))
        }
    }

    @Test func `a filter, the other format, and no files`() throws {
        var settings = TestServer.Settings()
        settings.environment = [
            "GALGO_LOG": "warn,server::catalog=info", "GALGO_LOG_FORMAT": "json",
            "IGGY_SYSTEM_LOGGING_FILE_ENABLED": "false",
        ]
        try withServer(settings) { server in
            let client = try server.client()
            try client.createStream("s")
            try server.stop()

            #expect(!FileManager.default.fileExists(atPath: Self.logs(of: server)))
            let lines = server.output.split(separator: "\n").filter { $0.hasPrefix("{\"timestamp\"") }
            #expect(lines.contains { $0.contains(#""message":"stream created "#) && $0.hasSuffix(#""name":"s"}"#) })
            // The last word comes whatever the filter says.
            #expect(lines.last?.contains(#""message":"stopped; everything is on disk""#) == true)
            #expect(lines.dropLast().allSatisfy { $0.contains(#""target":"server::catalog""#) })
            for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
    }

    @Test func `what stands in the way of a rotation is left alone and told once, and no line is lost`() throws {
        var settings = TestServer.Settings()
        settings.environment = ["IGGY_SYSTEM_LOGGING_MAX_FILE_SIZE": "1 kB", "IGGY_SYSTEM_LOGGING_MAX_TOTAL_SIZE": "0"]
        try withServer(settings) { server in
            let logs = Self.logs(of: server)
            try FileManager.default.createDirectory(
                atPath: logs + "/iggy-server.log.1", withIntermediateDirectories: false)
            let client = try server.client()
            for number in 0..<30 { try client.createStream("stream-\(number)") }
            try server.stop()

            #expect(try Self.sizes(of: server).count == 1)
            let file = try String(contentsOfFile: logs + "/iggy-server.log", encoding: .utf8)
            #expect(file.split(separator: "\n").count { $0.contains("is not rotated") } == 1)
            #expect(file.split(separator: "\n").count { $0.contains("stream created") } == 30)
        }
    }

    @Test(.enabled(if: Strace.isInstalled, "needs strace"), arguments: ["EINVAL", "ENOSYS", "EPERM"])
    func `files rotate where the system cannot refuse to replace one`(error: String) throws {
        var settings = TestServer.Settings()
        settings.environment = ["IGGY_SYSTEM_LOGGING_MAX_FILE_SIZE": "1 kB", "IGGY_SYSTEM_LOGGING_MAX_TOTAL_SIZE": "0"]
        settings.strace = .refuse("renameat2", with: error)
        try withServer(settings) { server in
            let client = try server.client()
            for number in 0..<30 { try client.createStream("stream-\(number)") }
            try server.stop()

            #expect(try Self.sizes(of: server).count >= 3)
            #expect(!server.output.contains("is not rotated"))
        }
    }

    @Test func `of two servers with one log directory the second waits for the first to end`() throws {
        let directory = try TemporaryDirectory()
        let shared = directory.path("shared-logs")
        var settings = TestServer.Settings()
        settings.environment = ["IGGY_SYSTEM_LOGGING_PATH": shared]
        let first = try TestServer(settings)
        let second = try TestServer(settings)
        defer {
            first.kill()
            second.kill()
        }
        try first.start()
        try second.start()
        try second.client().createStream("of-the-second")
        let refused = "another server writes its log to \(shared): until it ends lines wait in memory"
        #expect(second.output.split(separator: "\n").count { $0.contains(refused) } == 1)
        #expect(!first.output.contains(refused))

        try first.stop()
        let begun = ContinuousClock.now
        var file = ""
        while !file.contains("of-the-second"), ContinuousClock.now - begun < .seconds(10) {
            usleep(50_000)
            file = try String(contentsOfFile: shared + "/iggy-server.log", encoding: .utf8)
        }

        #expect(file.contains("of-the-second"))
        try second.stop()
    }

    @Test func `a console that nobody reads keeps no server from stopping`() throws {
        let directory = try TemporaryDirectory()
        let fifo = directory.path("console")
        try #require(mkfifo(fifo, 0o600) == 0)
        let console = open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        try #require(console >= 0)
        defer { close(console) }
        var settings = TestServer.Settings()
        settings.wrapper = ["/bin/sh", "-c", "exec \"$@\" 2>'\(fifo)'", "sh"]
        try withServer(settings) { server in
            let bytes = [UInt8](repeating: 10, count: 4_096)
            while write(console, bytes, bytes.count) > 0 {}
            let client = try server.client()
            for number in 0..<100 { try client.createStream("stream-\(number)") }

            try server.stop()

            let file = try String(contentsOfFile: Self.logs(of: server) + "/iggy-server.log", encoding: .utf8)
            #expect(file.split(separator: "\n").count { $0.contains("stream created") } == 100)
        }
    }

    @Test func `passwords are in no line`() throws {
        var settings = TestServer.Settings()
        settings.usesDefaultCredentials = false
        settings.environment = [
            "IGGY_ROOT_USERNAME": "somebody", "IGGY_ROOT_PASSWORD": "not-for-the-log", "GALGO_LOG": "trace",
        ]
        try withServer(settings) { server in
            let client = try Client(to: server.address)
            try client.login("somebody", password: "not-for-the-log")
            try client.createStream("s")
            try server.stop()

            let file = try String(contentsOfFile: Self.logs(of: server) + "/iggy-server.log", encoding: .utf8)
            #expect(file.contains("stream created"))
            #expect(!file.contains("not-for-the-log") && !server.output.contains("not-for-the-log"))
        }
    }

    @Test func `a log directory that cannot be made is told and ends the start`() throws {
        var settings = TestServer.Settings()
        settings.environment = ["IGGY_SYSTEM_LOGGING_PATH": "/proc/no/logs"]
        settings.verifiesData = false
        let server = try TestServer(settings)

        #expect(try server.startExpectingExit() == .code(71))
        #expect(server.output.contains("cannot use /proc/no/logs as the log directory"))
    }

    // MARK: Details

    private static func logs(of server: TestServer) -> String { server.dataPath + "/logs" }

    /// As Iggy displays sizes.
    private static func text(_ bytes: Int) -> String { bytes == 0 ? "0 B" : "\(bytes / 1_000).00 KB" }

    /// Of the files that Iggy's test looks at.
    private static func sizes(of server: TestServer) throws -> [Int] {
        let logs = logs(of: server)
        return try FileManager.default.contentsOfDirectory(atPath: logs).compactMap { name in
            let rest = name.dropFirst("iggy-server.log".count)
            let isLog =
                name == "iggy-server.log"
                || name.hasPrefix("iggy-server.log.") && rest.dropFirst().allSatisfy(\.isNumber) && rest.count > 1
            let attributes = try FileManager.default.attributesOfItem(atPath: logs + "/" + name)
            guard isLog, attributes[.type] as? FileAttributeType == .typeRegular else { return nil }
            return attributes[.size] as? Int
        }
    }
}
