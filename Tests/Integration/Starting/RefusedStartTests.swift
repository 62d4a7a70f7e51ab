import Foundation
import Glibc
import Support
import Testing

/// Starts that must not happen: the server ends by itself, says why in words that help, and touches nothing.
struct RefusedStartTests {
    @Test func `a second server on the same directory is refused and the first is not disturbed`() throws {
        try withServer { first in
            var connection = try first.loggedIn()
            try connection.makeTopic("kept", "t")
            let second = try TestServer(directory: first.directory)

            let exit = try second.startExpectingExit()

            try expectRefusal(exit, of: second, says: ["\(first.pid ?? 0)", first.dataPath])
            #expect(try connection.ask(RawFrame.send("kept", "t", payloads: [[1]])) == .ok)
            try first.restart()
            var after = try first.loggedIn()
            #expect(try after.ask(RawFrame.poll("kept", "t", count: 10)).messageCount == 1)
        }
    }

    @Test func `the lock of a killed server does not keep the next one out`() throws {
        try withServer { server in
            server.kill()

            try server.start()

            try server.requireServing()
        }
    }

    @Test func `a data directory below a file is refused`() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path("file")
        try Data("not a directory".utf8).write(to: URL(fileURLWithPath: file))
        let server = try TestServer(
            .init(environment: ["IGGY_SYSTEM_PATH": file + "/data"]), directory: directory)

        let exit = try server.startExpectingExit()

        try expectRefusal(exit, of: server, says: [file])
        #expect(FileManager.default.contents(atPath: file) == Data("not a directory".utf8))
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `a data directory without the right to write is refused`() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path("data"), withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
        let server = try TestServer(directory: directory)

        let exit = try server.startExpectingExit()

        try expectRefusal(exit, of: server, says: [server.dataPath])
    }

    @Test func `a port that is taken is refused and named`() throws {
        let port = Ports.free()
        let occupant = try #require(OpenPort(port))
        let server = try TestServer(port: port)

        let exit = try server.startExpectingExit()

        try expectRefusal(exit, of: server, says: ["\(port)"])
        withExtendedLifetime(occupant) {}
    }

    @Test func `a directory of a newer version is refused and not touched`() throws {
        try expectUntouched(says: ["999"]) { data in
            try Data("galgo 999\n".utf8).write(to: URL(fileURLWithPath: data + "/FORMAT"))
            try FileManager.default.createDirectory(atPath: data + "/partitions", withIntermediateDirectories: true)
        }
    }

    @Test func `a directory of an Iggy server is refused by name and not touched`() throws {
        try expectUntouched(says: ["Iggy"]) { data in
            for name in ["state", "streams/0/topics/0/partitions/0", "runtime"] {
                try FileManager.default.createDirectory(
                    atPath: data + "/" + name, withIntermediateDirectories: true)
            }
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: data + "/state/log"))
            try Data([4, 5, 6]).write(
                to: URL(fileURLWithPath: data + "/streams/0/topics/0/partitions/0/00000000000000000000.log"))
        }
    }

    // MARK: Details

    private func expectUntouched(says words: [String], _ prepare: (String) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        let server = try TestServer(directory: directory)
        try FileManager.default.createDirectory(atPath: server.dataPath, withIntermediateDirectories: true)
        try prepare(server.dataPath)
        let before = try TreeSnapshot(of: server.dataPath)

        let exit = try server.startExpectingExit()

        try expectRefusal(exit, of: server, says: words + [server.dataPath])
        #expect(try TreeSnapshot(of: server.dataPath) == before)
    }

    /// The exit code says "failed", no signal does; the message holds every one of `words`.
    private func expectRefusal(_ exit: ChildProcess.Exit, of server: TestServer, says words: [String]) throws {
        let output = server.output
        guard case .code(let code) = exit else {
            throw server.failure("the server ended with \(exit) instead of a message")
        }
        #expect(code != 0)
        for word in words { #expect(output.contains(word), "the message should say \(word)") }
    }
}
