import Client
import Foundation
import Glibc
import Support
import Testing

/// SIGHUP changes what may change, and a stop ends within its bound.
struct SignalTests {
    @Test func `a reload tells what takes effect, what waits for a restart, and every error of a broken file`() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path("config.toml")
        try write("", to: file)
        let server = try TestServer(
            .init(environment: ["IGGY_CONFIG_PATH": file, "IGGY_SYSTEM_SEGMENT_SIZE": ""]), directory: directory)
        defer { server.kill() }
        try server.start()

        try write("[system.sharding]\nshutdown_drain_timeout = \"3 s\"\n[system.segment]\nsize = \"1 MiB\"\n", to: file)
        try reload(server, until: "needs a restart, and stays as it was: system.segment.size")
        #expect(server.output.contains("system.sharding.shutdown_drain_timeout is now \"3s\""))
        // It is written once all is told.
        let current = try read(
            server.dataPath + "/runtime/current_config.toml", until: "shutdown_drain_timeout = \"3s\"")
        #expect(current.contains("size = \"1 GiB\""), "what waits for a restart does not hold")

        try write("[system.logging]\nlevel = \"info,a=b\"\nmax_file_size = \"2 kb\"\n", to: file)
        try reload(server, until: "system.logging.max_file_size is now")
        for line in server.output.split(separator: "\n") where line.contains(": warning: ") {
            #expect(line.contains(" WARN "), "\(line)")
        }
        #expect(server.output.contains("'a=b' is no directive and is ignored"))

        try write("[system.sharding]\nshutdown_drain_timout = \"4 s\"\n[system.segment]\nsize = \"1 ZiB\"\n", to: file)
        try reload(server, until: "config.toml has errors: the settings stay as they were")
        #expect(server.output.contains("config.toml:2:1: error:"))
        #expect(server.output.contains("config.toml:4:8: error:"))

        try write("[system.encryption]\nkey = \"hunter2\" x\n", to: file)
        try reload(server, until: "config.toml:2:17: error:")
        #expect(!server.output.contains("hunter2"), "a log has no secrets, nor lines that may hold one")

