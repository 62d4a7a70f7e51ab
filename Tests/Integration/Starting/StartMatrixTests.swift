import Client
import Foundation
import Glibc
import Support
import Testing

/// The server starts anywhere: a machine that refuses what only makes it faster, or what another call can do as well,
/// costs a line in the log at most. Serialized: each start is timed.
@Suite(.serialized)
struct StartMatrixTests {
    /// The calls of one need; refused together.
    static let calls = [
        "sched_setaffinity", "sched_getaffinity", "sched_setscheduler", "mbind,set_mempolicy,get_mempolicy",
        "mlock,mlock2,mlockall,munlock", "madvise", "fadvise64", "io_uring_setup", "memfd_create", "statx", "eventfd2",
        "epoll_create1", "signalfd4", "fallocate", "prctl", "getrandom", "prlimit64,setrlimit", "getrusage",
        "rseq,set_robust_list", "sigaltstack", "fstatfs", "getcpu,sysinfo,uname",
    ]

    /// As a limit on data, which counts every private page that may be written; no test may make a control group.
    @Test(.enabled(if: Programs.path(of: "prlimit") != nil, "needs prlimit"))
    func `a start with 64 MiB of memory`() throws {
        let prlimit = try #require(Programs.path(of: "prlimit"))
        try check("64 MiB of data") { _ in .init(wrapper: [prlimit, "--data=\(64 << 20)"]) }
    }

    @Test(.enabled(if: Strace.isInstalled, "needs strace"), arguments: calls, ["EPERM", "ENOMEM", "ENOSYS"])
    func `a start without a call that can be done without`(calls: String, error: String) throws {
        try check("\(calls) answers \(error)") { _ in .init(strace: .refuse(calls, with: error)) }
    }

    @Test(
        .enabled(if: Programs.path(of: "prlimit") != nil, "needs prlimit"), arguments: ["--memlock=0", "--nofile=64"])
    func `a start with hardly any locked memory or descriptors`(limit: String) throws {
        let prlimit = try #require(Programs.path(of: "prlimit"))
        try check(limit) { _ in .init(wrapper: [prlimit, limit]) }
    }

    @Test(.enabled(if: geteuid() == 0 && Programs.path(of: "setpriv") != nil, "needs root and setpriv"))
    func `a start as a user whom nobody knows`() throws {
        let setpriv = try #require(Programs.path(of: "setpriv"))
        try check("user 12345") { _ in
            .init(wrapper: [setpriv, "--reuid=12345", "--regid=12345", "--clear-groups", "--no-new-privs"])
        }
    }

    @Test(.enabled(if: ReadOnlyRoot.isAllowed, "needs a namespace of mounts"))
    func `a start where only the data directory may be written`() throws {
        try check("a read-only root") { .init(wrapper: ReadOnlyRoot.wrapper(writable: $0)) }
    }

    // MARK: Details

    private static let readyWithin: Duration = .seconds(1)

    private func check(_ name: String, _ settings: (_ directory: String) -> TestServer.Settings) throws {
        var times: [Duration] = []
        // How long it takes shows in a start that other tests left alone.
        while times.count < 3, times.allSatisfy({ $0 > Self.readyWithin }) {
            let directory = try TemporaryDirectory()
            chmod(directory.path, 0o777)
            var settings = settings(directory.path)
            settings.environment["IGGY_SYSTEM_SHARDING_CPU_ALLOCATION"] = "all"
            settings.environment["IGGY_SYSTEM_SHARDING_PIN_CORES"] = "true"
            let server = try TestServer(settings, directory: directory)
            defer { server.kill() }
            try server.start()
            times.append(try #require(server.readyAfter))
            try sendAndPoll(server)
            let lines = server.output.split(separator: "\n").filter { $0.contains(" WARN ") || $0.contains(" ERROR ") }
            #expect(lines.count <= 1, "\(name): \(lines)")
            try server.stop()
        }
        let best = try #require(times.min())
        print("start matrix: \(name): ready after \(best)")
        #expect(best <= Self.readyWithin, "\(name): ready after \(times)")
    }

    private func sendAndPoll(_ server: TestServer) throws {
        var connection = try server.loggedIn()
        try connection.makeTopic("matrix", "t")
        #expect(try connection.ask(RawFrame.send("matrix", "t", payloads: [[1, 2, 3]])) == .ok)
        #expect(try connection.ask(RawFrame.poll("matrix", "t", count: 10)).messageCount == 1)
    }
}

/// A command line that leaves one directory writable of all that lies on the file system of `/`.
enum ReadOnlyRoot {
    static func wrapper(writable directory: String) -> [String] {
        let script = """
            mount --bind '\(directory)' '\(directory)' && mount -o remount,bind,ro / && ! touch /galgo-test 2>/dev/null \
            && exec "$@"
            """
        return [Programs.path(of: "unshare") ?? "unshare", "--mount", "/bin/sh", "-c", script, "sh"]
    }

    /// Tried once: containers and hardened systems forbid it.
    static let isAllowed: Bool = {
        guard geteuid() == 0, Programs.path(of: "unshare") != nil, let directory = try? TemporaryDirectory() else {
            return false
        }
        let command = wrapper(writable: directory.path) + ["/bin/true"]
        let tried = try? ChildProcess(
            command[0], Array(command.dropFirst()), environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            output: Output(copiedTo: directory.path("output")))
        return tried?.wait(atMost: .seconds(10)) == .code(0)
    }()
}
