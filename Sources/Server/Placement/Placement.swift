public import Platform
import Primitives

/// How many shards, and where: a pure function of the machine and the setting.
///
/// One shard per physical core that we may use. Siblings of a core are never counted as cores: they share its
/// execution units and its memory bandwidth, and a start that counted them asked for twice the memory.
public struct Placement: Equatable, Sendable {
    public let shards: [Shard]
    /// Why so many: the limit that decided, for the banner.
    public let reason: Reason
    /// The logical CPUs that we may use, ascending, and the physical cores that they belong to.
    public let usableCPUs: [UInt32]
    public let usableCoreCount: Int

    public struct Shard: Equatable, Sendable {
        /// Logical CPUs of the shard's core that we may use; empty when shards share cores.
        public let cpus: [UInt32]
        public let node: UInt32?
    }

    public enum Reason: Equatable, Sendable {
        /// `all`: every usable physical core.
        case onePerCore(cores: Int, logicalCPUs: Int)
        /// `all`, but the control group grants less CPU time than there are cores.
        case quota(milliCPU: UInt32, cores: Int)
        /// `all`, but memory holds fewer shards than there are cores.
        case memory(bytes: UInt64, perShard: UInt64, cores: Int)
        /// A number that the cores can hold.
        case asked(cores: Int)
        /// A number above the cores: shards share cores.
        case oversubscribed(asked: Int, cores: Int)
        /// A number above what memory holds: fewer shards, which share cores.
        case bounded(asked: Int, bytes: UInt64, perShard: UInt64)
    }

    public enum Setting: Equatable, Sendable {
        case all
        case count(UInt16)

        /// `all` or a number of shards from 1 to 1024; nil for anything else.
        public init?(_ text: String) {
            if text == "all" {
                self = .all
            } else if let count = UInt16(digits: text), (1...1024).contains(count) {
                self = .count(count)
            } else {
                return nil
            }
        }
    }

    public init(_ setting: Setting, on topology: Topology, bytesPerShard: UInt64) {
        let cores = Self.usableCores(topology)
        let coreCount = max(cores.count, 1)
        let fitting = max(1, Int(clamping: topology.memoryBytes / max(bytesPerShard, 1)))
        usableCPUs = cores.flatMap(\.cpus).sorted()
        usableCoreCount = coreCount
        switch setting {
        case .count(let asked) where Int(asked) <= cores.count:
            shards = cores.prefix(Int(asked)).map { Shard(cpus: $0.cpus, node: $0.node) }
            reason = .asked(cores: coreCount)
        case .count(let asked):
            // One for each core is what was meant, whatever the memory; more than that has to fit.
            let count = min(Int(asked), max(fitting, coreCount))
            shards = Array(repeating: Shard(cpus: [], node: nil), count: count)
            reason =
                count < asked
                ? .bounded(asked: Int(asked), bytes: topology.memoryBytes, perShard: bytesPerShard)
                : .oversubscribed(asked: Int(asked), cores: coreCount)
        case .all:
            var count = coreCount
            var reason = Reason.onePerCore(cores: coreCount, logicalCPUs: topology.cpus.filter(\.isAllowed).count)
            if let quota = topology.quotaMilliCPU {
                // Part of a CPU still needs a shard to use it.
                let granted = max(1, Int(quota / 1000) + (quota % 1000 == 0 ? 0 : 1))
                if granted < count {
                    count = granted
                    reason = .quota(milliCPU: quota, cores: coreCount)
                }
            }
            if fitting < count {
                count = fitting
                reason = .memory(bytes: topology.memoryBytes, perShard: bytesPerShard, cores: coreCount)
            }
            shards =
                cores.isEmpty
                ? [Shard(cpus: [], node: nil)] : cores.prefix(count).map { Shard(cpus: $0.cpus, node: $0.node) }
            self.reason = reason
        }
    }

    /// The CPUs that each shard should stay on, in the order of the shards: those of its NUMA node that we may use.
    /// Empty where memory is equally near everywhere.
    ///
    /// A shard is not bound to its core alone: a client of the same machine that is woken there would wait for the
    /// shard, and nobody could move either.
    public func homes(on topology: Topology) -> [[UInt32]] {
        let allowed = topology.cpus.filter(\.isAllowed)
        let isUniform = allowed.allSatisfy { $0.node == allowed.first?.node }
        if isUniform || shards.contains(where: \.cpus.isEmpty) { return [] }
        return shards.map { shard in allowed.filter { $0.node == shard.node }.map(\.number) }
    }

    private struct Core {
        let number: UInt32
        var cpus: [UInt32]
        let node: UInt32?
    }

    /// Cores with an allowed CPU, in the order of their first allowed CPU.
    private static func usableCores(_ topology: Topology) -> [Core] {
        var cores: [Core] = []
        for cpu in topology.cpus where cpu.isAllowed {
            if let place = cores.firstIndex(where: { $0.number == cpu.core }) {
                cores[place].cpus.append(cpu.number)
            } else {
                cores.append(Core(number: cpu.core, cpus: [cpu.number], node: cpu.node))
            }
        }
        return cores
    }
}

extension Placement.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .onePerCore(let cores, let logicalCPUs):
            logicalCPUs == cores
                ? "one per physical core"
                : "one per physical core: \(logicalCPUs) logical CPUs are siblings on \(counted(cores, "core"))"
        case .quota(let milliCPU, let cores):
            "the control group grants \(milliCPU / 1000).\(milliCPU % 1000 / 100) CPUs of \(counted(cores, "core"))"
        case .memory(let bytes, let perShard, let cores):
            "\(bytes >> 20) MiB of memory hold no more at \(perShard >> 20) MiB each; the machine has \(counted(cores, "core"))"
        case .bounded(let asked, let bytes, let perShard):
            "not \(asked) as configured: \(bytes >> 20) MiB of memory hold no more at \(perShard >> 20) MiB each"
        case .asked(let cores): "as configured, on \(counted(cores, "core"))"
        case .oversubscribed(let asked, let cores):
            "as configured; \(asked) shards share \(counted(cores, "core")) and wait for each other, which costs speed"
        }
    }
}

/// `1 core`, `2 cores`.
public func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
