/// What one run told of itself.
public struct Visit: Sendable {
    public let decisions: [Decision]
    /// It was left: another run shows the same.
    public let isRedundant: Bool
    public let isFailed: Bool

    public init(_ decisions: [Decision], isRedundant: Bool = false, isFailed: Bool = false) {
        self.decisions = decisions
        self.isRedundant = isRedundant
        self.isFailed = isFailed
    }
}

/// What became of the paths with one departure more than a given one.
public struct Expansion: Sendable {
    /// Runs that went to their end, and runs that were left because another shows the same.
    public internal(set) var schedules = 0, redundant = 0
    /// Decisions of the longest.
    public internal(set) var decisionsMax = 0
    /// Those with choices behind their last departure: what the next level begins with.
    public internal(set) var open: [DecisionPath.Departure] = []
    /// The first that failed; those behind it were not run.
    public internal(set) var failed: DecisionPath?

    mutating func count(_ visit: Visit) {
        if visit.isRedundant { redundant += 1 } else { schedules += 1 }
        decisionsMax = max(decisionsMax, visit.decisions.count)
    }
}

extension DecisionPath {
    /// Runs every path with one departure more; of the root also itself. nil as soon as one cannot be run.
    ///
    /// `isLast`: nobody goes further, so what is open is not asked for.
    public func expand(isLast: Bool, _ run: (DecisionPath) -> Visit?) -> Expansion? {
        var expansion = Expansion()
        guard let own = run(self) else { return nil }
        if departures.isEmpty {
            expansion.count(own)
            if own.isFailed { expansion.failed = self }
        }
        for departure in nextDepartures(own.decisions) where expansion.failed == nil {
            let path = departing(departure)
            guard let visit = run(path) else { return nil }
            expansion.count(visit)
            if visit.isFailed { expansion.failed = path }
            if !isLast, !path.nextDepartures(visit.decisions).isEmpty { expansion.open.append(departure) }
        }
        return expansion
    }
}

/// Goes through the tree level by level, up to a bound: whoever expands the paths may do so anywhere and in any order.
public struct DecisionTree: Sendable {
    /// Departures of the longest paths wanted; nil for all.
    public let bound: Int?
    /// Departures of the paths that are run now.
    public private(set) var level = 1
    /// Of the last level that was gone through completely: 0 is the root alone.
    public private(set) var exhausted: Int?
    public private(set) var schedules = 0, redundant = 0, decisionsMax = 0
    /// Paths to expand in this level, how many of them were given out, and how many were settled.
    private var paths = [DecisionPath.root]
    private var given = 0, settled = 0
    private var following: [DecisionPath] = []

    public init(bound: Int?) { self.bound = bound }

    /// The last level: nobody needs to know what is behind it.
    public var isLastLevel: Bool { bound.map { level >= $0 } ?? false }
    /// Everything within the bound was run.
    public private(set) var isFinished = false
    /// Nothing is left beyond the bound either.
    public var isWhole: Bool { isFinished && bound.map { level < $0 } ?? true }
    /// Of this level's paths, those that were expanded.
    public var progress: (done: Int, of: Int) { (settled, paths.count) }

    /// The next path to expand. nil when all of this level are given out: settle them first, or all is finished.
    public mutating func next() -> (number: Int, path: DecisionPath)? {
        guard !isFinished, given < paths.count else { return nil }
        defer { given += 1 }
        return (given, paths[given])
    }

    /// What became of the path of this number.
    public mutating func settle(_ number: Int, _ expansion: Expansion) {
        settle(
            number, schedules: expansion.schedules, redundant: expansion.redundant,
            decisionsMax: expansion.decisionsMax, open: expansion.open)
    }

    public mutating func settle(
        _ number: Int, schedules: Int, redundant: Int, decisionsMax: Int, open: [DecisionPath.Departure]
    ) {
        settled += 1
        self.schedules += schedules
        self.redundant += redundant
        self.decisionsMax = max(self.decisionsMax, decisionsMax)
        for departure in open { following.append(paths[number].departing(departure)) }
        if settled == paths.count { finishLevel() }
    }

    private mutating func finishLevel() {
        exhausted = level
        guard !isLastLevel, !following.isEmpty else {
            isFinished = true
            return
        }
        paths = following
        following = []
        (given, settled) = (0, 0)
        level += 1
    }
}
