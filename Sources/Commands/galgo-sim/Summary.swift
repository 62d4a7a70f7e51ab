import Platform
import Sim

/// Sums and extremes over many seeds, and whether the runs did enough to mean something.
struct Summary {
    /// What a seed of the standard profile has to reach, or its run counts as vacuous.
    enum Floor {
        static let asked = 300
        static let feltFaults = 6
        static let crashes = 1
        /// Facts compared by each checker.
        static let facts = 1
        /// MiB of a worker.
        static let memory = 64
        /// Per cent of the seeds that draw a named fault in which it is met and survived; of so many seeds at least.
        static let survivedPercent = 90
        static let survivedOf = 100
    }

    private(set) var seeds = 0
    private(set) var failures: [Outcome] = []
    private(set) var differing: [UInt64] = []
    private var runs = 0
    private var microseconds = 0
    private var peakKiB = 0
    private var asked = 0
    /// Of all runs.
    private var simulatedMicroseconds = 0, recoveries = 0
    private var asks = Extreme(), felt = Extreme(), crashes = Extreme()
    private var facts: [(name: String, extreme: Extreme)] = []
    private var tallies: [(name: String, drew: Int, met: Int, survived: Int)] = []
    /// The same by kind of the catalogue.
    private var kinds: [(name: String, drew: Int, met: Int, survived: Int)] = []
    private var marks: [(name: String, seeds: Int)] = []

    /// The smallest value, the seed that has it, the one in the middle, and the sum.
    private struct Extreme {
        var least = Int.max
        var seed: UInt64 = 0
        var sum = 0
        private var values: [Int] = []

        /// Of an even count the smaller of the two in the middle.
        var median: Int { values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2] }

