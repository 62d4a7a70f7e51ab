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

/// Nil when all of it is written; else why not.
@discardableResult
func write(_ text: String, to descriptor: Int32) -> Errno? {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        // SAFETY: the pointer is used inside the closure only.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return Errno(rawValue: errno) ?? .other }
        bytes = bytes.dropFirst(count)
    }
    return nil
}

/// What a command was asked for, on the standard output, and what the command ends with: another code than `code` where
/// it could not be written, since whoever reads the output would take the beginning for the whole.
func deliver(_ text: String, code: Int32 = 0) -> Int32 {
    guard let errno = write(text, to: STDOUT_FILENO) else { return code }
    complain("the standard output cannot be written: \(errno.text)")
    return ExitCode.notWritten
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
