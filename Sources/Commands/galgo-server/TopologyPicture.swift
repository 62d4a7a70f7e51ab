import Linux
import Platform
import Server

/// The machine and the shards that a setting gives it, as a picture in text.
struct TopologyPicture {
    let topology: Topology
    let setting: CPUAllocation
    let memoryLimit: UInt64
    let outcome: Result<Placement, PlacementError>

    /// - Parameter memoryLimit: what buffers may take as configured, in bytes; nil for what the machine allows.
    init(_ topology: Topology, _ setting: CPUAllocation, memoryLimit: UInt64?, pinsCores: Bool) {
        self.topology = topology
        let limit = MemoryPlan.limit(configured: memoryLimit, memoryBytes: topology.memoryBytes)
        self.memoryLimit = limit
        self.setting = setting
        outcome = Result { () throws(PlacementError) in
            try Placement(
                setting, on: topology, within: .init(memoryBytes: limit, pinsCores: pinsCores))
        }
    }

    var isPossible: Bool {
        if case .success = outcome { true } else { false }
    }

    var text: String {
        var lines = [machine]
        for (index, node) in groups.enumerated() {
            lines.append("")
            lines.append(
                topology.nodes.isEmpty ? "cores" : "NUMA node \(index)\(node.isEmpty ? ": memory without CPUs" : "")")
            for core in node { lines.append("  " + row(core)) }
        }
        lines.append("")
        lines += decision
        return lines.joined(separator: "\n") + "\n"
    }

    private var machine: String {
        let allowed = topology.cpus.filter(\.isAllowed)
        let cores = Set(allowed.map(\.core)).count
        var parts = [
            "\(counted(cores, "core")) with \(counted(allowed.count, "logical CPU")) for this process",
            "\(ByteSize(bytes: topology.memoryBytes).rounded) of memory",
        ]
        if allowed.count < topology.cpus.count { parts.append("\(topology.cpus.count - allowed.count) CPUs forbidden") }
        if let quota = topology.quotaMilliCPU {
            parts.append("a quota of \(quota / 1_000).\(quota % 1_000 / 100) CPUs")
        }
        return parts.joined(separator: ", ")
    }

    /// For each NUMA node (or all together) the cores with the CPUs that lie there.
    private var groups: [[[Topology.LogicalCPU]]] {
        let nodes = topology.nodes.isEmpty ? [topology.cpus.map(\.number)] : topology.nodes
        return nodes.map { numbers in
            var cores: [[Topology.LogicalCPU]] = []
            for cpu in topology.cpus where numbers.contains(cpu.number) {
                if let place = cores.firstIndex(where: { $0[0].core == cpu.core }) {
                    cores[place].append(cpu)
                } else {
                    cores.append([cpu])
                }
            }
            return cores
        }
    }

    /// `core 3   [ 6 shard 3 ] [ 7 sibling ]`
    private func row(_ core: [Topology.LogicalCPU]) -> String {
        let cells = core.map { cpu -> String in
            "[\(padded("\(cpu.number)", 3)) \(role(of: cpu, on: core).padded(to: 10))]"
        }
        return "core \("\(core[0].core)".padded(to: 4)) " + cells.joined(separator: " ")
    }

    private func role(of cpu: Topology.LogicalCPU, on core: [Topology.LogicalCPU]) -> String {
        guard cpu.isAllowed else { return "forbidden" }
        guard case .success(let placement) = outcome else { return "" }
        if let shard = placement.shards.firstIndex(where: { $0.cpu == cpu.number }) { return "shard \(shard)" }
        let hasShard = core.contains { sibling in placement.shards.contains { $0.cpu == sibling.number } }
        return hasShard ? "sibling" : "free"
    }

    private var decision: [String] {
        switch outcome {
        case .failure(let error):
            return ["cpu_allocation = \(setting): no placement", "  \(error)"]
        case .success(let placement):
            var lines = [
                "cpu_allocation = \(setting): \(counted(placement.shards.count, "shard")), \(placement.reason)"
            ]
            let siblings = placement.usableCPUs.count - placement.usableCoreCount
            if siblings > 0, !placement.isOversubscribed {
                lines.append(
                    "  \(counted(siblings, "sibling")): a second thread of a core adds little speed and all of a shard's "
                        + "memory")
            }
            if placement.shards.contains(where: { $0.cpu == nil }) {
                lines.append("  shards are not bound: they may run on any CPU of this process")
            } else if placement.homes(on: topology).isEmpty {
                lines.append("  memory is equally near everywhere, so shards may move between CPUs")
            } else {
                lines.append("  each shard stays on the CPUs of its NUMA node, where its memory is")
            }
            lines.append(
                "  \(memoryLimit >> 20) MiB for buffers, of which each shard needs "
                    + "\(MemoryPlan.bytesPerShardMin >> 20) MiB at least")
            return lines
        }
    }
}

private func padded(_ text: String, _ count: Int) -> String {
    String(repeating: " ", count: max(0, count - text.count)) + text
}

extension String {
    fileprivate func padded(to count: Int) -> String {
        self + String(repeating: " ", count: max(0, count - self.count))
    }
}
