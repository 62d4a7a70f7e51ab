import Client
import Foundation
import Glibc
import Support
import Testing
import Verifier

/// The commands for an operator, beside serving.
struct CommandTests {
    @Test func `a reset gives an account another password, and everything else stays`() throws {
        try withServer { server in
            var connection = try server.loggedIn()
            try connection.makeTopic("s", "t")
            #expect(try connection.ask(RawFrame.send("s", "t", payloads: [[1]])) == .ok)

            let refused = try reset("iggy", to: "another", of: server)
            #expect(refused.exit == .code(78), "\(refused.text)")
            #expect(refused.text.contains("in use by process"))
            try server.stop()

            let unknown = try reset("nobody", to: "another", of: server)
            #expect(unknown.exit == .code(67), "\(unknown.text)")
            let short = try reset("iggy", to: "x", of: server)
            #expect(short.exit == .code(64), "\(short.text)")
            let done = try reset("iggy", to: "another", of: server)
            #expect(done.exit == .code(0), "\(done.text)")
            #expect(!done.text.contains("another"))
            server.verifyData(after: .clean)

            try server.start()
            var old = try server.connection()
            #expect(try old.ask(RawFrame.login).status != 0)
            let client = try Client(to: server.address, timeouts: TestServer.timeouts)
            try client.login("iggy", password: "another")
            try server.stop()

            // A second one, and the password of old: the change outlives a compaction of the catalog. It comes from a file
            // with other ends of lines, and whoever asked cannot be told.
            let untold = try run("printf 'iggy\\r\\n' | \"$0\" user reset-password iggy > /dev/full", of: server)
            #expect(untold.exit == .code(74), "\(untold.text)")
            #expect(untold.text.contains("the password of iggy is changed, and the standard output"), "\(untold.text)")
            try server.start()
            connection = try server.loggedIn()
            #expect(try connection.ask(RawFrame.poll("s", "t", count: 10)).messageCount == 1)
            try server.stop()
        }
    }

    @Test func `a made-up password that nobody can have seen is told as lost`() throws {
        let server = try TestServer()
        let start = "IGGY_TCP_ADDRESS=127.0.0.1:0 timeout -s TERM 3 \"$0\" > /dev/full"
        let warning = "the password made up for the account iggy could not be shown on the standard output"

        let first = try run(start, of: server)
        let second = try run(start, of: server)

        #expect(first.text.contains(warning), "\(first.text)")
        #expect(!second.text.contains(warning), "\(second.text)")
    }

