import Foundation
import Glibc

/// A program that a test started. It never outlives the value: the last reference kills and reaps it, and if the
/// test process itself dies, `Reaper` does.
final class ChildProcess {
    /// How a program ended.
    enum Exit: Equatable {
        case code(Int32)
        case signal(Int32)
    }

    let pid: pid_t
    private var exit: Exit?

    /// Starts `executable` with exactly this environment; what it prints goes to the file `output`, appended.
    init(
        _ executable: String, _ arguments: [String], environment: [String: String], output: String
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let reaper = Reaper.shared
        pid = try Self.spawn([executable] + arguments, environment, &actions)
        reaper.watch(pid)
    }

    deinit {
        _ = kill()
    }

    /// How it ended, or nil while it runs.
    func poll() -> Exit? {
        if let exit { return exit }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        // The layout of a wait status: the low seven bits are the signal, the next byte the exit code.
        exit = status & 0x7f == 0 ? .code((status >> 8) & 0xff) : .signal(status & 0x7f)
        Reaper.shared.forget(pid)
        return exit
    }

    /// How it ended, or nil if it still runs after `limit`.
    func wait(atMost limit: Duration) -> Exit? {
        waitUntil(atMost: limit) { poll() }
    }

    func send(signal number: Int32) {
        guard poll() == nil else { return }
        _ = Glibc.kill(pid, number)
    }

    /// Ends it at once. SIGKILL cannot be refused, so the wait ends.
    func kill() -> Exit {
        send(signal: SIGKILL)
        while true {
            if let exit = poll() { return exit }
            usleep(500)
        }
    }

    static func spawn(
        _ command: [String], _ environment: [String: String], _ actions: inout posix_spawn_file_actions_t
    ) throws -> pid_t {
        let argv = command.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        // The threads that run tests block all signals, and children inherit that: SIGTERM would not arrive.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, argv, envp)
        guard code == 0 else {
            throw HarnessError("cannot start \(command[0]): \(String(cString: strerror(code)))")
        }
        return pid
    }
}

/// The first value that `attempt` returns, tried every two milliseconds; nil when there is none within `limit`.
func waitUntil<Value>(atMost limit: Duration, _ attempt: () throws -> Value?) rethrows -> Value? {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try attempt() { return value }
        if ContinuousClock.now >= deadline { return nil }
        usleep(2000)
    }
}

/// The harness, not the server, is at fault or finds the server unusable; says what to do.
struct HarnessError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
