import Glibc
import Linux
import Platform
import Server
import Synchronization
import Wire

/// From the command line to the exit code.
func run(arguments: [String], environment: [String: String]) -> Int32 {
    let invocation: Invocation
    do throws(Invocation.Wrong) {
        invocation = try Invocation(arguments)
    } catch {
        // Without a command it is a server's.
        if arguments.first?.hasPrefix("-") ?? true { speakJSON(environment) }
        return refuse([error.message])
    }
    let serves = if case .serve = invocation { true } else { false }
    if serves { speakJSON(environment) } else { HeldSignals.release() }
    /// With what a `.env` file adds.
    func completed(_ body: ([String: String]) -> Int32) -> Int32 {
        do throws(ConfigurationSource.Unreadable) {
            let (completed, warnings) = try ConfigurationSource.completed(environment)
            // It may ask for objects itself.
            if serves { speakJSON(completed) }
            show(lines: warnings, told: warnings.map { (.warning, $0) })
            return body(completed)
        } catch {
            return refuse([error.message])
        }
    }
    switch invocation {
    case .showHelp(let command):
        return deliver(command?.help ?? helpText)
    case .showVersion:
        return deliver("galgo-server \(Version.text)\n")
    case .checkConfiguration(let file): return completed { checkConfiguration(file, $0) }
    case .dumpConfiguration(let file, let asJSON): return completed { dumpConfiguration(file, asJSON: asJSON, $0) }
    case .showTopology(let synthetic, let file): return completed { showTopology(synthetic, file, $0) }
    case .diagnose(let file, let asJSON): return completed { diagnose(file, asJSON: asJSON, $0) }
    case .resetPassword(let name, let file): return completed { resetPassword(of: name, file: file, $0) }
    case .serve(let serving): return completed { serve(serving, $0) }
    }
}

/// Reads the settings, looks at the machine, places the shards, serves.
private func serve(_ serving: Invocation.Serving, _ environment: [String: String]) -> Int32 {
    guard let (layers, source) = layers(file: serving.file, environment) else { return ExitCode.usage }
    let name = source.path ?? "configuration"
    /// With all that a check tells: nobody wants to start a server once for each error.
    func refuse(_ problems: [Problem] = []) -> Int32 {
        var told = layers
        let obstacles = Obstacles(layers, environment, usesDefaultCredentials: serving.usesDefaultCredentials)
        told.add(obstacles.problems + problems.filter { !obstacles.problems.contains($0) })
        show(told, file: name)
        return ExitCode.usage
    }
    guard !layers.hasErrors else { return refuse() }
    let topology = HwlocTopology().topology()
    let configuration: Configuration
    let placement: Placement
    do throws(ConfigurationProblems) {
        configuration = try Configuration(
            layers, environment: environment, usesDefaultCredentials: serving.usesDefaultCredentials)
    } catch {
        return refuse(error.problems)
    }
    do throws(Problem) {
        placement = try Placement(layers.effective, on: topology)
    } catch {
        return refuse([error])
    }
    show(layers, file: name)
    if serving.usesDefaultCredentials, !configuration.usesDefaultCredentials {
        complain("--with-default-root-credentials changes nothing: the environment names the first account", .warning)
    }
    for option in serving.idleOptions {
        complain("\(option) changes nothing: this version has no clusters", .warning)
    }
    if configuration.failsShardsOnSignal {
        complain("GALGO_FAIL_SHARDS_ON_SIGNAL: SIGUSR1 with the number of a shard lets it fail; for tests", .warning)
    }
    return serve(serving, configuration, layers.effective, placement, on: topology, environment)
}

