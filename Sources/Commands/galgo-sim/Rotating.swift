import CSimTraps
import Primitives
import Server
import Sim

// The log writer in a simulated directory: seeds, orders, planted bugs.

func rotation(_ arguments: Arguments) -> Int32 {
    if arguments.listsOnly { return listRotation() }
    if let gate = arguments.gate {
        return arguments.isRotationWorker ? workRotationHunt(arguments) : huntRotation(gate, arguments)
    }
    if !arguments.isRotationWorker { return rotateApart(arguments) }
    switch arguments.interleaving {
    case .schedule(let path): return replayRotation(path, arguments)
    case .atMost(let bound): return exploreRotation(bound, arguments)
    case .all, nil: return runRotation(arguments)
    }
}

private let broken: Int32 = 10

/// The same in another process: what ends that one, by a trap in the writer's code, has a verdict like anything else.
private func rotateApart(_ arguments: Arguments) -> Int32 {
    guard
        let child = Child(
            [Arguments.rotationWorker] + CommandLine.arguments.dropFirst(2),
            environment: Child.environment(deterministicHashing: false))
    else { return noWorker() }
    child.dismiss()
    var words = ""
    while !child.isAtEnd {
        for line in child.takeLines() {
            if line.hasPrefix(beginning) { words = String(line.dropFirst(beginning.count)) } else { say(line) }
        }
    }
    switch child.end() {
    case .exit(let code): return code
    case .signal(let signal):
        let cause = EndOfProcess.signal(signal).cause
        say(arguments.isJSON ? death(words, cause) : "✗ \(words): DIED, \(cause)")
        let planted = arguments.logMutation.map { " --mutant \($0.rawValue)" } ?? ""
        complain("  reproduce: galgo-sim rotation \(words)\(planted)")
        return ExitCode.trapped
    }
}

/// As one line of JSON: `seed`, or `run` for an order.
private func death(_ words: String, _ cause: String) -> String {
    var json = JSONWriter()
    json.object { json in
        if let seed = words.hasPrefix(seedOption) ? UInt64(words.dropFirst(seedOption.count)) : nil {
            json.member("seed", seed)
        } else {
            json.member("run", words)
        }
        json.member("verdict", "died")
        json.member("detail", cause)
    }
    return json.text
}

private let seedOption = "--seed "
private let beginning = "begin "

/// What follows is charged to these words of the command line.
private func begin(_ words: String) { say(beginning + words) }

private func listRotation() -> Int32 {
    say("scenarios: " + RotationScenario.allCases.map(\.rawValue).joined(separator: " "))
    for mutant in RotationMutant.all { say("\(mutant.mutation.rawValue): \(mutant.sentence)") }
    return 0
}

/// With the traps for clocks and dice armed.
private func play(_ run: () -> RotationRun.Outcome) -> RotationRun.Outcome {
    galgo_traps_arm()
    defer { galgo_traps_disarm() }
    return run()
}

// MARK: Seeds

private func runRotation(_ arguments: Arguments) -> Int32 {
    let planted = arguments.logMutation.map { " --mutant \($0.rawValue)" } ?? ""
    var counts = RotationCounts()
    var failed: UInt64?
    var failures = 0
    var hashes: [UInt64: UInt64] = [:]
    let begun = now()
    for seed in arguments.seeds {
        begin("\(seedOption)\(seed)")
        let outcome = play { RotationRun.perform(seed: seed, mutation: arguments.logMutation) }
        counts += outcome.counts
        if arguments.isTwice { hashes[seed] = outcome.hash }
        if arguments.isJSON { say(json(seed, outcome)) }
        guard let violation = outcome.violation else { continue }
        failures += 1
        if failed == nil { failed = seed }
        if !arguments.isJSON, failures <= 10 {
            say("✗ seed \(seed): \(violation.rule.rawValue): \(violation.text)")
        }
    }
    if arguments.printsTrace {
        for seed in arguments.seeds { _ = RotationRun.perform(seed: seed, mutation: arguments.logMutation) { say($0) } }
    }
    if arguments.isTwice, let differing = secondRun(differsFrom: hashes, arguments) {
        complain("✗ seed \(differing): its second run, in another process, was another one")
        return ExitCode.nondeterminism
    }
    if !arguments.isJSON {
        say(
            "\(hashes.isEmpty ? "" : "twice: ")\(arguments.seeds.count) seeds, \(failures) with a broken rule, in \(now() - begun) ms: "
                + "\(counts.lines) lines, \(counts.writes) writes (\(counts.shortWrites) short), \(counts.rotations) rotations, "
                + "\(counts.deletions) deletions, \(counts.failures) failed calls, \(counts.fullDisks) full disks, "
                + "\(counts.jumps) clock jumps, \(counts.crashes) crashes")
    }
    guard let failed else { return 0 }
    complain("  reproduce: galgo-sim rotation --seed \(failed)\(planted) --trace full")
    return broken
}

