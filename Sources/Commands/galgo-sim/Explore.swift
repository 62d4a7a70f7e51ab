import Glibc
import Sim

/// Runs many seeds in workers and says what was found; with `--twice` each seed in two processes that hash, allocate
/// and live differently, whose traces must be equal.
func explore(_ arguments: Arguments) -> Int32 {
    let jobs = arguments.jobs ?? processorCount
    let started = now()
    let deadline = arguments.seconds.map { started + $0 * 1_000 }
    var summary = Summary()
    var first: [UInt64: Outcome] = [:]
    let isRun = fleet(arguments, jobs).run(arguments.seeds, deadline: deadline) { outcome in
        summary.add(outcome)
        if arguments.isTwice { first[outcome.seed] = outcome }
        tell(outcome, arguments)
    }
    var isRunTwice = true
    if arguments.isTwice, let last = first.keys.max() {
        isRunTwice = twinFleet(arguments, jobs).run(arguments.seeds.lowerBound...last, deadline: nil) { outcome in
            summary.addRun(outcome)
            guard let twin = first[outcome.seed], twin.trace != outcome.trace else { return }
            summary.differs(outcome.seed)
            let rung = firstDifference(twin.ladder, outcome.ladder)
            complain(
                "✗ seed \(outcome.seed): two runs differ, first between step \(rung * 4_096) and \((rung + 1) * 4_096)")
        }
    }
    guard isRun, isRunTwice else {
        complain("galgo-sim: no worker could be started")
        return ExitCode.internalError
    }
    for seed in summary.differing.sorted().prefix(3) { tellDifference(of: seed, arguments) }
    let milliseconds = max(1, now() - started)
    say(arguments.isJSON ? summary.json(milliseconds: milliseconds) : summary.text(milliseconds: milliseconds, jobs: jobs))
    if !summary.differing.isEmpty { return ExitCode.nondeterminism }
    if let first = summary.failures.min(by: { $0.seed < $1.seed }) { return first.exitCode }
    guard arguments.hasFloors, !summary.shortfalls.isEmpty else { return 0 }
    for shortfall in summary.shortfalls { complain("✗ too little: \(shortfall)") }
    return ExitCode.vacuous
}

let processorCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

/// Workers that take seeds of these plans.
func fleet(_ arguments: Arguments, _ jobs: Int) -> Fleet {
    Fleet(arguments: Twin.first.words(arguments), environment: Twin.first.environment, jobs: jobs)
}

/// The same plans in processes that live differently.
private func twinFleet(_ arguments: Arguments, _ jobs: Int) -> Fleet {
    Fleet(arguments: Twin.second.words(arguments), environment: Twin.second.environment, jobs: jobs)
}

private func tell(_ outcome: Outcome, _ arguments: Arguments) {
    if arguments.isJSON {
        say(outcome.json)
    } else if outcome.exitCode != 0 {
        say("✗ seed \(outcome.seed): \(outcome.reason)")
        say("  reproduce: \(arguments.reproduction(of: outcome.seed))")
    }
}

/// The first rung at which two ladders differ; equal ladders differ behind their end.
private func firstDifference(_ left: [Substring], _ right: [Substring]) -> Int {
    var low = 0, high = min(left.count, right.count)
    // A rung depends on all before it: once they differ they stay different.
    while low < high {
        let middle = (low + high) / 2
        if left[middle] == right[middle] { low = middle + 1 } else { high = middle }
    }
    return low
}

extension Outcome {
    /// A number of the JSON line.
    func number(_ name: String) -> Int? {
        guard let place = json.utf8.firstRange(of: "\"\(name)\":".utf8) else { return nil }
        return Int(json[place.upperBound...].prefix { $0.isNumber })
    }

    /// A text of the JSON line, with its escapes.
    func text(_ name: String) -> String? {
        guard let place = json.utf8.firstRange(of: "\"\(name)\":\"".utf8) else { return nil }
        let rest = json[place.upperBound...]
        guard let end = rest.utf8.firstRange(of: "\",\"".utf8) ?? rest.utf8.firstRange(of: "\"}".utf8) else {
            return nil
        }
        return String(rest[..<end.lowerBound])
    }

    /// The members of an object of the JSON line, each with its number or its array of numbers.
    func members(_ name: String) -> [(name: String, numbers: [Int])] {
        guard let place = json.utf8.firstRange(of: "\"\(name)\":{".utf8) else { return [] }
        var members: [(name: String, numbers: [Int])] = []
        // Names are the odd pieces between quotation marks; what follows a name belongs to it.
        let pieces = json[place.upperBound...].prefix { $0 != "}" }.split(
            separator: "\"", omittingEmptySubsequences: false)
        for (place, piece) in pieces.enumerated() {
            if place % 2 == 1 {
                members.append((String(piece), []))
            } else if !members.isEmpty {
                members[members.count - 1].numbers = piece.split { !$0.isNumber }.compactMap { Int($0) }
            }
        }
        return members
    }

    var reason: String {
        if let death { return "the worker died: \(death.text)" }
        return "\(text("property") ?? text("verdict") ?? "?"): \(text("detail") ?? "")"
    }
}
