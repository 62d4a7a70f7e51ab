public import Platform

/// One scenario, crashed everywhere: a topic is made, messages are appended over several segments, offsets are
/// committed, the server stops; the power goes out after each operation that changes the disk, and again after each
/// one of the recovery.
public struct Sweep: Sendable {
    public enum Scenario: String, CaseIterable, Sendable {
        /// One shard, everything synced before it is acknowledged.
        case power
        /// One shard, acknowledged when written.
        case process
        /// Two shards and two partitions, synced.
        case shards
    }

    /// How much of the square of two crashes is run.
    public enum Nesting: String, CaseIterable, Sendable {
        case none
        /// Every boundary of the recovery, each with one of the survivals in turn.
        case sampled
        case all
    }

    public let scenario: Scenario
    public var mutation: Mutation?
    public var sabotage: Sabotage?

    public init(_ scenario: Scenario) { self.scenario = scenario }

    /// The scenario with these crashes.
    public func plan(_ points: [CrashPoint]) -> Plan {
        var plan = Plan(seed: 1)
        for knob in Knob.allCases { plan.knobs[knob] = knob.range.minimum }
        plan.knobs[.shards] = scenario == .shards ? 2 : 1
        plan.knobs[.partitions] = scenario == .shards ? 2 : 1
        plan.knobs[.durability] = scenario == .process ? 1 : 2
        plan.knobs[.offsetsDurability] = scenario == .process ? 1 : 2
        plan.knobs[.segmentation] = 0
        // Tails and caches that hold something: what they serve must agree with the disk.
        plan.knobs[.tailBatches] = 4
        plan.knobs[.openFiles] = 16
        plan.mutation = mutation
        plan.sabotage = sabotage
        plan.clients = (0..<2 as Range<UInt32>).map { client in
            let partition = scenario == .shards ? client : 0
            var operations: [PlannedOperation] = []
            for number in 0..<6 as Range<UInt32> {
                operations.append(
                    .append(partition: partition, messages: 1 + number % 3, payloadBytes: 60 + 250 * (number % 2)))
                if number % 2 == 1 {
                    operations += [.poll(partition: partition, messages: 5), .store(partition: partition)]
                }
            }
            // The background has time for what it does by the clock.
            return PlannedClient(.patient, operations + [.pause(micros: 60_000), .fetch(partition: partition)])
        }
        plan.crashPoints = points
        return plan
    }

    public func run(_ points: [CrashPoint]) -> Report? {
        Run(plan(points), server: Plan.galgo)?.perform()
    }

    /// The crashes to run after one, given what its run told: inside the recovery from it.
    public static func nested(in first: CrashPoint, _ report: Report, _ nesting: Nesting) -> [[CrashPoint]] {
        guard nesting != .none, report.crashPointsPassed == 1, report.boundariesBeforeServing > 0 else { return [] }
        return (1...report.boundariesBeforeServing).flatMap { boundary in
            let survivals =
                nesting == .all
                ? Survival.swept : [Survival.swept[(boundary + first.boundary) % Survival.swept.count]]
            return survivals.map { [first, CrashPoint(boundary, $0)] }
        }
    }
}