private func serve(
    _ serving: Invocation.Serving, _ configuration: Configuration, _ effective: Effective, _ placement: Placement,
    on topology: Topology, _ environment: [String: String]
) -> Int32 {
    let memoryLimit = MemoryPlan.limit(
        configured: configuration.memoryLimit?.bytes, memoryBytes: topology.memoryBytes)
    let credentials = Credentials(configuration)
    guard let rootName = Name(credentials.name) else {
        return refuse(["IGGY_ROOT_USERNAME is not a name"])
    }
    var linux = LinuxConfiguration(
        dataDirectory: configuration.dataDirectory,
        listen: ListenAddress(host: configuration.tcpHost, port: configuration.tcpPort),
        shardCount: placement.shards.count)
    linux.failsShardsOnSignal = configuration.failsShardsOnSignal
    linux.homes = placement.homes(on: topology)
    let memory = MemoryPlan(limitBytes: memoryLimit, shardCount: placement.shards.count)
    linux.memoryLimitBytes = Int(clamping: memory.limitBytes)
    linux.spareBytesPerShard = memory.bytesPerShard(.spare)
    linux.wantsHugePages = configuration.wantsHugePages
    let sharesCores = placement.isOversubscribed
    linux.spinNanoseconds = sharesCores ? 0 : 20_000

    linux.crashVersion = Version.text
    linux.drainNanoseconds = effective.drainNanoseconds

    let current = CurrentConfiguration(effective)
    // Whatever comes of it.
    defer { current.remove() }
    let account = FirstAccount()
    var isToldByLog = false
    func tellFailedStart(_ failure: StartFailure, by service: LogService) {
        isToldByLog = service.tellFailedStart(
            printable(failure.description), on: configuration.dataDirectory
        ) { names, format in
            // What has no FORMAT among its names would be taken too.
            names.contains("FORMAT")
                && DirectoryNames.refusal(of: names, format: format, besides: effective.placedPaths) == nil
        }
    }
    do throws(StartFailure) {
        let logging = try Logging(configuration.logging) { notice in
            switch notice.subject {
            case .rootAccountMade: account.isNew.store(true, ordering: .releasing)
            case .directoryTaken: current.removeLeftOver()
            default: break
            }
        }
        // Whatever comes of it: what was said is written.
        defer { logging.service.stop() }
        let server: LinuxServer
        do throws(StartFailure) {
            server = try LinuxServer(linux, logging: logging.service)
        } catch {
            tellFailedStart(error, by: logging.service)
            throw error
        }
        // Behind everything that keeps a start from happening.
        if serving.removesData, let code = removeData(effective) { return code }
        var settings = Settings(rootName: rootName, rootPassword: credentials.password)
        settings.storage.openFilesMax = server.descriptors.filesPerShard
        settings.storage.segmentBytes = configuration.segmentSize.bytes
        settings.limits = settings.limits.divided(among: placement.shards.count)
        settings.divide(memory)
        settings.durability = configuration.enforcesSync ? .power : .process
        settings.advertisedHost = configuration.tcpHost
        settings.tcpPort = server.port
        settings.placedPaths = effective.placedPaths
        settings.version = Version.text
        settings.versionNumber = Version.number
        let shardCount = UInt16(clamping: placement.shards.count)
        let shardSettings = settings
        let homes = linux.homes
        let address = "\(ListenAddress(host: configuration.tcpHost, port: server.port))"
        var reloading = Reloading(effective, file: serving.file, environment: environment, service: logging.service)
        let log = logging.service.log
        var isServing = false
        let tellSettings = {
            guard let reason = current.write(reloading.effective, address: address) else { return }
            log.write(.warning, .server, reason)
        }
        let showBanner = {
            let lastCrash = server.takeLastCrash()
            let banner = Banner(
                configuration: configuration, placement: placement, memory: memory,
                memoryExcess: MemoryPlan.excess(
                    configured: configuration.memoryLimit?.bytes, memoryBytes: topology.memoryBytes),
                homes: homes, credentials: credentials, port: server.port,
                isAccountNew: account.isNew.load(ordering: .acquiring), lastCrash: lastCrash)
            // What has the banner for people, the log keeps.
            if let lastCrash { log.write(.warning, .server, "last crash \(lastCrash.text)") }
            for warning in banner.warnings { log.write(.warning, .server, warning) }
            // First, since the banner is what scripts wait for.
            isServing = true
            tellSettings()
            logging.warnOfSpace()
            // Who reads it may hang, and signals are heard here.
            let isShown = LogConsole(descriptor: STDOUT_FILENO).show(banner.text, patience: 1_000)
            guard !isShown, credentials.source == .generated, account.isNew.load(ordering: .acquiring) else { return }
            log.write(
                .warning, .server,
                "the password made up for the account \(credentials.name) could not be shown on the standard output: "
                    + "stop the server and set one with galgo-server user reset-password \(credentials.name)")
        }
        let reload = {
            guard reloading.read() else { return }
            server.setDrain(nanoseconds: reloading.effective.drainNanoseconds)
            // Before it serves, the directory may be another server's.
            if isServing { tellSettings() }
        }
        let reason: ExitReason
        do throws(StartFailure) {
            reason = try server.run(
                serviceManager: ServiceManager(environment: environment), onReady: showBanner, onReload: reload
            ) { (world, shard, generation) throws(MachineFailure) in
                Shard(
                    id: shard, shardCount: shardCount, generation: generation, settings: shardSettings, world: world)
            }
        } catch {
            tellFailedStart(error, by: logging.service)
            throw error
        }
        let (level, line) = reason.lastWord(configuration)
        log.write(level, .server, line)
        logging.service.stop()
        sayLast(level, line, isLogged: log.isOpen(level, .server))
        return reason.exitCode
    } catch {
        sayLast(.error, printable(error.description), isLogged: isToldByLog)
        return ExitCode.cannotStart
    }
}

