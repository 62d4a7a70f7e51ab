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

    init(jobs: Int) {
        self.jobs = jobs
        crew = Self.crew(.first, jobs: jobs)
    }

    private static func crew(_ twin: Twin, jobs: Int) -> Crew {
        Crew(
            arguments: ["plan-worker"] + (twin == .second ? ["--twin"] : []), environment: twin.environment,
            jobs: jobs, wallLimit: wallLimit)
    }

    func close() { crew.dismiss() }

    /// One run; nil if no worker can be started.
    func observe(_ plan: Plan) -> Outcome? {
        var plans = [plan]
        var seen: Outcome?
        tries += 1
        guard crew.work({ plans.popLast().map { WorkItem(0, $0) } }, { seen = $0 }) else { return nil }
        return seen
    }

    /// The first of the proposals that fails like `signature`. Later ones run meanwhile and count for nothing.
    func first(
        of shrinker: Shrinker, like signature: FailureSignature, until deadline: Int
    ) -> (number: Int, evidence: Shrinker.Evidence)? {
        var next = 0
        var found: (number: Int, evidence: Shrinker.Evidence)?
        let isRun = crew.work {
            while found == nil, next < shrinker.proposalCount, now() < deadline {
                defer { next += 1 }
                guard let plan = shrinker.proposal(next) else { continue }
                tries += 1
                return WorkItem(UInt64(next), plan)
            }
            return nil
        } _: { outcome in
            let number = Int(outcome.seed)
            guard FailureSignature(outcome) == signature, number < found?.number ?? .max else { return }
            found = (number, outcome.evidence)
        }
        return isRun ? found : nil
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
    /// A plan for a worker that takes plans.
    init(_ number: UInt64, _ plan: Plan) { self.init(number, "\(plan.text)end \(number)\n") }
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
