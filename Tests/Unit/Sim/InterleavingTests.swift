import Platform
import Sim
import Testing

/// Orders of what could be next, of small scenarios; `galgo-sim sweep --interleave` goes through all of them.
@Suite struct InterleavingTests {
    @Test(arguments: InterleavingScenario.allCases)
    func `every order with at most one departure keeps what was promised`(scenario: InterleavingScenario) throws {
        let found = try Self.explore(Interleaving(scenario), bound: 1)

        #expect(found.failed == nil, "\(found.failed?.text ?? "")")
        #expect(found.schedules > 20)
    }

    /// Random seeds need many tries for some of them; here they fail within two departures.
    @Test(arguments: [
        (Mutation.segmentPublishedEarly, InterleavingScenario.rotateCrash), (.acknowledgeBeforeSync, .rotateCrash),
        (.halfBatchVisible, .rotatePoll),
    ])
    func `a planted bug fails in some order`(mutation: Mutation, scenario: InterleavingScenario) throws {
        var interleaving = Interleaving(scenario)
        interleaving.mutation = mutation

        let path = try #require(try Self.explore(interleaving, bound: 2).failed)

        let again = try #require(interleaving.run(path, prunes: false))
        #expect(again.exitCode == 10 || again.exitCode == 11)
    }

    @Test func `a schedule is the same run from its plan`() throws {
        let path = try #require(DecisionPath(text: "2.1+9.1"))
        let plan = Interleaving(.rotatePoll).plan(path)

        let first = try #require(Run(plan, server: Plan.galgo)).perform()
        let second = try #require(Run(try Plan(text: plan.text), server: Plan.galgo)).perform()

        #expect(first.traceHash == second.traceHash)
        #expect(first.decisions == second.decisions)
    }

    /// Orders that differ only in what commutes are left: those that remain must show all that there is to see.
    @Test func `what is left out shows nothing new`() throws {
        var plan = Interleaving(.rotatePoll).plan(.root)
        plan.clients = [
            PlannedClient(.patient, [.meet, .append(partition: 0, messages: 1, payloadBytes: 40)]),
            PlannedClient(.patient, [.meet, .poll(partition: 0, messages: 5)]),
        ]

        let whole = try Self.explore(Interleaving(plan), bound: nil, prunes: false)
        let pruned = try Self.explore(Interleaving(plan), bound: nil, prunes: true)

        #expect(pruned.schedules < whole.schedules)
        #expect(pruned.seen == whole.seen)
    }

    // MARK: Details

    private struct Found {
        var schedules = 0
        var failed: DecisionPath?
        /// How many requests ended how, and where the server went through, of every schedule.
        var seen: Set<[Int]> = []
    }

    private static func explore(_ interleaving: Interleaving, bound: Int?, prunes: Bool = false) throws -> Found {
        var tree = DecisionTree(bound: bound)
        var found = Found()
        while let (number, path) = tree.next(), found.failed == nil {
            let expansion = try #require(
                path.expand(isLast: tree.isLastLevel) { path in
                    let report = interleaving.run(path, prunes: prunes)
                    if let report, !report.isRedundant {
                        found.seen.insert(
                            [report.ok, report.refused, report.unknown] + report.markHits.map { Int($0) })
                    }
                    return report?.visit
                })
            found.failed = expansion.failed
            tree.settle(number, expansion)
        }
        found.schedules = tree.schedules
        return found
    }
}
