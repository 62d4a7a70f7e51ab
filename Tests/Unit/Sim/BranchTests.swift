import Platform
import Primitives
import Sim
import Testing

/// Leaving a seed's path at a waypoint, and searching by it.
@Suite struct BranchTests {
    private static func quick(_ seed: UInt64) -> Plan {
        var generator = PlanGenerator()
        generator.profile = .quick
        return generator.plan(seed: seed)
    }

    private static func run(_ plan: Plan) throws -> Report { try #require(Run(plan, server: Plan.galgo)).perform() }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `a branch is the same run up to its waypoint and another one after it`(seed: UInt64) throws {
        let plan = Self.quick(seed)
        let whole = try Self.run(plan)
        let middle = try #require(whole.sightings.pairs.dropFirst(whole.sightings.pairs.count / 2).first)
        var branched = plan
        branched.branches = [Branch(at: middle.waypoint, number: 7)]
        // What follows the waypoint must not move what comes before it.
        branched.faults.append(
            Fault(.powerCut(restartIn: 5_000_000), when: .after(middle.waypoint, steps: 3)))

        let other = try Self.run(branched)
        let again = try Self.run(branched)

        let before = other.sightings.countBeforeBranch
        #expect(other.branchesTaken == 1)
        #expect(before > 0)
        let isSameUpToThere = other.sightings.pairs.prefix(before) == whole.sightings.pairs.prefix(before)
        #expect(isSameUpToThere)
        #expect(other.traceHash != whole.traceHash)
        #expect(other.traceHash == again.traceHash)
    }

    @Test func `a branch whose waypoint never comes changes nothing`() throws {
        let plan = Self.quick(3)
        var branched = plan
        branched.branches = [Branch(at: Waypoint(.turn(.stop), nth: 1_000), number: 1)]

        let (whole, same) = (try Self.run(plan), try Self.run(branched))

        #expect(same.branchesTaken == 0)
        #expect(whole.traceHash == same.traceHash)
    }

    @Test func `every moment and pair reads back as it is named`() throws {
        let moments =
            Moment.Turn.allCases.map { Moment.turn($0) } + Mark.allCases.map { Moment.mark($0) }
            + IOClass.allCases.flatMap { ioClass in IOKind.allCases.map { Moment.disk(ioClass, $0) } }

        for moment in moments {
            #expect(Moment(text: moment.text) == moment)
            let pair = MomentPair(moment, .turn(.kill))
            #expect(MomentPair(code: pair.code) == pair)
        }
        #expect(Set(moments.map(\.text)).count == moments.count)
        #expect(Moment(text: "segment/fly") == nil)
        #expect(MomentPair(code: -1) == nil)
    }

    @Test func `a fault that follows another strikes after it has begun`() throws {
        var plan = Self.quick(5)
        plan.faults = [
            Fault(.processKill(restartIn: 1_000_000), when: .mark(.appended, nth: 3)),
            Fault(.processKill(restartIn: 1_000_000), when: .then(.mark(.recoveryDone), steps: 2)),
            Fault(.powerCut(restartIn: 1_000_000), when: .then(nil, steps: 5)),
        ]
        plan.lastCrash = nil

        let report = try Self.run(plan)
        let kinds = report.effects.filter { $0.count > 0 }.map(\.family)

        #expect(report.verdict == .held)
        #expect(kinds == [.processKill, .powerCut])
        #expect(report.effects.first { $0.family == .processKill }?.count == 2)
    }

    @Test func `a search depends on its seed alone`() {
        func search(_ seed: UInt64) -> [[Trip]] {
            var guide = Guide(from: seed, by: PlanGenerator())
            return (0..<12).map { round in
                let trips = guide.batch()
                for (place, trip) in trips.enumerated() {
                    guide.learn(trip, Self.sightings([.kill, .start, .stop], nth: UInt32(round + place)))
                }
                return trips
            }
        }

        let isEqual = search(4) == search(4)
        #expect(isEqual)
        let isOther = search(4) != search(5)
        #expect(isOther)
    }

    @Test func `a search branches where a run went through what no other did`() throws {
        var guide = Guide(from: 1, by: PlanGenerator())
        let trips = guide.batch()
        for (place, trip) in trips.enumerated() {
            guide.learn(trip, Self.sightings(place == 5 ? [.kill, .noSpace] : [.kill, .start], nth: 2))
        }

        let branches = guide.batch().filter { !$0.branches.isEmpty }

        #expect(guide.pairCount == 2)
        let first = try #require(branches.first)
        #expect(first.seed == trips[5].seed)
        #expect(first.branches.map(\.at) == [.waypoint(Waypoint(.turn(.noSpace), nth: 2))])
        #expect(branches.count < Guide.batchCount)
    }

    /// A run that went through these one after the other.
    private static func sightings(_ turns: [Moment.Turn], nth: UInt32) -> Sightings {
        let pairs = zip(turns, turns.dropFirst()).map { first, second in
            "\(MomentPair(.turn(first), .turn(second)).code).\(nth)"
        }
        return Sightings(text: (["0 \(pairs.count)"] + pairs).joined(separator: " ")) ?? Sightings()
    }

    @Test(arguments: [
        (1, 1, 1), (1, 2, 7), (1, 100, 459), (7, 200, 130), (3, 10, 13), (1, 1_000, 4_603),
    ])
    func `runs that must hold are those that a table of logarithms says`(failures: Int, runs: Int, needed: Int) {
        #expect(Confidence(failures: failures, of: runs)?.holdsNeeded == needed)
    }

    @Test(arguments: [(0, 10), (3, 2), (1, 2_000_000)])
    func `what never failed, or was not measured, says nothing`(failures: Int, runs: Int) {
        #expect(Confidence(failures: failures, of: runs) == nil)
    }

    @Test func `the catalogue of claims has every checker and mark, each once`() {
        let ids = Claim.catalogue.map(\.id)

        #expect(Set(ids).count == ids.count)
        #expect(Claim.catalogue.count { $0.kind == .always } == Property.allCases.count)
        #expect(Claim.catalogue.count { $0.kind == .reachable } == Mark.allCases.count)
        #expect(Set(Claim.catalogue.map(\.kind)).count == Claim.Kind.allCases.count)
    }
}
