import Platform
import Sim

/// Plants each of a few bugs in turn and looks for it: a simulator that has never been red proves nothing.
///
/// A bug is found by a seed that holds without it and not with it, by a checker that the bug has to do with.
func canary(_ arguments: Arguments) -> Int32 {
    let jobs = arguments.jobs ?? processorCount
    var arguments = arguments
    if !arguments.hasSeeds { arguments.seeds = 1...500 }
    var unseen = 0
    var suite = JUnit("galgo-sim canary")
    var annotations = Annotations(isWanted: arguments.isAnnotated)
    if !arguments.isJSON { say(line("planted bug", "seeds", "found by", "reproduce")) }
    let canaries = Mutant.canaries
    for (mutation, properties) in canaries {
        arguments.mutation = mutation
        let started = now()
        guard let (tried, found) = hunt(arguments, properties, jobs) else {
            return noWorker()
        }
        let missed = found == nil ? "\(mutation) was not found in \(tried) seeds" : nil
        if let missed {
            unseen += 1
            annotations.add("galgo-sim canary", [missed])
        }
        suite.cases.append(
            JUnit.Case(
                "\(mutation)", milliseconds: now() - started,
                failure: missed.map { JUnit.Case.Failure(kind: "unseen", message: $0, text: $0) }))
        let reproduction = found.map { arguments.reproduction(of: $0.seed) }
        if arguments.isJSON {
            say(
                "{\"mutant\":\"\(mutation)\",\"seeds\":\(tried),\"found\":\(found != nil),"
                    + "\"property\":\"\(found?.text("property") ?? "")\",\"seed\":\(found?.seed ?? 0)}")
        } else {
            say(line("\(mutation)", "\(tried)", found?.text("property") ?? "not found", reproduction ?? ""))
            if let found { say("  \(found.text("detail") ?? "")") }
        }
    }
    if !arguments.isJSON { say("\(canaries.count - unseen) of \(canaries.count) planted bugs found") }
    annotations.finish()
    guard publish(suite, arguments) else { return ExitCode.usage }
    return unseen == 0 ? 0 : ExitCode.unseen
}

/// Seeds tried up to the first that shows the bug, and that one. nil if no worker could be started.
private func hunt(
    _ arguments: Arguments, _ properties: [Property], _ jobs: Int
) -> (tried: Int, found: Outcome?)? {
    var fair = arguments
    fair.mutation = nil
    var start = arguments.seeds.lowerBound
    while start <= arguments.seeds.upperBound {
        let end = min(arguments.seeds.upperBound, start + 19)
        var suspects: [Outcome] = []
        guard
            fleet(arguments, jobs).run(start...end, deadline: nil, { outcome in
                if outcome.exitCode != 0, properties.contains(where: { $0.rawValue == outcome.text("property") }) {
                    suspects.append(outcome)
                }
            })
        else { return nil }
        for suspect in suspects.sorted(by: { $0.seed < $1.seed }) {
            var holds = false
            guard fleet(fair, 1).run(suspect.seed...suspect.seed, deadline: nil, { holds = $0.exitCode == 0 }) else {
                return nil
            }
            if holds { return (Int(suspect.seed - arguments.seeds.lowerBound) + 1, suspect) }
        }
        start = end + 1
    }
    return (arguments.seeds.count, nil)
}

private func line(_ name: String, _ seeds: String, _ property: String, _ reproduction: String) -> String {
    func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }
    return pad(name, 36) + pad(seeds, 7) + pad(property, 22) + reproduction
}

extension Mutant {
    fileprivate static var canaries: [(mutation: Mutation, properties: [Property])] {
        all.compactMap { mutant in
            guard case .mutation(let mutation) = mutant.plant, let properties = mutant.canary else { return nil }
            return (mutation, properties)
        }
    }
}