        mutating func add(_ value: Int, _ seed: UInt64) {
            sum += value
            values.append(value)
            if value < least || (value == least && seed < self.seed) { (least, self.seed) = (value, seed) }
        }
    }

    /// A seed's first run.
    mutating func add(_ outcome: Outcome) {
        addRun(outcome)
        seeds += 1
        // What failed stopped there: it says nothing about how much a run does.
        guard outcome.exitCode == 0 else { return failures.append(outcome) }
        asks.add(outcome.number("asked") ?? 0, outcome.seed)
        felt.add(outcome.number("felt_faults") ?? 0, outcome.seed)
        crashes.add((outcome.number("kills") ?? 0) + (outcome.number("power_cuts") ?? 0), outcome.seed)
        for (name, numbers) in outcome.members("facts") {
            let place = facts.firstIndex { $0.name == name } ?? facts.count
            if place == facts.count { facts.append((name, Extreme())) }
            facts[place].extreme.add(numbers.first ?? 0, outcome.seed)
        }
        Self.add(outcome.members("tallies"), to: &tallies)
        Self.add(outcome.members("kinds"), to: &kinds)
        for (name, _) in outcome.members("marks") {
            let place = marks.firstIndex { $0.name == name } ?? marks.count
            if place == marks.count { marks.append((name, 0)) }
            marks[place].seeds += 1
        }
    }

    private static func add(
        _ members: [(name: String, numbers: [Int])], to table: inout [(name: String, drew: Int, met: Int, survived: Int)]
    ) {
        for (name, numbers) in members where numbers.count == 3 {
            let place = table.firstIndex { $0.name == name } ?? table.count
            if place == table.count { table.append((name, 0, 0, 0)) }
            table[place].drew += 1
            if numbers[1] > 0 { table[place].met += 1 }
            if numbers[1] > 0, numbers[1] == numbers[2] { table[place].survived += 1 }
        }
    }

    /// Any run, the second ones too: what it cost.
    mutating func addRun(_ outcome: Outcome) {
        runs += 1
        microseconds += outcome.microseconds
        peakKiB = max(peakKiB, outcome.peakKiB)
        asked += outcome.number("asked") ?? 0
        simulatedMicroseconds += outcome.number("simulated_us") ?? 0
        recoveries += (outcome.number("kills") ?? 0) + (outcome.number("power_cuts") ?? 0)
    }

    mutating func differs(_ seed: UInt64) { differing.append(seed) }

    // MARK: Verdict

    /// What fell short, in words; empty when the runs did enough.
    var shortfalls: [String] {
        guard seeds > failures.count else { return [] }
        var result: [String] = []
        func demand(_ name: String, _ extreme: Extreme, _ floor: Int) {
            if extreme.least < floor { result.append("\(name): \(extreme.least) in seed \(extreme.seed), at least \(floor) wanted") }
        }
        demand("client operations", asks, Floor.asked)
        demand("faults that changed a completion", felt, Floor.feltFaults)
        demand("crashes", crashes, Floor.crashes)
        for (name, extreme) in facts where Property(rawValue: name)?.chapter == nil {
            demand("facts of \(name)", extreme, Floor.facts)
        }
        if peakKiB > Floor.memory << 10 { result.append("a worker took \(peakKiB >> 10) MiB, \(Floor.memory) at most") }
        for family in Fault.Family.named {
            let name = family.rawValue
            guard let tally = tallies.first(where: { $0.name == name }), tally.drew >= Floor.survivedOf else { continue }
            if tally.survived * 100 < tally.drew * Floor.survivedPercent {
                result.append(
                    "\(name): survived in \(tally.survived) of \(tally.drew) seeds that drew it, "
                        + "\(Floor.survivedPercent) % wanted")
            }
        }
        return result
    }

    // MARK: Text

    func text(milliseconds: Int, jobs: Int) -> String {
        var lines = [
            """
            \(seeds) seeds, \(failures.count) failed, \(differing.count) differ; \(runs) runs in \(milliseconds) ms with \
            \(jobs) workers: \(runs * 60_000 / milliseconds) runs/min, \(asked * 1_000_000 / max(1, microseconds)) \
            checked operations per CPU-second, \(peakKiB >> 10) MiB a worker
            """,
            "\(simulatedMicroseconds / max(1, milliseconds) / 1_000) simulated seconds per second, "
                + "\(recoveries * 1_000_000 / max(1, microseconds)) recoveries per CPU-second",
        ]
        lines.append(versions)
        let held = seeds - failures.count
        guard held > 0 else { return lines.joined(separator: "\n") }
        lines.append("per seed, least (seed), median and mean of the \(held) that held:")
        for (name, extreme) in [
            ("client operations", asks), ("faults that changed a completion", felt), ("crashes and recoveries", crashes),
        ] {
            lines.append("  \(name): \(extreme.least) (\(extreme.seed)), \(extreme.median), \(extreme.sum / held)")
        }
        lines.append("facts compared by checker:")
        for (name, extreme) in facts {
            lines.append("  \(name): \(extreme.least) (\(extreme.seed)), \(extreme.sum / held)")
        }
        lines.append("faults, in seeds:")
        lines.append("  " + row("", "drew", "met", "survived", "%"))
        // Families of one kind stand for it.
        for (name, drew, met, survived) in kinds.sorted(by: { $0.name < $1.name }) {
            let perMille = survived * 1_000 / max(1, drew)
            lines.append("  " + row(name, "\(drew)", "\(met)", "\(survived)", "\(perMille / 10).\(perMille % 10)"))
        }
        let missed = Mark.names.filter { name in !marks.contains { $0.name == name } }
        if !missed.isEmpty { lines.append("marks that no seed hit: \(missed.joined(separator: " "))") }
        return lines.joined(separator: "\n")
    }

    private func row(_ cells: String...) -> String {
        cells.enumerated().map { place, cell in
            let width = place == 0 ? 30 : 9
            let pad = String(repeating: " ", count: max(0, width - cell.count))
            return place == 0 ? cell + pad : pad + cell
        }.joined()
    }

    /// The same as one line of JSON; `docs/simulation.md` has its fields.
    func json(milliseconds: Int) -> String {
        func least(_ extreme: Extreme) -> String {
            extreme.least == .max ? "null" : "{\"least\":\(extreme.least),\"seed\":\(extreme.seed),\"median\":\(extreme.median),\"sum\":\(extreme.sum)}"
        }
        func counts(_ table: [(name: String, drew: Int, met: Int, survived: Int)]) -> String {
            let members = table.map {
                "\"\($0.name)\":{\"drew\":\($0.drew),\"met\":\($0.met),\"survived\":\($0.survived)}"
            }
            return "{\(members.joined(separator: ","))}"
        }
        let facts = facts.map { "\"\($0.name)\":\(least($0.extreme))" }
        let marks = marks.map { "\"\($0.name)\":\($0.seeds)" }
        return """
            {"summary":{"seeds":\(seeds),"failed":\(failures.count),"differing":\(differing.count),"runs":\(runs),\
            "milliseconds":\(milliseconds),"cpu_us":\(microseconds),"asked":\(asked),"simulated_us":\(simulatedMicroseconds),\
            "recoveries":\(recoveries),"peak_kib":\(peakKiB),\
            "operations":\(least(asks)),"felt_faults":\(least(felt)),"crashes":\(least(crashes)),\
            "facts":{\(facts.joined(separator: ","))},"faults":\(counts(tallies)),\
            "kinds":\(counts(kinds)),\
            "marks":{\(marks.joined(separator: ","))}}}
            """
    }
}
