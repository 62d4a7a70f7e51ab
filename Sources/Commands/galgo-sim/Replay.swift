import Sim

/// Runs one plan in this process and tells what happened.
func replay(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    let plan = try wantedPlan(arguments)
    if arguments.printsPlan {
        write(plan)
        return 0
    }
    if arguments.isUnwatched { complain(unwatchedText) }
    if arguments.isOnBinary { return replayOnBinary(plan, arguments) }
    guard let report = perform(plan, arguments.watching) else {
        return ExitCode.internalError
    }
    if arguments.isJSON {
        say(report.json)
    } else {
        say(describe(report, commands: arguments.commands(of: plan.seed)))
    }
    return report.exitCode
}
