import Glibc
import Linux
import Platform
import Server
import Synchronization
import Wire

// `galgo-server user reset-password NAME`, for an operator who is locked out. No server may run on the directory.

func resetPassword(of text: String, file: String?, _ environment: [String: String]) -> Int32 {
    guard let (layers, source) = layers(file: file, environment) else { return ExitCode.usage }
    guard !layers.hasErrors else {
        show(layers, file: source.path ?? "configuration")
        return ExitCode.usage
    }
    guard let name = Name(text) else { return refuse(["\(quoted(text)) is no name of an account"]) }
    let directory = layers.effective.text("system.path")
    // Whoever mistypes the path gets no new data directory.
    guard isFile("\(directory)/FORMAT") else {
        complain("\(printable(directory)) is no data directory of this server; system.path names it")
        return ExitCode.cannotStart
    }
    let password: Secret
    do throws(NoPassword) {
        password = try readPassword()
    } catch {
        return refuse([error.reason])
    }
    guard Request.passwordByteCounts.contains(password.bytes.count) else {
        return refuse(["a password has 3 to 100 bytes, this one \(password.bytes.count)"])
    }
    return reset(name, to: password, in: directory)
}

private func reset(_ name: Name, to password: Secret, in directory: String) -> Int32 {
    let answer = Answer()
    // The port is nobody's: it is bound and never listened on.
    var linux = LinuxConfiguration(
        dataDirectory: directory, listen: ListenAddress(host: "127.0.0.1", port: 0), shardCount: 1)
    linux.handlesSignals = false
    linux.memoryLimitBytes = 64 << 20
    do throws(StartFailure) {
        // Nobody writes a log: what becomes of it is told here.
        let log = try Log(gate: LogGate { _ in 0 })
        let server = try LinuxServer(linux, logging: LogService(log: log, directory: nil))
        let reason = try server.run { world, _, _ throws(MachineFailure) in
            PasswordReset(of: name, to: password, world: world) { outcome in
                answer.outcome.withLock { $0 = outcome }
            }
        }
        switch (reason, answer.outcome.withLock { $0 }) {
        case (.stopped, .changed):
            let done = "the password of \(printable(name.text)) is changed"
            guard let errno = write("\(done)\n", to: STDOUT_FILENO) else { return 0 }
            complain("\(done), and the standard output cannot be written: \(errno.text)")
            return ExitCode.notWritten
        case (.stopped, .noSuchAccount):
            complain("there is no account \(printable(name.text)); nothing was changed")
            return ExitCode.noUser
        case (.stopped, .notHashed):
            complain("this machine cannot hash the password (libcrypt.so.1); nothing was changed")
        case (.stopped, .notWritten(let errno)):
            complain("the catalog cannot be written: \(errno.text); nothing was changed")
        case (.stopped, .unknown(let errno)):
            complain("the change may not be on disk: \(errno.text); start the server and try the password")
        case (.refused(let refusal), _):
            complain(refusal.text(directory: directory))
            return reason.exitCode
        default:
            complain("the directory could not be read; nothing was changed")
        }
    } catch {
        complain(printable(error.description))
    }
    return ExitCode.cannotStart
}

private final class Answer: Sendable {
    let outcome = Mutex<PasswordReset<LinuxWorld>.Outcome?>(nil)
}

private struct NoPassword: Error {
    let reason: String

    static let given = NoPassword(reason: "no password was given")
}

/// The first line of standard input; from a terminal twice, without showing it. Never an argument, which every user of
/// the machine could see.
private func readPassword() throws(NoPassword) -> Secret {
    guard isatty(STDIN_FILENO) == 1 else { return try password(readPasswordLine()) }
    let lines = HiddenInput.read(STDIN_FILENO) { nextLine in
        write("New password: ", to: STDERR_FILENO)
        let first = nextLine()
        if first != nil { write("\nThe same again: ", to: STDERR_FILENO) }
        let second = first == nil ? nil : nextLine()
        write("\n", to: STDERR_FILENO)
        return [first, second].compactMap { $0 }
    }
    guard let lines, lines.count == 2 else { throw .given }
    guard lines[0] == lines[1] else { throw NoPassword(reason: "the two are not the same") }
    return try password(lines[0])
}

/// Without the end of the line, also that of a file made elsewhere; a byte more than a password may have is enough to know.
private func readPasswordLine() -> [UInt8] {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count <= 4_096 {
        // SAFETY: one byte is asked for, and there is room for one.
        let count = unsafe read(STDIN_FILENO, &byte, 1)
        if count < 0, errno == EINTR { continue }
        if count <= 0 || byte == UInt8(ascii: "\n") { break }
        bytes.append(byte)
    }
    if byte == UInt8(ascii: "\n"), bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return bytes
}

private func password(_ bytes: [UInt8]) throws(NoPassword) -> Secret {
    guard !bytes.isEmpty else { throw .given }
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw NoPassword(reason: "a password is UTF-8 text, and this is not")
    }
    return Secret(text)
}
