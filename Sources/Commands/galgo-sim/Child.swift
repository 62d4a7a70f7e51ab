import Glibc

/// A worker process with a channel each way.
final class Child {
    let process: pid_t
    /// Nil once nothing more is given.
    private var input: Int32?
    let output: Int32
    private var incoming: [UInt8] = []
    /// The item that it is at, and since when.
    private(set) var number: UInt64?
    private(set) var since: Int = 0
    /// What it told about its item.
    var told = ""
    private(set) var isAtEnd = false

    /// Starts this executable again, or another build of it, with these arguments and only these environment variables.
    init?(_ arguments: [String], environment: [String], program: String = Child.thisProgram) {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        // SAFETY: both arrays hold the two descriptors that the call fills in.
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &toChild) == 0 else { return nil }
        guard unsafe pipe(&fromChild) == 0 else {
            for end in toChild { close(end) }
            return nil
        }
        // A sibling must not hold this child's input open: it would never see its end.
        for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // SAFETY: the actions and the strings live until posix_spawn has returned, which copies what it needs.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, toChild[1], 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var words = unsafe (["galgo-sim"] + arguments).map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { for unsafe word in unsafe words + variables { unsafe free(word) } }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, program, &actions, nil, &words, &variables)
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

    static let thisProgram = "/proc/self/exe"

    var isBusy: Bool { number != nil }

    /// A worker that is dead by now never begins it: its end, which the output tells, is charged to this item.
    func give(_ item: WorkItem) {
        number = item.number
        since = now()
        guard let input else { return }
        var rest = Array(item.message.utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the bytes live during the call. To a pipe that nobody reads a write would end this process.
            let count = unsafe rest.withUnsafeBytes { unsafe send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno != EINTR { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// It has done its item.
    func finishItem() {
        number = nil
        told = ""
    }

    /// Nothing more: it ends by itself.
    func dismiss() {
        if let input { close(input) }
        input = nil
    }

    /// Whole lines that have come; call when its output is readable.
    func takeLines() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        // SAFETY: the array has the room that the call is told.
        let count = unsafe read(output, &buffer, buffer.count)
        guard count > 0 else {
            isAtEnd = true
            return []
        }
        let end = UInt8(ascii: "\n")
        // A line may come in many parts: none is looked through twice.
        guard let last = buffer[..<count].lastIndex(of: end) else {
            incoming.append(contentsOf: buffer[..<count])
            return []
        }
        let whole = incoming + buffer[..<last]
        incoming = Array(buffer[(last + 1)..<count])
        return whole.split(separator: end, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    func kill() { _ = Glibc.kill(process, SIGKILL) }

    /// Waits for its end. What it was, in words.
    func reap() -> String {
        var status: Int32 = 0
        // SAFETY: the status lives during the call.
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        dismiss()
        close(output)
        let signal = status & 0x7f
        guard signal != 0 else { return "it ended with exit code \((status >> 8) & 0xff)" }
        return switch signal {
        case SIGILL, SIGTRAP: "signal \(signal), a trap"
        case SIGABRT: "signal \(signal), an abort"
        case SIGSEGV, SIGBUS: "signal \(signal), a wrong address"
        case SIGKILL: "signal \(signal), killed from outside"
        default: "signal \(signal)"
        }
    }

    /// What a child may see of our environment: how to find the runtime, and how to hash.
    static func environment(deterministicHashing: Bool) -> [String] {
        var result = deterministicHashing ? ["SWIFT_DETERMINISTIC_HASHING=1"] : ["GALGO_TWIN=1"]
        if let value = unsafe getenv("LD_LIBRARY_PATH") { unsafe result.append("LD_LIBRARY_PATH=\(String(cString: value))") }
        // Printing where it trapped takes longer than a seed may: the crash would be taken for a hang. A replay does.
        let backtrace = unsafe getenv("SWIFT_BACKTRACE").map { unsafe String(cString: $0) } ?? "enable=no"
        return result + ["SWIFT_BACKTRACE=\(backtrace)"]
    }
}

/// Milliseconds of a clock that does not step.
func now() -> Int {
    var time = timespec()
    // SAFETY: the structure lives during the call.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
}
