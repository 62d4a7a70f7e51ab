/// Why no shards can be placed as the setting asks.
public enum PlacementError: Error, Equatable, Sendable {
    case noShards
    /// More shards than CPUs that this process may use, and each is to have its own.
    case tooMany(asked: UInt64, available: Int)
    case emptyRange(start: UInt64, end: UInt64)
    case cpuNotAllowed(UInt64)
    case noNUMANodes
    case noSuchNode(UInt64, available: Int)
    case tooFewCores(node: Int, asked: UInt64, available: Int)
    /// Neither the affinity mask nor the setting leaves a CPU.
    case noCPU
}

extension PlacementError: CustomStringConvertible {
    /// What is wrong and what would be right.
    public var description: String {
        switch self {
        case .noShards: "0 shards cannot serve; write all or a number from 1 on"
        case .tooMany(let asked, let available):
            "\(asked) shards on \(counted(available, "available CPU")): each has a CPU of its own; "
                + "system.sharding.pin_cores = false allows more of them"
        case .emptyRange(let start, let end): "the range \(start)..\(end) holds no CPU; its end is not part of it"
        case .cpuNotAllowed(let cpu): "this process may not use CPU \(cpu)"
        case .noNUMANodes: "this machine has no NUMA nodes; write all"
        case .noSuchNode(let node, let available):
            "there is no NUMA node \(node); this machine has \(available), counted from 0"
        case .tooFewCores(let node, let asked, let available):
            "NUMA node \(node) cannot have \(counted(Int(clamping: asked), "shard")); "
                + "it has \(counted(available, "free core")) that this process may use"
        case .noCPU: "no CPU is left that this process may use"
        }
    }
}
