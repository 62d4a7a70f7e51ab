import Server
import Sim

// Bugs planted in the log writer, each hunted in a worker: one that traps is found by that.

/// Hunts for each of them; the exit code is of the gate, which is so many per cent.
func huntRotation(_ gate: Int, _ arguments: Arguments) -> Int32 {
    let seeds = arguments.hasSeeds ? arguments.seeds : 1...2_000
    let mutants = RotationMutant.all
    let crew = Crew(
        arguments: [
            Arguments.rotationWorker, "--gate", "\(gate)", "--seeds", "\(seeds.lowerBound)..\(seeds.upperBound)",
        ], environment: Child.environment(deterministicHashing: true), jobs: processorCount, wallLimit: 60_000)
    defer { crew.dismiss() }
    var outcomes = [Outcome?](repeating: nil, count: mutants.count)
    var next = 0
    let isRun = crew.work {
        guard next < mutants.count else { return nil }
        defer { next += 1 }
        return WorkItem(UInt64(next), "\(next)\n")
    } _: { outcomes[Int(clamping: $0.seed)] = $0 }
    guard isRun else { return noWorker() }
    var found = 0
    for (mutant, outcome) in zip(mutants, outcomes) {
        let seed = outcome.flatMap { UInt64($0.told.dropFirst(tellingSeed.count)) }
        let way: String?
        if let death = outcome?.death {
            way = seed.flatMap { holds($0) ? death.text : nil }
        } else {
            way = outcome?.text("rule")
        }
        if let way, let seed {
            found += 1
            say("\(mutant.mutation.rawValue): seed \(seed), \(way)")
        } else {
            let end = (outcome?.death).map { " (its worker died at seed \(seed ?? 0): \($0.text))" } ?? ""
            say("✗ \(mutant.mutation.rawValue): not found\(end); \(mutant.sentence)")
        }
    }
    say("\(found) of \(mutants.count) planted bugs found")
    guard found * 100 < gate * mutants.count else { return 0 }
    return ExitCode.unseen
}

/// Before a seed of which a death says nothing else.
private let tellingSeed = "told "

/// Whether the seed breaks no rule with nothing planted, in a process of its own.
private func holds(_ seed: UInt64) -> Bool {
    guard
        let child = Child(
            [Arguments.rotationWorker, "--seed", "\(seed)"], environment: Child.environment(deterministicHashing: true))
    else { return false }
    child.dismiss()
    let isOver = child.hearOut(until: now() + 60_000) { _ in }
    if !isOver { child.kill() }
    return child.end() == .exit(0)
}

/// Reads places of planted bugs from the input until it ends, and hunts for each.
func workRotationHunt(_ arguments: Arguments) -> Int32 {
    while let line = readLine() {
        guard let place = Int(line), RotationMutant.all.indices.contains(place) else { return ExitCode.internalError }
        let started = microsecondsOfCPU()
        var json = "{}"
        for seed in arguments.seeds {
            say("\(tellingSeed)\(seed)")
            guard let hit = RotationMutant.all[place].hunt(seed...seed) else { continue }
            json = "{\"rule\":\"\(hit.rule.rawValue)\"}"
            break
        }
        say("end \(place) 0 \(microsecondsOfCPU() - started) \(peakMemory()) - - \(json)")
    }
    return 0
}
