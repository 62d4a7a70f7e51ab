public import Platform

/// One small scenario in every order of what could be next: a path of decisions is a schedule of it.
public struct Interleaving: Sendable {
    private let base: Plan
    public var mutation: Mutation?
    public var sabotage: Sabotage?

    public init(_ scenario: InterleavingScenario) { base = scenario.plan }

    /// Any plan whose clients meet, and which says what may interrupt it.
    public init(_ base: Plan) { self.base = base }

    /// The scenario in this order.
    public func plan(_ path: DecisionPath) -> Plan {
        var plan = base
        plan.mutation = mutation
        plan.sabotage = sabotage
        var tape = PlannedTape()
        tape[.order] = .choices(path.choices)
        // What a crash meets on its way to the disk did not happen: that it did is another order.
        tape[.survival] = .choices(Array(repeating: 1, count: 64))
        plan.tape = tape
        return plan
    }

    /// One schedule; nil if it cannot be played. `prunes`: it is left where another order shows the same.
    public func run(_ path: DecisionPath, prunes: Bool) -> Report? {
        guard let run = Run(plan(path), server: Plan.galgo, isRecording: false) else { return nil }
        run.universe.exploration.prunes = prunes
        return run.perform()
    }
}

extension Report {
    /// What it told, for whoever enumerates.
    public var visit: Visit {
        Visit(decisions, isRedundant: isRedundant, isFailed: !isRedundant && exitCode != 0)
    }
}
