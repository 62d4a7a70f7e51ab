import Glibc
import Sim

// A sweep goes through the crash points of a scenario in workers: each takes one first crash, with one survival, and
// all second ones inside the recovery from it.

/// Goes through all scenarios asked for and says what was found.
func sweep(_ arguments: Arguments) -> Int32 {
    var exitCode: Int32 = 0
    for scenario in arguments.scenario.map({ [$0] }) ?? Sweep.Scenario.allCases {
        let code = arguments.crashPoints.isEmpty ? sweep(scenario, arguments) : replay(scenario, arguments)
        if exitCode == 0 { exitCode = code }
    }
    return exitCode
}

private func sweep(_ scenario: Sweep.Scenario, _ arguments: Arguments) -> Int32 {
    guard let fair = perform(arguments.sweep(scenario).plan([])) else { return ExitCode.internalError }
    guard fair.exitCode == 0 else {
        say(
            arguments.isJSON
                ? fair.json : describe(fair, reproduce: "galgo-sim sweep --scenario \(scenario.rawValue)"))
        return fair.exitCode
    }
    let boundaries = fair.boundariesToStop
    let started = now()
    var runs = 0, recoveryBoundaries = 0, violations = 0, asked = 0
    var failure: Int32 = 0
    let workers = Fleet(
        arguments: ["sweep-worker", "--scenario", scenario.rawValue] + arguments.sweepOptions,
        environment: Child.environment(deterministicHashing: true), jobs: arguments.jobs ?? processorCount,
        wallLimit: 120_000)
    let isRun = workers.run(0...UInt64(boundaries * Survival.swept.count - 1), deadline: nil) { outcome in
        runs += outcome.number("runs") ?? 0
        recoveryBoundaries += outcome.number("recovery_boundaries") ?? 0
        asked += outcome.number("asked") ?? 0
        guard outcome.exitCode != 0 else { return }
        violations += outcome.number("violations") ?? 1
        if failure == 0 { failure = outcome.exitCode }
        let crash = outcome.text("crash") ?? firstCrash(outcome.seed).text
        if arguments.isJSON {
            say("{\"scenario\":\"\(scenario.rawValue)\",\"crash\":\"\(crash)\",\"run\":\(outcome.json)}")
        } else {
            say("✗ crash \(crash): \(outcome.reason)")
            say("  reproduce: \(reproduction(scenario, crash, arguments))")
        }
    }
    guard isRun else { return ExitCode.internalError }
    let milliseconds = max(1, now() - started)
    if arguments.isJSON {
        say(
            """
            {"sweep":{"scenario":"\(scenario.rawValue)","boundaries":\(boundaries),"survivals":\(Survival.swept.count),\
            "recovery_boundaries":\(recoveryBoundaries),"runs":\(runs),"asked":\(asked),"violations":\(violations),\
            "milliseconds":\(milliseconds)}}
            """)
    } else {
        say(
            "\(scenario.rawValue): \(boundaries) boundaries × \(Survival.swept.count) survivals, "
                + "\(recoveryBoundaries) boundaries inside their recoveries; \(runs) runs in \(milliseconds) ms, "
                + "\(violations) violations")
    }
    return failure
}

private func replay(_ scenario: Sweep.Scenario, _ arguments: Arguments) -> Int32 {
    let plan = arguments.sweep(scenario).plan(arguments.crashPoints)
    if arguments.printsPlan {
        write(plan)
        return 0
    }
    guard let report = perform(plan, tell: arguments.printsTrace ? { say($0) } : nil) else {
        return ExitCode.internalError
    }
    let crash = arguments.crashPoints.map(\.text).joined(separator: "+")
    say(arguments.isJSON ? report.json : describe(report, reproduce: reproduction(scenario, crash, arguments)))
    guard report.exitCode == 0, report.crashPointsPassed < arguments.crashPoints.count else { return report.exitCode }
    complain(
        "galgo-sim: only \(report.crashPointsPassed) of the crash points \(crash) came: after that the scenario has "
            + "\(report.boundariesToStop) boundaries")
    return ExitCode.inapplicable
}

private func reproduction(_ scenario: Sweep.Scenario, _ crash: String, _ arguments: Arguments) -> String {
    (["galgo-sim", "sweep", "--scenario", scenario.rawValue, "--crash", crash] + arguments.plantedOptions)
        .joined(separator: " ")
}

private func firstCrash(_ unit: UInt64) -> CrashPoint {
    let count = UInt64(Survival.swept.count)
    return CrashPoint(Int(unit / count) + 1, Survival.swept[Int(unit % count)])
}

/// Reads numbers of first crashes from the input until it ends.
func workSweep(_ arguments: Arguments) -> Int32 {
    let sweep = arguments.sweep(arguments.scenario ?? .power)
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
