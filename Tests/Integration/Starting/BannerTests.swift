import Foundation
import Support
import Testing

/// The first screen, and the lines on it that an operator pastes.
struct BannerTests {
    @Test func `a password that was made up is shown at the first start and never claimed again`() throws {
        try withServer(Self.settings()) { server in
            let first = server.output
            try server.restart()
            let second = String(server.output.dropFirst(first.count))

            #expect(first.contains("made up now"))
            #expect(!first.contains("getpass"))
            #expect(!second.contains("made up now"))
            #expect(second.contains("unchanged since the first start"))
            #expect(second.contains("getpass"))
        }
    }

    @Test func `a password from the environment is not printed, and the lines to paste read it there`() throws {
        let account = ["IGGY_ROOT_USERNAME": "o\"brien", "IGGY_ROOT_PASSWORD": "a secret to keep"]
        try withServer(Self.settings(account)) { server in
            #expect(!server.output.contains("a secret to keep"))
            #expect(server.output.contains("os.environ.get(\"IGGY_ROOT_PASSWORD\")"))
        }
    }

    @Test(
        .enabled(if: Programs.path(of: "python3") != nil, "needs Python"),
        arguments: [[:], ["IGGY_ROOT_USERNAME": "o\"brien", "IGGY_ROOT_PASSWORD": "secret"]])
    func `the lines to paste are a program from their first column to their end`(account: [String: String]) throws {
        try withServer(Self.settings(account)) { server in
            let program = try Self.program(in: server)
            #expect(program.hasPrefix("import asyncio"))

            let output = Output(copiedTo: server.directory.path("python"))
            let python = try ChildProcess(
                try #require(Programs.path(of: "python3")),
                ["-c", "import ast, sys; ast.parse(sys.argv[1])", program], environment: [:], output: output)

            #expect(python.wait(atMost: .seconds(20)) == .code(0), "\(output.text)\n\(program)")
        }
    }

    @Test func `the banner says which CPUs were found and how large segments are`() throws {
        try withServer(Self.settings(["IGGY_SYSTEM_SEGMENT_SIZE": "1536 KiB"])) { server in
            #expect(server.output.contains("segments of 1.5 MiB"))
            #expect(server.output.contains(" found: "))
            #expect(!server.output.contains("1 cores"))
            #expect(!server.output.contains(" 0 MiB"))
        }
    }

    @Test func `protection that was asked for and is not there is not passed over`() throws {
        let asked = ["IGGY_TCP_TLS_ENABLED": "true", "IGGY_SYSTEM_ENCRYPTION_ENABLED": "true"]
        try withServer(Self.settings(asked)) { server in
            #expect(server.output.contains("WARNING     tcp.tls.enabled is true, and this version has no TLS"))
            #expect(server.output.contains("WARNING     system.encryption.enabled is true, and this version encrypts"))
        }
    }

    // MARK: Details

    private static func settings(_ environment: [String: String] = [:]) -> TestServer.Settings {
        TestServer.Settings(environment: environment, usesDefaultCredentials: false)
    }

    /// What stands between the two ENDs.
    private static func program(in server: TestServer) throws -> String {
        let lines = server.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard let begin = lines.firstIndex(where: { $0.hasSuffix("<<'END'") }),
            let end = lines[begin...].firstIndex(of: "END")
        else { throw server.failure("the banner has no lines to paste") }
        return lines[(begin + 1)..<end].joined(separator: "\n") + "\n"
    }
}
