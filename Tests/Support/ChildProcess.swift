import Foundation
import Glibc

/// A program that a test started. It never outlives the value: the last reference kills and reaps it, and if the
/// test process itself dies, `Reaper` does.
package final class ChildProcess: Sendable {
    /// How a program ended.
    package enum Exit: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    package let pid: pid_t
    /// What it and the programs before it printed.
    package let output: Output
    private let state: State

    /// What the thread that waits for the program tells; under the lock of `output`, so that one wait covers both.
    private final class State: @unchecked Sendable {
        var exit: Exit?
    }

    /// Starts `executable` with exactly this environment; what it prints is appended to `output`.
    package init(
        _ executable: String, _ arguments: [String], environment: [String: String], output: Output
    ) throws {
        let pipe = try Pipe(near: output.path)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipe.writing, 1)
        posix_spawn_file_actions_adddup2(&actions, pipe.writing, 2)
        let reaper = Reaper.shared
        defer { close(pipe.writing) }
        do {
            pid = try Self.spawn([executable] + arguments, environment, &actions)
        } catch {
            close(pipe.reading)
            throw error
        }
        reaper.watch(pid)
        let state = State()
        self.state = state
        self.output = output
        let thread = Thread { [pid] in Self.follow(pid, pipe.reading, output, state) }
        thread.stackSize = 256 << 10
        thread.start()
    }

    deinit {
        _ = kill()
    }

    /// Reads what the program prints until it ends, then reaps it. The end is told when all of its output is there.
    private static func follow(_ pid: pid_t, _ descriptor: Int32, _ output: Output, _ state: State) {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                output.append(buffer[..<count])
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        close(descriptor)
        // Without reaping it, so that its number cannot belong to another program while somebody sends a signal.
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        output.change {
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            // The layout of a wait status: the low seven bits are the signal, the next byte the exit code.
            state.exit = status & 0x7f == 0 ? .code((status >> 8) & 0xff) : .signal(status & 0x7f)
        }
        Reaper.shared.forget(pid)
    }

    /// How it ended, or nil while it runs.
    package func poll() -> Exit? {
        output.locked { state.exit }
    }

    /// How it ended, or nil if it still runs after `limit`.
    package func wait(atMost limit: Duration) -> Exit? {
        output.wait(atMost: limit) { _ in state.exit }
    }

    /// What `found` sees in all of the output, or how the program ended; nil when there is neither within `limit`.
    package func wait<Value>(atMost limit: Duration, forOutput found: (String) -> Value?) -> Awaited<Value>? {
        output.wait(atMost: limit) { text in
            if let value = found(text()) { return .found(value) }
            return state.exit.map { .ended($0) }
        }
    }

    package enum Awaited<Value> {
        case found(Value)
        case ended(Exit)
    }

    package func send(signal number: Int32) {
        output.locked {
            if state.exit == nil { _ = Glibc.kill(pid, number) }
        }
    }

    /// Ends it at once. SIGKILL cannot be refused, so the wait ends.
    @discardableResult
    package func kill() -> Exit {
        send(signal: SIGKILL)
        while true {
            if let exit = wait(atMost: .seconds(60)) { return exit }
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
