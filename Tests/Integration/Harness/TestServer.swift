import Client
import Foundation
import Glibc
import Verifier

/// The real server binary on a free port with a data directory of its own.
///
///     try withServer { server in
///         let client = try server.client()
///         …
///     }
final class TestServer {
    /// What a test wants different from the defaults.
    struct Settings {
        var shards = 1
        var environment: [String: String] = [:]
        var strace: Strace?
        var usesDefaultCredentials = true
        var readyWithin: Duration = .seconds(20)
        /// Judge the data directory after each end of the server; not for tests that damage it themselves.
        var verifiesData = true
    }

    let directory: TemporaryDirectory
    let address: Address
    let settings: Settings
    private var process: ChildProcess?
    private var starts = 0

    /// Prepares a server; `start` starts it. Servers with the same directory use the same data.
    init(
        _ settings: Settings = Settings(), directory: TemporaryDirectory? = nil, port: UInt16? = nil
    ) throws {
        self.settings = settings
        self.directory = try directory ?? TemporaryDirectory()
        address = Address(port: port ?? Ports.free())
    }

    /// The data directory of the server; it makes it itself.
    var dataPath: String { settings.environment["IGGY_SYSTEM_PATH"] ?? directory.path("data") }

    /// Everything this server has printed, over all its starts.
    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    var pid: pid_t? { process?.pid }

    /// What strace recorded of the last start; complete once the server has ended.
    func trace() throws -> String {
        // The tracer writes its last lines after the server is gone.
        let text = try waitUntil(atMost: .seconds(10)) { () throws -> String? in
            let text = try String(contentsOfFile: tracePath, encoding: .utf8)
            return text.contains("+++ exited with") || text.contains("+++ killed by") ? text : nil
        }
        guard let text else { throw HarnessError("the trace in \(tracePath) has no end") }
        return text
    }

    // MARK: Life

    /// Starts the server and waits until it answers a ping.
    func start() throws {
        if let exit = try awaitReady(launch(settings.strace)) {
            throw failure("the server ended while starting: \(exit)")
        }
    }

    /// Starts the server under strace; false when the injected SIGKILL ended it before it was ready.
    func startUnlessKilled(_ strace: Strace) throws -> Bool {
        switch try awaitReady(launch(strace)) {
        case nil: return true
        case .signal(SIGKILL):
            verifyData(after: .crashed)
            return false
        case let exit?: throw failure("the server ended while starting: \(exit)")
        }
    }

    /// Waits until the server answers a ping; how it ended if it ended before.
    private func awaitReady(_ process: ChildProcess) throws -> ChildProcess.Exit? {
        enum Outcome { case ready, ended(ChildProcess.Exit) }
        let outcome = waitUntil(atMost: settings.readyWithin) { () -> Outcome? in
            if let exit = process.poll() { return .ended(exit) }
            return answersPing() ? .ready : nil
        }
        switch outcome {
        case .ready: return nil
        case .ended(let exit): return exit
        case nil: throw failure("the server was not ready after \(settings.readyWithin)")
        }
    }

    /// Starts the server and waits for it to end by itself, for starts that must be refused.
    func startExpectingExit(atMost limit: Duration = .seconds(10)) throws -> ChildProcess.Exit {
        let process = try launch(nil)
        guard let exit = process.wait(atMost: limit) else {
            _ = process.kill()
            throw failure("the server did not end by itself within \(limit)")
        }
        return exit
    }

    /// Asks the server to end (SIGTERM) and requires that it ends well and in time.
    func stop(atMost limit: Duration = .seconds(10)) throws {
        guard let process else { return }
        process.send(signal: SIGTERM)
        guard let exit = process.wait(atMost: limit) else {
            _ = process.kill()
            throw failure("the server did not stop within \(limit) of SIGTERM")
        }
        self.process = nil
        guard exit == .code(0) else { throw failure("the server ended with \(exit) after SIGTERM") }
        verifyData(after: .clean)
    }

    /// Ends the server without warning (SIGKILL).
    func kill() {
        guard let process else { return }
        // A start that was refused ends with a code and may have found a directory of somebody else.
        if case .signal = process.kill() { verifyData(after: .crashed) }
        self.process = nil
    }

    func restart() throws {
        try stop()
        try start()
    }

    /// How the server ended by itself, or nil if it is still running after `limit`.
    func waitForExit(atMost limit: Duration) -> ChildProcess.Exit? {
        process?.wait(atMost: limit)
    }

    /// Throws, with what the server printed, when it is not running any more.
    func requireAlive() throws {
        if let exit = process?.poll() { throw failure("the server ended: \(exit)") }
    }

    func failure(_ reason: String) -> HarnessError {
        HarnessError("\(reason)\n--- output of the server on \(address) ---\n\(output.suffix(8000))")
    }

    // MARK: Details

    private var tracePath: String { directory.path("trace-\(address.port)-\(starts)") }

    private var outputPath: String { directory.path("output-\(address.port)") }

    private func launch(_ strace: Strace?) throws -> ChildProcess {
        precondition(process?.poll() != nil || process == nil, "the server is running")
        starts += 1
        var command = [try ServerBinary.path()]
        if settings.usesDefaultCredentials { command.append("--with-default-root-credentials") }
        if let strace { command = strace.wrap(command, output: tracePath) }
        let process = try ChildProcess(
            command[0], Array(command.dropFirst()), environment: environment, output: outputPath)
        self.process = process
        return process
    }

    private var environment: [String: String] {
        var environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            // The crash reporter of a debug build takes seconds and prints pages.
            "SWIFT_BACKTRACE": "enable=no",
            "IGGY_TCP_ADDRESS": address.description,
            "IGGY_HTTP_ENABLED": "false",
            "IGGY_QUIC_ENABLED": "false",
            "IGGY_WEBSOCKET_ENABLED": "false",
            "IGGY_SYSTEM_PATH": directory.path("data"),
            "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": "\(settings.shards)",
        ]
        if let library = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] {
            environment["LD_LIBRARY_PATH"] = library
        }
        return environment.merging(settings.environment) { $1 }
    }

    private func answersPing() -> Bool {
        let timeouts = Timeouts(connect: .seconds(1), receive: .seconds(2), send: .seconds(2))
        guard var connection = try? Connection(to: address, timeouts: timeouts) else { return false }
        let ping: [UInt8] = [4, 0, 0, 0, 1, 0, 0, 0]
        guard (try? connection.send(frame: ping)) != nil else { return false }
        return (try? connection.receive()) == 0
    }
}

/// Runs `body` with a started server and ends it afterwards. An error of the body carries what the server printed.
func withServer(
    _ settings: TestServer.Settings = TestServer.Settings(), _ body: (TestServer) throws -> Void
) throws {
    let server = try TestServer(settings)
    defer { server.kill() }
    try server.start()
    do {
        try body(server)
    } catch let error as HarnessError {
        throw error
    } catch {
        throw server.failure("\(error)")
    }
}
