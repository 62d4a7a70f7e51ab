import Client
import Foundation
import Glibc
import Support
import Testing
import Verifier

/// A fatal signal leaves a note in the data directory, and the next start tells it once.
struct CrashTests {
    @Test(arguments: [SIGSEGV, SIGILL, SIGABRT])
    func `the next banner tells of a crash, and the one after it does not`(signal: Int32) throws {
        try withServer(.init(shards: 2)) { server in
            var connection = try server.loggedIn()
            try connection.makeTopic("s", "t")
            #expect(try connection.ask(RawFrame.send("s", "t", payloads: [[1]])) == .ok)
            let note = server.dataPath + "/crash"
            #expect(!FileManager.default.fileExists(atPath: note))

            let pid = try #require(server.pid)
            Glibc.kill(pid, signal)

            #expect(server.waitForExit(atMost: .seconds(10)) == .signal(signal))
            server.verifyData(after: .crashed)
            let text = try String(contentsOfFile: note, encoding: .utf8)
            #expect(text.contains("\nsignal \(signal)\nthread galgo-server\nsecond "), "\(text)")

            let before = server.output.utf8.count
            try server.start()
            let told = String(decoding: Array(server.output.utf8)[before...], as: UTF8.self)
            #expect(told.contains("  last crash  "))
            #expect(told.contains(" main server: last crash "), "\(told)")
            #expect(told.contains("signal \(signal) (") && told.contains("in thread galgo-server"))
            #expect(!FileManager.default.fileExists(atPath: note))
            #expect(FileManager.default.fileExists(atPath: note + ".told"))
            connection = try server.loggedIn()
            #expect(try connection.ask(RawFrame.poll("s", "t", count: 10)).messageCount == 1)

            let after = server.output.utf8.count
            try server.restart()
            #expect(!String(decoding: Array(server.output.utf8)[after...], as: UTF8.self).contains("last crash"))
        }
    }

    @Test(arguments: ["shard-0", "shard-1", "log"], [SIGBUS, SIGSYS])
    func `a crash of any thread is noted with its name`(thread: String, signal: Int32) throws {
        try withServer(.init(shards: 2)) { server in
            try server.send(signal: signal, toThread: thread)

            #expect(server.waitForExit(atMost: .seconds(10)) == .signal(signal))
            let text = try note(of: server)
            #expect(text.contains("\nsignal \(signal)\nthread \(thread)\nsecond "), "\(text)")
        }
    }

    /// Swift's own handler prints where the process was, and returns.
    @Test(arguments: [SIGSEGV, SIGTRAP])
    func `a fatal signal that somebody sent ends a server that prints backtraces too`(signal: Int32) throws {
        let settings = TestServer.Settings(environment: ["SWIFT_BACKTRACE": "enable=yes,interactive=no"])
        try withServer(settings) { server in
            try server.send(signal: signal, toThread: "shard-0")

            #expect(server.waitForExit(atMost: .seconds(60)) == .signal(signal))
            #expect(try note(of: server).contains("\nsignal \(signal)\nthread shard-0\n"))
        }
    }

    /// The others come while the first writes its note.
    @Test(.enabled(if: Strace.isInstalled, "needs strace"))
    func `of several crashes at once the first is noted, and its note is whole`() throws {
        let settings = TestServer.Settings(
            shards: 2, strace: .delay("write", byMicroseconds: 50_000), readyWithin: .seconds(60))
        try withServer(settings) { server in
            for _ in 0..<3 {
                let pid = try #require(server.pid)
                let threads = try ["shard-0", "shard-1", "log"].flatMap { try server.threads(named: $0) }
                for thread in threads + [pid] { try server.send(signal: SIGSEGV, to: thread) }

                #expect(server.waitForExit(atMost: .seconds(10)) == .signal(SIGSEGV))
                let text = try note(of: server)
                let words = text.split(separator: "\n").map { $0.prefix { $0 != " " } }
                #expect(words == ["version", "signal", "thread", "second"] && text.hasSuffix("\n"), "\(text)")
                #expect(!FileManager.default.fileExists(atPath: server.dataPath + "/crash.tmp"))
                try server.start()
            }
        }
    }

    private func note(of server: TestServer) throws -> String {
        try String(contentsOfFile: server.dataPath + "/crash", encoding: .utf8)
    }

    @Test func `an end by SIGKILL or by a stop is no crash`() throws {
        try withServer { server in
            server.kill()
            try server.start()
            try server.restart()
            #expect(!server.output.contains("last crash"))
        }
    }
}