/// The first seed whose run in another process, which hashes differently, had another trace.
private func secondRun(differsFrom hashes: [UInt64: UInt64], _ arguments: Arguments) -> UInt64? {
    let seeds = "\(arguments.seeds.lowerBound)..\(arguments.seeds.upperBound)"
    let planted = arguments.logMutation.map { ["--mutant", $0.rawValue] } ?? []
    guard
        let child = Child(
            [Arguments.rotationWorker, "--seeds", seeds, "--json"] + planted,
            environment: Child.environment(deterministicHashing: true))
    else { return arguments.seeds.lowerBound }
    child.dismiss()
    defer { _ = child.reap() }
    var seen = 0
    while !child.isAtEnd {
        for line in child.takeLines() {
            guard let seed = member("seed", line).flatMap({ UInt64($0) }), let expected = hashes[seed] else { continue }
            if member("hash", line) != "\"\(String(expected, radix: 16))\"" { return seed }
            seen += 1
        }
    }
    return seen == hashes.count ? nil : arguments.seeds.lowerBound
}

private func json(_ seed: UInt64, _ outcome: RotationRun.Outcome) -> String {
    let verdict = outcome.violation.map { "\"\($0.rule.rawValue)\"" } ?? "null"
    return
        "{\"seed\":\(seed),\"broken\":\(verdict),\"steps\":\(outcome.steps),\"hash\":\"\(String(outcome.hash, radix: 16))\"}"
}

/// What stands behind the name in a line of `json`.
private func member(_ name: String, _ line: String) -> Substring? {
    guard let key = line.firstRange(of: "\"\(name)\":") else { return nil }
    return line[key.upperBound...].prefix { $0 != "," && $0 != "}" }
}

// MARK: Orders

private func exploreRotation(_ bound: Int, _ arguments: Arguments) -> Int32 {
    let scenarios =
        arguments.scenarios.isEmpty
        ? RotationScenario.allCases : arguments.scenarios.compactMap { RotationScenario(rawValue: $0) }
    let planted = arguments.logMutation.map { " --mutant \($0.rawValue)" } ?? ""
    for scenario in scenarios {
        begin("\(scenario.rawValue) --interleave \(bound)")
        let begun = now()
        let (orders, failed) = scenario.explore(bound: bound, mutation: arguments.logMutation)
        guard let failed else {
            say(
                "\(scenario.rawValue): \(orders) orders with at most \(bound) departures, no rule broken, \(now() - begun) ms"
            )
            continue
        }
        let outcome = scenario.perform(failed, mutation: arguments.logMutation)
        let violation =
            outcome.violation.map { "\($0.rule.rawValue): \($0.text)" } ?? "it holds when it is played again"
        say("✗ \(scenario.rawValue) \(failed.text): \(violation)")
        complain("  reproduce: galgo-sim rotation \(scenario.rawValue) --schedule \(failed.text)\(planted)")
        return broken
    }
    return 0
}

private func replayRotation(_ path: DecisionPath, _ arguments: Arguments) -> Int32 {
    guard let scenario = arguments.scenarios.first.flatMap({ RotationScenario(rawValue: $0) }) else {
        return ExitCode.usage
    }
    begin("\(scenario.rawValue) --schedule \(path.text)")
    let outcome = scenario.perform(path, mutation: arguments.logMutation) { say($0) }
    return outcome.violation == nil ? 0 : broken
}
