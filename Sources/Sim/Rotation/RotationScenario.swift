public import Server

/// A handful of lines and one kind of trouble, small enough to be played in every order up to a bound of departures
/// from the usual one.
public enum RotationScenario: String, CaseIterable, Sendable {
    case rotateWrite = "rotate-write"
    case rotateRetention = "rotate-retention"
    case rotateCrash = "rotate-crash"
    case rotateRestart = "rotate-restart"
    case rotateFull = "rotate-full"
    case rotateForbidden = "rotate-forbidden"
    case rotateFailure = "rotate-failure"
    case rotateClock = "rotate-clock"
    case rotateEverything = "rotate-everything"

    func plan(_ mutation: LogMutation?) -> RotationPlan {
        // Two lines fill a file, and three files are the total.
        let limits = LogArchives.Limits(fileBytes: 60, totalBytes: 180, retention: 2_000_000)
        let life = RotationPlan.Life(limits: limits, checkInterval: 1_000_000_000, backlogBytesMax: 4_000)
        var lowered = life
        lowered.limits.totalBytes = 60
        var weights = RotationPlan.Weights(deliver: 1, timer: 1, complete: 1)
        var lives = [life]
        var disturbances = 1
        switch self {
        case .rotateWrite: weights.short = 1
        case .rotateRetention: break
        case .rotateCrash:
            weights.crash = 1
            lives = [life, life]
        case .rotateRestart:
            weights.stop = 1
            lives = [life, lowered]
        case .rotateFull:
            weights.fill = 1
            disturbances = 2
        case .rotateForbidden:
            weights.forbid = 1
            disturbances = 2
        case .rotateFailure:
            weights.failure = 1
            disturbances = 2
        case .rotateClock: weights.jump = 1
        case .rotateEverything:
            weights = .init(
                deliver: 1, timer: 1, complete: 1, fill: 1, forbid: 1, jump: 1, crash: 1, stop: 1, obstruct: 1,
                failure: 1, short: 1)
            lives = [life, lowered]
            disturbances = 3
        }
        return RotationPlan(
            lives: lives, lineCount: 7, weights: weights, disturbancesMax: disturbances, mutation: mutation)
    }

    /// One order.
    public func perform(
        _ path: DecisionPath, mutation: LogMutation? = nil, tell: ((String) -> Void)? = nil
    ) -> RotationRun.Outcome {
        RotationRun.perform(plan(mutation), RotationTape(path), tell)
    }

    /// Every order with at most so many departures: how many there are, and the first that breaks a rule.
    public func explore(bound: Int, mutation: LogMutation? = nil) -> (orders: Int, failed: DecisionPath?) {
        var tree = DecisionTree(bound: bound)
        let plan = plan(mutation)
        while let (number, path) = tree.next() {
            let expansion = path.expand(isLast: tree.isLastLevel) { path in
                let outcome = RotationRun.perform(plan, RotationTape(path))
                return Visit(outcome.decisions, isFailed: outcome.violation != nil)
            }
            guard let expansion else { break }
            tree.settle(number, expansion)
            if let failed = expansion.failed { return (tree.schedules, failed) }
        }
        return (tree.schedules, nil)
    }
}
