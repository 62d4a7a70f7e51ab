import Glibc
import Linux
import Platform
import Server

/// The log as the settings want it: mail from every thread, and the thread that writes it.
struct Logging {
    let service: LogService

    /// Nothing is written before the data directory is ours; lines wait for that.
    ///
    /// - Parameter watch: gets each notice of a shard, on the shard's thread.
    init(_ settings: LogSettings, watch: @escaping @Sendable (Notice) -> Void) throws(StartFailure) {
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
}
