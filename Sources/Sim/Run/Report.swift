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
    /// Appends that a client asked for again, not knowing what had become of them, and those of them that were there twice
    /// in the end.
    public let retries, duplicates: Int
    /// How often each family of faults changed something.
    public let effects: [(family: Fault.Family, count: Int)]
    /// How far the faults of each family came.
    public let tallies: [(family: Fault.Family, tally: FaultTally)]
    /// The same by kind of the catalogue, of those that were drawn.
    public let kinds: [(id: String, effects: Int, tally: FaultTally)]
    /// The faults that began, in their order.
    public let beginnings: [FaultBeginning]
    /// Faults of the plan that changed how or when an operation ended, its last crash among them.
    public let feltFaults: Int
    /// By `Mark.rawValue`.
    public let markHits: [UInt32]
    /// Nanoseconds.
    public let simulatedTime: Int64
    public let bufferBytesPeak: Int
    /// Operations that changed the disk since the last crash point: until all shards served, and until the stop.
    public let boundariesBeforeServing, boundariesToStop: Int
    /// The same at the beginning of the work, and when all faults were over.
    public let boundariesBeforeWork, boundariesToHealing: Int
    public let diskPointsPassed: Int
    /// What it went through, pair by pair.
    public let sightings: Sightings
    /// Branches of the plan that it took.
    public let branchesTaken: Int
    /// Ambushes that would have done harm, had they been planted.
    public let sprung: [Ambush]
    /// The name of the finding that ended it, if one did.
    public let finding: String?
    /// What happened last.
    public let timeline: [String]
    /// The plan of what was violated, in a few lines.
    public let plan: [String]
    /// What it drew, if that was recorded: with this tape the plan is the same run.
    public let tape: PlannedTape?
    /// Operations that the clients, the owners and the last writers of the plan have begun, in this order.
    public let begun: [Int]
    /// The decisions of an explored order, and whether it was left because another schedule is the same.
    public let decisions: [Decision]
    public let isRedundant: Bool
    /// The world where the run was left or ended, if somebody wants to see it.
    public let state: WorldState?
    /// The run was left there by intent: what follows is not known.
    public let isStopped: Bool

    /// Lines that a failure shows of each.
    static let timelineCount = 15
    public static let planLineCount = 12

    public enum Verdict: Equatable, Sendable {
        case held
        case violated(Violation)
        /// The run found nothing because it did nothing.
        case vacuous(String)
    }

    init(_ run: Run, phase: String, state: WorldState?) {
        self.state = state
        isStopped = run.stopped != nil
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
        (retries, duplicates) = (run.oracle.retryCount, run.oracle.duplicateCount)
        effects = Fault.Family.allCases.map { ($0, universe.faults.effects(of: $0)) }
        tallies = Fault.Family.allCases.map { ($0, universe.faults.tally(of: $0)) }
        kinds = universe.faults.kinds
        beginnings = universe.faults.beginnings
        feltFaults = universe.faults.feltCount + (run.hasCrashedLast ? 1 : 0)
        markHits = Mark.allCases.map { universe.hits(of: $0) }
        simulatedTime = universe.clock.now
        bufferBytesPeak = universe.bufferBytesPeak
        boundariesBeforeServing = universe.boundariesBeforeServing ?? 0
        boundariesToStop = run.boundariesToStop
        boundariesBeforeWork = universe.boundariesBeforeWork
        boundariesToHealing = universe.boundariesToHealing
        diskPointsPassed = universe.diskPointsPassed
        sightings = universe.sightings
        branchesTaken = universe.branchesTaken
        sprung = universe.lookout.sprung
        finding = universe.finding?.name
        timeline = universe.narrator.lines(last: Self.timelineCount)
        tape = universe.tape.recorded
        begun = run.begun
        decisions = universe.exploration.decisions
        isRedundant = universe.exploration.isRedundant
        if let violation = run.oracle.violation {
            verdict = .violated(violation)
        } else if let finding = universe.finding {
            verdict = .violated(finding.violation(at: universe.clock.now))
        } else if run.oracle.okCount == 0 {
            verdict = .vacuous("no request succeeded")
        } else {
            verdict = .held
        }
        plan = if case .violated = verdict { run.plan.brief(lineCount: Self.planLineCount) } else { [] }
    }

    /// The process exit code that says the same.
    public var exitCode: Int32 {
        if case .vacuous = verdict, isStopped { 0 } else { verdict.exitCode }
    }
}

