import Glibc
import Sim

/// A program that this one started, with what it prints: a real server, or what holds its volume.
final class ServerProgram {
    let process: pid_t
    private var output: Int32
    /// Ends with this process, whatever becomes of it.
    private let input: Int32
    private(set) var text = ""
    private(set) var ending: RealEnding?

    /// Starts the command; what it prints to both of its outputs is kept. Its input stays open as long as the value lives.
    init?(_ command: [String], environment: [String]) {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        // SAFETY: both arrays hold the two descriptors that the call fills in.
        guard unsafe pipe(&toChild) == 0 else { return nil }
        guard unsafe pipe(&fromChild) == 0 else {
            for end in toChild { close(end) }
            return nil
        }
        for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(fromChild[0], F_SETFL, O_NONBLOCK)
        // SAFETY: the actions and the strings live until posix_spawn has returned, which copies what it needs.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        for descriptor in 1...2 as ClosedRange<Int32> {
            unsafe posix_spawn_file_actions_adddup2(&actions, fromChild[1], descriptor)
        }
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var words = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { for unsafe word in unsafe words + variables { unsafe free(word) } }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, command[0], &actions, nil, &words, &variables)
        close(toChild[0])
        close(fromChild[1])
        guard code == 0 else {
            close(toChild[1])
            close(fromChild[0])
            return nil
        }
        self.process = process
        input = toChild[1]
        output = fromChild[0]
    }

    deinit {
        kill()
        close(input)
        close(output)
    }

    /// Takes what it has printed, and notes its end.
    func look() {
        listen()
        guard ending == nil else { return }
        var status: Int32 = 0
        // SAFETY: the status lives during the call.
        if unsafe waitpid(process, &status, WNOHANG) == process { noteEnd(status) }
    }

    /// Looks until `found` sees something in its output or it ends, at most so many milliseconds.
    func look<Value>(within milliseconds: Int, for found: (String) -> Value?) -> Value? {
        let deadline = now() + milliseconds
        while true {
            look()
            if let value = found(text) { return value }
            guard ending == nil, now() < deadline else { return nil }
            var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            // SAFETY: one entry, as the count says.
            unsafe poll(&wait, 1, 20)
            if wait.revents & Int16(POLLIN) == 0 { usleep(2_000) }
        }
    }

    func send(_ signal: Int32) {
        if ending == nil { _ = Glibc.kill(process, signal) }
    }

    /// With a number for whoever takes the signal.
    func send(_ signal: Int32, number: Int32) {
        guard ending == nil else { return }
        var value = unsafe sigval()
        unsafe value.sival_int = number
        unsafe sigqueue(process, signal, value)
    }

    /// Ends it at once and waits for that.
    func kill() {
        guard ending == nil else { return }
        _ = Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        // SAFETY: the status lives during the call.
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        noteEnd(status)
    }

    private func noteEnd(_ status: Int32) {
        listen()
        let signal = status & 0x7f
        let code = (status >> 8) & 0xff
        ending = RealEnding(
            how: signal == 0 ? "exit code \(code)" : "signal \(signal)", isClean: status == 0,
            lastLine: text.split(separator: "\n").last.map { String($0.prefix(300)) } ?? "it said nothing")
    }

    private func listen() {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            // SAFETY: the array has the room that the call is told.
            let count = unsafe read(output, &buffer, buffer.count)
            guard count > 0 else { return }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}
