/// What was done to a real server in one run.
public struct RealCounts: Equatable, Sendable {
    public internal(set) var starts = 0, kills = 0, stops = 0, failedShards = 0, pauses = 0, crowdings = 0
    public internal(set) var fullDisks = 0, brokenConnections = 0
}

/// What became of a plan on a real server.
public struct RealReport: Sendable {
    public let verdict: Report.Verdict
    public let phase: String
    public let counts: RealCounts
    public let facts: Facts
    public let asked, ok, refused, unknown: Int
    /// What was done last, and when.
    public let timeline: [String]
    /// Nanoseconds.
    public let time: Int64

    init(_ run: RealRun) {
        phase = run.phase
        counts = run.counts
        facts = run.oracle.facts
        asked = run.askedCount
        (ok, refused, unknown) = (run.oracle.okCount, run.oracle.refusedCount, run.oracle.unknownCount)
        timeline = run.notes.suffix(15)
        time = run.server.now
        if let violation = run.oracle.violation {
            verdict = .violated(violation)
        } else if run.oracle.okCount == 0 {
            verdict = .vacuous("no request succeeded")
        } else {
            verdict = .held
        }
    }
}

extension RealReport {
    /// The process exit code that says the same.
    public var exitCode: Int32 { verdict.exitCode }
}

extension Report.Verdict {
    public var exitCode: Int32 {
        switch self {
        case .held: 0
        case .violated(let violation): violation.property.isLiveness ? 11 : 10
        case .vacuous: 14
        }
    }

    /// What was violated.
    public var property: Property? {
        if case .violated(let violation) = self { violation.property } else { nil }
    }

    /// For a machine.
    public var word: String {
        switch self {
        case .held: "held"
        case .violated: "violated"
        case .vacuous: "vacuous"
        }
    }

    /// For a person.
    public var words: String {
        switch self {
        case .held: "held"
        case .violated(let violation): "violated \(violation.property.rawValue)"
        case .vacuous(let why): "was vacuous: \(why)"
        }
    }
}