extension Finding {
    var property: Property {
        switch self {
        case .brokenLaw: .law
        case .livelock: .liveness
        case .startRefused, .outOfMemory: .liveness
        case .leakedMachine: .resourceBaseline
        }
    }

    fileprivate func violation(at time: Int64) -> Violation {
        let seen =
            switch self {
            case .brokenLaw(let shard, _): "\(shard) broke it"
            case .livelock(let happenings): "\(happenings) happenings in one simulated second"
            case .startRefused(let refusal): "\(refusal)"
            case .outOfMemory(let shards, let fitting): "\(shards) shards, and memory for \(fitting)"
            case .leakedMachine(let shard): "\(shard)'s is held"
            }
        return Violation(property, "\(self)", law: law, expected: law, seen: seen, at: time)
    }

    private var law: String {
        switch self {
        case .brokenLaw(_, let law): law
        case .livelock: "no livelock"
        case .startRefused: "its own directory is no reason to refuse a start"
        case .outOfMemory: "no more shards start than the machine has memory for"
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
        case .held where isStopped, .vacuous where isStopped:
            add("verdict", "\"stopped\"")
            add("detail", quoted("after event \(counts.happenings), \(simulatedTime / microsecond) µs, in phase \(phase)"))
        case .held: add("verdict", "\"held\"")
        case .vacuous(let why):
            add("verdict", "\"vacuous\"")
            add("detail", quoted(why))
        case .violated(let violation):
            add("verdict", "\"violated\"")
            add("property", quoted(violation.property.rawValue))
            add("detail", quoted(violation.text))
            if let finding { add("finding", quoted(finding)) }
            if !violation.law.isEmpty { add("law", quoted(violation.law)) }
            if !violation.expected.isEmpty {
                add("expected", quoted(violation.expected))
                add("seen", quoted(violation.seen))
            }
            add("about", violation.subject.json)
            add("time_us", "\(violation.time / microsecond)")
            add("plan", "[\(plan.map { quoted($0) }.joined(separator: ","))]")
            add("timeline", "[\(timeline.map { quoted($0) }.joined(separator: ","))]")
        }
        add("phase", quoted(phase))
        add("trace", quoted(traceHash.text))
        add("asked", "\(asked)")
        add("ok", "\(ok)")
        add("refused", "\(refused)")
        add("unknown", "\(unknown)")
        add("retries", "\(retries)")
        add("duplicates", "\(duplicates)")
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
        add("pairs", "\(sightings.pairs.count)")
        add("branches", "\(branchesTaken)")
        add("ambushes", "{\(sprung.map { "\"\($0.rawValue)\":1" }.joined(separator: ","))}")
        let marks = Mark.allCases.filter { markHits[Int($0.rawValue)] > 0 }
            .map { "\"\($0.text)\":\(markHits[Int($0.rawValue)])" }
        add("marks", "{\(marks.joined(separator: ","))}")
        return "{\(fields.joined(separator: ","))}"
    }

    private func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.value(text)
        return writer.text
    }
}

extension Violation.Subject {
    fileprivate var json: String {
        var writer = JSONWriter()
        writer.object { object in
            if let partition { object.member("partition", partition) }
            if let client { object.member("client", client) }
            if let batch { object.member("batch", batch.number) }
            if let offset { object.member("offset", offset) }
            if let path { object.member("path", path) }
        }
        return writer.text
    }
}

extension Mark {
    /// The names of all marks, as reports have them.
    public static var names: [String] { allCases.map(\.text) }
}
