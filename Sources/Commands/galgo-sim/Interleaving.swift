import Glibc
import Sim

// Orders are explored by workers: each takes a path of decisions and runs every path with one departure more.

/// Goes through the orders of all scenarios asked for.
func interleave(_ wanted: Arguments.Interleave, _ arguments: Arguments) throws(NoPlan) -> Int32 {
    let scenarios =
        arguments.scenarios.isEmpty
        ? InterleavingScenario.allCases : arguments.scenarios.compactMap { InterleavingScenario(rawValue: $0) }
    if case .schedule(let path) = wanted, let scenario = scenarios.first { return try replay(scenario, path, arguments) }
    let deadline = arguments.seconds.map { now() + $0 * 1_000 }
    var exitCode: Int32 = 0
    var schedules = 0
    var suite = JUnit("galgo-sim sweep --interleave")
    var annotations = Annotations(isWanted: arguments.isAnnotated)
    let started = now()
    for (place, scenario) in scenarios.enumerated() {
        // What is left of the time, in equal parts.
        let until = deadline.map { now() + max(0, $0 - now()) / (scenarios.count - place) }
        guard let result = explore(scenario, wanted, until: until, arguments) else {
            return noWorker()
        }
        schedules += result.tree.schedules
        if exitCode == 0 { exitCode = result.failure?.outcome.exitCode ?? 0 }
        tell(scenario, result, arguments)
        let failure = result.failure.map { path, outcome in
            JUnit.Case.Failure(
                kind: outcome.text("property") ?? "died", message: "order \(path.text): \(outcome.reason)",
                text: describe(outcome, commands: [reproducing(reproduction(scenario, path, arguments))]))
        }
        suite.cases.append(JUnit.Case(scenario.rawValue, milliseconds: result.milliseconds, failure: failure))
        if let failure { annotations.add("galgo-sim sweep \(scenario.rawValue) --interleave", [failure.message]) }
    }
    if !arguments.isJSON, scenarios.count > 1 {
        say("\(scenarios.count) scenarios: \(schedules) schedules in \(now() - started) ms")
    }
    annotations.finish()
    return publish(suite, arguments) ? exitCode : ExitCode.usage
}

private struct Explored {
    var tree: DecisionTree
    var failure: (path: DecisionPath, outcome: Outcome)?
    var milliseconds = 0
    var microseconds = 0

    /// What is known of all orders now.
    var statement: String {
        if failure != nil { return "ended at the first order that fails" }
        if tree.isWhole { return "every order" }
        guard let exhausted = tree.exhausted else { return "not all orders with one departure" }
        let whole = "every order with at most \(exhausted) departure\(exhausted == 1 ? "" : "s")"
        guard !tree.isFinished else { return whole }
        let (done, all) = tree.progress
        return "\(whole), \(done * 100 / max(1, all)) % of those with \(tree.level)"
    }
}

/// nil if no worker can be started. Ends at the first order that fails.
private func explore(
    _ scenario: InterleavingScenario, _ wanted: Arguments.Interleave, until deadline: Int?, _ arguments: Arguments
) -> Explored? {
    let started = now()
    var result = Explored(tree: DecisionTree(bound: wanted.bound))
    var progress = ProgressLine()
    let bound = wanted.bound.map { "\($0)" } ?? "all"
    let crew = Crew(
        arguments: ["order-worker", scenario.rawValue, "--interleave", bound] + arguments.plantedOptions,
        environment: Child.environment(deterministicHashing: true), jobs: arguments.jobs ?? processorCount,
        wallLimit: 120_000)
    defer { crew.dismiss() }
    var paths: [UInt64: DecisionPath] = [:]
    while !result.tree.isFinished, result.failure == nil, deadline.map({ now() < $0 }) ?? true {
        // Until all paths of a level are settled: only then is it known what the next one begins with.
        let isRun = crew.work {
            guard result.failure == nil, deadline.map({ now() < $0 }) ?? true, let (number, path) = result.tree.next()
            else { return nil }
            paths[UInt64(number)] = path
            return WorkItem(UInt64(number), "\(number) \(path.text)\n")
        } _: { outcome in
            let path = paths.removeValue(forKey: outcome.seed) ?? .root
            result.microseconds += outcome.microseconds
            if outcome.exitCode != 0, result.failure == nil {
                result.failure = (outcome.text("schedule").flatMap { DecisionPath(text: $0) } ?? path, outcome)
            }
            guard result.failure == nil else { return }
            let open = (outcome.text("open") ?? "").split(separator: ",").compactMap { DecisionPath.Departure(text: $0) }
            result.tree.settle(
                Int(outcome.seed), schedules: outcome.number("schedules") ?? 0,
                redundant: outcome.number("redundant") ?? 0, decisionsMax: outcome.number("decisions") ?? 0, open: open)
            progress.show {
                "\(scenario.rawValue): \(result.tree.schedules) schedules, "
                    + "\(result.tree.schedules * 1_000 / max(1, now() - started)) a second; \(result.statement)"
            }
        }
        guard isRun else {
            progress.clear()
            return nil
        }
    }
    progress.clear()
    result.milliseconds = max(1, now() - started)
    return result
}

