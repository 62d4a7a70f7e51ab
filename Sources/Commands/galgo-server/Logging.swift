import Glibc
import Linux
import Platform
import Server

/// The log as the settings want it: mail from every thread, and the thread that writes it.
struct Logging {
    let service: LogService
    private let directory: String?

    /// Nothing is written before the data directory is ours; lines wait for that.
    ///
    /// - Parameter watch: gets each notice of a shard, on the shard's thread.
    init(_ settings: LogSettings, watch: @escaping @Sendable (Notice) -> Void) throws(StartFailure) {
        directory = settings.directory
        let log = try Log(gate: settings.gate, watch: watch)
        service = try LogService(log: log, directory: settings.directory, console: STDERR_FILENO)
        log.write(.info, .server, "galgo-server \(Version.text)")
        let place = settings.directory.map { "\($0)/\(LogFileName.active)" } ?? "the console alone"
        log.write(.info, .log, "logging to \(printable(place)), filter \(settings.filterText)")
        let isPlain = unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
        let isTerminal = isatty(STDERR_FILENO) == 1 && !isPlain
        try service.start { writesFiles in
            LogWriter(settings.writer(writesFiles: writesFiles, isTerminal: isTerminal))
        }
    }

    /// When the directory is there: a line if it has little room.
    func warnOfSpace() {
        guard let directory else { return }
        var facts = statvfs()
        // SAFETY: the structure and the string outlive the call.
        let isKnown = unsafe statvfs(directory, &facts) == 0
        let free = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
        let warning = LogSpace.warning(
            directory: directory, freeBytes: isKnown ? (free.overflow ? .max : free.partialValue) : nil)
        if let warning { service.log.write(.warning, .log, warning) }
    }
}
