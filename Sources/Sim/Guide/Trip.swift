/// A run of a search: a seed, where it leaves that seed's path, and what strikes it from there on.
public struct Trip: Equatable, Sendable {
    public let seed: UInt64
    public private(set) var branches: [Branch] = []
    public private(set) var faults: [Fault] = []

    public init(seed: UInt64) { self.seed = seed }

    /// The same way up to the branch, and another one from there.
    public func turning(_ branch: Branch, into faults: [Fault]) -> Trip {
        var trip = self
        trip.branches.append(branch)
        trip.faults += faults
        return trip
    }

    /// The plan of the seed with all branches.
    public func plan(by generator: PlanGenerator) -> Plan {
        var plan = generator.plan(seed: seed)
        plan.branches = branches
        plan.faults += faults
        return plan
    }
}