        try FileManager.default.removeItem(atPath: file)
        try reload(server, until: "there is no file")
        try server.requireServing()
        try server.stop()
    }

    @Test func `a reload under a variable tells which filter holds, and new limits reach the log files`() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path("config.toml")
        try write("", to: file)
        let server = try TestServer(
            .init(environment: ["IGGY_CONFIG_PATH": file, "GALGO_LOG": "info"]), directory: directory)
        defer { server.kill() }
        try server.start()
        let logs = server.dataPath + "/logs"
        #expect(try FileManager.default.contentsOfDirectory(atPath: logs) == ["iggy-server.log"])

        try write("[system.logging]\nlevel = \"off\"\nmax_file_size = \"100 B\"\nmax_total_size = \"1 MB\"\n", to: file)
        try reload(server, until: "lines are kept as before, by the filter info (GALGO_LOG)")
        try reload(server, until: "the configuration is as it was")

        let deadline = ContinuousClock.now + .seconds(10)
        while try FileManager.default.contentsOfDirectory(atPath: logs).count < 2 {
            guard ContinuousClock.now < deadline else { throw server.failure("the log was not put away") }
            _ = server.waitForExit(atMost: .milliseconds(10))
        }
        try server.stop()
    }

    @Test(arguments: ["warn", "error", "off"])
    func `what came of a reload is told at any level`(level: String) throws {
        let directory = try TemporaryDirectory()
        let file = directory.path("config.toml")
        try write("", to: file)
        let server = try TestServer(
            .init(
                environment: ["IGGY_CONFIG_PATH": file, "GALGO_LOG": level, "IGGY_SYSTEM_SEGMENT_SIZE": ""]),
            directory: directory)
        defer { server.kill() }
        try server.start()

        try reload(server, until: "galgo-server: the configuration is as it was")
        try write("[system.segment]\nsize = \"1 MiB\"\n", to: file)
        try reload(server, until: "needs a restart, and stays as it was: system.segment.size")
        try write("[system.segment]\nsize = \n", to: file)
        try reload(server, until: "config.toml has errors: the settings stay as they were")

        let lines = server.output.split(separator: "\n").filter { $0.contains("needs a restart") }
        #expect(lines.count == 1)
        #expect(lines.allSatisfy { $0.contains(" WARN ") == (level == "warn") }, "\(lines)")
        try server.stop()
    }

    @Test func `signals that mean nothing change nothing, and each is told once`() throws {
        try withServer { server in
            let pid = try #require(server.pid)
            for signal in [SIGUSR1, SIGUSR2, SIGALRM] { kill(pid, signal) }

            for name in ["SIGUSR1", "SIGUSR2", "SIGALRM"] {
                try expect("\(name) means nothing to this server and changes nothing", of: server)
            }
            kill(pid, SIGUSR2)
            let deadline = ContinuousClock.now + .seconds(10)
            while try #require(signals("ShdPnd", of: pid)) & 1 << UInt64(SIGUSR2 - 1) != 0 {
                try #require(ContinuousClock.now < deadline, "nobody takes SIGUSR2")
                usleep(1_000)
            }
            // What was said of the other would stand before it.
            try reload(server, until: "the configuration is as it was")
            try server.requireServing()
            #expect(server.output.components(separatedBy: "SIGUSR2 means nothing").count == 2)
        }
    }

    /// Sent while the process holds it back and has one thread, which is long before anybody listens.
    @Test func `a reload that is asked for while the process begins is heard`() throws {
        // On a busy machine whoever looks may come too late.
        for _ in 0..<50 {
            let server = try TestServer()
            let process = try ChildProcess(
                try Executable.server.path(), [],
                environment: ["IGGY_SYSTEM_PATH": server.dataPath, "IGGY_TCP_ADDRESS": "127.0.0.1:0"],
                output: Output(copiedTo: server.directory.path("early")))
            defer { process.kill() }
            var holds: Bool?
            while holds == nil { holds = holdsReload(process.pid) }
            process.send(signal: SIGHUP)
            guard holds == true, holdsReload(process.pid) == true else { continue }

            let heard = process.wait(atMost: .seconds(20)) { output in
                output.contains("the configuration is as it was") ? true : nil
            }
            guard case .found = heard else {
                Issue.record("\(String(describing: heard)): \(process.output.text)")
                return
            }
            process.send(signal: SIGTERM)
            #expect(process.wait(atMost: .seconds(20)) == .code(0), "\(process.output.text)")
            return
        }
        Issue.record("the process never held SIGHUP back before it had other threads")
    }

    @Test(arguments: ["galgo 999\n", "galgo\n", "a letter\n", ""])
    func `a start that fails leaves nothing in a directory that is not its own`(format: String) throws {
        let port = Ports.free()
        let occupant = try #require(OpenPort(port))
        let server = try TestServer(.init(verifiesData: false), port: port)
        try FileManager.default.createDirectory(atPath: server.dataPath, withIntermediateDirectories: true)
        for (name, text) in [("FORMAT", format), ("lock", "")] { try write(text, to: server.dataPath + "/" + name) }

        #expect(try server.startExpectingExit() == .code(71), "\(server.output)")
        withExtendedLifetime(occupant) {}

        #expect(server.output.contains("cannot listen on "), "\(server.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: server.dataPath).sorted() == ["FORMAT", "lock"])
    }

    @Test func `the log files tell of a stop, of a start that failed, and of nothing that is another server's`() throws
    {
        try withServer { server in
            let log = server.dataPath + "/logs/iggy-server.log"
            let second = try TestServer(directory: server.directory)
            #expect(try second.startExpectingExit() == .code(78))
            try server.stop()

            let stopped = try String(contentsOfFile: log, encoding: .utf8)
            for line in [
                " main server::linux: SIGTERM: finishing what was begun, within 10000 ms",
                " ms after SIGTERM", " main server: stopped; everything is on disk",
            ] { #expect(stopped.contains(line), "\(stopped)") }
            #expect(!stopped.contains("ERROR"), "\(stopped)")

            let port = Ports.free()
            let occupant = try #require(OpenPort(port))
            let third = try TestServer(directory: server.directory, port: port)
            #expect(try third.startExpectingExit() == .code(71))
            let objects = try TestServer(
                .init(environment: ["GALGO_LOG_FORMAT": "json"]), directory: server.directory, port: port)
            #expect(try objects.startExpectingExit() == .code(71))
            #expect(objects.output.components(separatedBy: "cannot listen on ").count == 2, "\(objects.output)")
            withExtendedLifetime(occupant) {}
            let failed = try String(contentsOfFile: log, encoding: .utf8)
            #expect(failed.contains("ERROR main server: cannot listen on "), "\(failed)")
        }
    }

    /// The shard hangs in the answer to the second request, so that a stop cannot finish by itself.
    @Test(.enabled(if: Strace.isInstalled, "needs strace"), arguments: ["1 s", "600 s"])
    func `a stop that hangs is cut short by its bound, or by a second signal`(bound: String) throws {
        let server = try TestServer(
            .init(
                environment: ["IGGY_SYSTEM_SHARDING_SHUTDOWN_DRAIN_TIMEOUT": bound],
                strace: .delay("sendmsg", byMicroseconds: 12_000_000, at: 2)))
        defer { server.kill() }
        try server.start()
        let socket = try RawSocket(to: server.address)
        socket.send(RawFrame.ping)
        #expect(!socket.waitForEnd(atMost: .milliseconds(500)))

        let began = ContinuousClock.now
        kill(try #require(server.pid), SIGTERM)
        if bound == "600 s" {
            #expect(server.waitForExit(atMost: .milliseconds(1_500)) == nil)
            kill(try #require(server.pid), SIGTERM)
        }

        try expect(bound == "600 s" ? "at a second signal" : "shutdown_drain_timeout", of: server)
        #expect(ContinuousClock.now - began < .seconds(8))
        // What strace holds does not end before strace lets it.
        let exit = server.waitForExit(atMost: .seconds(30))
        #expect(exit == .code(bound == "600 s" ? 130 : 75), "\(server.output.suffix(2_000))")
    }

    // MARK: Details

    /// The set of signals in a field of `/proc/PID/status`, a bit each from signal 1; nil where there is none.
    private func signals(_ field: String, of pid: pid_t) -> UInt64? { number(field, of: pid, radix: 16) }

    private func number(_ field: String, of pid: pid_t, radix: Int) -> UInt64? {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":\t") }
        return line.flatMap { UInt64($0.dropFirst(field.count + 2), radix: radix) }
    }

    /// Whether the process holds SIGHUP back while it has one thread; nil as long as it may come to that.
    private func holdsReload(_ pid: pid_t) -> Bool? {
        // In this order: with one thread afterwards there was one before.
        guard let held = signals("SigBlk", of: pid), number("Threads", of: pid, radix: 10) == 1 else { return false }
        // A thread that makes another holds back everything for a moment.
        guard held & 1 << UInt64(SIGTERM - 1) == 0 else { return nil }
        return held & 1 << UInt64(SIGHUP - 1) != 0 ? true : nil
    }

    private func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }

    private func read(_ path: String, until text: String) throws -> String {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            let content = try String(contentsOfFile: path, encoding: .utf8)
            if content.contains(text) { return content }
            try #require(ContinuousClock.now < deadline, "\(path) does not say \(text)")
            usleep(10_000)
        }
    }

    private func reload(_ server: TestServer, until line: String) throws {
        kill(try #require(server.pid), SIGHUP)
        try expect(line, of: server)
    }

    private func expect(_ text: String, of server: TestServer) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !server.output.contains(text) {
            guard ContinuousClock.now < deadline else { throw server.failure("the server did not say \(text)") }
            _ = server.waitForExit(atMost: .milliseconds(10))
        }
    }
}
