import Glibc
import Linux
import Platform
import Server

// What the program tells without serving.

/// The layers of the configuration and the file they were read from; nil when the file cannot be read, which is told.
func layers(
    file: String?, _ environment: [String: String]
) -> (layers: ConfigurationLayers, source: ConfigurationSource)? {
    do throws(ConfigurationSource.Unreadable) {
        let source = try ConfigurationSource(named: file, environment: environment)
        return (ConfigurationLayers(file: source.bytes, environment: environment), source)
    } catch {
        complain(error.message)
        return nil
    }
}

func checkConfiguration(_ file: String?, _ environment: [String: String]) -> Int32 {
    guard let (read, source) = layers(file: file, environment) else { return ExitCode.usage }
    let name = source.path ?? "configuration"
    var layers = read
    if !layers.hasErrors { layers.add(obstacles(layers, environment)) }
    show(layers.lines(file: name))
    let count = layers.problems.errorCount
    guard count == 0 else {
        write("\(printable(name)): \(counted(count, "error"))\n", to: STDERR_FILENO)
        return ExitCode.usage
    }
    write("\(printable(name)): \(source.path == nil ? "no file; the defaults hold" : "in order")\n", to: STDOUT_FILENO)
    return 0
}

/// What would keep a server with this configuration, which has no error, from starting on this machine.
private func obstacles(_ layers: ConfigurationLayers, _ environment: [String: String]) -> [Problem] {
    var problems: [Problem] = []
    do throws(ConfigurationProblems) {
        _ = try Configuration(layers, environment: environment, usesDefaultCredentials: false)
    } catch {
        problems += error.problems
    }
    do throws(Problem) {
        _ = try Placement(layers.effective, on: HwlocTopology().topology())
    } catch {
        problems.append(error)
    }
    return problems
}

func dumpConfiguration(_ file: String?, asJSON: Bool, _ environment: [String: String]) -> Int32 {
    guard let (layers, source) = layers(file: file, environment) else { return ExitCode.usage }
    show(layers.lines(file: source.path ?? "configuration"))
    guard !layers.hasErrors else { return ExitCode.usage }
    let text = asJSON ? ConfigurationDump.json(layers.effective) : ConfigurationDump.toml(layers.effective)
    write(text, to: STDOUT_FILENO)
    return 0
}

func showTopology(_ synthetic: String?, _ file: String?, _ environment: [String: String]) -> Int32 {
    guard let (layers, source) = layers(file: file, environment) else { return ExitCode.usage }
    guard !layers.hasErrors else {
        show(layers.lines(file: source.path ?? "configuration"))
        return ExitCode.usage
    }
    let machine: any TopologySource
    if let synthetic {
        guard let described = SyntheticTopology(description: synthetic) else {
            return refuse(["--synthetic \(quoted(synthetic)): hwloc does not understand this description"])
        }
        machine = described
    } else {
        machine = HwlocTopology()
    }
    let picture = picture(of: machine, layers.effective)
    write(picture.text, to: STDOUT_FILENO)
    return picture.isPossible ? 0 : ExitCode.usage
}

private func picture(of machine: any TopologySource, _ effective: Effective) -> TopologyPicture {
    TopologyPicture(
        machine.topology(), effective.allocation("system.sharding.cpu_allocation"),
        memoryLimit: effective.sizeIfSet("galgo.memory_limit")?.bytes,
        pinsCores: effective.flag("system.sharding.pin_cores"))
}

func diagnose(_ file: String?, asJSON: Bool, _ environment: [String: String]) -> Int32 {
    guard let (layers, source) = layers(file: file, environment) else { return ExitCode.usage }
    guard !layers.hasErrors else {
        show(layers.lines(file: source.path ?? "configuration"))
        return ExitCode.usage
    }
    let picture = picture(of: HwlocTopology(), layers.effective)
    let diagnosis = Diagnosis(
        MachineLook.facts(directory: layers.effective.text("system.path")),
        placement: picture.outcome.map { "\($0.shards.count): \($0.reason)" })
    write(asJSON ? diagnosis.json : diagnosis.text, to: STDOUT_FILENO)
    return diagnosis.exitCode
}

/// Problems on standard error as they are: their places begin the line, as editors expect.
func show(_ lines: [String]) {
    for line in lines { write(line + "\n", to: STDERR_FILENO) }
}

/// Lines on standard error, and the exit code of what cannot be meant.
func refuse(_ lines: [String]) -> Int32 {
    for line in lines { complain(line) }
    return ExitCode.usage
}

func complain(_ line: String) {
    write("galgo-server: \(line)\n", to: STDERR_FILENO)
}
