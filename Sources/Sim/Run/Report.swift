public import Platform
import Primitives

/// What became of one plan, for a person and for a machine.
public struct Report: Sendable {
    public let seed: UInt64
    public let verdict: Verdict
    /// The phase that the run ended in.
    public let phase: String
    public let traceHash: TraceHash
    public let counts: Universe.Counts
    public let facts: Facts
    public let asked, ok, refused, unknown: Int
    /// How often each family of faults changed something.
    public let effects: [(family: Fault.Family, count: Int)]
    /// How far the faults of each family came.
    public let tallies: [(family: Fault.Family, tally: FaultTally)]
    /// The same by kind of the catalogue, of those that were drawn.
    public let kinds: [(id: String, effects: Int, tally: FaultTally)]
    /// Faults of the plan that changed how or when an operation ended, its last crash among them.
    public let feltFaults: Int
    /// By `Mark.rawValue`.
    public let markHits: [UInt32]
    /// Nanoseconds.
    public let simulatedTime: Int64
    public let bufferBytesPeak: Int
    /// Operations that changed the disk since the last crash point: until all shards served, and until the stop.
    public let boundariesBeforeServing, boundariesToStop: Int
    public let crashPointsPassed: Int
    /// What happened last.
    public let timeline: [String]
    /// What it drew: with this tape the plan is the same run.
    public let tape: PlannedTape
    /// Operations that the clients, the owners and the last writers of the plan have begun, in this order.
    public let begun: [Int]

    public enum Verdict: Equatable, Sendable {
        case held
        case violated(Violation)
        /// The run found nothing because it did nothing.
        case vacuous(String)
    }

    init(_ run: Run, phase: String) {
        let universe = run.universe
        seed = run.plan.seed
        self.phase = phase
        traceHash = universe.trace
        counts = universe.counts
        var facts = run.oracle.facts
        // Every step of every shard is followed by its laws.
        facts.add(.law, count: universe.counts.steps)
        self.facts = facts
        asked = run.askedCount
        (ok, refused, unknown) = (run.oracle.okCount, run.oracle.refusedCount, run.oracle.unknownCount)
        effects = Fault.Family.allCases.map { ($0, universe.faults.effects(of: $0)) }
        tallies = Fault.Family.allCases.map { ($0, universe.faults.tally(of: $0)) }
        kinds = universe.faults.kinds
        feltFaults = universe.faults.feltCount + (run.hasCrashedLast ? 1 : 0)
        markHits = Mark.allCases.map { universe.hits(of: $0) }
        simulatedTime = universe.clock.now
        bufferBytesPeak = universe.bufferBytesPeak
        boundariesBeforeServing = universe.boundariesBeforeServing ?? 0
        boundariesToStop = run.boundariesToStop
        crashPointsPassed = universe.crashPointsPassed
        timeline = universe.narrator.lines(last: 15)
        tape = universe.tape.recorded
        begun = run.begun
        if let violation = run.oracle.violation {
            verdict = .violated(violation)
        } else if let finding = universe.finding {
            verdict = .violated(Violation(finding.property, "\(finding)", law: finding.law, at: universe.clock.now))
        } else if run.oracle.okCount == 0 {
            verdict = .vacuous("no request succeeded")
        } else {
            verdict = .held
        }
    }

    /// The process exit code that says the same.
    public var exitCode: Int32 {
        switch verdict {
        case .held: 0
        case .violated(let violation): violation.property.isLiveness ? 11 : 10
        case .vacuous: 14
        }
    }
}

extension Finding {
    var property: Property {
        switch self {
        case .brokenLaw: .law
        case .livelock: .liveness
        case .startRefused: .liveness
        case .leakedMachine: .resourceBaseline
        }
    }

    fileprivate var law: String {
        switch self {
        case .brokenLaw(_, let law): law
        case .livelock: "no livelock"
        case .startRefused: "its own directory is no reason to refuse a start"
        case .leakedMachine: "nobody holds a dropped Machine"
        }
    }
}

extension Report {
    /// One line of JSON.
    public var json: String {
        var fields: [String] = []
        func add(_ name: String, _ value: String) { fields.append("\"\(name)\":\(value)") }
        add("seed", "\(seed)")
        add("generator", "\(Plan.generator)")
        add("streams", "\(PRNG.streamVersion)")
        switch verdict {
        case .held: add("verdict", "\"held\"")
        case .vacuous(let why):
            add("verdict", "\"vacuous\"")
            add("detail", quoted(why))
        case .violated(let violation):
            add("verdict", "\"violated\"")
            add("property", quoted(violation.property.rawValue))
            add("detail", quoted(violation.text))
            if !violation.law.isEmpty { add("law", quoted(violation.law)) }
            add("time_us", "\(violation.time / microsecond)")
        }
        add("phase", quoted(phase))
        add("trace", quoted(traceHash.text))
        add("asked", "\(asked)")
        add("ok", "\(ok)")
        add("refused", "\(refused)")
        add("unknown", "\(unknown)")
        add("steps", "\(counts.steps)")
        add("happenings", "\(counts.happenings)")
        add("kills", "\(counts.kills)")
        add("power_cuts", "\(counts.powerCuts)")
        add("panics", "\(counts.panics)")
        add("restarts", "\(counts.restarts)")
        add("simulated_us", "\(simulatedTime / microsecond)")
        add("buffer_bytes_peak", "\(bufferBytesPeak)")
        let faults = effects.filter { $0.count > 0 }.map { "\"\($0.family.rawValue)\":\($0.count)" }
        add("faults", "{\(faults.joined(separator: ","))}")
        let drawn = tallies.filter { $0.tally.drawn > 0 }.map {
            "\"\($0.family.rawValue)\":[\($0.tally.drawn),\($0.tally.met),\($0.tally.survived)]"
        }
        add("felt_faults", "\(feltFaults)")
        add("tallies", "{\(drawn.joined(separator: ","))}")
        let byKind = kinds.map { "\"\($0.id)\":[\($0.tally.drawn),\($0.tally.met),\($0.tally.survived)]" }
        add("kinds", "{\(byKind.joined(separator: ","))}")
        let compared = Property.allCases.map { "\"\($0.rawValue)\":\(facts[$0])" }
        add("facts", "{\(compared.joined(separator: ","))}")
        let marks = Mark.allCases.filter { markHits[Int($0.rawValue)] > 0 }
            .map { "\"\($0.text)\":\(markHits[Int($0.rawValue)])" }
        add("marks", "{\(marks.joined(separator: ","))}")
        return "{\(fields.joined(separator: ","))}"
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default:
                if scalar.value < 0x20 {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}

extension Mark {
    /// The names of all marks, as reports have them.
    public static var names: [String] { allCases.map(\.text) }
}
