import Glibc
import Sim

/// Runs many seeds in workers and says what was found.
func explore(_ arguments: Arguments) -> Int32 {
    let jobs = arguments.jobs ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let fleet = Fleet(
        arguments: ["worker"] + arguments.planOptions, environment: Child.environment(deterministicHashing: true),
        jobs: jobs)
    let started = now()
    var summary = Summary()
    let isRun = fleet.run(arguments.seeds, deadline: arguments.seconds.map { started + $0 * 1_000 }) { outcome in
        summary.add(outcome)
        if arguments.isJSON {
            say(outcome.json)
        } else if outcome.exitCode != 0 {
            say("✗ seed \(outcome.seed): \(outcome.reason)")
            say("  reproduce: \(arguments.reproduction(of: outcome.seed))")
        }
    }
    guard isRun else {
        complain("galgo-sim: no worker could be started")
        return ExitCode.internalError
    }
    if !arguments.isJSON { say(summary.text(milliseconds: max(1, now() - started), jobs: jobs)) }
    if let first = summary.failures.min(by: { $0.seed < $1.seed }) { return first.exitCode }
    return 0
}

/// The same seeds twice, in processes that hash, allocate and live differently: the ladders must be equal.
func verify(_ arguments: Arguments) -> Int32 {
    let jobs = max(1, (arguments.jobs ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    var outcomes: [[UInt64: Outcome]] = [[:], [:]]
    var failures: [Outcome] = []
    for twin in 0..<2 {
        let fleet = Fleet(
            arguments: ["worker"] + (twin == 1 ? ["--twin"] : []) + arguments.planOptions,
            environment: Child.environment(deterministicHashing: twin == 0), jobs: jobs)
        let isRun = fleet.run(arguments.seeds, deadline: nil) { outcome in
            outcomes[twin][outcome.seed] = outcome
            if twin == 0, outcome.exitCode != 0 { failures.append(outcome) }
        }
        guard isRun else {
            complain("galgo-sim: no worker could be started")
            return ExitCode.internalError
        }
    }
    var differing = 0
    for seed in arguments.seeds {
        guard let first = outcomes[0][seed], let second = outcomes[1][seed], first.trace != second.trace else {
            continue
        }
        differing += 1
        let rung = firstDifference(first.ladder, second.ladder)
        say("✗ seed \(seed): two runs differ, first between step \(rung * 4_096) and \((rung + 1) * 4_096)")
        say("  reproduce: galgo-sim verify --seed \(seed) \(arguments.planOptions.joined(separator: " "))")
    }
    say("\(arguments.seeds.count) seeds run twice: \(differing) differ")
    if differing > 0 { return ExitCode.nondeterminism }
    for outcome in failures { say("✗ seed \(outcome.seed): \(outcome.reason)") }
    return failures.min { $0.seed < $1.seed }?.exitCode ?? 0
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

/// Sums over many seeds.
struct Summary {
    private(set) var seeds = 0
    private(set) var failures: [Outcome] = []
    private var microseconds = 0
    private var peakKiB = 0
    private var asked = 0

    mutating func add(_ outcome: Outcome) {
        seeds += 1
        microseconds += outcome.microseconds
        peakKiB = max(peakKiB, outcome.peakKiB)
        asked += outcome.number("asked") ?? 0
        if outcome.exitCode != 0 { failures.append(outcome) }
    }

    func text(milliseconds: Int, jobs: Int) -> String {
        """
        \(seeds) seeds, \(failures.count) failed, in \(milliseconds) ms with \(jobs) workers: \
        \(seeds * 60_000 / milliseconds) seeds/min, \
        \(microseconds > 0 ? asked * 1_000_000 / microseconds : 0) checked operations per CPU-second, \
        \(peakKiB >> 10) MiB a worker
        """
    }
}

extension Outcome {
    /// A number of the JSON line.
    func number(_ name: String) -> Int? {
        guard let place = json.firstRange(of: "\"\(name)\":") else { return nil }
        return Int(json[place.upperBound...].prefix { $0.isNumber })
    }

    /// A text of the JSON line, with its escapes.
    func text(_ name: String) -> String? {
        guard let place = json.firstRange(of: "\"\(name)\":\"") else { return nil }
        let rest = json[place.upperBound...]
        guard let end = rest.firstRange(of: "\",\"") ?? rest.firstRange(of: "\"}") else { return nil }
        return String(rest[..<end.lowerBound])
    }

    var reason: String {
        if let death { return "the worker died: \(death)" }
        return "\(text("property") ?? text("verdict") ?? "?"): \(text("detail") ?? "")"
    }
}
