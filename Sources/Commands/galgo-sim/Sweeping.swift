import Glibc
import Sim

// A sweep goes through the disk points of its scenarios in workers: each takes one first crash, with one survival, and
// all second ones inside the recovery from it; or one refusal, and the crashes behind it.

/// Goes through all scenarios asked for and says what was found.
func sweep(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    if arguments.listsOnly { return listScenarios(arguments) }
    if let wanted = arguments.interleaving { return try interleave(wanted, arguments) }
    let scenarios =
        arguments.scenarios.isEmpty
        ? SweepScenario.allCases : arguments.scenarios.compactMap { SweepScenario(rawValue: $0) }
    if !arguments.diskPoints.isEmpty, let scenario = scenarios.first { return try replay(scenario, arguments) }
    var exitCode: Int32 = 0
    var suite = JUnit("galgo-sim sweep")
    var annotations = Annotations(isWanted: arguments.isAnnotated)
    var sum = SweepFigures()
    let started = now()
    if !arguments.isJSON { say(SweepFigures.head) }
    for scenario in scenarios {
        let began = now()
        var failures: [JUnit.Case.Failure] = []
        guard let (code, figures) = try sweep(scenario, arguments, { failures.append($0) }) else {
            return noWorker()
        }
        if exitCode == 0 { exitCode = code }
        sum.add(figures)
        suite.cases.append(JUnit.Case(scenario.rawValue, milliseconds: now() - began, failure: failures.first))
        for failure in failures { annotations.add("galgo-sim sweep \(scenario.rawValue)", [failure.message]) }
    }
    if !arguments.isJSON, scenarios.count > 1 {
        say(sum.line("\(scenarios.count) scenarios") + "; \(now() - started) ms")
    }
    annotations.finish()
    return publish(suite, arguments) ? exitCode : ExitCode.usage
}

/// What the disk points of a scenario took.
private struct SweepFigures {
    /// Operations, and what was tried first at them.
    var boundaries = 0, firsts = 0
    var recoveryBoundaries = 0, runs = 0, violations = 0, asked = 0, microseconds = 0

    mutating func add(_ other: SweepFigures) {
        boundaries += other.boundaries
        firsts += other.firsts
        recoveryBoundaries += other.recoveryBoundaries
        runs += other.runs
        violations += other.violations
        asked += other.asked
        microseconds += other.microseconds
    }

    static let head = columns(
        "scenario", ["boundaries", "first points", "in recoveries", "runs", "violations", "CPU ms"])

    func line(_ name: String) -> String {
        Self.columns(
            name,
            [boundaries, firsts, recoveryBoundaries, runs, violations, microseconds / 1_000]
                .map { "\($0)" })
    }

    private static func columns(_ name: String, _ cells: [String]) -> String {
        name + String(repeating: " ", count: max(1, 20 - name.count))
            + cells.map { String(repeating: " ", count: max(1, 14 - $0.count)) + $0 }.joined()
    }

    func json(_ scenario: SweepScenario, _ kind: Sweep.Kind, milliseconds: Int) -> String {
        """
        {"sweep":{"scenario":"\(scenario.rawValue)","boundaries":\(boundaries),"survivals":\(Survival.swept.count),\
        "\(kind == .crashes ? "crashes" : "refusals")":\(firsts),\
        "recovery_boundaries":\(recoveryBoundaries),"runs":\(runs),"asked":\(asked),"violations":\(violations),\
        "cpu_us":\(microseconds),"milliseconds":\(milliseconds)}}
        """
    }
}

/// nil if no worker can be started.
private func sweep(
    _ scenario: SweepScenario, _ arguments: Arguments, _ failed: (JUnit.Case.Failure) -> Void
) throws(NoPlan) -> (exitCode: Int32, figures: SweepFigures)? {
    let plan = arguments.sweep(scenario).plan([])
    func failsAlready(_ code: Int32, _ json: String, _ text: ([ReproducingCommand]) -> String) -> (Int32, SweepFigures) {
        let again = (["galgo-sim", "sweep", scenario.rawValue] + arguments.plantedOptions).joined(separator: " ")
        let text = text([reproducing(again)])
        say(arguments.isJSON ? json : text)
        failed(JUnit.Case.Failure(kind: "failure", message: "it fails already as it is", text: text))
        return (code, SweepFigures())
    }
    if let outcome = try fatalOutcome(of: plan, arguments) {
        return failsAlready(outcome.exitCode, outcome.json) { describe(outcome, commands: $0) }
    }
    guard let fair = perform(plan) else { return (ExitCode.internalError, SweepFigures()) }
    guard fair.exitCode == 0 else {
        return failsAlready(fair.exitCode, fair.json) { describe(fair, commands: $0) }
    }
    var figures = SweepFigures()
    let kind = arguments.sweepKind
    let units = Sweep.units(kind, of: fair)
    let firsts = Sweep.first(kind, units.lowerBound).boundary..<Sweep.first(kind, units.upperBound).boundary
    figures.boundaries = firsts.count
    let started = now()
    var failure: Int32 = 0
    let workers = Fleet(
        arguments: ["sweep-worker", scenario.rawValue] + arguments.sweepOptions,
        environment: Child.environment(deterministicHashing: true), jobs: arguments.jobs ?? processorCount,
        wallLimit: 120_000)
    var progress = ProgressLine()
    var done = 0
    let total = units.count
    let isRun = units.isEmpty || workers.run(units.lowerBound...units.upperBound - 1, deadline: nil) { outcome in
        done += 1
        progress.show {
            "\(scenario.rawValue): \(done) of \(total) first points, \(figures.runs) runs, "
                + "\(figures.violations) violations, "
                + "\((total - done) * (now() - started) / done / 1_000) s to go"
        }
        figures.firsts += outcome.number("firsts") ?? 0
        figures.runs += outcome.number("runs") ?? 0
        figures.recoveryBoundaries += outcome.number("recovery_boundaries") ?? 0
        figures.asked += outcome.number("asked") ?? 0
        figures.microseconds += outcome.microseconds
        guard outcome.exitCode != 0 else { return }
        figures.violations += outcome.number("violations") ?? 1
        if failure == 0 { failure = outcome.exitCode }
        progress.clear()
        let crash = outcome.text("crash") ?? Sweep.first(kind, outcome.seed).text
        if arguments.isJSON {
            say("{\"scenario\":\"\(scenario.rawValue)\",\"crash\":\"\(crash)\",\"run\":\(outcome.json)}")
        } else {
            say("✗ at \(crash): \(outcome.reason)")
            say("  reproduce: \(reproduction(scenario, crash, arguments))")
        }
        failed(
            JUnit.Case.Failure(
                kind: outcome.text("property") ?? "died", message: "crash \(crash): \(outcome.reason)",
                text: describe(outcome, commands: [reproducing(reproduction(scenario, crash, arguments))])))
    }
    progress.clear()
    guard isRun else { return nil }
    say(
        arguments.isJSON
            ? figures.json(scenario, kind, milliseconds: max(1, now() - started)) : figures.line(scenario.rawValue))
    return (failure, figures)
}

