import Glibc
import Sim

/// Hunts for every mutant: of each the first seed that finds it and holds without it, and what all that says together.
func mutants(_ arguments: Arguments) -> Int32 {
    let hunted = arguments.hunted ?? Mutant.all
    if arguments.listsMutants {
        for mutant in hunted { say(arguments.isJSON ? "{\(facts(of: mutant))}" : entry(of: mutant)) }
        return 0
    }
    var search = MutantSearch(hunted, seeds: arguments.hasSeeds ? arguments.seeds : 1...300)
    guard hunt(&search, arguments.generator, jobs: arguments.jobs ?? processorCount) else {
        complain("galgo-sim: no worker could be started")
        return ExitCode.internalError
    }
    let matrix = search.matrix
    if arguments.isJSON {
        for result in matrix.results { say(json(result)) }
        say(json(matrix, plays: search.plays))
    } else {
        say(text(matrix, plays: search.plays, options: arguments.planOptions))
    }
    guard let gate = arguments.gate, !matrix.meets(percent: gate) else { return 0 }
    complain("✗ \(matrix.killed.count) of \(matrix.results.count) mutants found, \(gate) % wanted")
    return ExitCode.unseen
}

/// Milliseconds that one plan may take. Longer than a run ever does: other processes may hold this one up.
private let wallLimit = 10_000

/// Plays until of every mutant it is known how it fares. False if no worker can be started.
private func hunt(_ search: inout MutantSearch, _ generator: PlanGenerator, jobs: Int) -> Bool {
    let crew = Crew(arguments: ["plan-worker"], environment: Twin.first.environment, jobs: jobs, wallLimit: wallLimit)
    defer { crew.dismiss() }
    var progress = Progress(count: search.mutants.count)
    var underWay: [UInt64: (play: MutantSearch.Play, faults: [String])] = [:]
    var number: UInt64 = 0
    // A machine that others use may hold a worker up: who hangs is played once more before that is believed.
    var hung: [MutantSearch.Play] = []
    var again: [MutantSearch.Play] = []
    let isRun = crew.work {
        guard let play = again.popLast() ?? search.next() else { return nil }
        var plan = generator.plan(seed: play.seed)
        if let place = play.mutant { plan = search.mutants[place].planted(in: plan) }
        number += 1
        underWay[number] = (play, plan.families.map(\.rawValue))
        return WorkItem(number, plan)
    } _: { outcome in
        guard let (play, faults) = underWay.removeValue(forKey: outcome.seed) else { return }
        if case .hung = outcome.death, !hung.contains(play) {
            hung.append(play)
            again.append(play)
            return
        }
        search.ended(play, end(outcome, faults))
        progress.tell(search)
    }
    progress.finish()
    return isRun
}

private func end(_ outcome: Outcome, _ faults: [String]) -> MutantSearch.End {
    // A run that did nothing shows nothing.
    if outcome.exitCode == 0 || outcome.exitCode == ExitCode.vacuous { return .held }
    return .failed(checker: outcome.text("property") ?? (outcome.death?.kind ?? "trap"), faults: faults)
}

/// Tells on the error output how far the hunt is, not more often than people read.
private struct Progress {
    private let started = now()
    private let count: Int
    private let isTerminal = isatty(2) == 1
    private var toldAt = 0

    init(count: Int) { self.count = count }

    mutating func tell(_ search: MutantSearch) {
        let time = now()
        guard time - toldAt >= (isTerminal ? 200 : 5_000) else { return }
        toldAt = time
        let seconds = max(1, (time - started) / 1_000)
        let rate = search.plays / seconds
        let left = rate > 0 ? "\(search.playsLeftAtMost / rate) s" : "?"
        let line = "\(search.settledCount) of \(count) mutants, \(search.plays) runs, \(rate)/s, at most \(left) to go"
        write(error: isTerminal ? "\r\u{1B}[K\(line)" : line + "\n")
    }

    func finish() { if isTerminal, toldAt > 0 { write(error: "\r\u{1B}[K") } }
}
