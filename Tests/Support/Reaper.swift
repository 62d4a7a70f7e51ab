import CLinux
import Glibc
import Synchronization

/// Ends the started programs when the test process cannot: on a trap, a SIGKILL, a Ctrl-C.
///
/// A small shell reads the list of living programs from a pipe. When the test process is gone, for whatever
/// reason, the pipe ends and the shell kills what is still on the list.
final class Reaper: Sendable {
    static let shared = Reaper()

    private let pipe: Mutex<Int32>

    private init() {
        var ends: [Int32] = [-1, -1]
        // No other program may hold the writing end, or the pipe would not end with the test process.
        precondition(galgo_pipe(&ends) == 0, "no pipe for the reaper")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let shell = try? ChildProcess.spawn(["/bin/sh", "-c", Self.script], [:], &actions)
        precondition(shell != nil, "no /bin/sh for the reaper")
        posix_spawn_file_actions_destroy(&actions)
        close(ends[0])
        pipe = Mutex(ends[1])
    }

    func watch(_ pid: pid_t) { tell("+ \(pid)\n") }

    func forget(_ pid: pid_t) { tell("- \(pid)\n") }

    private func tell(_ line: String) {
        pipe.withLock { descriptor in
            let bytes = Array(line.utf8)
            _ = write(descriptor, bytes, bytes.count)
        }
    }

    /// Signals of the terminal reach the whole process group: the shell must outlive them.
    private static let script = """
        trap '' INT TERM HUP QUIT
        living=' '
        while read -r change pid; do
          case $change in
            +) living="$living$pid " ;;
            -) living="${living%% $pid *} ${living#* $pid }" ;;
          esac
        done
        for pid in $living; do kill -9 "$pid"; done
        """
}
