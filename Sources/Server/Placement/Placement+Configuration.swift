public import Platform

extension Placement {
    /// The shards that a configuration asks for on this machine; else what is wrong, and where it is asked for.
    public init(_ effective: Effective, on topology: Topology) throws(Problem) {
        let path = "system.sharding.cpu_allocation"
        let limit = MemoryPlan.limit(
            configured: effective.sizeIfSet("galgo.memory_limit")?.bytes, memoryBytes: topology.memoryBytes)
        do throws(PlacementError) {
            self = try Placement(
                effective.allocation(path), on: topology,
                within: .init(memoryBytes: limit, pinsCores: effective.flag("system.sharding.pin_cores")))
        } catch {
            throw Problem(
                .error, effective[path].source, "\(path) = \(effective.allocation(path)), on this machine: \(error)")
        }
    }
}
