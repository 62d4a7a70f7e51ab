import Glibc
import Sim

/// A program that this one started, with what it prints: a real server, or what holds its volume.
final class ServerProgram {
    /// Its input ends with this process, whatever becomes of it.
    private let spawned: Spawned
    var process: pid_t { spawned.process }
    private(set) var text = ""
    private(set) var ending: RealEnding?

    /// Starts the command; what it prints to both of its outputs is kept. Its input stays open as long as the value lives.
    init?(_ command: [String], environment: [String]) {
        guard
            let program = command.first,
            let spawned = Spawned(program, words: command, environment: environment, withErrors: true)
        else { return nil }
        self.spawned = spawned
        _ = fcntl(spawned.output, F_SETFL, O_NONBLOCK)
    }

    deinit {
        kill()
        close(spawned.input)
        close(spawned.output)
    }

    /// Takes what it has printed, and notes its end.
    func look() {
        listen()
        if ending == nil, let end = spawned.endIfAny() { note(end) }
    }

    /// Looks until `found` sees something in its output or it ends, at most so many milliseconds.
    func look<Value>(within milliseconds: Int, for found: (String) -> Value?) -> Value? {
        let deadline = now() + milliseconds
        while true {
            look()
            if let value = found(text) { return value }
            guard ending == nil, now() < deadline else { return nil }
            var wait = pollfd(fd: spawned.output, events: Int16(POLLIN), revents: 0)
            // SAFETY: one entry, as the count says.
            unsafe poll(&wait, 1, 20)
            if wait.revents & Int16(POLLIN) == 0 { usleep(2_000) }
        }
    }

    func send(_ signal: Int32) {
        if ending == nil { spawned.send(signal) }
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
        spawned.send(SIGKILL)
        note(spawned.reap())
    }

    private func note(_ end: EndOfProcess) {
        listen()
        ending = RealEnding(
            how: end.text, isClean: end == .exit(0),
            lastLine: text.split(separator: "\n").last.map { String($0.prefix(300)) } ?? "it said nothing")
    }

    private func listen() {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            // SAFETY: the array has the room that the call is told.
            let count = unsafe read(spawned.output, &buffer, buffer.count)
            guard count > 0 else { return }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}
