import Sim

/// Runs one plan and tells what happened.
func replay(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    let plan = try wantedPlan(arguments)
    if arguments.printsPlan {
        write(plan)
        return 0
    }
    if arguments.isUnwatched { complain(unwatchedText) }
    if arguments.isOnBinary { return try replayOnBinary(plan, arguments) }
    if let outcome = try fatalOutcome(of: plan, arguments) {
        say(arguments.isJSON ? outcome.json : describe(outcome, commands: arguments.commands(of: plan.seed)))
        return outcome.exitCode
    }
    guard let report = perform(plan, arguments.watching()) else {
        return ExitCode.internalError
    }
    if arguments.isJSON {
        say(report.json)
    } else {
        say(describe(report, commands: arguments.commands(of: plan.seed)))
    }
    if arguments.dumpsState, let state = report.state {
        say(arguments.isJSON ? state.json : (["", "The world at event \(state.event), \(state.time) µs:"] + state.lines).joined(separator: "\n"))
    }
    guard let stop = arguments.stop, !report.isStopped, report.exitCode == 0 else { return report.exitCode }
    complain("galgo-sim: the run ends after \(report.counts.happenings) events and does not come to \(stop.text)")
    return ExitCode.inapplicable
}