private func replay(_ scenario: SweepScenario, _ arguments: Arguments) throws(NoPlan) -> Int32 {
    let plan = arguments.sweep(scenario).plan(arguments.diskPoints)
    if arguments.printsPlan {
        write(plan)
        return 0
    }
    let crash = arguments.diskPoints.map(\.text).joined(separator: "+")
    let again = [reproducing(reproduction(scenario, crash, arguments))]
    if let outcome = try fatalOutcome(of: plan, arguments) {
        say(arguments.isJSON ? outcome.json : describe(outcome, commands: again))
        return outcome.exitCode
    }
    guard let report = perform(plan, arguments.watching()) else {
        return ExitCode.internalError
    }
    say(arguments.isJSON ? report.json : describe(report, commands: again))
    guard report.exitCode == 0, report.diskPointsPassed < arguments.diskPoints.count else { return report.exitCode }
    complain(
        "galgo-sim: only \(report.diskPointsPassed) of the points \(crash) came: after that the scenario has "
            + "\(report.boundariesToStop) boundaries")
    return ExitCode.inapplicable
}

/// The one command that leads back to a crash or an order.
func reproducing(_ words: String) -> ReproducingCommand { ReproducingCommand(purpose: "reproduce", words: words) }

private func reproduction(_ scenario: SweepScenario, _ crash: String, _ arguments: Arguments) -> String {
    (["galgo-sim", "sweep", scenario.rawValue, "--crash", crash] + arguments.plantedOptions).joined(separator: " ")
}

/// Reads numbers of first points from the input until it ends.
func workSweep(_ arguments: Arguments) -> Int32 {
    guard let scenario = arguments.scenarios.first.flatMap({ SweepScenario(rawValue: $0) }) else {
        return ExitCode.internalError
    }
    while let line = readLine() {
        guard let unit = UInt64(line) else { return ExitCode.internalError }
        var work = SweepWork(arguments.sweep(scenario))
        let started = microsecondsOfCPU()
        guard work.perform(Sweep.first(arguments.sweepKind, unit), arguments.nesting) else {
            return ExitCode.internalError
        }
        say(
            "end \(unit) \(work.exitCode) \(microsecondsOfCPU() - started) \(peakMemory()) \(work.trace) - "
                + work.json)
    }
    return 0
}

/// The runs that begin with one point.
private struct SweepWork {
    private let sweep: Sweep
    private var runs = 0, firsts = 0, violations = 0, asked = 0, recoveryBoundaries = 0
    private var first: Report?
    private var failed: (points: [DiskPoint], report: Report)?

    init(_ sweep: Sweep) { self.sweep = sweep }

    /// False if a run can't be made.
    mutating func perform(_ first: DiskPoint, _ nesting: Sweep.Nesting) -> Bool {
        guard let report = run([first]) else { return false }
        self.first = report
        // A refusal that its operation can't meet is none.
        firsts = report.diskPointsPassed == 1 || first.isCrash ? 1 : 0
        var followers = Sweep.nested(in: first, report, nesting)
        if first.isCrash {
            recoveryBoundaries = report.boundariesBeforeServing
        } else {
            let crash = Sweep.crash(inPlaceOf: first)
            guard let crashed = run([crash]) else { return false }
            recoveryBoundaries = crashed.boundariesBeforeServing
            followers += Sweep.refusals(first, inRecoveryFrom: crash, crashed, nesting)
        }
        for points in followers {
            guard run(points) != nil else { return false }
        }
        return true
    }

    private mutating func run(_ points: [DiskPoint]) -> Report? {
        guard let report = galgo_sim.perform(sweep.plan(points)) else { return nil }
        runs += 1
        asked += report.asked
        if report.exitCode != 0 {
            violations += 1
            if failed == nil { failed = (points, report) }
        }
        return report
    }

    var exitCode: Int32 { failed?.report.exitCode ?? 0 }
    var trace: String { first?.traceHash.text ?? "" }

    var json: String {
        let crash = failed.map { "\"crash\":\"\($0.points.map(\.text).joined(separator: "+"))\"," } ?? ""
        return "{\"runs\":\(runs),\"firsts\":\(firsts),\"violations\":\(violations),"
            + "\"recovery_boundaries\":\(recoveryBoundaries),\"asked\":\(asked),\(crash)"
            + "\((failed?.report ?? first)?.json.dropFirst() ?? "}")"
    }
}
