import Platform
import Primitives
import Sim

// From one waypoint of one run: many ways on.

/// Goes a seed's or a plan's way up to a waypoint, then on in so many ways, and says what they found.
func branch(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    if arguments.isMeasured { return measureGuidance(arguments) }
    if arguments.isAutomatic { return explore(from: arguments) }
    guard let waypoint = arguments.waypoint else { return ExitCode.usage }
    let start = try wantedPlan(arguments)
    let scouts = Scouts(jobs: arguments.jobs ?? processorCount)
    defer { scouts.close() }
    guard let whole = scouts.run([start])?.first else { return noWorker() }
    let plans = ways(on: start, from: waypoint, whole, arguments)
    guard let tries = scouts.run(plans) else { return noWorker() }
    guard tries.contains(where: { $0.death != nil || ($0.number("branches") ?? 0) > start.branches.count }) else {
        complain("galgo-sim: the run does not come to \(waypoint.moment.text) for the \(waypoint.nth). time")
        return ExitCode.inapplicable
    }
    let result = Branched(start: start, waypoint: waypoint, whole: whole, tries: tries, plans: plans)
    return result.tell(arguments)
}

/// Every way from the waypoint strikes at moments that the run without a branch went through.
private func ways(on start: Plan, from waypoint: Waypoint, _ whole: Outcome, _ arguments: Arguments) -> [Plan] {
    var seen: [Moment] = []
    for sighting in whole.sightings.pairs where !seen.contains(sighting.pair.second) {
        seen.append(sighting.pair.second)
    }
    return (1...UInt32(clamping: arguments.tries ?? 100)).map { number in
        var plan = start
        var dice = PRNG(seed: start.seed, label: "branch/\(number)")
        plan.branches.append(Branch(at: waypoint, number: number))
        plan.faults += arguments.generator.chain(from: waypoint, seen, of: start, &dice)
        return plan
    }
}

/// Workers that run plans and tell where they went.
final class Scouts {
    private let crew: Crew

    init(jobs: Int) {
        crew = Crew(arguments: ["plan-worker", "--points"], environment: Twin.first.environment, jobs: jobs)
    }

    func close() { crew.dismiss() }

    /// The outcomes in the order of the plans; nil if no worker can be started.
    func run(_ plans: [Plan]) -> [Outcome]? {
        var next = 0
        var found = [Outcome?](repeating: nil, count: plans.count)
        let isRun = crew.work {
            guard next < plans.count else { return nil }
            defer { next += 1 }
            return WorkItem(UInt64(next), plans[next])
        } _: { outcome in
            found[Int(outcome.seed)] = outcome
        }
        let all = found.compactMap { $0 }
        return isRun && all.count == plans.count ? all : nil
    }
}

extension Outcome {
    /// Where a run went that was asked for it; nothing of one that died.
    var sightings: Sightings { Sightings(text: told.dropFirst("told ".count)) ?? Sightings() }
}

/// What became of the ways on from one waypoint.
private struct Branched {
    let start: Plan
    let waypoint: Waypoint
    /// The run without a branch.
    let whole: Outcome
    let tries: [Outcome]
    let plans: [Plan]

    private var failures: [Int] { tries.indices.filter { tries[$0].exitCode != 0 } }
    private var traces: Int { Set(tries.map(\.trace)).count }

    /// Marks and pairs that the run without a branch did not show.
    private var newMarks: [String] {
        let known = Set(whole.members("marks").map(\.name))
        let shown = Set(tries.flatMap { $0.members("marks").map(\.name) })
        return Mark.names.filter { shown.contains($0) && !known.contains($0) }
    }

    private var newPairs: Int {
        let known = Set(whole.sightings.pairs.map(\.pair))
        return Set(tries.flatMap { $0.sightings.pairs.map(\.pair) }).subtracting(known).count
    }

    private var exitCode: Int32 { failures.first.map { tries[$0].exitCode } ?? 0 }

    private var lines: [String] {
        let seed = start.seed
        var lines = [
            "seed \(seed) from \(waypoint.moment.text).\(waypoint.nth): \(tries.count) ways on, \(traces) distinct traces, "
                + "\(failures.count) failed",
            "  without a branch: \(whole.exitCode == 0 ? "held" : whole.reason)",
            "  marks that only branches hit: \(newMarks.isEmpty ? "none" : newMarks.joined(separator: " "))",
            "  pairs of moments that only branches showed: \(newPairs)",
        ]
        for place in failures.prefix(20) { lines.append("✗ way \(place + 1): \(tries[place].reason)") }
        if failures.count > 20 { lines.append("  and \(failures.count - 20) more") }
        return lines
    }

    private var json: String {
        let failed = failures.map { "{\"way\":\($0 + 1),\"run\":\(tries[$0].json)}" }
        return """
            {"branch":{"seed":\(start.seed),"at":"\(waypoint.moment.text)","nth":\(waypoint.nth),"tries":\(tries.count),\
            "traces":\(traces),"failed":\(failures.count),\
            "new_marks":[\(newMarks.map { "\"\($0)\"" }.joined(separator: ","))],"new_pairs":\(newPairs),\
            "failures":[\(failed.joined(separator: ","))]}}
            """
    }

    func tell(_ arguments: Arguments) -> Int32 {
        let lines = arguments.isJSON ? [json] : lines
        guard let first = failures.first else {
            for line in lines { say(line) }
            return 0
        }
        return deliver(plans[first], lines, arguments) ? exitCode : ExitCode.usage
    }
}

/// The lines, and a plan that fails: into the file that is asked for, or behind the lines as comments, so that the
/// output can be played as it is. False if the file can't be written.
func deliver(_ plan: Plan, _ lines: [String], _ arguments: Arguments) -> Bool {
    if let path = arguments.outputPath {
        guard writeFile(path, plan.text) else {
            complain("galgo-sim: can't write \(path)")
            return false
        }
        for line in lines { say(line) }
        if !arguments.isJSON { say("reproduce: galgo-sim replay \(path)\nshrink: galgo-sim shrink \(path) -o FILE") }
    } else if arguments.isJSON {
        for line in lines { say(line) }
    } else {
        write(commented(plan, lines))
    }
    return true
}

/// The plan with the lines as comments behind its first line, which says what the file is.
func commented(_ plan: Plan, _ lines: [String]) -> String {
    var text = plan.text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    text.insert(contentsOf: lines.map { "# \($0)" }, at: 1)
    return text.joined(separator: "\n")
}
