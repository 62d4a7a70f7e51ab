public import Platform
import Primitives

/// One small scenario, disturbed everywhere at the disk: the power goes out after each operation that changes it, and
/// again after operations of the recovery; or each such operation is refused, and the power goes out soon after.
public struct Sweep: Sendable {
    /// How much of the square of two disk points is run.
    public enum Nesting: String, CaseIterable, Sendable {
        case none
        /// Of each recovery one boundary in sixteen with one of the survivals, another one for each first point. Behind
        /// each refusal the next few: torn, as what has failed and what undoes it then part, and with one of the others.
        case sampled
        /// Every boundary of each recovery, and every one behind each refusal in the work, with every survival.
        case all
    }

    /// What the runs begin with.
    public enum Kind: Sendable {
        case crashes, refusals

        fileprivate var deeds: [DiskPoint.Deed] {
            switch self {
            case .crashes: Survival.swept.map { .crash($0) }
            case .refusals: Refusal.allCases.map { .refusal($0) }
            }
        }
    }

    /// Boundaries of a recovery from which one is taken.
    private static let sampleStride = 16
    /// Boundaries behind a refusal, its own among them, that are taken.
    private static let sampleReach = 6

    public let scenario: SweepScenario
    public var mutation: Mutation?
    public var sabotage: Sabotage?

    public init(_ scenario: SweepScenario) { self.scenario = scenario }

    /// The scenario with these points.
    public func plan(_ points: [DiskPoint]) -> Plan {
        var plan = scenario.plan
        plan.mutation = mutation
        plan.sabotage = sabotage
        plan.diskPoints = points
        return plan
    }

    public func run(_ points: [DiskPoint]) -> Report? {
        Run(plan(points), server: Plan.galgo, isRecording: false)?.perform()
    }

    // MARK: First points

    /// The numbers of the first points, given what the scenario is without any: crashes everywhere, refusals where
    /// something may go wrong.
    public static func units(_ kind: Kind, of fair: Report) -> Range<UInt64> {
        let (first, end) =
            switch kind {
            case .crashes: (0, fair.boundariesToStop)
            case .refusals: (fair.boundariesBeforeWork, max(fair.boundariesBeforeWork, fair.boundariesToHealing))
            }
        let count = kind.deeds.count
        return UInt64(first * count)..<UInt64(end * count)
    }

    public static func first(_ kind: Kind, _ unit: UInt64) -> DiskPoint {
        let deeds = kind.deeds
        return DiskPoint(Int(unit / UInt64(deeds.count)) + 1, deeds[Int(unit % UInt64(deeds.count))])
    }

    // MARK: What follows

    /// What to run after the run of a first point, given what that told.
    public static func nested(in first: DiskPoint, _ report: Report, _ nesting: Nesting) -> [[DiskPoint]] {
        guard nesting != .none, report.diskPointsPassed == 1 else { return [] }
        switch first.deed {
        case .crash: return crashes(inRecoveryFrom: first, report, nesting)
        case .refusal: return crashes(behind: first, report, nesting)
        }
    }

    private static func crashes(
        inRecoveryFrom first: DiskPoint, _ report: Report, _ nesting: Nesting
    ) -> [[DiskPoint]] {
        let turn = turn(of: first)
        return boundariesOfRecovery(report).flatMap { boundary -> [[DiskPoint]] in
            guard nesting == .sampled else { return Survival.swept.map { [first, DiskPoint(boundary, $0)] } }
            guard (boundary + turn) % sampleStride == 0 else { return [] }
            return [[first, DiskPoint(boundary, survival(turn / sampleStride + boundary))]]
        }
    }

    private static func crashes(behind first: DiskPoint, _ report: Report, _ nesting: Nesting) -> [[DiskPoint]] {
        guard first.boundary <= report.boundariesToStop else { return [] }
        guard nesting == .sampled else {
            return (first.boundary...report.boundariesToStop).flatMap { boundary in
                Survival.swept.map { [first, DiskPoint(boundary, $0)] }
            }
        }
        let others = Survival.swept.filter { $0 != .torn }
        return (first.boundary...min(first.boundary + sampleReach - 1, report.boundariesToStop)).flatMap {
            [[first, DiskPoint($0, .torn)], [first, DiskPoint($0, others[lot(first, $0, below: others.count)])]]
        }
    }

    /// The crash at the place of a refusal: what is refused in the recovery from it follows.
    public static func crash(inPlaceOf refusal: DiskPoint) -> DiskPoint {
        DiskPoint(refusal.boundary, survival(lot(refusal, 0, below: Survival.swept.count)))
    }

    /// Boundaries behind a refusal in a recovery, its own among them, that may be taken.
    private static let recoveryReach = 4

    /// Refusals in the recovery from a crash, alone and with a second crash within `recoveryReach`, given what the run of
    /// the crash told.
    public static func refusals(_ refusal: DiskPoint, inRecoveryFrom crash: DiskPoint, _ report: Report, _ nesting: Nesting)
        -> [[DiskPoint]]
    {
        guard nesting != .none, report.diskPointsPassed == 1 else { return [] }
        let offset = lot(refusal, 1, below: sampleStride)
        return boundariesOfRecovery(report).flatMap { boundary -> [[DiskPoint]] in
            let points = [crash, DiskPoint(boundary, refusal.deed)]
            guard nesting == .sampled else {
                return [points]
                    + (0..<recoveryReach).flatMap { step in
                        Survival.swept.map { points + [DiskPoint(boundary + step, $0)] }
                    }
            }
            guard (boundary + offset) % sampleStride == 0 else { return [] }
            let step = lot(refusal, boundary, below: recoveryReach)
            let second = DiskPoint(boundary + step, survival(lot(refusal, -boundary, below: Survival.swept.count)))
            return [points, points + [second]]
        }
    }

    private static func boundariesOfRecovery(_ report: Report) -> Range<Int> {
        1..<max(1, report.boundariesBeforeServing + 1)
    }

    private static func survival(_ number: Int) -> Survival { Survival.swept[number % Survival.swept.count] }

    /// Drawn for a point and a number: another one for each of both, and in every run the same.
    private static func lot(_ point: DiskPoint, _ number: Int, below bound: Int) -> Int {
        var dice = PRNG(seed: UInt64(truncatingIfNeeded: number), label: point.text)
        return Int(dice.next(below: UInt64(bound)))
    }

    /// Another one for each first point.
    private static func turn(of point: DiskPoint) -> Int {
        let place =
            switch point.deed {
            case .crash(let survival): Survival.swept.firstIndex(of: survival)
            case .refusal(let refusal): Refusal.allCases.firstIndex(of: refusal)
            }
        return point.boundary * Survival.swept.count + (place ?? 0)
    }
}
