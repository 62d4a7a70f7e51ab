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

    @Test func `an end by SIGKILL or by a stop is no crash`() throws {
        try withServer { server in
            server.kill()
            try server.start()
            try server.restart()
            #expect(!server.output.contains("last crash"))
        }
    }
}
