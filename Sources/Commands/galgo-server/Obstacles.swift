import Linux
import Platform
import Server

/// What would keep a server from starting on this machine, and what it would do without. A key that has an error, or that
/// nobody can read, is not looked at further.
struct Obstacles {
    private(set) var problems: [Problem] = []
    private let layers: ConfigurationLayers
    private var effective: Effective { layers.effective }

    init(_ layers: ConfigurationLayers, _ environment: [String: String], usesDefaultCredentials: Bool = false) {
        self.layers = layers
        problems += EnvironmentSettings(environment, usesDefaultCredentials: usesDefaultCredentials).problems
        lookAtMachine()
        if layers.isSure(of: "tcp.address") { lookAtAddress() }
        guard layers.isSure(of: "system.path"), lookAtData() else { return }
        if ["system.logging.path", "system.logging.file_enabled"].allSatisfy(layers.isSure) {
            lookAtLog(LogSettings(effective, environment: environment).directory)
        }
        if layers.isSure(of: "system.runtime.path") { lookAtRuntime(CurrentConfiguration.directory(effective)) }
    }

    private mutating func lookAtMachine() {
        let topology = HwlocTopology().topology()
        let limit = effective.sizeIfSet("galgo.memory_limit")?.bytes
        let isLimitSure = layers.isSure(of: "galgo.memory_limit")
        if isLimitSure, let excess = MemoryPlan.excess(configured: limit, memoryBytes: topology.memoryBytes) {
            add(.warning, "galgo.memory_limit", excess)
        }
        guard isLimitSure, ["system.sharding.cpu_allocation", "system.sharding.pin_cores"].allSatisfy(layers.isSure)
        else { return }
        do throws(Problem) {
            let placement = try Placement(effective, on: topology)
            if let warning = placement.warning { add(.warning, "system.sharding.cpu_allocation", warning) }
        } catch {
            problems.append(error)
        }
    }

    private mutating func add(_ severity: Problem.Severity, _ path: String, _ message: String) {
        problems.append(effective.problem(severity, with: path, printable(message)))
    }

    private mutating func lookAtAddress() {
        let path = "tcp.address"
        do throws(Malformed) {
            let host = try ListenHost(parsing: effective.text(path))
            guard let failure = StartLook.listening(on: ListenAddress(host: host.host, port: host.port)) else { return }
            switch failure {
            case .portInUse: add(.notice, path, "\(failure), perhaps a server that runs already")
            default: add(.error, path, failure.description)
            }
        } catch {
            // The layers have told it.
        }
    }

    /// False when nothing can lie below it either.
    private mutating func lookAtData() -> Bool {
        let path = "system.path"
        let place = effective.text(path)
        switch StartLook.directory(place) {
        case .usable: break
        case .readOnly(let errno), .unusable(let errno):
            add(.error, path, StartFailure.dataDirectory(place, errno).description)
            return false
        }
        guard let (names, format) = StartLook.contents(of: place) else { return true }
        guard
            let refusal = DirectoryNames.refusal(of: names, format: format, besides: effective.placedPaths)
                ?? refusalOfFiles(in: place)
        else { return true }
        add(.error, path, refusal.text(directory: place))
        return false
    }

    /// Files of another user's server.
    private func refusalOfFiles(in place: String) -> StartRefusal? {
        if let errno = StartLook.opening("\(place)/lock", forWriting: true) { return .failed(.lock, errno) }
        return StartLook.opening("\(place)/FORMAT", forWriting: false).map { .failed(.readFormat, $0) }
    }

    private mutating func lookAtLog(_ place: String?) {
        guard let place else { return }
        let path = "system.logging.path"
        switch StartLook.directory(place) {
        case .usable:
            guard let errno = StartLook.opening("\(place)/\(LogFileName.active)", forWriting: true) else { return }
            add(.warning, path, "no log can be written in \(place): \(errno.text)")
        case .unusable(let errno) where !errno.isNoSpace:
            add(.error, path, StartFailure.logDirectory(place, errno).description)
        case .readOnly(let errno), .unusable(let errno):
            add(.warning, path, "no log can be written in \(place): \(errno.text)")
        }
    }

    private mutating func lookAtRuntime(_ place: String) {
        switch StartLook.directory(place) {
        case .usable: break
        case .readOnly(let errno), .unusable(let errno):
            add(.warning, "system.runtime.path", "nobody will be able to read the settings in \(place): \(errno.text)")
        }
    }
}
