import CSimTraps
import Glibc
import Sim

// The same operations under other circumstances must leave the same: a worker runs all variants of one seed's plan.

/// Goes through the seeds and says where variants ended elsewhere.
func metamorphic(_ arguments: Arguments) -> Int32 {
    if arguments.printsPlan {
        write(arguments.metamorphosis(seed: arguments.seeds.lowerBound).plan(arguments.variant ?? .plain))
        return 0
    }
    let jobs = arguments.jobs ?? processorCount
    let started = now()
    var seeds = 0, runs = 0, asked = 0, facts = 0
    var failures: [Outcome] = []
    var vacuous: [UInt64] = []
    let workers = Fleet(
        arguments: ["metamorphic-worker"] + arguments.plantedOptions,
        environment: Child.environment(deterministicHashing: true), jobs: jobs, wallLimit: 60_000)
    let isRun = workers.run(arguments.seeds, deadline: nil) { outcome in
        seeds += 1
        runs += outcome.number("runs") ?? 0
        asked += outcome.number("asked") ?? 0
        facts += outcome.number("facts") ?? 0
        if arguments.isJSON { say(outcome.json) }
        if outcome.exitCode != 0 {
            failures.append(outcome)
            if arguments.isJSON { return }
            say("✗ seed \(outcome.seed), \(outcome.text("variant") ?? "?"): \(outcome.text("detail") ?? outcome.reason)")
            say("  reproduce: \(reproduction(of: outcome.seed, arguments))")
        } else if outcome.number("facts") ?? 0 == 0 {
            vacuous.append(outcome.seed)
        }
    }
    guard isRun else { return noWorker() }
    let milliseconds = max(1, now() - started)
    let variants = Metamorphosis.Variant.allCases.count
    say(
        arguments.isJSON
            ? "{\"metamorphic\":{\"seeds\":\(seeds),\"variants\":\(variants),\"runs\":\(runs),\"asked\":\(asked),"
                + "\"facts\":\(facts),\"failed\":\(failures.count),\"milliseconds\":\(milliseconds)}}"
            : "\(seeds) seeds × \(variants) variants: \(runs) runs, \(asked) client operations, \(facts) things that are "
                + "left compared, \(failures.count) seeds failed; \(milliseconds) ms with \(jobs) workers")
    if let first = failures.min(by: { $0.seed < $1.seed }) { return first.exitCode }
    for seed in vacuous.prefix(3) { complain("✗ too little: nothing was compared in seed \(seed)") }
    return vacuous.isEmpty ? 0 : ExitCode.vacuous
}

private func reproduction(of seed: UInt64, _ arguments: Arguments) -> String {
    (["galgo-sim", "metamorphic", "--seed", "\(seed)"] + arguments.plantedOptions).joined(separator: " ")
}

/// Reads seeds from the input until it ends.
func workMetamorphic(_ arguments: Arguments) -> Int32 {
    while let line = readLine() {
        guard let seed = UInt64(line), isWatched() else { return ExitCode.internalError }
        let started = microsecondsOfCPU()
        galgo_traps_arm()
        let result = arguments.metamorphosis(seed: seed).perform()
        galgo_traps_disarm()
        let failure = result.failure.map {
            ",\"variant\":\"\($0.variant.rawValue)\",\"detail\":\"\(escaped($0.text))\""
        }
        say(
            "end \(seed) \(result.failure?.exitCode ?? 0) \(microsecondsOfCPU() - started) \(peakMemory()) - - "
                + "{\"seed\":\(seed),\"runs\":\(result.runs),\"asked\":\(result.asked),\"facts\":\(result.facts)"
                + "\(failure ?? "")}")
    }
    return 0
}

/// For a text of JSON: the texts here are the simulator's own.
private func escaped(_ text: String) -> String {
    text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
        .split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
        .split(separator: "\n").joined(separator: " ")
}

extension Arguments {
    func metamorphosis(seed: UInt64) -> Metamorphosis {
        var metamorphosis = Metamorphosis(seed: seed)
        metamorphosis.mutation = mutation
        metamorphosis.sabotage = sabotage
        return metamorphosis
    }
}
