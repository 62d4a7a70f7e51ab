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

            try expectRefusal(exit, of: second, code: 78, says: ["\(first.pid ?? 0)", first.dataPath])
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

        try expectRefusal(exit, of: server, code: 71, says: [file, "not a directory"])
        #expect(FileManager.default.contents(atPath: file) == Data("not a directory".utf8))
    }

    @Test(.enabled(if: Self.isBound, "needs setpriv where root runs the tests"), arguments: ["data", "closed/a/data"])
    func `a data directory that may not be written to, or not be made, is refused with one code`(path: String) throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path(path.hasPrefix("closed") ? "closed" : "data"), withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o555])
        let server = try TestServer(
            .init(environment: ["IGGY_SYSTEM_PATH": directory.path(path)], wrapper: Self.binding), directory: directory)

        let exit = try server.startExpectingExit()

        try expectRefusal(exit, of: server, code: 71, says: [directory.path(path), "permission denied"])
    }

    /// The command line before that of a program that permissions bind: they do not bind root.
    private static let binding: [String] =
        if geteuid() == 0, let setpriv = Programs.path(of: "setpriv") {
            [setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
        } else {
            []
        }
    private static let isBound = geteuid() != 0 || !binding.isEmpty

    @Test func `a port that is taken is refused and named`() throws {
        let port = Ports.free()
        let occupant = try #require(OpenPort(port))
        let server = try TestServer(port: port)

        let exit = try server.startExpectingExit()

        try expectRefusal(exit, of: server, code: 71, says: ["\(port)"])
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

        try expectRefusal(exit, of: server, code: 78, says: words + [server.dataPath])
        #expect(try TreeSnapshot(of: server.dataPath) == before)
    }

    /// The exit code is the one that `--help` names, no signal; the message holds every one of `words`.
    private func expectRefusal(
        _ exit: ChildProcess.Exit, of server: TestServer, code: Int32, says words: [String]
    ) throws {
        let output = server.output
        #expect(exit == .code(code), "\(output)")
        for word in words { #expect(output.contains(word), "the message should say \(word): \(output)") }
    }
}
