import Sim

// What a hunt for mutants found, for people and for machines.

func text(_ matrix: KillMatrix, plays: Int, _ arguments: Arguments) -> String {
    let width = (matrix.results.map(\.mutant.id.count).max() ?? 0) + 2
    var lines = [pad("mutant", width) + pad("class", 12) + pad("seeds", 7) + pad("found by", 22) + "reproduce"]
    for result in matrix.results {
        lines.append(
            pad(result.mutant.id, width) + pad(result.mutant.harm.rawValue, 12) + pad("\(result.tried)", 7)
                + pad(result.kill?.checker ?? "not found", 22)
                + (result.kill.map { reproduction($0, result.mutant, arguments) } ?? ""))
    }
    lines += ["", score("mutants", matrix)]
    if !matrix.grave.results.isEmpty { lines.append(score("that lose, corrupt or duplicate", matrix.grave)) }
    lines += ["\(plays) runs"]
    lines += ["", "by checker:"] + columns(matrix.byChecker, unique: true)
    lines += ["", "by family of faults that the plan needed:"] + columns(matrix.byFaults, unique: false)
    lines += [""] + table(matrix)
    if !matrix.survivors.isEmpty {
        lines += ["", "not found:"]
        for result in matrix.survivors { lines.append("  \(pad(result.mutant.id, width))\(result.mutant.sentence)") }
    }
    return lines.joined(separator: "\n")
}

func entry(of mutant: Mutant) -> String {
    pad(mutant.id, 34) + pad(mutant.harm.rawValue, 12) + mutant.sentence
        + (mutant.recreates.map { "; re-creates \($0)" } ?? "") + (mutant.equivalence == nil ? "" : "; nothing can find it")
}

private func score(_ name: String, _ matrix: KillMatrix) -> String {
    var line = "\(matrix.killed.count) of \(matrix.results.count) \(name) found: "
    line += "\(matrix.score / 10).\(matrix.score % 10) %"
    if let median = matrix.seedsToKill(percentile: 50), let late = matrix.seedsToKill(percentile: 95) {
        line += ", after \(median) seeds in the median, \(late) at 95 %"
    }
    return line
}

private func columns(_ columns: [KillMatrix.Column], unique: Bool) -> [String] {
    columns.map { column in
        let few = column.mutants.count <= 3 && unique ? "  " + column.mutants.joined(separator: ", ") : ""
        return "  " + pad(column.name, 24) + "\(column.mutants.count)" + few
    }
}

/// Families of mutants down, checkers across.
private func table(_ matrix: KillMatrix) -> [String] {
    let checkers = matrix.byChecker.map(\.name)
    var lines = ["families by checker: " + checkers.enumerated().map { "\($0 + 1) \($1)" }.joined(separator: ", ")]
    lines.append("  " + pad("", 28) + checkers.indices.map { pad("\($0 + 1)", 4) }.joined() + "not found")
    for family in Mutant.Family.allCases {
        let members = matrix.results.filter { $0.mutant.family == family }
        if members.isEmpty { continue }
        let cells = checkers.map { matrix.count(family, foundBy: $0) }.map { pad($0 == 0 ? "·" : "\($0)", 4) }
        let survivors = members.count { $0.kill == nil }
        lines.append("  " + pad(family.rawValue, 28) + cells.joined() + (survivors == 0 ? "·" : "\(survivors)"))
    }
    return lines
}

func reproduction(_ kill: MutantResult.Kill, _ mutant: Mutant, _ arguments: Arguments) -> String {
    if let stage = mutant.stage {
        let points = stage.points.map(\.text).joined(separator: "+")
        return "galgo-sim sweep \(stage.scenario.rawValue)" + (points.isEmpty ? "" : " --crash \(points)")
            + " --mutant \(mutant.id)"
    }
    if mutant.takesComparison { return "galgo-sim metamorphic --seed \(kill.seed) --mutant \(mutant.id)" }
    return (["galgo-sim", "replay", "\(kill.seed)"] + arguments.byTurns(kill.seed).planOptions + [mutant.isSabotage ? "--sabotage" : "--mutant", mutant.id])
        .joined(separator: " ")
}

func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

// MARK: JSON

func facts(of mutant: Mutant) -> String {
    "\"mutant\":\"\(mutant.id)\",\"family\":\"\(mutant.family.rawValue)\",\"class\":\"\(mutant.harm.rawValue)\","
        + "\"sentence\":\"\(mutant.sentence)\",\"recreates\":\"\(mutant.recreates ?? "")\","
        + "\"equivalence\":\"\(mutant.equivalence ?? "")\""
}

func json(_ result: MutantResult) -> String {
    func list(_ names: [String]?) -> String { (names ?? []).map { "\"\($0)\"" }.joined(separator: ",") }
    return "{\(facts(of: result.mutant)),\"seeds\":\(result.tried),\"found\":\(result.kill != nil),"
        + "\"property\":\"\(result.kill?.checker ?? "")\",\"seed\":\(result.kill?.seed ?? 0),"
        + "\"faults\":[\(list(result.kill?.faults))],\"needed\":[\(list(result.kill?.needed))]}"
}

func json(_ matrix: KillMatrix, plays: Int) -> String {
    func figures(_ matrix: KillMatrix) -> String {
        "\"mutants\":\(matrix.results.count),\"found\":\(matrix.killed.count),"
            + "\"median\":\(matrix.seedsToKill(percentile: 50) ?? 0),\"p95\":\(matrix.seedsToKill(percentile: 95) ?? 0)"
    }
    func counts(_ columns: [KillMatrix.Column]) -> String {
        columns.map { "\"\($0.name)\":\($0.mutants.count)" }.joined(separator: ",")
    }
    return "{\"summary\":{\(figures(matrix)),\"grave\":{\(figures(matrix.grave))},\"runs\":\(plays),"
        + "\"checkers\":{\(counts(matrix.byChecker))},\"faults\":{\(counts(matrix.byFaults))}}}"
}
