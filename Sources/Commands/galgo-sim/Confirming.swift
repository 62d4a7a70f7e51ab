import Sim

// How often a failure shows, and how many runs must hold before it may be called gone.

/// Measures how often the seed or plan fails among runs like it; with `--fixed` makes as many as have to hold.
func confirm(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    let start = try wantedPlan(arguments)
    let scouts = Scouts(jobs: arguments.jobs ?? processorCount)
    defer { scouts.close() }
    let confidence: Confidence
    if let known = arguments.rate {
        confidence = known
    } else {
        let measured = try measure(start, scouts, arguments)
        guard let found = Confidence(failures: measured.failures, of: measured.runs) else {
            throw NoPlan(
                text: "it does not fail (\(measured.reason)): there is nothing to confirm",
                exitCode: ExitCode.inapplicable)
        }
        confidence = found
        if !arguments.isJSON {
            say("\(measured.property): fails in \(found.failures) of \(found.runs) runs like it")
        }
    }
    guard arguments.isFixed else {
        tell(confidence, heldCount: nil, arguments)
        return 0
    }
    return hold(start, confidence, scouts, arguments)
}

/// Runs like the plan: of a seed the seeds that follow it, of a file the same plan with other decisions.
private func alike(_ start: Plan, _ numbers: Range<Int>, _ arguments: Arguments) -> [Plan] {
    numbers.map { number in
        guard arguments.planPath != nil else { return arguments.plan(seed: start.seed &+ UInt64(number)) }
        var plan = start
        plan.branches = []
        plan.tape = .drawn(UInt32(number))
        return plan
    }
}

private func measure(
    _ start: Plan, _ scouts: Scouts, _ arguments: Arguments
) throws(NoPlan) -> (failures: Int, runs: Int, property: String, reason: String) {
    let plans = [start] + alike(start, 1..<max(1, arguments.tries ?? 200), arguments)
    guard let outcomes = scouts.run(plans), let first = outcomes.first else { throw .noWorker }
    let property = first.text("property") ?? first.death?.kind ?? ""
    let failures = outcomes.count { $0.exitCode != 0 && ($0.text("property") ?? $0.death?.kind) == property }
    return (first.exitCode == 0 ? 0 : failures, outcomes.count, property, first.reason)
}

/// Makes the runs that have to hold, with nothing planted, and others than those that measured.
private func hold(_ start: Plan, _ confidence: Confidence, _ scouts: Scouts, _ arguments: Arguments) -> Int32 {
    var fixed = start
    fixed.mutation = nil
    fixed.sabotage = nil
    fixed.ambush = nil
    var fair = arguments
    fair.mutation = nil
    fair.sabotage = nil
    fair.ambush = nil
    let from = confidence.runs
    let plans = [fixed] + alike(fixed, from..<from + confidence.holdsNeeded - 1, fair)
    var held = 0
    for batch in stride(from: 0, to: plans.count, by: 64) {
        let part = Array(plans[batch..<min(plans.count, batch + 64)])
        guard let outcomes = scouts.run(part) else {
            return noWorker()
        }
        for (plan, outcome) in zip(part, outcomes) {
            guard outcome.exitCode != 0 else {
                held += 1
                continue
            }
            let lines = ["not gone: after \(held) runs that held, \(outcome.reason)"]
            return deliver(plan, lines, arguments) ? outcome.exitCode : ExitCode.usage
        }
    }
    tell(confidence, heldCount: held, arguments)
    return 0
}

private func tell(_ confidence: Confidence, heldCount: Int?, _ arguments: Arguments) {
    let needed = confidence.holdsNeeded
    if arguments.isJSON {
        say(
            """
            {"confirm":{"failures":\(confidence.failures),"runs":\(confidence.runs),"needed":\(needed),\
            "held":\(heldCount.map { "\($0)" } ?? "null"),"confirmed":\(heldCount == needed)}}
            """)
    } else if let heldCount {
        say("confirmed: \(heldCount) runs held; had it still come as often, one would have failed with 99 %")
    } else {
        say("\(needed) runs must hold for 99 % confidence that it is gone:")
        let rate = "--fixed --rate \(confidence.failures)/\(confidence.runs)"
        say("  \((["galgo-sim", "confirm", arguments.targetWord] + arguments.optionsOfTarget).joined(separator: " ")) \(rate)    on the repaired code")
    }
}
