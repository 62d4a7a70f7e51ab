import Foundation
import Glibc

/// The real server as a child process that cannot outlive this one.
///
/// A shell becomes the server, and leaves a small copy of itself behind that waits for the end of a pipe. The pipe
/// ends when `kill` closes it, or when the test process is gone for whatever reason; the copy then kills the server.
final class ServerProcess {
    private let process = Process()
    private let lifeline: FileHandle
    private let outputPath: String

    /// Runs `command` with exactly this environment; what it prints replaces the file `outputPath`.
    init(_ command: [String], environment: [String: String], outputPath: String) throws {
        let ends = try Self.pipe(named: outputPath + ".lifeline")
        lifeline = FileHandle(fileDescriptor: ends.writing, closeOnDealloc: true)
        self.outputPath = outputPath
        FileManager.default.createFile(atPath: outputPath, contents: nil)
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", Self.script, "server"] + command
        process.environment = environment
        process.standardInput = FileHandle(fileDescriptor: ends.reading, closeOnDealloc: true)
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    /// A pipe that no other child of this process inherits, not even one that is started at this very moment: such
    /// a child would keep it from ending. Only `open` can promise that, so the pipe has a name for an instant.
    private static func pipe(named path: String) throws -> (reading: Int32, writing: Int32) {
        defer { unlink(path) }
        guard mkfifo(path, 0o600) == 0 else { throw DriverError.notServing("no pipe, error \(errno)") }
        let reading = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let writing = open(path, O_WRONLY | O_CLOEXEC)
        guard reading >= 0, writing >= 0, fcntl(reading, F_SETFL, 0) == 0 else {
            throw DriverError.notServing("no pipe, error \(errno)")
        }
        return (reading, writing)
    }

    private static let script = """
        exec 3<&0 </dev/null
        (trap '' INT TERM HUP; read -r end <&3; kill -9 $$) >/dev/null 2>&1 &
        exec 3<&-
        exec "$@"
        """

    deinit { kill() }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Everything it has printed so far.
    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    /// Ends it with SIGKILL, and returns when it is gone.
    func kill() {
        try? lifeline.close()
        process.waitUntilExit()
    }

    /// Waits until its banner says on which port it listens: that is printed when it serves.
    func awaitPort() throws -> UInt16 {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if let port = Self.port(in: output) { return port }
            guard isRunning else { throw DriverError.notServing("it ended while starting: \(output)") }
            usleep(2_000)
        }
        throw DriverError.notServing("it is not ready after 20 seconds: \(output)")
    }

    private static func port(in output: String) -> UInt16? {
        guard let address = output.firstRange(of: "127.0.0.1:") else { return nil }
        // The line is whole once its end is there.
        let rest = output[address.upperBound...]
        guard rest.contains(where: \.isNewline) else { return nil }
        return UInt16(rest.prefix { $0.isNumber })
    }
}
