public import Platform
import Primitives

/// How many shards, and where: a pure function of the machine and the setting.
///
/// One shard per physical core that we may use. Siblings of a core are never counted as cores: they share its
/// execution units and its memory bandwidth, and a start that counted them asked for twice the memory. A setting that
/// asks for more logical CPUs gets siblings only when no core is free.
public struct Placement: Equatable, Sendable {
    public let shards: [Shard]
    /// Why so many: the limit that decided, for the banner.
    public let reason: Reason
    /// The logical CPUs that we may use, ascending, and the physical cores that they belong to.
    public let usableCPUs: [UInt32]
    public let usableCoreCount: Int

    public struct Shard: Equatable, Sendable {
        /// The logical CPU that the shard is meant for; nil when shards are not bound, as more of them than CPUs are.
        public let cpu: UInt32?
        /// The logical index of the NUMA node whose memory the shard uses; nil when the setting names no nodes.
        public let node: Int?

        public init(cpu: UInt32?, node: Int?) {
            self.cpu = cpu
            self.node = node
        }
    }

    /// Besides the machine and the setting, what decides.
    public struct Bounds: Equatable, Sendable {
        /// What all shards together may use, in bytes.
        public var memoryBytes: UInt64
        /// What a shard needs of it at least.
        public var bytesPerShard = MemoryPlan.bytesPerShardMin
        /// `system.sharding.pin_cores`: false leaves shards unbound, and then there may be more of them than CPUs.
        public var pinsCores = true

        public init(memoryBytes: UInt64, pinsCores: Bool = true) {
            self.memoryBytes = memoryBytes
            self.pinsCores = pinsCores
        }
    }

    public init(_ setting: CPUAllocation, on topology: Topology, within bounds: Bounds) throws(PlacementError) {
        let candidates = Candidates(topology)
        usableCPUs = candidates.all.map(\.cpu).sorted()
        usableCoreCount = max(candidates.coreCount, 1)
        guard !candidates.all.isEmpty else { throw .noCPU }
        let available = min(candidates.all.count, topology.quotaCPUs ?? .max)

        var chosen: [Candidate]
        var reason: Reason
        switch setting {
        case .all:
            chosen = candidates.firstThreads
            reason = .onePerCore(cores: chosen.count, logicalCPUs: candidates.all.count)
        case .count(let count):
            guard count > 0 else { throw .noShards }
            reason = .asked(cores: usableCoreCount)
            if let count = Int(exactly: count), count <= available {
                chosen = Array(candidates.all.prefix(count))
            } else {
                guard !bounds.pinsCores else { throw .tooMany(asked: count, available: available) }
                let asked = Int(clamping: min(count, UInt64(Self.shardsMax)))
                chosen = Array(repeating: Candidate.unbound, count: asked)
                reason = .oversubscribed(asked: asked, cores: usableCoreCount)
            }
        case .range(let start, let end):
            chosen = try candidates.range(start: start, end: end, available: available)
            reason = .asked(cores: usableCoreCount)
        case .numa(let numa):
            chosen = try candidates.onNodes(numa, of: topology)
            reason =
                numa == .init()
                ? .onePerCore(cores: candidates.coreCount, logicalCPUs: candidates.all.count)
                : .asked(cores: usableCoreCount)
        }

        let isOversubscribed = chosen.contains(.unbound)
        if let quota = topology.quotaCPUs, quota < chosen.count, !isOversubscribed {
            chosen = Candidates.cut(chosen, to: quota)
            reason = .quota(milliCPU: topology.quotaMilliCPU ?? 0, cores: usableCoreCount)
        }
        let fitting = max(1, Int(clamping: bounds.memoryBytes / max(bounds.bytesPerShard, 1)))
        if fitting < chosen.count {
            reason = .memory(
                asked: chosen.count, bytes: bounds.memoryBytes, perShard: bounds.bytesPerShard)
            chosen = Candidates.cut(chosen, to: fitting)
        }
        self.reason = reason
        shards = chosen.map { Shard(cpu: bounds.pinsCores ? $0.boundCPU : nil, node: $0.node) }
    }

    /// Letters between shards name them with a number of 16 bits; a thousand are more than any machine can use.
    public static let shardsMax = 1_024

    /// More shards than CPUs: they wait for each other.
    public var isOversubscribed: Bool {
        if case .oversubscribed = reason { true } else { shards.count > usableCPUs.count }
    }

    /// What the operator should not overlook.
    public var warning: String? {
        isOversubscribed
            ? "more shards than CPUs: none is bound, and they wait for each other; cpu_allocation = all is faster" : nil
    }

    /// The CPUs that each shard should stay on, in the order of the shards: those of its NUMA node that we may use.
    /// Empty where memory is equally near everywhere.
    ///
    /// A shard is not bound to its core alone: a client of the same machine that is woken there would wait for the
    /// shard, and nobody could move either.
    public func homes(on topology: Topology) -> [[UInt32]] {
        let allowed = topology.cpus.filter(\.isAllowed)
        let isUniform = allowed.allSatisfy { $0.node == allowed.first?.node }
        if isUniform || shards.contains(where: { $0.cpu == nil }) { return [] }
        var homes = SortedMap<UInt32, [UInt32]>()
        var nodes = SortedMap<UInt32, UInt32>()
        for cpu in allowed {
            // One more than the node; 0 for none.
            let node = cpu.node.map { $0 &+ 1 } ?? 0
            nodes[cpu.number] = node
            homes[node, default: []].append(cpu.number)
        }
        return shards.map { shard in shard.cpu.flatMap { nodes[$0] }.flatMap { homes[$0] } ?? [] }
    }
}

extension Topology {
    /// Whole CPUs that the control group grants, at least one; nil when unlimited.
    fileprivate var quotaCPUs: Int? {
        quotaMilliCPU.map { max(1, Int($0 / 1_000)) }
    }
}
