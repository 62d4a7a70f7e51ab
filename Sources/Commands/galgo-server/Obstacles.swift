import Linux
import Platform
import Server

/// What would keep a server with a configuration that has no error from starting on this machine, and what it would do
/// without.
struct Obstacles {
    private(set) var problems: [Problem] = []
    private let effective: Effective

    init(_ layers: ConfigurationLayers, _ environment: [String: String]) {
        effective = layers.effective
        do throws(ConfigurationProblems) {
            _ = try Configuration(layers, environment: environment, usesDefaultCredentials: false)
        } catch {
            problems += error.problems
        }
        do throws(Problem) {
            let topology = HwlocTopology().topology()
            let placement = try Placement(effective, on: topology)
            if let warning = placement.warning { add(.warning, "system.sharding.cpu_allocation", warning) }
            let limit = effective.sizeIfSet("galgo.memory_limit")?.bytes
            if let excess = MemoryPlan.excess(configured: limit, memoryBytes: topology.memoryBytes) {
                add(.warning, "galgo.memory_limit", excess)
            }
        } catch {
            problems.append(error)
        }
        lookAtAddress()
        guard lookAtData() else { return }
        lookAtLog(LogSettings(effective, environment: environment).directory)
        lookAtRuntime(CurrentConfiguration.directory(effective))
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
        guard let refusal = DirectoryNames.refusal(of: names, format: format, besides: effective.placedPaths) else {
            return true
        }
        add(.error, path, refusal.text(directory: place))
        return false
    }

    private mutating func lookAtLog(_ place: String?) {
        guard let place else { return }
        let path = "system.logging.path"
        switch StartLook.directory(place) {
        case .usable: break
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
