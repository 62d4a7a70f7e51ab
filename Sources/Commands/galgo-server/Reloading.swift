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
        do throws(ConfigurationSource.Unreadable) {
            let source = try ConfigurationSource(named: file, environment: environment)
            let name = source.path ?? "configuration"
            let layers = ConfigurationLayers(file: source.bytes, environment: environment)
            let told = layers.told(file: name).map { (level: $0.severity.level, line: $0.line) }
            guard !layers.hasErrors else {
                tell(told + [(.error, "\(printable(name)) has errors: the settings stay as they were")])
                return false
            }
            let reload = Reload(from: effective, to: layers.effective, environment: environment)
            effective = reload.holding
            tell(
                told + reload.lines.map { ($0.level, $0.text) },
                limits: LogSettings(effective, environment: environment).changeable)
            return true
        } catch {
            tell([(.error, "\(error.message): the settings stay as they were")])
            return false
        }
    }

    /// By the filter of before or by the new one, whichever lets a line through; else beside the log: whoever asked for
    /// it wants to know what came of it.
    private func tell(_ lines: [(level: Notice.Level, line: String)], limits: LogLimits? = nil) {
        let log = service.log
        var rest = lines
        func write() {
            rest = rest.filter { line in
                guard log.isOpen(line.level, .server) else { return true }
                log.write(line.level, .server, line.line)
                return false
            }
        }
        // The writer has the lines that came before under the old limits.
        write()
        if let limits { service.set(limits) }
        write()
        for (level, line) in rest { say(level, line, patience: 100) }
    }
}

extension Effective {
    /// What a server takes for its drain: zero is no bound.
    var drainNanoseconds: Int64 {
        drainTimeout == .zero ? .max : Int64(clamping: drainTimeout.totalNanoseconds)
    }
}
