import Foundation
import Sim
import Support
import Testing

/// The simulator inside `swift test`: first the plans that are kept, then fresh seeds.
@Suite(.serialized) struct SeedTests {
    @Test(arguments: KeptPlans.names)
    func `a plan that is kept does what it is kept for, twice alike`(name: String) throws {
        let kept = try KeptPlans.read(name)

        let first = try #require(Run(kept.plan, server: Plan.galgo)).perform()
        let second = try #require(Run(kept.plan, server: Plan.galgo)).perform()

        let complaint = kept.complaint(violated: first.verdict.property?.rawValue)
        let reproduction = "galgo-sim replay Tests/Corpus/\(name)"
        #expect(complaint == nil, "\(complaint ?? ""): \(first.failure(reproduce: reproduction))")
        #expect(first.traceHash == second.traceHash)
        #expect(!kept.what.isEmpty)
        #expect(!kept.isForMarks || kept.plan.operationCount > 0)
    }

    /// As many standard seeds as there is time for, which in a debug build is few: `SIM_SEED`, `SIM_SEEDS` and `SIM_FOR`
    /// choose others.
    @Test func `fresh seeds hold`() throws {
        let chosen = Seeds.chosen
        try #require(chosen.problem == nil, "\(chosen.problem ?? "")")
        if let seed = chosen.ofCommit { print("the seed of this commit is \(seed)") }
        let deadline = chosen.deadline
        var played = 0
        for seed in chosen.order {
            // One is played whatever it takes, and what was asked for by name is.
            if played > 0, let deadline, ContinuousClock.now > deadline { break }
            let report = try #require(Run(PlanGenerator().plan(seed: seed), server: Plan.galgo)).perform()
            played += 1
            let isHeld = report.verdict == .held
            #expect(isHeld, "\(report.failure(reproduce: "galgo-sim replay \(seed)"))")
        }
        print("\(played) fresh seeds of the simulator were played")
    }
}

/// `Tests/Corpus`.
enum KeptPlans {
    static let names: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.filter { $0.hasSuffix(".plan") }.sorted()
    }()

    static func read(_ name: String) throws -> KeptPlan {
        try KeptPlan(text: String(contentsOf: directory.appending(path: name), encoding: .utf8))
    }

    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Corpus")
}

extension Seeds {
    /// Seconds that fresh seeds get when nothing is said.
    private static let usualSeconds = 20

    /// nil where seeds were named and no time was.
    fileprivate var deadline: ContinuousClock.Instant? {
        guard choice == .usual || seconds != nil else { return nil }
        return ContinuousClock.now + .seconds(seconds ?? Self.usualSeconds)
    }

    /// The commit's first: it must not fall victim to the time.
    fileprivate var order: [UInt64] {
        let seeds = list(from: 1, count: 100_000)
        return ofCommit == nil ? seeds : seeds.suffix(1) + seeds.dropLast()
    }
}

extension Report {
    /// The verdict, what happened before it, and the command that shows it again.
    fileprivate func failure(reproduce: String) -> String {
        let what = if case .violated(let violation) = verdict { violation.text } else { "" }
        return (["seed \(seed) \(verdict.words) in phase \(phase)", what] + timeline + ["reproduce: \(reproduce)"])
            .joined(separator: "\n")
    }
}
