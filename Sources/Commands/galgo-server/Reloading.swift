import Linux
import Platform
import Server

/// Reads the configuration again at a SIGHUP. One that cannot be read or has errors changes nothing.
struct Reloading {
    private let file: String?
    private let environment: [String: String]
    private let service: LogService
    /// What holds, whatever the file has said since.
    private(set) var effective: Effective

    init(_ effective: Effective, file: String?, environment: [String: String], service: LogService) {
        self.effective = effective
        self.file = file
        self.environment = environment
        self.service = service
    }

    /// What changes the log takes effect at once. False when nothing changes.
    mutating func read() -> Bool {
        let log = service.log
        do throws(ConfigurationSource.Unreadable) {
            let source = try ConfigurationSource(named: file, environment: environment)
            let name = source.path ?? "configuration"
            let layers = ConfigurationLayers(file: source.bytes, environment: environment)
            for (severity, line) in layers.told(file: name) { log.write(severity.level, .server, line) }
            guard !layers.hasErrors else {
                log.write(.error, .server, "\(printable(name)) has errors: the settings stay as they were")
                return false
            }
            let reload = Reload(from: effective, to: layers.effective, environment: environment)
            effective = reload.holding
            let limits = LogSettings(effective, environment: environment).changeable
            // Told by the filter of before or by the new one, whichever lets it through.
            let isOpenNow = limits.gate.isOpen(.info, .server)
            if isOpenNow { service.set(limits) }
            for line in reload.lines { log.write(.info, .server, line) }
            if !isOpenNow { service.set(limits) }
            return true
        } catch {
            log.write(.error, .server, "\(error.message): the settings stay as they were")
            return false
        }
    }
}

extension Problem.Severity {
    fileprivate var level: Notice.Level {
        switch self {
        case .error: .error
        case .warning: .warning
        case .notice: .info
        }
    }
}

extension Effective {
    /// What a server takes for its drain: zero is no bound.
    var drainNanoseconds: Int64 {
        drainTimeout == .zero ? .max : Int64(clamping: drainTimeout.totalNanoseconds)
    }
}
