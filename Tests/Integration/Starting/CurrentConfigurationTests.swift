import Client
import Foundation
import Glibc
import Support
import Testing

/// What a start reads beside the configuration file, and what it leaves for tools.
struct CurrentConfigurationTests {
    @Test func `the configuration that holds lies beside the data, with the real port, and reads back`() throws {
        let password = ["IGGY_ROOT_USERNAME": "root-user", "IGGY_ROOT_PASSWORD": "not to be told"]
        try withServer(.init(environment: password, usesDefaultCredentials: false)) { server in
            let path = server.dataPath + "/runtime/current_config.toml"
            let text = try String(contentsOfFile: path, encoding: .utf8)

            #expect(text.contains("address = \"127.0.0.1:\(server.address.port)\""))
            #expect(!text.contains("not to be told"))
            let (exit, told) = try Self.check([path], server.directory)
            #expect(exit == .code(0), "\(told)")
            let mode = try #require(
                FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
            #expect(mode == 0o600)
        }
    }

    @Test func `it is made with its parents, and is there while the server serves and no longer`() throws {
        let settings = TestServer.Settings(environment: ["IGGY_SYSTEM_RUNTIME_PATH": "a/b/c"], verifiesData: false)
        let server = try TestServer(settings)
        defer { server.kill() }
        let path = server.dataPath + "/a/b/c/current_config.toml"

        try server.start()
        #expect(FileManager.default.fileExists(atPath: path))
        try server.stop()
        #expect(!FileManager.default.fileExists(atPath: path))

        // What a crash left is not taken for the next server's.
        try server.start()
        server.kill()
        #expect(FileManager.default.fileExists(atPath: path))
        try server.start()
        try server.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a dotenv file sets what the environment leaves open, and a named one has to be there`() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path("settings")
        try "# of the machine\nexport IGGY_SYSTEM_SEGMENT_SIZE='2 MiB'\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        try withServer(.init(environment: ["IGGY_ENV_PATH": file])) { server in
            #expect(server.output.contains("segments of 2 MiB"))
        }

        let (exit, told) = try Self.check([], directory, ["IGGY_ENV_PATH": directory.path("none")])
        #expect(exit == .code(64))
        #expect(told.contains(directory.path("none")))
    }

    /// `config check`, how it ended and what it told.
    private static func check(
        _ arguments: [String], _ directory: TemporaryDirectory, _ environment: [String: String] = [:]
    ) throws -> (ChildProcess.Exit?, String) {
        let output = Output(copiedTo: directory.path("check"))
        let process = try ChildProcess(
            try Executable.server.path(), ["config", "check"] + arguments, environment: environment, output: output)
        return (process.wait(atMost: .seconds(10)), output.text)
    }
}