private func tell(_ scenario: InterleavingScenario, _ result: Explored, _ arguments: Arguments) {
    let tree = result.tree
    let command = result.failure.map { reproduction(scenario, $0.path, arguments) } ?? ""
    if arguments.isJSON {
        say(
            """
            {"interleave":{"scenario":"\(scenario.rawValue)","schedules":\(tree.schedules),\
            "redundant":\(tree.redundant),"decisions":\(tree.decisionsMax),"departures":\(tree.exhausted ?? 0),\
            "whole":\(tree.isWhole),"cpu_us":\(result.microseconds),"milliseconds":\(result.milliseconds),\
            "failure":"\(result.failure?.path.text ?? "")"}}
            """)
        return
    }
    if let failure = result.failure {
        say("✗ \(scenario.rawValue) in the order \(failure.path.text): \(failure.outcome.reason)")
        say("  reproduce: \(command)")
        say("  as a plan: \(command) --plan > FILE; galgo-sim replay FILE")
    }
    say(
        "\(scenario.rawValue): \(result.statement); \(tree.schedules) schedules"
            + (tree.redundant > 0 ? " and \(tree.redundant) that show nothing new" : "")
            + ", at most \(tree.decisionsMax) decisions each; \(result.milliseconds) ms, "
            + "\(result.microseconds / max(1, tree.schedules + tree.redundant)) µs of CPU each, "
            + (result.failure == nil ? "no violation" : "1 violation"))
}

private func replay(
    _ scenario: InterleavingScenario, _ path: DecisionPath, _ arguments: Arguments
) throws(NoPlan) -> Int32 {
    let plan = arguments.interleaving(scenario).plan(path)
    if arguments.printsPlan {
        write(plan)
        return 0
    }
    let again = [reproducing(reproduction(scenario, path, arguments))]
    if let outcome = try fatalOutcome(of: plan, arguments) {
        say(arguments.isJSON ? outcome.json : describe(outcome, commands: again))
        return outcome.exitCode
    }
    guard let report = perform(plan, arguments.watching()) else { return ExitCode.internalError }
    say(arguments.isJSON ? report.json : describe(report, commands: again))
    // A departure behind the last decision, or to a choice that there is not, is another run than the one meant.
    let isThere = path.departures.allSatisfy { departure in
        departure.position < report.decisions.count && departure.choice < report.decisions[departure.position].count
    }
    guard report.exitCode == 0, !isThere else { return report.exitCode }
    complain("galgo-sim: the order \(path.text) has no such decision: this run took \(report.decisions.count)")
    return ExitCode.inapplicable
}

private func reproduction(_ scenario: InterleavingScenario, _ path: DecisionPath, _ arguments: Arguments) -> String {
    (["galgo-sim", "sweep", scenario.rawValue, "--schedule", path.text] + arguments.plantedOptions)
        .joined(separator: " ")
}

/// Reads numbers and paths from the input until it ends.
func workOrders(_ arguments: Arguments) -> Int32 {
    guard let scenario = arguments.scenarios.first.flatMap({ InterleavingScenario(rawValue: $0) }),
        let wanted = arguments.interleaving
    else { return ExitCode.internalError }
    let interleaving = arguments.interleaving(scenario)
    while let line = readLine() {
        let words = line.split(separator: " ")
        guard words.count == 2, let number = UInt64(words[0]), let path = DecisionPath(text: words[1]) else {
            return ExitCode.internalError
        }
        let started = microsecondsOfCPU()
        var failed: Report?
        var last: Report?
        // Under a bound an order that shows the same may need more departures: then nothing is left out.
        let expansion = path.expand(isLast: wanted.bound == path.departures.count + 1) {
            let watching = Watching(isRecording: false, prunes: wanted.bound == nil)
            guard let report = perform(interleaving.plan($0), watching) else { return nil }
            last = report
            let visit = report.visit
            if visit.isFailed { failed = report }
            return visit
        }
        guard let expansion, let report = failed ?? last else { return ExitCode.internalError }
        let open = expansion.open.map(\.text).joined(separator: ",")
        let figures =
            "{\"schedules\":\(expansion.schedules),\"redundant\":\(expansion.redundant),"
            + "\"decisions\":\(expansion.decisionsMax),\"open\":\"\(open)\","
            + "\"schedule\":\"\((expansion.failed ?? path).text)\","
        say(
            "end \(number) \(failed?.exitCode ?? 0) \(microsecondsOfCPU() - started) \(peakMemory()) "
                + "\(report.traceHash.text) - \(figures)\((failed == nil ? "" : report.json.dropFirst()))"
                + (failed == nil ? "\"verdict\":\"held\"}" : ""))
    }
    return 0
}

/// Prints the scenarios of crashes and of orders.
func listScenarios(_ arguments: Arguments) -> Int32 {
    let crashes = SweepScenario.allCases.map { (name: $0.rawValue, text: $0.summary) }
    let orders = InterleavingScenario.allCases.map { (name: $0.rawValue, text: $0.summary) }
    if arguments.isJSON {
        func array(_ rows: [(name: String, text: String)]) -> String {
            "[" + rows.map { "{\"id\":\"\($0.name)\",\"summary\":\"\($0.text)\"}" }.joined(separator: ",") + "]"
        }
        say("{\"crashes\":\(array(crashes)),\"orders\":\(array(orders))}")
        return 0
    }
    say("crashed at every change of the disk (sweep)")
    say(table(crashes))
    say("\nexplored in every order (sweep --interleave)")
    say(table(orders))
    return 0
}
