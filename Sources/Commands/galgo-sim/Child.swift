import Glibc

/// A worker process with a channel each way.
final class Child {
    private let spawned: Spawned
    /// Nil once nothing more is given.
    private var input: Int32?
    var output: Int32 { spawned.output }
    private var incoming: [UInt8] = []
    /// The item that it is at, and since when.
    private(set) var number: UInt64?
    private(set) var since: Int = 0
    /// What it told about its item.
    var told = ""
    private(set) var isAtEnd = false

    /// Starts this executable again, or another build of it, with these arguments and only these environment variables.
    /// `withErrors`: what it prints to its error output comes as lines too.
    init?(
        _ arguments: [String], environment: [String], program: String = Child.thisProgram, withErrors: Bool = false
    ) {
        guard
            let spawned = Spawned(
                program, words: ["galgo-sim"] + arguments, environment: environment, withErrors: withErrors)
        else { return nil }
        self.spawned = spawned
        input = spawned.input
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
            // SAFETY: the bytes live during the call.
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

    /// Hears every line until its end. False if that has not come by `deadline`, milliseconds of `now()`.
    func hearOut(until deadline: Int, _ hear: (String) -> Void) -> Bool {
        while !isAtEnd {
            let left = deadline - now()
            guard left > 0 else { return false }
            var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            // SAFETY: the one entry lives during the call.
            guard unsafe poll(&wait, 1, Int32(clamping: left)) > 0 else { continue }
            for line in takeLines() { hear(line) }
        }
        return true
    }

    func kill() { spawned.send(SIGKILL) }

    /// Waits for its end. What it was, in words.
    func reap() -> String { end().cause }

    /// Waits for its end.
    func end() -> EndOfProcess {
        let end = spawned.reap()
        dismiss()
        close(output)
        return end
    }

    /// What a child may see of our environment: how to find the runtime, and how to hash.
    static func environment(deterministicHashing: Bool) -> [String] {
        var result = deterministicHashing ? ["SWIFT_DETERMINISTIC_HASHING=1"] : ["GALGO_TWIN=1"]
        if let value = unsafe getenv("LD_LIBRARY_PATH") { unsafe result.append("LD_LIBRARY_PATH=\(String(cString: value))") }
        // Printing where it trapped takes longer than a seed may: the crash would be taken for a hang. Its last moments
        // are told by another process.
        let backtrace = unsafe getenv("SWIFT_BACKTRACE").map { unsafe "SWIFT_BACKTRACE=\(String(cString: $0))" }
        return result + [backtrace ?? noBacktrace]
    }

    static let noBacktrace = "SWIFT_BACKTRACE=enable=no"
}

/// Milliseconds of a clock that does not step.
func now() -> Int {
    var time = timespec()
    // SAFETY: the structure lives during the call.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
}
