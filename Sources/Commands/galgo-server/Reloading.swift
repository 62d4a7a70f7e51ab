import Linux
import Platform
import Server

/// Reads the configuration again at a SIGHUP. One that cannot be read or has errors changes nothing.
struct Reloading {
    private let file: String?
    private let environment: [String: String]
    private let log: Log
    /// What was read last, whether all of it took effect or not.
    private var effective: Effective

    init(_ effective: Effective, file: String?, environment: [String: String], log: Log) {
        self.effective = effective
        self.file = file
        self.environment = environment
        self.log = log
    }

    /// The configuration that holds from now on; nil when nothing changes.
    mutating func read() -> Effective? {
        do throws(ConfigurationSource.Unreadable) {
            let source = try ConfigurationSource(named: file, environment: environment)
            let layers = ConfigurationLayers(file: source.bytes, environment: environment)
            guard !layers.hasErrors else {
                let name = source.path ?? "configuration"
                for line in layers.lines(file: name) { log.write(.error, .server, line) }
                log.write(.error, .server, "\(printable(name)) has errors: the settings stay as they were")
                return nil
            }
            let reload = Reload(from: effective, to: layers.effective)
            for line in reload.lines { log.write(.info, .server, line) }
            effective = layers.effective
            return effective
        } catch {
            log.write(.error, .server, "\(error.message): the settings stay as they were")
            return nil
        }
    }
}

extension Reload.Settings {
    /// What a server takes for its drain: zero is no bound.
    var drainNanoseconds: Int64 {
        drainTimeout == .zero ? .max : Int64(clamping: drainTimeout.totalNanoseconds)
    }
}