/// Nil when the directory has nothing in it any more; else the exit code of what is told.
private func removeData(_ effective: Effective) -> Int32? {
    let path = effective.text("system.path")
    let place = printable(path)
    var verdict = DirectoryNames.Verdict.nobodys
    let outcome = DataRemoval.empty(path) { names in
        verdict = DirectoryNames.verdict(on: names, besides: effective.placedPaths)
        return verdict == .aServers
    }
    switch outcome {
    case .removed(let count):
        complain(
            "--fresh: \(counted(count, "file"))\(count == 1 ? " was" : " and directories were") "
                + "removed from \(place)", .info)
        return nil
    case .notThere: return nil
    case .inUse: complain("--fresh: \(place) is in use by another process; nothing was removed")
    case .refused:
        guard case .strange(let name) = verdict else { return nil }
        complain("--fresh: \(place) holds \(printable(name)), which is no server's. Nothing was removed.")
    case .mounted(let path):
        complain("--fresh: \(place)/\(printable(path)) is another file system, mounted there. Nothing was removed.")
    case .failed(let entry, let errno):
        complain("--fresh: \(place): removing \(printable(entry)) failed: \(errno.text)")
        return ExitCode.cannotStart
    }
    return ExitCode.notOurs
}

extension ExitReason {
    fileprivate func lastWord(_ configuration: Configuration) -> (level: Notice.Level, line: String) {
        switch self {
        case .stopped: (.info, "stopped; everything is on disk")
        case .interrupted: (.warning, "stopped at once, at a second signal; the next start recovers")
        case .overdue:
            (
                .warning,
                "not stopped within system.sharding.shutdown_drain_timeout: ended at once; the next start recovers"
            )
        case .refused(let refusal): (.error, refusal.text(directory: configuration.dataDirectory))
        case .failed(let failure): (.error, printable(failure.description))
        case .gaveUp(let shard, let law):
            (.error, "\(shard) failed again and again (\(law)); giving up. Acknowledged messages are on disk.")
        }
    }
}

/// What a shard has said of the root account.
private final class FirstAccount: Sendable {
    /// It was made in this start.
    let isNew = Atomic(false)
}

/// After sysexits(3), for what can be wrong before the server runs.
enum ExitCode {
    static let usage: Int32 = 64
    static let noUser: Int32 = 67
    static let cannotStart: Int32 = 71
    static let notWritten: Int32 = 74
    static let notOurs: Int32 = 78
}

enum Version {
    static let text = "0.1.0"
    /// major × 1,000,000 + minor × 1,000 + patch, as GetStats tells it.
    static let number: UInt32 = 1_000
}
