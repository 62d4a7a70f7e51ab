import Glibc
import Linux
import Platform
import Server
import Synchronization

// What the program says on the standard error beside the log: text for people, and objects like the log's where a server
// was told to write those, so that whoever reads them finds nothing else. A `.env` file that tells it so is heard once it
// was read: why it cannot be is text.

/// Every line from now on is an object.
private let speaksJSON = Atomic(false)

func speakJSON(_ environment: [String: String]) {
    if LogSettings.isJSON(environment) { speaksJSON.store(true, ordering: .relaxed) }
}

/// Problems as they are: their places begin the line, as editors expect.
func show(_ layers: ConfigurationLayers, file name: String) {
    show(lines: layers.lines(file: name), told: layers.told(file: name))
}

/// - Parameters:
///   - lines: for people.
///   - told: for programs.
func show(lines: [String], told: @autoclosure () -> [(severity: Problem.Severity, line: String)]) {
    if speaksJSON.load(ordering: .relaxed) {
        for (severity, line) in told() { write(object(severity.level, line), to: STDERR_FILENO) }
    } else {
        for line in lines { write(line + "\n", to: STDERR_FILENO) }
    }
}

/// Lines, and the exit code of what cannot be meant.
func refuse(_ lines: [String]) -> Int32 {
    for line in lines { complain(line) }
    return ExitCode.usage
}

func complain(_ line: String, _ level: Notice.Level = .error) {
    write(saying(level, line), to: STDERR_FILENO)
}

/// The last word of a server, which whoever started it looks for at the end. Among objects one of the log's is enough.
func sayLast(_ level: Notice.Level, _ line: String, isLogged: Bool) {
    if !isLogged || !speaksJSON.load(ordering: .relaxed) { say(level, line) }
}

/// For while a server runs: a console that takes nothing is not waited for longer.
func say(_ level: Notice.Level, _ line: String, patience milliseconds: Int = 1_000) {
    LogConsole(descriptor: STDERR_FILENO).show(saying(level, line), patience: milliseconds)
}

private func saying(_ level: Notice.Level, _ line: String) -> String {
    speaksJSON.load(ordering: .relaxed) ? object(level, line) : "galgo-server: \(line)\n"
}

/// As the log writes it.
private func object(_ level: Notice.Level, _ line: String) -> String {
    var now = timespec()
    // SAFETY: the structure outlives the call.
    unsafe _ = clock_gettime(CLOCK_REALTIME, &now)
    var format = LogFormat(.json)
    var bytes: [UInt8] = []
    format.append(
        LogRecord(
            level, .server, .main, time: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000,
            text: Array(line.utf8)),
        to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}

extension Problem.Severity {
    var level: Notice.Level {
        switch self {
        case .error: .error
        case .warning: .warning
        case .notice: .info
        }
    }
}
