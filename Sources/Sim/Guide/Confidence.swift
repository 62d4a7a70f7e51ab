/// Whether a failure is gone is a question of how often it showed: of a failure that comes in one run of a hundred,
/// fifty runs that hold say little.
public struct Confidence: Equatable, Sendable {
    /// Runs that failed, at least 1, of so many.
    public let failures, runs: Int

    /// More runs than this are no measurement of one afternoon.
    public static let runsMax = 1_000_000

    public init?(failures: Int, of runs: Int) {
        guard failures > 0, runs >= failures, runs <= Self.runsMax else { return nil }
        self.failures = failures
        self.runs = runs
    }

    /// How many runs have to hold so that the failure, if it still came as often, would have shown with 99 %: the
    /// least n with `(1 - failures/runs)^n <= 1/100`, that is ln 0.01 / ln(1 - rate) rounded up.
    public var holdsNeeded: Int {
        // Thirty-two bits behind the point, rounded up: never a run too few.
        let one: UInt64 = 1 << 32
        let factor = (UInt64(runs - failures) * one + UInt64(runs) - 1) / UInt64(runs)
        var doubt = one
        var count = 0
        while doubt * 100 > one {
            doubt = (doubt * factor + one - 1) >> 32
            count += 1
        }
        return count
    }
}
