import CLinux
import Glibc

/// A process that this one started, with a channel to it and one from it. It is the owner's to reap it and to close them.
struct Spawned {
    let process: pid_t
    /// What is written here it reads; at its closing it reads the end.
    let input: Int32
    /// What it prints.
    let output: Int32

    /// Starts `program` with these words, the first of which is its name, and only these environment variables. nil if it
    /// can't be started. `withErrors`: what it prints to its error output comes the same way; otherwise that is ours.
    init?(_ program: String, words: [String], environment: [String], withErrors: Bool) {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        // A socket: to a pipe that nobody reads a write would end this process.
        // A sibling must not hold this child's input open: it would never see its end.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        // SAFETY: both arrays hold the two descriptors that the call fills in.
        guard unsafe socketpair(AF_UNIX, kind, 0, &toChild) == 0 else { return nil }
        guard unsafe galgo_pipe(&fromChild) == 0 else {
            for end in toChild { close(end) }
            return nil
        }
        // SAFETY: the actions and the strings live until posix_spawn has returned, which copies what it needs.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, toChild[1], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        if withErrors { unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 2) }
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { for unsafe word in unsafe arguments + variables { unsafe free(word) } }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, program, &actions, nil, &arguments, &variables)
        close(toChild[1])
        close(fromChild[1])
        guard code == 0 else {
            close(toChild[0])
            close(fromChild[0])
            return nil
        }
        self.process = process
        input = toChild[0]
        output = fromChild[0]
    }

    func send(_ signal: Int32) { _ = Glibc.kill(process, signal) }

    /// Waits for its end.
    func reap() -> EndOfProcess {
        var status: Int32 = 0
        // SAFETY: the status lives during the call.
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        return EndOfProcess(status: status)
    }

    /// Its end, if it has ended; reaps it then.
    func endIfAny() -> EndOfProcess? {
        var status: Int32 = 0
        // SAFETY: the status lives during the call.
        return unsafe waitpid(process, &status, WNOHANG) == process ? EndOfProcess(status: status) : nil
    }
}

/// How a process ended.
enum EndOfProcess: Equatable {
    case exit(Int32)
    case signal(Int32)

    init(status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
    }

    /// What it means, in words.
    var cause: String {
        switch self {
        case .exit: "it ended with \(text)"
        case .signal(SIGILL), .signal(SIGTRAP): "\(text), a trap"
        case .signal(SIGABRT): "\(text), an abort"
        case .signal(SIGSEGV), .signal(SIGBUS): "\(text), a wrong address"
        case .signal(SIGKILL): "\(text), killed from outside"
        case .signal: text
        }
    }

    /// In words, without numbers that differ from run to run.
    var text: String {
        switch self {
        case .exit(let code): "exit code \(code)"
        case .signal(let signal): "signal \(signal)"
        }
    }
}
