import Sim

// Random seeds against guided search, on the bugs that take three rare things in order.
//
// Both search the server as it is, and every run tells which ambushes it sprang. Only such a run can show the bug, so
// only such runs are made again with the bug planted: a run counts as having found it if it then fails. This is the
// search for each of the bugs at the cost of one.

/// Prints for each bug how many runs it took to find it, one way and the other.
func measureGuidance(_ arguments: Arguments) -> Int32 {
    let starts = arguments.starts
    let triesMax = arguments.tries ?? 2_000
    var tables: [Hunt] = []
    var progress = Ticker()
    let scouts = Scouts(jobs: arguments.jobs ?? processorCount)
    defer { scouts.close() }
    for start in 0..<starts {
        // Far apart: no seed of one start is met by another.
        let seed = arguments.seeds.lowerBound + UInt64(start) * 1_000_000
        for isGuided in [false, true] {
            var hunt = Hunt(seed: seed, isGuided: isGuided)
            var search = Search(from: seed, arguments)
            defer { search.scouts.close() }
            var next = seed
            while hunt.runCount < triesMax, hunt.unseen > 0 {
                let batch: [Search.Run]?
                if isGuided {
                    batch = search.step()
                } else {
                    let trips = (0..<UInt64(Guide.batchCount)).map { Trip(seed: next + $0) }
                    next += UInt64(trips.count)
                    batch = scouts.run(trips.map { $0.plan(by: arguments) }).map { outcomes in
                        zip(trips, outcomes).enumerated().map {
                            Search.Run(number: hunt.runCount + 1 + $0, trip: $1.0, outcome: $1.1)
                        }
                    }
                }
                guard let batch, hunt.add(batch, scouts, arguments) else {
                    return noWorker()
                }
                if progress.isDue { complain("start \(seed) \(isGuided ? "guided" : "random"): \(hunt.runCount) runs") }
            }
            tables.append(hunt)
        }
    }
    let gains = Ambush.allCases.map { Gain($0, tables, triesMax: triesMax) }
    if arguments.isJSON {
        for gain in gains { say(gain.json) }
    } else {
        say("runs until the bug was found, from \(starts) starting seeds, at most \(triesMax) each:")
        for gain in gains { say(gain.text) }
        say("CPU of one run: random \(Hunt.mean(tables, isGuided: false)) µs, guided \(Hunt.mean(tables, isGuided: true)) µs")
    }
    return 0
}

/// One search from one seed for all the bugs.
private struct Hunt {
    let seed: UInt64
    let isGuided: Bool
    private(set) var runCount = 0
    private(set) var microseconds = 0
    /// By bug: the number of the run that found it, and the CPU time up to there.
    private(set) var found: [Ambush: (run: Int, microseconds: Int)] = [:]

    init(seed: UInt64, isGuided: Bool) {
        self.seed = seed
        self.isGuided = isGuided
    }

    var unseen: Int { Ambush.allCases.count - found.count }

    /// False if no worker can be started.
    mutating func add(_ runs: [Search.Run], _ scouts: Scouts, _ arguments: Arguments) -> Bool {
        var suspects: [(bug: Ambush, run: Search.Run, microseconds: Int)] = []
        for run in runs {
            runCount += 1
            microseconds += run.outcome.microseconds
            guard run.outcome.exitCode == 0 else {
                complain("✗ not planted: seed \(run.trip.seed) \(run.trip.branches): \(run.outcome.reason)")
                continue
            }
            let sprung = run.outcome.members("ambushes").compactMap { Ambush(rawValue: $0.name) }
            suspects += sprung.filter { found[$0] == nil }.map { ($0, run, microseconds) }
        }
        let plans = suspects.map { suspect in
            var plan = suspect.run.trip.plan(by: arguments)
            plan.ambush = suspect.bug
            return plan
        }
        guard let outcomes = scouts.run(plans) else { return false }
        for (suspect, outcome) in zip(suspects, outcomes) where outcome.exitCode != 0 && found[suspect.bug] == nil {
            found[suspect.bug] = (suspect.run.number, suspect.microseconds)
        }
        return true
    }

    /// CPU time of one run.
    static func mean(_ hunts: [Hunt], isGuided: Bool) -> Int {
        let own = hunts.filter { $0.isGuided == isGuided }
        return own.reduce(0) { $0 + $1.microseconds } / max(1, own.reduce(0) { $0 + $1.runCount })
    }
}

/// What guidance was worth for one bug.
private struct Gain {
    let bug: Ambush
    let triesMax: Int
    /// By starting seed; nil where it was not found.
    private let random, guided: [(run: Int, microseconds: Int)?]

    init(_ bug: Ambush, _ hunts: [Hunt], triesMax: Int) {
        self.bug = bug
        self.triesMax = triesMax
        random = hunts.filter { !$0.isGuided }.map { $0.found[bug] }
        guided = hunts.filter { $0.isGuided }.map { $0.found[bug] }
    }

    /// The middle one; what was not found takes longer than all others. nil if that is the middle one.
    private static func median(_ found: [(run: Int, microseconds: Int)?]) -> (run: Int, microseconds: Int)? {
        let sorted = found.compactMap { $0 }.sorted { $0.run < $1.run }
        let middle = found.count / 2
        return middle < sorted.count ? sorted[middle] : nil
    }

    private static func list(_ found: [(run: Int, microseconds: Int)?]) -> String {
        found.map { $0.map { "\($0.run)" } ?? "-" }.joined(separator: " ")
    }

    /// Random runs for each guided one, in tenths; with what was not found counted as found at the end: at least.
    private var gain: (tenths: Int, isAtLeast: Bool)? {
        guard let guided = Self.median(guided) else { return nil }
        let random = Self.median(random)
        return ((random?.run ?? triesMax) * 10 / guided.run, random == nil)
    }

    private var gainText: String {
        gain.map { "\($0.isAtLeast ? "≥ " : "")\($0.tenths / 10).\($0.tenths % 10)×" } ?? "?"
    }

    var text: String {
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let medians = [random, guided].map { Self.median($0).map { "\($0.run)" } ?? "> \(triesMax)" }
        return "  " + pad(bug.rawValue, 36) + pad("random \(medians[0])", 16) + pad("guided \(medians[1])", 16)
            + pad(gainText, 10) + "(\(Self.list(random)) | \(Self.list(guided)))"
    }

    var json: String {
        func array(_ found: [(run: Int, microseconds: Int)?], _ value: (Int, Int) -> Int) -> String {
            "[" + found.map { $0.map { "\(value($0.run, $0.microseconds))" } ?? "null" }.joined(separator: ",") + "]"
        }
        return """
            {"gain":{"bug":"\(bug.rawValue)","tries":\(triesMax),"random":\(array(random) { run, _ in run }),\
            "guided":\(array(guided) { run, _ in run }),"random_cpu_us":\(array(random) { _, cpu in cpu }),\
            "guided_cpu_us":\(array(guided) { _, cpu in cpu }),"gain_tenths":\(gain.map { "\($0.tenths)" } ?? "null"),\
            "at_least":\(gain?.isAtLeast ?? false)}}
            """
    }
}
