import Foundation

/// The real server as a child process. Its banner says when it serves, and where.
package final class ServerProcess: Sendable {
    package let process: ChildProcess
    /// What was printed before this start.
    private let outputStart: Int

    /// Starts the server with its settings, `IGGY_...` variables, and nothing else from this environment.
    ///
    /// - Parameters:
    ///   - wrapper: the command line before the server's, of a program that becomes the server.
    ///   - binary: the server's path, if not the one beside the tests.
    package init(
        wrapper: [String] = [], binary: String? = nil, arguments: [String] = ["--with-default-root-credentials"],
        settings: [String: String], output: Output
    ) throws {
        let command = wrapper + [try binary ?? Executable.server.path()] + arguments
        outputStart = output.byteCount
        process = try ChildProcess(
            command[0], Array(command.dropFirst()), environment: Self.machine.merging(settings) { $1 }, output: output)
    }

    private static let machine: [String: String] = {
        var environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            // The crash reporter of a debug build takes seconds and prints pages.
            "SWIFT_BACKTRACE": "enable=no",
        ]
        if let library = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] {
            environment["LD_LIBRARY_PATH"] = library
        }
        return environment
    }()

    /// The port on 127.0.0.1 that it serves, or how it ended before; nil when there is neither within `limit`.
    package func awaitPort(atMost limit: Duration) -> ChildProcess.Awaited<UInt16>? {
        process.wait(atMost: limit) { text in
            Self.port(in: text.utf8.dropFirst(outputStart))
        }
    }

    private static func port(in output: Substring.UTF8View) -> UInt16? {
        guard let address = Substring(output).firstRange(of: "127.0.0.1:") else { return nil }
        // The line is whole once its end is there.
        let rest = Substring(output)[address.upperBound...]
        guard rest.contains(where: \.isNewline) else { return nil }
        return UInt16(rest.prefix { $0.isNumber })
    }
}
