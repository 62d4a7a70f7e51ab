/// The processors we may use, as facts. Placement is a pure function of this value and a setting.
public struct Topology: Equatable, Sendable {
    /// One logical CPU: what the system schedules on. Siblings share a core.
    public struct LogicalCPU: Equatable, Sendable {
        /// The system's number.
        public let number: UInt32
        /// Which physical core it belongs to; equal for siblings.
        public let core: UInt32
        /// Which NUMA node its core is nearest to; nil when the machine has none.
        public let node: UInt32?
        /// In our affinity mask and cpuset.
        public let isAllowed: Bool

        public init(number: UInt32, core: UInt32, node: UInt32?, isAllowed: Bool) {
            self.number = number
            self.core = core
            self.node = node
            self.isAllowed = isAllowed
        }
    }

    /// Ascending by number.
    public let cpus: [LogicalCPU]
    /// For each NUMA node, in logical order, the numbers of its CPUs: none for a node of memory alone, and the same for
    /// nodes that share their cores.
    public let nodes: [[UInt32]]
    /// CPU time per second that the control group grants, in thousandths of a CPU; nil when unlimited.
    public let quotaMilliCPU: UInt32?
    /// Memory the process may use, in bytes: the control group's limit or the machine's.
    public let memoryBytes: UInt64

    /// Without `nodes`, those that the CPUs name.
    public init(cpus: [LogicalCPU], nodes: [[UInt32]]? = nil, quotaMilliCPU: UInt32?, memoryBytes: UInt64) {
        let cpus = cpus.sorted { $0.number < $1.number }
        self.cpus = cpus
        self.nodes = nodes ?? Self.nodes(of: cpus)
        self.quotaMilliCPU = quotaMilliCPU
        self.memoryBytes = memoryBytes
    }

    /// The nodes that CPUs name, up to the highest.
    private static func nodes(of cpus: [LogicalCPU]) -> [[UInt32]] {
        let count = cpus.compactMap(\.node).max().map { Int($0) + 1 } ?? 0
        var nodes = Array(repeating: [UInt32](), count: count)
        for cpu in cpus { if let node = cpu.node { nodes[Int(node)].append(cpu.number) } }
        return nodes
    }
}

/// Where a topology comes from: the machine (hwloc) or a plan.
public protocol TopologySource {
    func topology() -> Topology
}
