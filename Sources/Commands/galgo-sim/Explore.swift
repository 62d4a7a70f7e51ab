import Glibc
import Primitives
import Sim

/// Runs many seeds in workers and says what was found; with `--twice` each seed in two processes that hash, allocate
/// and live differently, whose traces must be equal.
func explore(_ arguments: Arguments) -> Int32 {
    if arguments.isUnwatched || arguments.against != nil { complain(unwatchedText) }
    var exploration = Exploration(arguments)
    guard arguments.isTwice ? exploration.runTwice() : exploration.runOnce() else { return noWorker() }
    return exploration.finish()
}

/// A run over many seeds while it lasts.
private struct Exploration {
    private let arguments: Arguments
    private let jobs: Int
    private let started: Int
    private let deadline: Int?
    private var summary = Summary()
    private var progress = ProgressLine()
    private var tried: SeedCases
    private var annotations: Annotations

    init(_ arguments: Arguments) {
        self.arguments = arguments
        jobs = arguments.jobs ?? processorCount
        let start = now()
        started = start
        deadline = arguments.seconds.map { start + $0 * 1_000 }
        tried = SeedCases(from: arguments.seeds.lowerBound)
        annotations = Annotations(isWanted: arguments.isAnnotated)
    }

    /// False if no worker can be started.
    mutating func runOnce() -> Bool {
        let isRun = Twin.first.fleet(arguments, jobs).run(arguments.seeds, deadline: deadline) { add($0) }
        progress.clear()
        return isRun
    }

    /// Some thousand seeds once, then the same ones again, and so on: what differs shows early, and what must be
    /// remembered of a seed until its second run stays small. False if no worker can be started.
    mutating func runTwice() -> Bool {
        var next: UInt64? = arguments.seeds.lowerBound
        while let start = next, deadline.map({ now() < $0 }) ?? true {
            let isEndless = deadline != nil
            let (limit, overflow) = start.addingReportingOverflow(seedsPerBlock - 1)
            let end = overflow ? .max : isEndless ? limit : min(limit, arguments.seeds.upperBound)
            var first: [UInt64: String] = [:]
            let isRun = Twin.first.fleet(arguments, jobs).run(start...end, deadline: deadline, isOpen: false) { outcome in
                add(outcome)
                first[outcome.seed] = outcome.trace
            }
            guard isRun else { return false }
            guard let last = first.keys.max() else { return true }
            let isRunAgain = Twin.second.fleet(arguments, jobs).run(start...last, deadline: nil) { outcome in
                summary.addRun(outcome)
                guard let trace = first[outcome.seed], trace != outcome.trace else { return }
                differs(outcome.seed)
            }
            progress.clear()
            guard isRunAgain else { return false }
            next = end < .max && (isEndless || end < arguments.seeds.upperBound) ? end + 1 : nil
        }
        return true
    }

    private mutating func add(_ outcome: Outcome) {
        summary.add(outcome)
        progress.clear()
        tell(outcome, arguments, milliseconds: now() - started)
        tried.add(outcome.seed, milliseconds: outcome.microseconds / 1_000, failure: outcome.shortFailure(arguments))
        if outcome.exitCode != 0 {
            annotations.add("galgo-sim seed \(outcome.seed)", [outcome.reason, arguments.reproduction(of: outcome.seed)])
        }
        let total = deadline == nil ? Int(clamping: arguments.seeds.upperBound - arguments.seeds.lowerBound) + 1 : nil
        progress.show {
            Pace(done: summary.seeds, failed: summary.failures.count, milliseconds: now() - started)
                .text(of: total, until: deadline.map { $0 - started })
        }
    }

    private mutating func differs(_ seed: UInt64) {
        summary.differs(seed)
        progress.clear()
        let reason = "two runs differ"
        complain("✗ seed \(seed): \(reason)")
        tried.fail(
            seed, JUnit.Case.Failure(kind: "nondeterminism", message: "seed \(seed): \(reason)", text: reason))
    }

    /// Says what was found; the exit code.
    mutating func finish() -> Int32 {
        for seed in summary.differing.sorted().prefix(3) { tellDifference(of: seed, arguments) }
        let milliseconds = max(1, now() - started)
        let worst = summary.failures.min { $0.seed < $1.seed }
        if !arguments.isJSON, let worst { say(describe(worst, among: summary, arguments)) }
        say(
            arguments.isJSON
                ? summary.json(milliseconds: milliseconds) : summary.text(milliseconds: milliseconds, jobs: jobs))
        var suite = JUnit("galgo-sim \(arguments.command.rawValue)")
        suite.cases = tried.cases
        let shortfalls = arguments.hasFloors && summary.differing.isEmpty && worst == nil ? summary.shortfalls : []
        for shortfall in shortfalls { complain("✗ too little: \(shortfall)") }
        if arguments.hasFloors { suite.cases.append(.init(enough: shortfalls)) }
        annotations.finish()
        guard publish(suite, arguments) else { return ExitCode.usage }
        if !summary.differing.isEmpty { return ExitCode.nondeterminism }
        if let worst { return worst.exitCode }
        return shortfalls.isEmpty ? 0 : ExitCode.vacuous
    }
}

let processorCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

let unwatchedText = """
    galgo-sim: UNWATCHED: a debug build cannot notice that simulated code reads a clock or throws dice; only a release \
    build proves that a seed decides its run
    """

/// Workers that take seeds of these plans.
func fleet(_ arguments: Arguments, _ jobs: Int) -> Fleet { Twin.first.fleet(arguments, jobs) }

private let seedsPerBlock: UInt64 = 2_000

private func tell(_ outcome: Outcome, _ arguments: Arguments, milliseconds: Int) {
    if arguments.isJSON {
        var extra = JSONWriter()
        extra.object { object in
            object.member("ended_ms", milliseconds)
            guard outcome.exitCode != 0 else { return }
            object.member("reproduce", arguments.reproduction(of: outcome.seed))
            object.member("toolchain", toolchain)
            object.member("commit", commit ?? "unknown")
        }
        say("\(extra.text.dropLast()),\(outcome.json.dropFirst())")
    } else if outcome.exitCode != 0 {
        say("✗ seed \(outcome.seed): \(outcome.reason)")
    }
}

/// The first failure in full, and how often a run fails like it.
private func describe(_ outcome: Outcome, among summary: Summary, _ arguments: Arguments) -> String {
    let alike = summary.failures.filter { FailureSignature($0) == FailureSignature(outcome) }.map(\.seed).sorted()
    let some = alike.prefix(8).map { "\($0)" }.joined(separator: ", ") + (alike.count > 8 ? ", …" : "")
    let others = summary.failures.count - alike.count
    return describe(
        outcome.told(of: arguments.plan(seed: outcome.seed), arguments),
        remarks: [
            "fails in \(alike.count) of \(summary.seeds) seeds of this run (\(some))"
                + (others > 0 ? "; \(others) more fail in other ways" : "")
        ], commands: arguments.commands(of: outcome.seed))
}

extension Outcome {
    var reason: String {
        if let death { return "the worker died: \(death.text)" }
        let parts = [text("property") ?? text("verdict") ?? "?", text("detail") ?? ""]
        return parts.filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
