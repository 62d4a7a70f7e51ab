import Foundation
import Testing
import Verifier

/// What stands behind every other test here: the files that a server leaves are judged by an independent reader.
struct LeftFilesTests {
    @Test func `files that break a law fail the test, after a stop and after a kill`() throws {
        try withServer(.init(environment: ["IGGY_SYSTEM_SEGMENT_SIZE": "64 KiB"])) { server in
            var connection = try server.loggedIn()
            try connection.makeTopic("left", "t")
            let foreign = server.dataPath + "/catalog/notes.txt"

            try Data().write(to: URL(fileURLWithPath: foreign))
            try withKnownIssue {
                try server.stop()
            } matching: {
                $0.comments.contains { "\($0)".contains("notes.txt") }
            }
            try FileManager.default.removeItem(atPath: foreign)
            try server.start()
            try Data().write(to: URL(fileURLWithPath: foreign))
            withKnownIssue {
                server.kill()
            } matching: {
                $0.comments.contains { "\($0)".contains("notes.txt") }
            }
            try FileManager.default.removeItem(atPath: foreign)
        }
    }

    @Test func `the verifier reads what was sent, in order, over several segments`() throws {
        try withServer(.init(environment: ["IGGY_SYSTEM_SEGMENT_SIZE": "64 KiB"])) { server in
            var connection = try server.loggedIn()
            try connection.makeTopic("left", "t")
            for number in 0..<40 {
                let payloads = (0..<5).map { Array("\(number * 5 + $0) ".utf8) + Array(repeating: 0x78, count: 900) }
                #expect(try connection.ask(RawFrame.send("left", "t", payloads: payloads)) == .ok)
            }
            try server.stop()

            let files = try #require(DataFiles(server.dataPath))
            let verdict = verify(files, Options(.clean, segmentByteCount: 64 << 10, listsMessages: true))

            #expect(verdict.isClean)
            #expect(verdict.totals.messageCount == 200)
            #expect(verdict.totals.sealCount >= 2)
            #expect(verdict.partitions.first?.messages.map(\.offset) == Array(0..<200))
        }
    }
}
