import Glibc
import Sim

/// Runs plans in worker processes and compares how they fail.
final class Laboratory {
    /// Runs so far.
    private(set) var tries = 0
    private let jobs: Int
    private let crew: Crew

    /// Milliseconds that one plan may take: a run takes a hundredth of it.
    private static let wallLimit = 2_000

    /// `options`: of the workers.
    init(jobs: Int, wallLimit: Int = wallLimit, options: [String] = []) {
        self.jobs = jobs
        crew = Self.crew(.first, jobs: jobs, wallLimit: wallLimit, options: options)
    }

    static func crew(_ twin: Twin, jobs: Int, wallLimit: Int = wallLimit, options: [String] = []) -> Crew {
        Crew(
            arguments: ["plan-worker"] + (twin == .second ? ["--twin"] : []) + options,
            environment: twin.environment, jobs: jobs, wallLimit: wallLimit)
    }

    func close() { crew.dismiss() }

    /// One run, at most through this phase; nil if no worker can be started.
    func observe(_ plan: Plan, through phase: String = "") -> Outcome? {
        var plans = [plan]
        var seen: Outcome?
        tries += 1
        guard crew.work({ plans.popLast().map { WorkItem(0, $0, tells: true, through: phase) } }, { seen = $0 }) else { return nil }
        return seen
    }

    /// The first of the proposals that fails like `signature`, and what it tells in another run. Later ones run meanwhile
    /// and count for nothing. What has come through the phase of the failure does not fail like it any more.
    func first(
        of shrinker: Shrinker, like signature: FailureSignature, until deadline: Int
    ) -> (number: Int, evidence: Shrinker.Evidence)? {
        var next = 0
        var found: Int?
        let isRun = crew.work {
            while found == nil, next < shrinker.proposalCount, now() < deadline {
                defer { next += 1 }
                guard let plan = shrinker.proposal(next) else { continue }
                tries += 1
                return WorkItem(UInt64(next), plan, through: signature.phase)
            }
            return nil
        } _: { outcome in
            let number = Int(outcome.seed)
            if FailureSignature(outcome) == signature { found = min(found ?? number, number) }
        }
        guard isRun, let found, let plan = shrinker.proposal(found), let told = observe(plan, through: signature.phase),
            FailureSignature(told) == signature
        else { return nil }
        return (found, told.evidence)
    }

    /// Whether each of the plans fails like `signature`, in whichever phase; only of as many as were run in time.
    func answers(
        to plans: [Plan], like signature: FailureSignature, until deadline: Int, _ told: () -> Void
    ) -> [Bool] {
        var next = 0
        var answers = [Bool?](repeating: nil, count: plans.count)
        let isRun = crew.work {
            guard next < plans.count, now() < deadline else { return nil }
            defer { next += 1 }
            tries += 1
            return WorkItem(UInt64(next), plans[next])
        } _: { outcome in
            answers[Int(outcome.seed)] = FailureSignature(outcome)?.isAlike(signature) ?? false
            told()
        }
        return isRun ? answers.prefix { $0 != nil }.compactMap { $0 } : []
    }

    /// Runs the plan in so many new processes, half of which hash and allocate differently. How many of them failed
    /// like `signature`, and all with one trace.
    func repeats(_ plan: Plan, like signature: FailureSignature, times: Int) -> Int {
        var traces: [String: Int] = [:]
        for start in stride(from: 0, to: times, by: jobs) {
            let fresh = Self.crew(start / jobs % 2 == 0 ? .first : .second, jobs: jobs)
            defer { fresh.dismiss() }
            var left = min(jobs, times - start)
            _ = fresh.work {
                guard left > 0 else { return nil }
                left -= 1
                return WorkItem(0, plan)
            } _: { outcome in
                if FailureSignature(outcome) == signature { traces[outcome.trace, default: 0] += 1 }
            }
        }
        return traces.values.max() ?? 0
    }
}

extension WorkItem {
    /// A plan for a worker that takes plans. `tells`: the worker says what the run drew, if it fails. `through`: the run
    /// ends behind this phase; empty for none.
    init(_ number: UInt64, _ plan: Plan, tells: Bool = false, through phase: String = "") {
        self.init(number, "\(plan.text)\(tells ? "tell" : "end") \(number) \(phase)\n")
    }
}

extension FailureSignature {
    /// nil for a run that found nothing.
    init?(_ outcome: Outcome) {
        guard outcome.exitCode != 0 else { return nil }
        if let death = outcome.death {
            self.init(property: "died", phase: "", law: death.kind)
        } else {
            guard let property = outcome.text("property"), let phase = outcome.text("phase") else { return nil }
            self.init(property: property, phase: phase, law: outcome.text("law") ?? "")
        }
    }
}

extension Outcome {
    /// What a failing run of a plan told beside its verdict.
    var evidence: Shrinker.Evidence {
        let parts = told.dropFirst("told ".count).split(separator: ";", omittingEmptySubsequences: false)
        return Shrinker.Evidence(
            tape: told.isEmpty ? nil : PlannedTape(lines: Array(parts.dropFirst())),
            begun: parts.first?.split(separator: " ").compactMap { Int($0) } ?? [])
    }
}
