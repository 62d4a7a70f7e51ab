import Sim

/// Hunts for every mutant: of each the first seed that finds it and holds without it, and what all that says together.
func mutants(_ arguments: Arguments) -> Int32 {
    let hunted = arguments.hunted ?? Mutant.hunted
    if arguments.listsOnly {
        for mutant in arguments.hunted ?? Mutant.all {
            say(arguments.isJSON ? "{\(facts(of: mutant))}" : entry(of: mutant))
        }
        return 0
    }
    let seeds = arguments.hasSeeds ? arguments.seeds : 1...300
    if let path = arguments.knownPath { return huntKnown(path, hunted, arguments) }
    var search = MutantSearch(hunted.filter(\.isFoundBySeeds), seeds: seeds)
    let crew = Crew(
        arguments: ["plan-worker"], environment: Twin.first.environment, jobs: arguments.jobs ?? processorCount,
        wallLimit: mutantWallLimit)
    defer { crew.dismiss() }
    guard hunt(&search, arguments, crew) else { return noWorker() }
    var matrix = search.matrix
    guard let compared = huntByComparison(hunted.filter(\.takesComparison), seeds, arguments),
        let staged = huntInScenarios(hunted, crew)
    else { return noWorker() }
    matrix.add(compared + staged)
    guard let tried = ablate(&matrix, arguments, crew) else { return noWorker() }
    let plays = search.plays + tried
    if arguments.isJSON {
        for result in matrix.results { say(json(result)) }
        say(json(matrix, plays: plays))
    } else if arguments.isMarkdown {
        say(page(matrix, plays: plays, arguments))
    } else {
        say(text(matrix, plays: plays, arguments))
    }
    let isMet = arguments.gate.map { matrix.meets(percent: $0) } ?? true
    var suite = JUnit("galgo-sim mutants")
    suite.cases = matrix.results.map { result in
        let survives = result.kill == nil ? "\(result.mutant.id) was not found in \(result.tried) seeds" : nil
        // Those that are allowed to survive do not fail the suite.
        return JUnit.Case(
            result.mutant.id, milliseconds: 0,
            failure: isMet ? nil : survives.map { .init(kind: "survivor", message: $0, text: result.mutant.sentence) })
    }
    guard publish(suite, arguments) else { return ExitCode.usage }
    guard let gate = arguments.gate, !isMet else { return 0 }
    complain("✗ \(matrix.killed.count) of \(matrix.results.count) mutants found, \(gate) % wanted")
    return ExitCode.unseen
}

/// Milliseconds that one plan may take. Longer than a run ever does: other processes may hold this one up.
let mutantWallLimit = 10_000

extension Arguments {
    /// How a mutant is hunted with this seed: with the profile that was asked for, or else with one of three by turns.
    func byTurns(_ seed: UInt64) -> Arguments {
        guard !hasProfile else { return self }
        var turned = self
        turned.profile = [.shards, .std, .disk][Int(seed % 3)]
        return turned
    }
}

/// Hunts for those that only a comparison of runs can show; nil if no worker can be started.
func huntByComparison(
    _ mutants: [Mutant], _ seeds: ClosedRange<UInt64>, _ arguments: Arguments
) -> [MutantResult]? {
    let jobs = arguments.jobs ?? processorCount
    func parted(_ planted: [String], _ seeds: ClosedRange<UInt64>) -> Set<UInt64>? {
        var parted: Set<UInt64> = []
        let workers = Fleet(
            arguments: ["metamorphic-worker"] + planted, environment: Twin.first.environment, jobs: jobs, wallLimit: 60_000)
        guard workers.run(seeds, deadline: nil, { if $0.exitCode != 0 { parted.insert($0.seed) } }) else { return nil }
        return parted
    }
    var results: [MutantResult] = []
    for mutant in mutants {
        var kill: MutantResult.Kill?
        var next = seeds.lowerBound
        while kill == nil, next <= seeds.upperBound {
            // Each is a dozen runs: a few at a time.
            let some = next...min(seeds.upperBound, next + UInt64(jobs) - 1)
            guard let suspects = parted(["--mutant", mutant.id], some) else { return nil }
            for seed in suspects.sorted() where kill == nil {
                guard let others = parted([], seed...seed) else { return nil }
                if others.isEmpty { kill = MutantResult.Kill(seed: seed, checker: "metamorphic", faults: [], needed: []) }
            }
            next = some.upperBound + 1
        }
        let tried = kill.map { Int($0.seed - seeds.lowerBound) + 1 } ?? seeds.count
        results.append(MutantResult(mutant, tried: tried, kill: kill))
    }
    return results
}

