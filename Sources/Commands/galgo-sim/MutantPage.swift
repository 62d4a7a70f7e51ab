import Sim

// The page of docs/mutants.md, as a hunt fills it.

func page(_ matrix: KillMatrix, plays: Int, _ arguments: Arguments) -> String {
    let seeds = matrix.results.map(\.tried).max() ?? 0
    let parts = [
        """
        # Planted bugs and who finds them

        `galgo-sim mutants` plants every bug of the catalogue (`Sources/Sim/Mutants`), one at a time, and looks for the
        first seed that fails with it and holds without it. This page is what `galgo-sim mutants --markdown` printed after
        \(plays) runs, with up to \(seeds) seeds for each, of the profiles `std`, `disk` and `shards` by turns. What a seed
        means is the plan generator's: these are of generator \(Plan.generator).
        How to add a bug stands in [simulation.md](simulation.md#planted-bugs).
        """,
        scores(matrix), survivors(matrix), equivalents(arguments.hunted ?? Mutant.all), history(matrix),
        checkers(matrix), faults(matrix), families(matrix), kills(matrix, arguments),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
}

private func table(_ head: [String], _ rows: [[String]]) -> String {
    let rule = head.map { _ in "---" }
    return ([head, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
}

private func scores(_ matrix: KillMatrix) -> String {
    let rows = [("all", matrix), ("that lose, corrupt or duplicate", matrix.grave)].map { name, matrix in
        [
            name, "\(matrix.killed.count)", "\(matrix.results.count)",
            "\(matrix.score / 10).\(matrix.score % 10) %",
            matrix.seedsToKill(percentile: 50).map { "\($0)" } ?? "–",
            matrix.seedsToKill(percentile: 95).map { "\($0)" } ?? "–",
        ]
    }
    return table(["", "found", "of", "", "seeds to the first kill: median", "95 %"], rows)
}

private func survivors(_ matrix: KillMatrix) -> String {
    if matrix.survivors.isEmpty { return "" }
    let rows = matrix.survivors.map { ["`\($0.mutant.id)`", $0.mutant.harm.rawValue, $0.mutant.sentence, "\($0.tried)"] }
    return "## What nothing finds yet\n\n" + table(["Mutant", "Class", "What it does", "Seeds tried"], rows)
}

private func equivalents(_ mutants: [Mutant]) -> String {
    let rows = mutants.compactMap { mutant in
        mutant.equivalence.map { ["`\(mutant.id)`", mutant.sentence, $0] }
    }
    if rows.isEmpty { return "" }
    return "## What nothing can find\n\nThese break nothing that is promised. They are not hunted and do not count.\n\n"
        + table(["Mutant", "What it does", "Why that does not show"], rows)
}

private func history(_ matrix: KillMatrix) -> String {
    var bugs: [String: [MutantResult]] = [:]
    for result in matrix.results {
        if let bug = result.mutant.recreates { bugs[bug, default: []].append(result) }
    }
    if bugs.isEmpty { return "" }
    var rows = bugs.keys.sorted().map { bug in
        let results = bugs[bug] ?? []
        return [
            bug, results.map { "`\($0.mutant.id)`" }.joined(separator: ", "),
            results.map { $0.kill == nil ? "not found" : "\($0.tried)" }.joined(separator: ", "),
        ]
    }
    rows += Mutant.notRecreated.map { [$0.bug, "none: \($0.why)", ""] }
    return "## Historical bugs\n\n" + table(["Historical bug", "Mutants", "Seeds"], rows)
}

private func checkers(_ matrix: KillMatrix) -> String {
    let rows = matrix.byChecker.map { column in
        [column.name, "\(column.mutants.count)", column.mutants.count <= 3 ? names(column.mutants) : ""]
    }
    return "## By checker\n\nWho saw it first.\n\n" + table(["Checker", "Mutants", "Which, if few"], rows)
}

private func faults(_ matrix: KillMatrix) -> String {
    let rows = matrix.byFaults.map { column in
        [column.name, "\(column.mutants.count)", column.mutants.count <= 3 ? names(column.mutants) : ""]
    }
    return """
        ## By family of faults

        A mutant counts for a family if the plan that found it finds it no more without that family; for `none` if no
        single family was needed.

        \(table(["Family of faults", "Mutants", "Which, if few"], rows))
        """
}

private func names(_ mutants: [String]) -> String { mutants.map { "`\($0)`" }.joined(separator: ", ") }

private func families(_ matrix: KillMatrix) -> String {
    let checkers = matrix.byChecker.map(\.name)
    let rows = Mutant.Family.allCases.compactMap { family -> [String]? in
        let members = matrix.results.filter { $0.mutant.family == family }
        if members.isEmpty { return nil }
        let found = checkers.compactMap { checker -> String? in
            let count = matrix.count(family, foundBy: checker)
            return count == 0 ? nil : "\(checker) \(count)"
        }
        return [family.rawValue, "\(members.count)", found.joined(separator: ", "), "\(members.count { $0.kill == nil })"]
    }
    return "## By family of bugs\n\n" + table(["Family", "Mutants", "Found by", "Not found"], rows)
}

private func kills(_ matrix: KillMatrix, _ arguments: Arguments) -> String {
    let rows = matrix.killed.map { result in
        [
            "`\(result.mutant.id)`", result.mutant.harm.rawValue, "\(result.kill?.seed ?? 0)", way(result, arguments),
            result.kill?.checker ?? "", (result.kill?.needed ?? []).joined(separator: ", "),
        ]
    }
    return """
        ## Every mutant that was found

        By the first seed that found it, which `galgo-sim replay SEED --profile PROFILE --mutant MUTANT` plays again
        (`--sabotage` where the name has hyphens). Without a profile, by what stands in its place.

        \(table(["Mutant", "Class", "Seed", "Profile", "Found by", "Needs the faults"], rows))
        """
}

/// The profile of the seed that found it, or the command that does where seeds do not.
private func way(_ result: MutantResult, _ arguments: Arguments) -> String {
    guard let kill = result.kill, !result.mutant.isFoundBySeeds else {
        return arguments.byTurns(result.kill?.seed ?? 0).profile.rawValue
    }
    return "`\(reproduction(kill, result.mutant, arguments))`"
}
