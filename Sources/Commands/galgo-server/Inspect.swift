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
    layers.add(Obstacles(layers, environment).problems)
    show(layers, file: name)
    let count = layers.problems.errorCount
    guard count == 0 else {
        write("\(printable(name)): \(counted(count, "error"))\n", to: STDERR_FILENO)
        return ExitCode.usage
    }
    return deliver("\(printable(name)): \(source.path == nil ? layers.effective.sourcesWithoutFile : "in order")\n")
}

extension Effective {
    /// What holds where there is no file.
    fileprivate var sourcesWithoutFile: String {
        let names = entries.compactMap { entry in
            if case .variable(let name) = entry.source { name } else { nil }
        }
        let shownMax = 3
        let shown = names.prefix(shownMax).joined(separator: ", ")
        return switch names.count {
        case 0: "no file; the defaults hold"
        case ...shownMax: "no file; the defaults hold, but for \(shown)"
        default: "no file; the defaults hold, but for \(shown) and \(counted(names.count - shownMax, "other variable"))"
        }
    }
}

func dumpConfiguration(_ file: String?, asJSON: Bool, _ environment: [String: String]) -> Int32 {
    guard let (layers, source) = layers(file: file, environment) else { return ExitCode.usage }
    show(layers, file: source.path ?? "configuration")
    guard !layers.hasErrors else { return ExitCode.usage }
    let text = asJSON ? ConfigurationDump.json(layers.effective) : ConfigurationDump.toml(layers.effective)
    return deliver(text)
}

func showTopology(_ synthetic: String?, _ file: String?, _ environment: [String: String]) -> Int32 {
    guard let (layers, source) = layers(file: file, environment) else { return ExitCode.usage }
    guard !layers.hasErrors else {
        show(layers, file: source.path ?? "configuration")
        return ExitCode.usage
    }
    let machine: any TopologySource
    if let synthetic {
        if let count = SyntheticTopology.cpuCount(of: synthetic), count > SyntheticTopology.cpusMax {
            return refuse([
                "--synthetic \(quoted(synthetic)): these are \(count) logical CPUs; a description has at most "
                    + "\(SyntheticTopology.cpusMax)"
            ])
        }
        guard let described = SyntheticTopology(description: synthetic) else {
            return refuse([
                "--synthetic \(quoted(synthetic)): this is no description of a machine; levels go from the outside to "
                    + "logical CPUs, with a blank between two, as in 'pack:1 core:8 pu:2'"
            ])
        }
        machine = described
    } else {
        machine = HwlocTopology()
    }
    let picture = picture(of: machine, layers.effective, isDescribed: synthetic != nil)
    return deliver(picture.text, code: picture.isPossible ? 0 : ExitCode.usage)
}

private func picture(
    of machine: any TopologySource, _ effective: Effective, isDescribed: Bool = false
) -> TopologyPicture {
    TopologyPicture(
        machine.topology(), effective.allocation("system.sharding.cpu_allocation"),
        memoryLimit: effective.sizeIfSet("galgo.memory_limit")?.bytes,
        pinsCores: effective.flag("system.sharding.pin_cores"), isDescribed: isDescribed)
}

func diagnose(_ file: String?, asJSON: Bool, _ environment: [String: String]) -> Int32 {
    guard let (layers, source) = layers(file: file, environment) else { return ExitCode.usage }
    guard !layers.hasErrors else {
        show(layers, file: source.path ?? "configuration")
        return ExitCode.usage
    }
    let picture = picture(of: HwlocTopology(), layers.effective)
    let diagnosis = Diagnosis(
        MachineLook.facts(directory: layers.effective.text("system.path")),
        placement: picture.outcome.map { "\($0.shards.count): \($0.reason)" })
    return deliver(asJSON ? diagnosis.json : diagnosis.text, code: diagnosis.exitCode)
}
