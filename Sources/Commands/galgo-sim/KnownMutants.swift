import Glibc
import Sim

// A gate that costs seconds: what a seed has found before is found again, there or not far from there.

/// How many seeds after the known one are tried. A change of the code moves what a seed meets, mostly not far.
private let nearby: UInt64 = 24
/// How many from the first on are tried when that was in vain.
private let elsewhere: ClosedRange<UInt64> = 1...400

/// Hunts for each mutant from the seed on that found it according to the page at `path`, which `mutants --markdown`
/// printed; then for those that hide there among the first seeds. What is found nowhere fails.
func huntKnown(_ path: String, _ hunted: [Mutant], _ arguments: Arguments) -> Int32 {
    guard let page = readFile(path) else {
        complain("galgo-sim: \(path) cannot be read")
        return ExitCode.usage
    }
    let known = knownSeeds(page)
    let wanted = hunted.filter { known[$0.id] != nil }
    guard !wanted.isEmpty else {
        complain("galgo-sim: \(path) names none of the planted bugs with its seed")
        return ExitCode.usage
    }
    let started = now()
    let crew = Crew(
        arguments: ["plan-worker"], environment: Twin.first.environment, jobs: arguments.jobs ?? processorCount,
        wallLimit: mutantWallLimit)
    defer { crew.dismiss() }
    var near = MutantSearch(
        wanted.filter(\.isFoundBySeeds).map { ($0, (known[$0.id] ?? 1)...(known[$0.id] ?? 1) + nearby) })
    guard hunt(&near, arguments, crew) else { return noWorker() }
    var far = MutantSearch(near.matrix.survivors.map(\.mutant), seeds: elsewhere)
    guard hunt(&far, arguments, crew),
        let compared = huntByComparison(wanted.filter(\.takesComparison), 1...nearby, arguments),
        let staged = huntInScenarios(wanted, crew)
    else { return noWorker() }
    let moved = far.matrix.killed
    let lost = far.matrix.survivors + (compared + staged).filter { $0.kill == nil }
    for result in moved {
        say("\(result.mutant.id) is found by seed \(result.kill?.seed ?? 0), not near \(known[result.mutant.id] ?? 0)")
    }
    for result in lost {
        say("✗ \(result.mutant.id) was found by seed \(known[result.mutant.id] ?? 0) once, and is not any more")
    }
    say(
        "\(wanted.count - lost.count) of \(wanted.count) planted bugs found again; \(near.plays + far.plays) runs in "
            + "\(now() - started) ms")
    return lost.isEmpty ? 0 : ExitCode.unseen
}

/// By mutant, the seed in its row of the page: `| `id` | class | seed | how | checker | faults |`.
private func knownSeeds(_ page: String) -> [String: UInt64] {
    var known: [String: UInt64] = [:]
    for line in page.split(separator: "\n") {
        let cells = line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        guard cells.count >= 4, cells[0].hasPrefix("`"), cells[0].hasSuffix("`"), let seed = UInt64(cells[2]), seed > 0
        else { continue }
        let id = String(cells[0].dropFirst().dropLast())
        if Mutant.Harm(rawValue: cells[1]) != nil, Mutant.named(id) != nil { known[id] = seed }
    }
    return known
}
