import Glibc
import Sim

// A sweep goes through the crash points of its scenarios in workers: each takes one first crash, with one survival, and
// all second ones inside the recovery from it.

/// Goes through all scenarios asked for and says what was found.
func sweep(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    if arguments.listsOnly { return listScenarios(arguments) }
    if let wanted = arguments.interleaving { return try interleave(wanted, arguments) }
    let scenarios =
        arguments.scenarios.isEmpty
        ? SweepScenario.allCases : arguments.scenarios.compactMap { SweepScenario(rawValue: $0) }
    if !arguments.crashPoints.isEmpty, let scenario = scenarios.first { return try replay(scenario, arguments) }
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

/// What the crash points of a scenario took.
private struct SweepFigures {
    var boundaries = 0, recoveryBoundaries = 0, runs = 0, violations = 0, asked = 0, microseconds = 0

    mutating func add(_ other: SweepFigures) {
        boundaries += other.boundaries
        recoveryBoundaries += other.recoveryBoundaries
        runs += other.runs
        violations += other.violations
        asked += other.asked
        microseconds += other.microseconds
    }

    static let head = columns(
        "scenario", ["boundaries", "× survivals", "in recoveries", "runs", "violations", "CPU ms"])

    func line(_ name: String) -> String {
        Self.columns(
            name,
            [boundaries, boundaries * Survival.swept.count, recoveryBoundaries, runs, violations, microseconds / 1_000]
                .map { "\($0)" })
    }

    private static func columns(_ name: String, _ cells: [String]) -> String {
        name + String(repeating: " ", count: max(1, 20 - name.count))
            + cells.map { String(repeating: " ", count: max(1, 14 - $0.count)) + $0 }.joined()
    }

    func json(_ scenario: SweepScenario, milliseconds: Int) -> String {
        """
        {"sweep":{"scenario":"\(scenario.rawValue)","boundaries":\(boundaries),"survivals":\(Survival.swept.count),\
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
        failed(JUnit.Case.Failure(kind: "failure", message: "without a crash: it fails already", text: text))
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
    figures.boundaries = fair.boundariesToStop
    let started = now()
    var failure: Int32 = 0
    let workers = Fleet(
        arguments: ["sweep-worker", scenario.rawValue] + arguments.sweepOptions,
        environment: Child.environment(deterministicHashing: true), jobs: arguments.jobs ?? processorCount,
        wallLimit: 120_000)
    var progress = ProgressLine()
    var done = 0
    let total = figures.boundaries * Survival.swept.count
    let isRun = workers.run(0...UInt64(total - 1), deadline: nil) { outcome in
        done += 1
        progress.show {
            "\(scenario.rawValue): \(done) of \(total) crashes, \(figures.runs) runs, \(figures.violations) violations, "
                + "\((total - done) * (now() - started) / done / 1_000) s to go"
        }
        figures.runs += outcome.number("runs") ?? 0
        figures.recoveryBoundaries += outcome.number("recovery_boundaries") ?? 0
        figures.asked += outcome.number("asked") ?? 0
        figures.microseconds += outcome.microseconds
        guard outcome.exitCode != 0 else { return }
        figures.violations += outcome.number("violations") ?? 1
        if failure == 0 { failure = outcome.exitCode }
        progress.clear()
        let crash = outcome.text("crash") ?? firstCrash(outcome.seed).text
        if arguments.isJSON {
            say("{\"scenario\":\"\(scenario.rawValue)\",\"crash\":\"\(crash)\",\"run\":\(outcome.json)}")
        } else {
            say("✗ crash \(crash): \(outcome.reason)")
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
            ? figures.json(scenario, milliseconds: max(1, now() - started)) : figures.line(scenario.rawValue))
    return (failure, figures)
}

private func replay(_ scenario: SweepScenario, _ arguments: Arguments) throws(NoPlan) -> Int32 {
    let plan = arguments.sweep(scenario).plan(arguments.crashPoints)
    if arguments.printsPlan {
        write(plan)
        return 0
    }
    let crash = arguments.crashPoints.map(\.text).joined(separator: "+")
    let again = [reproducing(reproduction(scenario, crash, arguments))]
    if let outcome = try fatalOutcome(of: plan, arguments) {
        say(arguments.isJSON ? outcome.json : describe(outcome, commands: again))
        return outcome.exitCode
    }
    guard let report = perform(plan, arguments.watching()) else {
        return ExitCode.internalError
    }
    say(arguments.isJSON ? report.json : describe(report, commands: again))
    guard report.exitCode == 0, report.crashPointsPassed < arguments.crashPoints.count else { return report.exitCode }
    complain(
        "galgo-sim: only \(report.crashPointsPassed) of the crash points \(crash) came: after that the scenario has "
            + "\(report.boundariesToStop) boundaries")
    return ExitCode.inapplicable
}

/// The one command that leads back to a crash or an order.
func reproducing(_ words: String) -> ReproducingCommand { ReproducingCommand(purpose: "reproduce", words: words) }

private func reproduction(_ scenario: SweepScenario, _ crash: String, _ arguments: Arguments) -> String {
    (["galgo-sim", "sweep", scenario.rawValue, "--crash", crash] + arguments.plantedOptions).joined(separator: " ")
}

private func firstCrash(_ unit: UInt64) -> CrashPoint {
    let count = UInt64(Survival.swept.count)
    return CrashPoint(Int(unit / count) + 1, Survival.swept[Int(unit % count)])
}

/// Reads numbers of first crashes from the input until it ends.
func workSweep(_ arguments: Arguments) -> Int32 {
    guard let scenario = arguments.scenarios.first.flatMap({ SweepScenario(rawValue: $0) }) else {
        return ExitCode.internalError
    }
    let sweep = arguments.sweep(scenario)
    while let line = readLine() {
        guard let unit = UInt64(line) else { return ExitCode.internalError }
        let first = firstCrash(unit)
        let started = microsecondsOfCPU()
        guard let report = perform(sweep.plan([first])) else { return ExitCode.internalError }
        var runs = 1, violations = 0, asked = report.asked
        var failed: (points: [CrashPoint], report: Report)?
        if report.exitCode != 0 { (violations, failed) = (1, ([first], report)) }
        for points in Sweep.nested(in: first, report, arguments.nesting) {
            guard let nested = perform(sweep.plan(points)) else { return ExitCode.internalError }
            runs += 1
            asked += nested.asked
            guard nested.exitCode != 0 else { continue }
            violations += 1
            if failed == nil { failed = (points, nested) }
        }
        let json = (failed?.report ?? report).json
        let figures =
            "{\"runs\":\(runs),\"violations\":\(violations),\"recovery_boundaries\":\(report.boundariesBeforeServing),"
            + "\"asked\":\(asked),\"crash\":\"\((failed?.points ?? [first]).map(\.text).joined(separator: "+"))\","
        say(
            "end \(unit) \(failed?.report.exitCode ?? 0) \(microsecondsOfCPU() - started) \(peakMemory()) "
                + "\(report.traceHash.text) - \(figures)\(json.dropFirst())")
    }
    return 0
}
