import Sim

// A search that feeds on itself: seeds, and branches where a run went through what few runs went through.

/// Runs until something fails or the tries are used up.
func explore(from arguments: Arguments) -> Int32 {
    var search = Search(from: arguments.seeds.lowerBound, arguments)
    defer { search.scouts.close() }
    let triesMax = arguments.tries ?? 1_000
    var failure: Search.Run?
    var progress = Ticker()
    while failure == nil, search.runCount < triesMax {
        guard let runs = search.step() else {
            return noWorker()
        }
        failure = runs.first { $0.outcome.exitCode != 0 }
        if progress.isDue { complain(search.progress) }
    }
    guard let failure else {
        say(arguments.isJSON ? search.json(failure: nil) : search.progress + ", nothing failed")
        return 0
    }
    let plan = failure.trip.plan(by: arguments)
    let ways = failure.trip.branches.map(\.at.text).joined(separator: ", then ")
    let lines =
        arguments.isJSON
        ? [search.json(failure: failure)]
        : [
            search.progress, "✗ run \(failure.number): \(failure.outcome.reason)",
            "  seed \(failure.trip.seed)" + (ways.isEmpty ? "" : ", another way from \(ways)"),
        ]
    return deliver(plan, lines, arguments) ? failure.outcome.exitCode : ExitCode.usage
}

extension Trip {
    /// With what the command line plants.
    func plan(by arguments: Arguments) -> Plan {
        var plan = plan(by: arguments.generator)
        plan.mutation = arguments.mutation
        plan.sabotage = arguments.sabotage
        plan.ambush = arguments.ambush
        return plan
    }
}

/// A guided search under way.
struct Search {
    struct Run {
        /// From 1.
        let number: Int
        let trip: Trip
        let outcome: Outcome
    }

    let scouts: Scouts
    private let arguments: Arguments
    private var guide: Guide
    private(set) var runCount = 0
    private(set) var microseconds = 0
    private var branchCount = 0

    init(from seed: UInt64, _ arguments: Arguments) {
        self.arguments = arguments
        guide = Guide(from: seed, by: arguments.generator)
        scouts = Scouts(jobs: arguments.jobs ?? processorCount)
    }

    /// Runs the next batch; nil if no worker can be started.
    mutating func step() -> [Run]? {
        let trips = guide.batch()
        guard let outcomes = scouts.run(trips.map { $0.plan(by: arguments) }) else { return nil }
        for (trip, outcome) in zip(trips, outcomes) {
            guide.learn(trip, outcome.sightings)
            microseconds += outcome.microseconds
            if !trip.branches.isEmpty { branchCount += 1 }
        }
        let first = runCount + 1
        runCount += trips.count
        return zip(trips, outcomes).enumerated().map { Run(number: first + $0, trip: $1.0, outcome: $1.1) }
    }

    var progress: String {
        "\(runCount) runs, \(branchCount) of them branches, \(guide.pairCount) pairs of moments, "
            + "\(microseconds / 1_000) ms of CPU"
    }

    func json(failure: Run?) -> String {
        let failed = failure.map { "{\"number\":\($0.number),\"run\":\($0.outcome.json)}" } ?? "null"
        return """
            {"guided":{"runs":\(runCount),"branches":\(branchCount),"pairs":\(guide.pairCount),"cpu_us":\(microseconds),\
            "failure":\(failed)}}
            """
    }
}

/// Says when a person should hear again.
struct Ticker {
    private var last = now()

    /// True twice in a second at most.
    var isDue: Bool {
        mutating get {
            guard now() - last >= 500 else { return false }
            last = now()
            return true
        }
    }
}
