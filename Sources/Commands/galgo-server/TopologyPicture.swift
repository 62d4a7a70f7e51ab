import Linux
import Platform
import Server

/// The machine and the shards that a setting gives it, as a picture in text.
struct TopologyPicture {
    let topology: Topology
    let setting: CPUAllocation
    let memoryLimit: UInt64
    let outcome: Result<Placement, PlacementError>
    private let isLimitConfigured: Bool
    private let isDescribed: Bool
    /// The shard that is meant for a CPU. Only looked up.
    private let shardOfCPU: [UInt32: Int]
    /// How many shards the CPUs of a core have.
    private let shardsOfCore: [UInt32: Int]

    /// - Parameters:
    ///   - memoryLimit: what buffers may take as configured, in bytes; nil for what the machine allows.
    ///   - isDescribed: it is no machine that is there, so that its memory is made up.
    init(_ topology: Topology, _ setting: CPUAllocation, memoryLimit: UInt64?, pinsCores: Bool, isDescribed: Bool) {
        isLimitConfigured = memoryLimit != nil
        self.isDescribed = isDescribed
        self.topology = topology
        let limit = MemoryPlan.limit(configured: memoryLimit, memoryBytes: topology.memoryBytes)
        self.memoryLimit = limit
        self.setting = setting
        outcome = Result { () throws(PlacementError) in
            try Placement(
                setting, on: topology, within: .init(memoryBytes: limit, pinsCores: pinsCores))
        }
        var (shardOfCPU, shardsOfCore): ([UInt32: Int], [UInt32: Int]) = ([:], [:])
        if case .success(let placement) = outcome {
            for (number, shard) in placement.shards.enumerated() { if let cpu = shard.cpu { shardOfCPU[cpu] = number } }
        }
        for cpu in topology.cpus where shardOfCPU[cpu.number] != nil { shardsOfCore[cpu.core, default: 0] += 1 }
        (self.shardOfCPU, self.shardsOfCore) = (shardOfCPU, shardsOfCore)
    }

    var isPossible: Bool {
        if case .success = outcome { true } else { false }
    }

    var text: String {
        var lines = [machine]
        let groups = groups
        for (index, node) in groups.enumerated() {
            lines.append("")
            // Memory of two kinds may be equally near the same cores.
            let same = groups[..<index].firstIndex(of: node).flatMap { node.isEmpty ? nil : $0 }
            let note = node.isEmpty ? ": memory without CPUs" : same.map { ": memory of the cores of NUMA node \($0)" }
            lines.append(topology.nodes.isEmpty ? "cores" : "NUMA node \(index)\(note ?? "")")
            if same == nil { for core in node { lines.append("  " + row(core)) } }
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
            "\(ByteSize(bytes: topology.memoryBytes).binary) of memory\(isDescribed ? " assumed" : "")",
        ]
        let forbidden = topology.cpus.count - allowed.count
        if forbidden > 0 { parts.append("\(counted(forbidden, "CPU")) forbidden") }
        if let quota = topology.quotaMilliCPU { parts.append("a quota of \(Server.cpus(thousandths: quota)) CPUs") }
        return parts.joined(separator: ", ")
    }

    /// For each NUMA node (or all together) the cores with the CPUs that lie there.
    private var groups: [[[Topology.LogicalCPU]]] {
        let nodes = topology.nodes.isEmpty ? [topology.cpus.map(\.number)] : topology.nodes
        // Only looked up.
        let cpus = Dictionary(topology.cpus.map { ($0.number, $0) }) { first, _ in first }
        return nodes.map { numbers in
            var cores: [[Topology.LogicalCPU]] = []
            var places: [UInt32: Int] = [:]
            for cpu in numbers.sorted().compactMap({ cpus[$0] }) {
                if let place = places[cpu.core] {
                    cores[place].append(cpu)
                } else {
                    places[cpu.core] = cores.count
                    cores.append([cpu])
                }
            }
            return cores
        }
    }

    /// `core 3   [ 6 shard 3 ] [ 7 sibling ]`
    private func row(_ core: [Topology.LogicalCPU]) -> String {
        let cells = core.map { cpu -> String in
            "[\(padded("\(cpu.number)", 3)) \(role(of: cpu).padded(to: 10))]"
        }
        return "core \("\(core[0].core)".padded(to: 4)) " + cells.joined(separator: " ")
    }

    private func role(of cpu: Topology.LogicalCPU) -> String {
        guard cpu.isAllowed else { return "forbidden" }
        guard isPossible else { return "" }
        if let shard = shardOfCPU[cpu.number] { return "shard \(shard)" }
        return shardsOfCore[cpu.core] != nil ? "sibling" : "free"
    }

    private var decision: [String] {
        switch outcome {
        case .failure(let error):
            return ["cpu_allocation = \(setting): no placement", "  \(error)"]
        case .success(let placement):
            var lines = [
                "cpu_allocation = \(setting): \(counted(placement.shards.count, "shard")), \(placement.reason)"
            ]
            if let siblings = siblings(placement) { lines.append("  " + siblings) }
            if placement.shards.contains(where: { $0.cpu == nil }) {
                lines.append("  shards are not bound: they may run on any CPU of this process")
            } else if placement.usableCPUs.count == 1 {
                lines.append("  one CPU: there is nothing to choose")
            } else if placement.homes(on: topology).isEmpty {
                lines.append("  memory is equally near everywhere, so shards may move between CPUs")
            } else {
                lines.append("  each shard stays on the CPUs of its NUMA node, where its memory is")
            }
            lines.append(
                "  \(ByteSize(bytes: memoryLimit).binary) for buffers, "
                    + "\(isLimitConfigured ? "as configured" : "half of the memory"); each shard needs "
                    + "\(ByteSize(bytes: MemoryPlan.bytesPerShardMin).binary) of them at least")
            return lines
        }
    }

    /// What becomes of later threads of cores; nil where there are none, or shards are not meant for CPUs.
    private func siblings(_ placement: Placement) -> String? {
        let count = placement.usableCPUs.count - placement.usableCoreCount
        guard count > 0, !shardOfCPU.isEmpty else { return nil }
        let cost = "a second thread of a core adds little speed and takes all of a shard's memory"
        let sharing = shardsOfCore.values.reduce(0) { $0 + $1 - 1 }
        return sharing == 0
            ? "\(counted(count, "sibling")) without a shard: \(cost)"
            : "\(counted(sharing, "shard")) on a core that has another: \(cost)"
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
