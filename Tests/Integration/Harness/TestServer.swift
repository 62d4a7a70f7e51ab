import Client
import Foundation
import Glibc
import Support
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
        /// The command line before the server's, of a program that becomes the server.
        var wrapper: [String] = []
        /// Its data directory lies there.
        var volume: LimitedVolume?
        /// The server's path, if not the one beside the tests.
        var binary: String?
        var usesDefaultCredentials = true
        var readyWithin: Duration = .seconds(20)
        /// Judge the data directory after each end of the server; not for tests that damage it themselves.
        var verifiesData = true
    }

    let directory: TemporaryDirectory
    let address: Address
    let settings: Settings
    private let printed: Output
    private var process: ServerProcess?
    private var starts = 0
    /// How long the last start took, from the new process to the banner that says it serves.
    private(set) var readyAfter: Duration?

    /// Prepares a server; `start` starts it. Servers with the same directory use the same data.
    init(
        _ settings: Settings = Settings(), directory: TemporaryDirectory? = nil, port: UInt16? = nil
    ) throws {
        self.settings = settings
        self.directory = try directory ?? TemporaryDirectory()
        address = Address(port: port ?? Ports.free())
        printed = Output(copiedTo: self.directory.path("output-\(address.port)"))
    }

    /// The data directory of the server, as this process sees it; the server makes it itself.
    var dataPath: String {
        if let volume = settings.volume { return volume.pathFromHere + "/data" }
        return settings.environment["IGGY_SYSTEM_PATH"] ?? directory.path("data")
    }

    /// Everything this server has printed, over all its starts.
    var output: String { printed.text }

    var pid: pid_t? { process?.process.pid }

    /// What strace recorded of the last start; complete once the server has ended, since strace holds its output open.
    func trace() throws -> String {
        let text = try String(contentsOfFile: tracePath, encoding: .utf8)
        guard text.contains("+++ exited with") || text.contains("+++ killed by") else {
            throw HarnessError("the trace in \(tracePath) has no end")
        }
        return text
    }

    // MARK: Life

    /// Starts the server and waits until its banner is there and it answers a ping.
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

    /// Starts the server under strace; how it ended if it would not serve. Only an orderly end counts.
    func startUnlessRefused(_ strace: Strace) throws -> ChildProcess.Exit? {
        let exit = try awaitReady(launch(strace))
        if case .signal = exit { throw failure("the server trapped while starting") }
        return exit
    }

    /// Waits until the server serves; how it ended if it ended before.
    private func awaitReady(_ server: ServerProcess) throws -> ChildProcess.Exit? {
        let begin = ContinuousClock.now
        let port = server.awaitPort(atMost: settings.readyWithin)
        readyAfter = ContinuousClock.now - begin
        switch port {
        case .ended(let exit): return exit
        case nil: throw failure("the server was not ready after \(settings.readyWithin)")
        case .found(let port):
            guard port == address.port else { throw failure("the server listens on \(port)") }
            if answersPing() { return nil }
            guard let exit = server.process.wait(atMost: .seconds(5)) else {
                throw failure("the server says that it serves and answers no ping")
            }
            return exit
        }
    }

    /// Starts the server and waits for it to end by itself, for starts that must be refused.
    func startExpectingExit(atMost limit: Duration = .seconds(10)) throws -> ChildProcess.Exit {
        let process = try launch(nil).process
        guard let exit = process.wait(atMost: limit) else {
            process.kill()
            throw failure("the server did not end by itself within \(limit)")
        }
        return exit
    }

    /// Asks the server to end (SIGTERM) and requires that it ends well and in time.
    func stop(atMost limit: Duration = .seconds(10)) throws {
        guard let process = process?.process else { return }
        process.send(signal: SIGTERM)
        guard let exit = process.wait(atMost: limit) else {
            process.kill()
            throw failure("the server did not stop within \(limit) of SIGTERM")
        }
        self.process = nil
        guard exit == .code(0) else { throw failure("the server ended with \(exit) after SIGTERM") }
        verifyData(after: .clean)
    }

    /// Ends the server without warning (SIGKILL).
    func kill() {
        guard let process = process?.process else { return }
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
        process?.process.wait(atMost: limit)
    }

    /// Throws, with what the server printed, when it is not running any more.
    func requireAlive() throws {
        if let exit = process?.process.poll() { throw failure("the server ended: \(exit)") }
    }

    func failure(_ reason: String) -> HarnessError {
        HarnessError("\(reason)\n--- output of the server on \(address) ---\n\(output.suffix(8000))")
    }

    // MARK: Details

    private var tracePath: String { directory.path("trace-\(address.port)-\(starts)") }

    private func launch(_ strace: Strace?) throws -> ServerProcess {
        precondition(process.map { $0.process.poll() != nil } ?? true, "the server is running")
        starts += 1
        let process = try ServerProcess(
            wrapper: (settings.volume?.wrapper ?? []) + settings.wrapper + (strace?.command(output: tracePath) ?? []),
            binary: settings.binary,
            arguments: settings.usesDefaultCredentials ? ["--with-default-root-credentials"] : [],
            settings: [
                "IGGY_TCP_ADDRESS": address.description,
                "IGGY_SYSTEM_PATH": (settings.volume?.path ?? directory.path) + "/data",
                "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION": "\(settings.shards)", "IGGY_SYSTEM_SHARDING_PIN_CORES": "false",
            ].merging(settings.environment) { $1 },
            output: printed)
        self.process = process
        return process
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