/// Hunts for those that a scenario shows: its plan must fail with the mutant and hold without it. nil if no worker
/// can be started.
func huntInScenarios(_ mutants: [Mutant], _ crew: Crew) -> [MutantResult]? {
    let staged = mutants.compactMap { mutant in mutant.stage.map { (mutant: mutant, plan: $0.plan) } }
    guard let ends = play(staged.flatMap { [$0.mutant.planted(in: $0.plan), $0.plan] }, crew) else { return nil }
    return staged.enumerated().map { place, entry in
        var result = MutantResult(
            entry.mutant, seed: entry.plan.seed, planted: ends[2 * place], asItIs: ends[2 * place + 1])
        // A scenario has no faults that it could do without.
        result.kill?.needed = []
        return result
    }
}

/// Plays each of the plans. How they ended, without their faults; nil if no worker can be started.
private func play(_ plans: [Plan], _ crew: Crew) -> [MutantSearch.End]? {
    var ends = [MutantSearch.End](repeating: .held, count: plans.count)
    var next = 0
    var doubts = Doubts<Int>()
    let isRun = crew.work {
        if let place = doubts.next() { return WorkItem(UInt64(place), plans[place]) }
        guard next < plans.count else { return nil }
        defer { next += 1 }
        return WorkItem(UInt64(next), plans[next])
    } _: { outcome in
        let place = Int(clamping: outcome.seed)
        if !doubts.arise(outcome, of: place) { ends[place] = end(outcome, []) }
    }
    return isRun ? ends : nil
}

/// A machine that others use may hold a worker up: who hangs is played once more before that is believed.
private struct Doubts<Play: Hashable> {
    private var doubted: Set<Play> = []
    private var waiting: [Play] = []

    /// What is to be played again.
    mutating func next() -> Play? { waiting.popLast() }

    /// Whether the play is to be played again for this outcome.
    mutating func arise(_ outcome: Outcome, of play: Play) -> Bool {
        guard case .hung = outcome.death, doubted.insert(play).inserted else { return false }
        waiting.append(play)
        return true
    }
}

/// Plays until of every mutant it is known how it fares. False if no worker can be started.
func hunt(_ search: inout MutantSearch, _ arguments: Arguments, _ crew: Crew) -> Bool {
    let started = now()
    var progress = ProgressLine()
    var underWay: [UInt64: (play: MutantSearch.Play, faults: [String])] = [:]
    var number: UInt64 = 0
    var doubts = Doubts<MutantSearch.Play>()
    let isRun = crew.work {
        guard let play = doubts.next() ?? search.next() else { return nil }
        var plan = arguments.byTurns(play.seed).generator.plan(seed: play.seed)
        if let place = play.mutant { plan = search.mutants[place].planted(in: plan) }
        number += 1
        underWay[number] = (play, plan.occurringFamilies.map(\.rawValue))
        return WorkItem(number, plan)
    } _: { outcome in
        guard let (play, faults) = underWay.removeValue(forKey: outcome.seed) else { return }
        if doubts.arise(outcome, of: play) { return }
        search.ended(play, end(outcome, faults))
        progress.show {
            let rate = max(1, search.plays * 1_000 / max(1, now() - started))
            return "\(search.settledCount) of \(search.mutants.count) mutants, \(search.plays) runs, "
                + "\(rate * 60)/min, at most \(search.playsLeftAtMost / rate) s to go"
        }
    }
    progress.clear()
    return isRun
}

/// Plays what found each mutant once more without each of its families of faults, and notes those that it needs. How
/// many plays that took; nil if no worker can be started.
private func ablate(_ matrix: inout KillMatrix, _ arguments: Arguments, _ crew: Crew) -> Int? {
    let tries = matrix.results.indices.flatMap { place in
        (matrix.results[place].kill?.faults ?? []).compactMap { Fault.Family(rawValue: $0) }.map { (place, $0) }
    }
    let results = matrix.results
    let plans = tries.map { place, family in
        let seed = results[place].kill?.seed ?? 0
        var generator = arguments.byTurns(seed).generator
        generator.without.append(family)
        return results[place].mutant.planted(in: generator.plan(seed: seed))
    }
    guard let ends = play(plans, crew) else { return nil }
    var needed = matrix.results.map { _ in [String]() }
    for ((place, family), end) in zip(tries, ends) where end == .held { needed[place].append(family.rawValue) }
    for place in needed.indices { matrix.note(needed: needed[place].sorted(), by: place) }
    return tries.count
}

private func end(_ outcome: Outcome, _ faults: [String]) -> MutantSearch.End {
    MutantSearch.End(
        exitCode: outcome.exitCode, checker: outcome.text("property") ?? outcome.death?.kind ?? "trap", faults: faults)
}
