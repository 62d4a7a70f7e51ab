public import Platform

/// One small scenario, crashed everywhere: the power goes out after each operation that changes the disk, and again
/// after operations of the recovery.
public struct Sweep: Sendable {
    /// How much of the square of two crashes is run.
    public enum Nesting: String, CaseIterable, Sendable {
        case none
        /// One boundary in sixteen of each recovery, with one of the survivals; another one for each first crash.
        case sampled
        /// Every boundary of each recovery, with every survival.
        case all
    }

    /// Boundaries of a recovery from which one is taken.
    private static let sampleStride = 16

    public let scenario: SweepScenario
    public var mutation: Mutation?
    public var sabotage: Sabotage?

    public init(_ scenario: SweepScenario) { self.scenario = scenario }

    /// The scenario with these crashes.
    public func plan(_ points: [CrashPoint]) -> Plan {
        var plan = scenario.plan
        plan.mutation = mutation
        plan.sabotage = sabotage
        plan.crashPoints = points
        return plan
    }

    public func run(_ points: [CrashPoint]) -> Report? {
        Run(plan(points), server: Plan.galgo, isRecording: false)?.perform()
    }

    /// The crashes to run after one, given what its run told: inside the recovery from it.
    public static func nested(in first: CrashPoint, _ report: Report, _ nesting: Nesting) -> [[CrashPoint]] {
        guard nesting != .none, report.crashPointsPassed == 1, report.boundariesBeforeServing > 0 else { return [] }
        let turn = first.boundary * Survival.swept.count + (Survival.swept.firstIndex(of: first.survival) ?? 0)
        return (1...report.boundariesBeforeServing).flatMap { boundary -> [[CrashPoint]] in
            switch nesting {
            case .none: return []
            case .sampled:
                guard (boundary + turn) % sampleStride == 0 else { return [] }
                let survival = Survival.swept[(turn / sampleStride + boundary) % Survival.swept.count]
                return [[first, CrashPoint(boundary, survival)]]
            case .all: return Survival.swept.map { [first, CrashPoint(boundary, $0)] }
            }
        }
    }
}