    @Test func `a limit beyond the machine's memory is a warning`() throws {
        let server = try TestServer()

        let told = try run("GALGO_MEMORY_LIMIT='60 TiB' \"$0\" config check", of: server)

        #expect(told.exit == .code(0), "\(told.text)")
        #expect(
            told.text.contains("GALGO_MEMORY_LIMIT: warning: galgo.memory_limit is 60 TiB, and this process may have "),
            "\(told.text)")
    }

    @Test func `a reset makes no data directory where there is none`() throws {
        let server = try TestServer()

        let result = try reset("iggy", to: "another", of: server)

        #expect(result.exit == .code(71), "\(result.text)")
        #expect(!FileManager.default.fileExists(atPath: server.dataPath))
    }

    @Test func `a check says what keeps a server from starting here, and where it was asked for`() throws {
        let server = try TestServer()
        let asked = "IGGY_SYSTEM_SHARDING_CPU_ALLOCATION"

        let count = try run("\(asked)=9999 \"$0\" config check", of: server)
        let start = try run("\(asked)=9999 \"$0\"", of: server)
        let filter = try run("RUST_LOG='info, server=debug' \"$0\" config check", of: server)
        let format = try run("GALGO_LOG_FORMAT=xml \"$0\" config check", of: server)

        for told in [count, start] {
            #expect(told.exit == .code(64), "\(told.text)")
            #expect(told.text.contains("\(asked): error: system.sharding.cpu_allocation = 9999, on this machine: "))
        }
        #expect(filter.exit == .code(0) && filter.text.contains("RUST_LOG: warning: "), "\(filter.text)")
        #expect(format.exit == .code(64) && format.text.contains("GALGO_LOG_FORMAT: error: "), "\(format.text)")
    }

    /// `f` is a file, `closed` a directory that nobody may write to, `link` leads nowhere.
    @Test(arguments: [
        ("IGGY_SYSTEM_PATH=/dev/null", "system.path: cannot use /dev/null as the data directory: not a directory"),
        ("IGGY_SYSTEM_PATH=f/below", "system.path: cannot use f/below as the data directory: not a directory"),
        ("IGGY_SYSTEM_PATH=link", "system.path: cannot use link as the data directory: no such file"),
        ("IGGY_SYSTEM_PATH=closed", "system.path: cannot use closed as the data directory: permission denied"),
        ("IGGY_SYSTEM_PATH=closed/a/b", "system.path: cannot use closed/a/b as the data directory: permission denied"),
        ("IGGY_SYSTEM_PATH=/etc", "system.path: /etc holds files and no FORMAT"),
        ("IGGY_SYSTEM_PATH=iggys", "system.path: iggys is a data directory of an Iggy server"),
        ("IGGY_SYSTEM_PATH=newer", "system.path: the data directory newer has layout 999"),
        ("IGGY_SYSTEM_PATH=/proc/galgo", "system.path: cannot use /proc/galgo as the data directory: "),
        ("IGGY_SYSTEM_PATH=format", "system.path: cannot start on format: reading FORMAT failed: permission denied"),
        ("IGGY_SYSTEM_PATH=lock", "system.path: cannot start on lock: locking it failed: permission denied"),
        ("IGGY_SYSTEM_LOGGING_PATH=\"$PWD/f\"", "f as the log directory: not a directory"),
        (
            "IGGY_TCP_ADDRESS=192.0.2.1:8090",
            "tcp.address: cannot listen on 192.0.2.1:8090: this machine has no such address"
        ),
        ("IGGY_TCP_ADDRESS=999.1.1.1:8090", "tcp.address: cannot listen on 999.1.1.1:8090: the host is unknown"),
    ])
    func `a check tries paths and addresses, and leaves nothing behind`(variable: String, told: String) throws {
        let server = try TestServer()
        let make =
            "touch f; ln -s nowhere link; mkdir -m 555 closed; mkdir -p iggys/state newer; echo galgo 999 > newer/FORMAT; "
            + "for name in format lock; do mkdir $name; echo galgo 1 > $name/FORMAT; touch $name/lock; done; "
            + "chmod 000 format/FORMAT lock/lock"
        let bound = server.directory.path("bound")
        try Data("#!/bin/sh\n\(Self.binding)\"$@\"\n".utf8).write(to: URL(fileURLWithPath: bound))

        let result = try run(
            "cd '\(server.directory.path)'; mkdir w; cd w; \(make); find . | sort > ../before; "
                + "\(variable) sh '\(bound)' \"$0\" config check; code=$?; find . | sort | cmp - ../before || exit 1; exit $code",
            of: server)

        #expect(result.exit == .code(64), "\(result.text)")
        let name = variable.prefix { $0 != "=" }
        #expect(result.text.contains("\(name): error: ") && result.text.contains(told), "\(result.text)")
    }

    /// Permissions do not bind root.
    private static let binding =
        geteuid() == 0
        ? "exec setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search "
        : "exec "

    @Test func `a check and a start that fails tell the same, and all of it at once`() throws {
        let server = try TestServer()
        let file = server.directory.path("c.toml")
        try Data(
            "[tcp]\nadress = 1\n[system]\npath = \"/dev/null/x\"\n[system.sharding]\ncpu_allocation = 9999\n".utf8
        ).write(to: URL(fileURLWithPath: file))
        let environment = "unset IGGY_SYSTEM_PATH; IGGY_TCP_ADDRESS=999.1.1.1:8090 IGGY_ROOT_USERNAME=a"

        let check = try run("\(environment) \"$0\" config check '\(file)'", of: server)
        let start = try run("\(environment) \"$0\" --config '\(file)'", of: server)
        let objects = try run("\(environment) GALGO_LOG_FORMAT=json \"$0\" --config '\(file)'", of: server)

        #expect(check.exit == .code(64) && start.exit == .code(64) && objects.exit == .code(64))
        #expect(check.text == start.text + "\(file): 6 errors\n", "\(check.text)\n\(start.text)")
        for told in [
            "c.toml:2:1: error: unknown key tcp.adress", "c.toml:4:8: error: system.path: cannot use /dev/null/x ",
            "c.toml:6:18: error: system.sharding.cpu_allocation = 9999, on this machine: ",
            "IGGY_TCP_ADDRESS: error: tcp.address: cannot listen on 999.1.1.1:8090",
            "IGGY_ROOT_USERNAME: error: IGGY_ROOT_USERNAME and IGGY_ROOT_PASSWORD belong together",
            "IGGY_ROOT_USERNAME: error: a user name has 3 to 50 bytes, this one 1",
        ] {
            #expect(start.text.contains(told) && objects.text.contains(told), "\(told)\n\(start.text)")
        }
        #expect(objects.text.contains("unknown key tcp.adress; did you mean `address`?"), "\(objects.text)")
    }

    @Test func `cores that two kinds of memory belong to are shown once`() throws {
        let server = try TestServer()

        let told = try run("\"$0\" topology --synthetic '[numa] [numa] core:2 pu:1'", of: server)

        #expect(told.exit == .code(0), "\(told.text)")
        #expect(told.text.split(separator: "\n").count { $0.contains("shard 1") } == 1, "\(told.text)")
        #expect(told.text.contains("NUMA node 1: memory of the cores of NUMA node 0\n"), "\(told.text)")
    }

    @Test func `a check warns of a log file that cannot be written`() throws {
        let server = try TestServer()
        let bound = server.directory.path("bound")
        try Data("#!/bin/sh\n\(Self.binding)\"$@\"\n".utf8).write(to: URL(fileURLWithPath: bound))
        let make =
            "mkdir -p \"$IGGY_SYSTEM_PATH/logs\"; install -m 400 /dev/null \"$IGGY_SYSTEM_PATH/logs/iggy-server.log\""

        let told = try run("\(make); IGGY_TCP_ADDRESS=127.0.0.1:0 sh '\(bound)' \"$0\" config check", of: server)

        #expect(told.exit == .code(0), "\(told.text)")
        #expect(told.text.contains("warning: system.logging.path: no log can be written in "), "\(told.text)")
    }

    @Test func `a check takes no side effect of a server for an error, and says what holds`() throws {
        try withServer { server in
            let port = "IGGY_TCP_ADDRESS=\(server.address)"

            let taken = try run("\(port) \"$0\" config check", of: server)
            let missing = try run("IGGY_SYSTEM_PATH=a/b/c IGGY_TCP_ADDRESS=127.0.0.1:0 \"$0\" config check", of: server)
            let shown = try run(
                "IGGY_TCP_TLS_ENABLED=true IGGY_SYSTEM_ENCRYPTION_ENABLED=true \"$0\" config check", of: server)

            #expect(
                taken.exit == .code(0) && taken.text.contains("IGGY_TCP_ADDRESS: note: tcp.address: "), "\(taken.text)")
            #expect(taken.text.contains("the port is in use by another process"), "\(taken.text)")
            #expect(taken.text.contains("no file; the defaults hold, but for IGGY_TCP_ADDRESS, IGGY_SYSTEM_PATH\n"))
            #expect(missing.exit == .code(0), "\(missing.text)")
            for key in [
                "IGGY_TCP_TLS_ENABLED: warning: tcp.tls", "IGGY_SYSTEM_ENCRYPTION_ENABLED: warning: system.encryption",
            ] {
                #expect(
                    shown.exit == .code(0) && shown.text.contains("\(key).enabled is true, and this version "),
                    "\(shown.text)")
            }
            try server.requireServing()
        }
    }

    @Test(arguments: ["config dump", "config check", "topology", "--help", "--version", "doctor"])
    func `an answer that cannot be written is no success`(command: String) throws {
        let server = try TestServer()

        let result = try run("\"$0\" \(command) > /dev/full", of: server)

        #expect(result.exit == .code(74), "\(result.text)")
        #expect(
            result.text.contains("galgo-server: the standard output cannot be written: no space left"), "\(result.text)"
        )
    }

    @Test(arguments: [
        "IGGY_NOBODYS=1 timeout -s TERM 3 \"$0\" --follower", "IGGY_SYSTEM_SEGMENT_SIZE=x \"$0\"",
        "IGGY_SYSTEM_PATH=/dev/null \"$0\"", "IGGY_SYSTEM_PATH=/etc \"$0\"", "IGGY_CONFIG_PATH=/nowhere \"$0\"",
        "\"$0\" --nonsense",
        "unset GALGO_LOG_FORMAT; mkdir -p \"$IGGY_SYSTEM_PATH/e\"; cd \"$IGGY_SYSTEM_PATH/e\"; "
            + "printf 'wrong\\nGALGO_LOG_FORMAT=json\\n' > .env; IGGY_SYSTEM_SEGMENT_SIZE=x \"$0\"",
    ])
    func `a server that was told to write objects writes nothing else for programs to read`(line: String) throws {
        let server = try TestServer()

        let result = try run(
            "export GALGO_LOG_FORMAT=json SWIFT_BACKTRACE=enable=no IGGY_TCP_ADDRESS=127.0.0.1:0; \(line) 2>&1 > /dev/null",
            of: server)

        let lines = result.text.split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
            #expect(object?["level"] != nil && object?["message"] != nil, "\(line)")
        }
    }

    @Test(arguments: [("mkfifo f", "f", "a pipe"), ("mkdir f", "f", "a directory"), ("", "/dev/null", "a device")])
    func `what is no file is refused as a configuration, and never waited for`(
        make: String, path: String, kind: String
    ) throws {
        let server = try TestServer()

        let told = try run("cd '\(server.directory.path)'; \(make)\n\"$0\" config check \(path)", of: server)

        #expect(told.exit == .code(64), "\(told.text)")
        #expect(told.text.contains("\(path) is \(kind), and a configuration is a file"), "\(told.text)")
    }

    @Test func `a fresh start removes what is ours or Iggy's, and what a server uses or nobody knows stays`() throws {
        let server = try TestServer()
        defer { server.kill() }
        try server.start()
        var connection = try server.loggedIn()
        try connection.makeTopic("s", "t")
        let port = "IGGY_TCP_ADDRESS=127.0.0.1:0"

        let used = try run("\(port) timeout 5 \"$0\" --fresh", of: server)
        #expect(used.exit == .code(78) && used.text.contains("is in use by another process"), "\(used.text)")
        #expect(try connection.ask(RawFrame.getStream("s")).payload.isEmpty == false)
        try server.stop()

        let outside = server.directory.path("outside")
        let shell = "mkdir '\(outside)'; touch '\(outside)/kept'; ln -s '\(outside)' '\(server.dataPath)/logs/link'"
        let fresh = try run("\(shell); \(port) timeout -s TERM 3 \"$0\" -f --follower", of: server)
        #expect(fresh.text.contains("--fresh: "), "\(fresh.text)")
        #expect(fresh.text.contains("--follower changes nothing: this version has no clusters"), "\(fresh.text)")
        #expect(FileManager.default.fileExists(atPath: outside + "/kept"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: server.dataPath + "/partitions") == [], "\(fresh.text)")

        try Data().write(to: URL(fileURLWithPath: server.dataPath + "/letter.txt"))
        let strange = try run("\(port) timeout 5 \"$0\" --fresh", of: server)
        #expect(
            strange.exit == .code(78) && strange.text.contains("holds letter.txt, which is no server's. Nothing"),
            "\(strange.text)")
        #expect(FileManager.default.fileExists(atPath: server.dataPath + "/catalog"))
    }

    @Test func `a data directory may be a link, for the server, the doctor and a reset`() throws {
        let directory = try TemporaryDirectory()
        let (real, link) = (directory.path("private"), directory.path("link"))
        try FileManager.default.createDirectory(atPath: real, withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
        let server = try TestServer(
            .init(environment: ["IGGY_SYSTEM_PATH": link], verifiesData: false), directory: directory)
        defer { server.kill() }

        try server.start()
        let doctor = try run("\"$0\" doctor", of: server)
        try server.stop()

        #expect(doctor.text.contains(" half of the time, "), "\(doctor.text)")
        #expect(FileManager.default.fileExists(atPath: real + "/FORMAT"))
        #expect(try reset("iggy", to: "another", of: server).exit == .code(0))
    }

    @Test func `a terminal shows again what is typed when a signal ends the question for a password`() throws {
        let server = try TestServer()
        try server.start()
        try server.stop()
        // A pseudo-terminal, unlocked (TIOCSPTLCK), and its number (TIOCGPTN).
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        defer { close(terminal) }
        var (lock, number): (Int32, UInt32) = (0, 0)
        try #require(ioctl(terminal, 0x4004_5431, &lock) == 0 && ioctl(terminal, 0x8004_5430, &number) == 0)
        let name = "/dev/pts/\(number)"
        let inside = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        defer { close(inside) }
        func showsInput() -> Bool {
            var settings = termios()
            return tcgetattr(inside, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
        }
        let output = Output(copiedTo: server.directory.path("asked"))
        let process = try ChildProcess(
            "/bin/sh", ["-c", "exec \"$0\" user reset-password iggy < \(name)", try Executable.server.path()],
            environment: ["PATH": "/usr/bin:/bin", "IGGY_SYSTEM_PATH": server.dataPath], output: output)
        let deadline = ContinuousClock.now + .seconds(10)
        while showsInput(), ContinuousClock.now < deadline { _ = process.wait(atMost: .milliseconds(10)) }
        #expect(!showsInput(), "\(output.text)")

        process.send(signal: SIGINT)

        #expect(process.wait(atMost: .seconds(10)) == .signal(SIGINT), "\(output.text)")
        #expect(showsInput())
    }

    @Test func `the doctor looks at the directory and leaves nothing there`() throws {
        try withServer { server in
            let before = try FileManager.default.contentsOfDirectory(atPath: server.dataPath).sorted()

            let result = try run("\"$0\" doctor", of: server)
            let json = try run("\"$0\" doctor --json", of: server)

            guard case .code(let code) = result.exit else { throw server.failure("the doctor died") }
            #expect((0...2).contains(code), "\(result.text)")
            for topic in ["syncs", "file system", "space", "clock", "limits", "control group", "shards"] {
                #expect(result.text.contains(topic), "\(result.text)")
            }
            print("doctor:\n\(result.text)")
            let object = try JSONSerialization.jsonObject(with: Data(json.text.utf8)) as? [String: Any]
            #expect((object?["findings"] as? [Any])?.count ?? 0 >= 7)
            #expect(try FileManager.default.contentsOfDirectory(atPath: server.dataPath).sorted() == before)
            try server.requireServing()
        }
    }

    // MARK: Details

    private func reset(
        _ name: String, to password: String, of server: TestServer
    ) throws -> (exit: ChildProcess.Exit?, text: String) {
        try run("printf '%s\\n' '\(password)' | \"$0\" user reset-password \(name)", of: server)
    }

    /// Runs a line of the shell, in which `$0` is the server's program.
    private func run(_ line: String, of server: TestServer) throws -> (exit: ChildProcess.Exit?, text: String) {
        let output = Output(copiedTo: server.directory.path("command-\(UUID().uuidString)"))
        let process = try ChildProcess(
            "/bin/sh", ["-c", line, try Executable.server.path()],
            environment: ["PATH": "/usr/bin:/bin", "IGGY_SYSTEM_PATH": server.dataPath], output: output)
        let exit = process.wait(atMost: .seconds(60))
        return (exit, output.text)
    }
}
