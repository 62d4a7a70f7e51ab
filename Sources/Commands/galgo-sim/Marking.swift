import Platform
import Sim

// What the runs showed, against the catalogue of all that they are to show.

/// Prints for each claim the seeds that show it. With `--gate` it fails if one is not shown as its kind demands.
func marks(_ arguments: Arguments) -> Int32 {
    var coverage = Coverage()
    var arguments = arguments
    if !arguments.hasSeeds { arguments.seeds = 1...1_000 }
    let jobs = arguments.jobs ?? processorCount
    let words = Twin.first.words(arguments) + ["--points"]
    let fleet = Fleet(arguments: words, environment: Twin.first.environment, jobs: jobs)
    var failures: [Outcome] = []
    let isRun = fleet.run(arguments.seeds, deadline: nil) { outcome in
        coverage.add(outcome, of: arguments.plan(seed: outcome.seed))
        if outcome.exitCode != 0 { failures.append(outcome) }
    }
    guard isRun else { return noWorker() }
    say(arguments.isJSON ? coverage.json : coverage.text)
    for failure in failures.sorted(by: { $0.seed < $1.seed }).prefix(10) {
        complain("✗ seed \(failure.seed): \(failure.reason)")
        complain("  reproduce: \(arguments.reproduction(of: failure.seed))")
    }
    if let first = failures.min(by: { $0.seed < $1.seed }) { return first.exitCode }
    guard arguments.isGated else { return 0 }
    for breach in coverage.breaches { complain("✗ \(breach.text)") }
    return coverage.breaches.first?.exitCode ?? 0
}

/// By claim, the seeds that show it.
private struct Coverage {
    private var seeds = 0
    private var rows = Claim.catalogue.map { Row(claim: $0) }
    /// By code: the first seed that showed the pair, and how many did.
    private var pairs: [Int: (first: UInt64, seeds: Int)] = [:]
    private var pairsOfSeeds: [(seed: UInt64, codes: [Int])] = []

    private struct Row {
        let claim: Claim
        /// Seeds whose plans have what it is about.
        var enabled = 0
        var seeds = 0
        var first: UInt64?
        var sum = 0
    }

    /// Per mille of the seeds that enable it in which a checker has to have compared facts.
    private static let checkedPerMille = 990

    mutating func add(_ outcome: Outcome, of plan: Plan) {
        seeds += 1
        let facts = outcome.members("facts"), marks = outcome.members("marks"), effects = outcome.members("faults")
        func number(_ name: String, _ members: [(name: String, numbers: [Int])]) -> Int {
            members.first { $0.name == name }?.numbers.first ?? 0
        }
        for index in rows.indices {
            if rows[index].claim.chapter.map(plan.chapters.contains) ?? true { rows[index].enabled += 1 }
            let count =
                switch rows[index].claim.evidence {
                case .facts(let property): number(property.rawValue, facts)
                case .mark(let mark): number(mark.text, marks)
                case .count(let field): outcome.number(field) ?? 0
                case .effects(let family): number(family.rawValue, effects)
                case .finding(let name): outcome.text("finding") == name ? 1 : 0
                }
            guard count > 0 else { continue }
            rows[index].seeds += 1
            rows[index].sum += count
            rows[index].first = min(rows[index].first ?? .max, outcome.seed)
        }
        for sighting in outcome.sightings.pairs {
            let known = pairs[sighting.pair.code]
            pairs[sighting.pair.code] = (min(known?.first ?? .max, outcome.seed), (known?.seeds ?? 0) + 1)
        }
    }

    /// What the gate has against it, the vacuous checkers first.
    var breaches: [(text: String, exitCode: Int32)] {
        var vacuous: [(text: String, exitCode: Int32)] = [], missed = vacuous
        for row in rows {
            switch row.claim.kind {
            case .always where row.seeds * 1_000 < row.enabled * Self.checkedPerMille:
                let silent = row.enabled - row.seeds
                vacuous.append(
                    ("\(row.claim.id) compared nothing in \(silent) of \(row.enabled) seeds", ExitCode.vacuous))
            case .sometimes where row.seeds == 0, .reachable where row.seeds == 0:
                missed.append(("no seed shows \(row.claim.id)", ExitCode.unseen))
            case .unreachable where row.seeds > 0:
                missed.append(("\(row.claim.id) in seed \(row.first ?? 0)", ExitCode.unseen))
            case .always, .sometimes, .reachable, .unreachable: break
            }
        }
        return vacuous + missed
    }

    var text: String {
        func pad(_ cells: [String]) -> String {
            zip(cells, [13, 28, 8, 8, 12, 10]).map { cell, width in
                cell + String(repeating: " ", count: max(1, width - cell.count))
            }.joined()
        }
        var lines = [pad(["kind", "claim", "seeds", "%", "first seed", "per seed"])]
        for row in rows {
            let share = row.seeds * 1_000 / max(1, row.enabled)
            lines.append(
                pad([
                    row.claim.kind.rawValue, row.claim.id, "\(row.seeds)", "\(share / 10).\(share % 10)",
                    row.first.map { "\($0)" } ?? "-", "\(row.sum / max(1, seeds))",
                ]))
        }
        let late = rows.filter { $0.claim.kind == .reachable }.compactMap(\.first).max() ?? 0
        let missed = rows.count { $0.claim.kind == .reachable && $0.seeds == 0 }
        lines.append("\(seeds) seeds; \(missed) marks that none hit, the last of the others was first hit by seed \(late)")
        let once = pairs.values.count { $0.seeds == 1 }
        lines.append("\(pairs.count) pairs of moments, \(once) of them in one seed alone")
        let rare = pairs.sorted { ($0.value.seeds, $0.key) < ($1.value.seeds, $1.key) }.prefix(5)
        for (code, value) in rare {
            guard let pair = MomentPair(code: code) else { continue }
            lines.append("  \(pair.first.text) → \(pair.second.text): \(value.seeds) seeds, the first \(value.first)")
        }
        return lines.joined(separator: "\n")
    }

    var json: String {
        let members = rows.map { row in
            """
            {"kind":"\(row.claim.kind.rawValue)","id":"\(row.claim.id)","seeds":\(row.seeds),\
            "first":\(row.first.map { "\($0)" } ?? "null"),"sum":\(row.sum)}
            """
        }
        return """
            {"marks":{"seeds":\(seeds),"pairs":\(pairs.count),"pairs_once":\(pairs.values.count { $0.seeds == 1 }),\
            "breaches":\(breaches.count),"claims":[\(members.joined(separator: ","))]}}
            """
    }
}
