import Glibc
import Linux
import Platform

// What the executable itself needs of the process: its environment, its output, its end.

func readEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    // SAFETY: `environ` is an array of C strings that ends with null; no other thread runs yet.
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
        let line = unsafe String(cString: text)
        if let equals = line.firstIndex(of: "=") {
            variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        unsafe entry += 1
    }
    return variables
}

func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        // SAFETY: the pointer is used inside the closure only.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}

/// The last word of a server on the standard error; a console that takes nothing does not keep it from ending.
func tellEnd(_ line: String) {
    LogConsole(descriptor: STDERR_FILENO).show("galgo-server: \(line)\n", patience: 1_000)
}

/// At once: after a stop that was cut short there are threads that still run, and nothing is buffered.
func exitProcess(with code: Int32) -> Never { _exit(code) }

var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

/// A random password of 22 letters and digits, 131 bits.
func randomPassword() -> String {
    let alphabet = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
    var random = SystemRandomNumberGenerator()
    return String((0..<22).map { _ in alphabet.randomElement(using: &random) ?? "x" })
}
