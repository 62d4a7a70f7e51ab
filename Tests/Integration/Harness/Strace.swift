import Support

/// Runs the server under strace: to end or fail it at a system call of a given number, or to record what it did.
///
/// strace is started as the server's grandchild (`-D`), so that the process the harness knows, signals and waits
/// for is the server itself.
struct Strace {
    private static let path = Programs.path(of: "strace")
    static var isInstalled: Bool { path != nil }

    var options: [String]

    /// Ends the process with SIGKILL as it enters its `number`-th call of one of `calls`, counted per thread.
    static func kill(at number: Int, of calls: String) -> Strace {
        Strace(options: ["-e", "trace=\(calls)", "-e", "inject=\(calls):signal=KILL:when=\(number)"])
    }

    /// Lets `calls` fail with `error`, an errno's name, without being made: the `first`-th in each thread and every
    /// `step`-th after it.
    static func fail(_ calls: String, with error: String, first: Int, step: Int) -> Strace {
        Strace(options: ["-e", "trace=\(calls)", "-e", "inject=\(calls):error=\(error):when=\(first)+\(step)"])
    }

    /// Lets every one of `calls` fail with `error`, as in a sandbox that forbids them; a machine may lack some of them.
    static func refuse(_ calls: String, with error: String) -> Strace {
        let names = calls.split(separator: ",").map { "?\($0)" }.joined(separator: ",")
        return Strace(options: ["-e", "trace=\(names)", "-e", "inject=\(names):error=\(error)"])
    }

    /// Lets the `number`-th of `calls` in each thread begin only after so many microseconds.
    static func delay(_ calls: String, byMicroseconds delay: Int, at number: Int) -> Strace {
        Strace(options: ["-e", "trace=\(calls)", "-e", "inject=\(calls):delay_enter=\(delay):when=\(number)"])
    }

    /// Lets every one of `calls` begin only after so many microseconds.
    static func delay(_ calls: String, byMicroseconds delay: Int) -> Strace {
        Strace(options: ["-e", "trace=\(calls)", "-e", "inject=\(calls):delay_enter=\(delay)"])
    }

    /// Records `calls` with times, names behind descriptors, and their bytes.
    static func record(_ calls: String) -> Strace {
        // The filter in the kernel spares the calls that are not traced; it does not go with `inject`.
        Strace(options: ["--seccomp-bpf", "-ttt", "-y", "-v", "-s", "4096", "-e", "trace=\(calls)"])
    }

    /// The command line before the server's; the trace goes to the file `output`.
    func command(output: String) -> [String] {
        [Self.path ?? "strace", "-D", "-f", "-q", "-o", output] + options + ["--"]
    }
}
