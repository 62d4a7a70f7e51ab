/// How a mutant fared: after how many seeds it was found, by whom, and what the plan of that seed could do.
public struct MutantResult: Sendable, Equatable {
    public struct Kill: Sendable, Equatable {
        public let seed: UInt64
        /// The property that was violated, or `trap`.
        public let checker: String
        /// Families of faults that the plan had.
        public let faults: [String]

        public init(seed: UInt64, checker: String, faults: [String]) {
            self.seed = seed
            self.checker = checker
            self.faults = faults
        }
    }

    public let mutant: Mutant
    /// Seeds tried, the one that found it included; seeds that fail without it are tried and count.
    public let tried: Int
    /// nil if it survived.
    public let kill: Kill?

    public init(_ mutant: Mutant, tried: Int, kill: Kill?) {
        self.mutant = mutant
        self.tried = tried
        self.kill = kill
    }
}

/// What the results of many mutants say together.
public struct KillMatrix: Sendable {
    public let results: [MutantResult]

    public init(_ results: [MutantResult]) { self.results = results }

    public var killed: [MutantResult] { results.filter { $0.kill != nil } }
    public var survivors: [MutantResult] { results.filter { $0.kill == nil } }
    /// Lost acknowledgements, corruption, duplicates: of these none may survive.
    public var grave: KillMatrix { KillMatrix(results.filter { $0.mutant.harm.isGrave }) }

    /// Thousandths of the mutants that were found; 1,000 of none.
    public var score: Int { results.isEmpty ? 1_000 : killed.count * 1_000 / results.count }

    /// Whether so many per cent were found.
    public func meets(percent: Int) -> Bool { killed.count * 100 >= percent * results.count }

    /// The smallest number of seeds within which so many per cent of the found ones were found; nil of none.
    public func seedsToKill(percentile: Int) -> Int? {
        let counts = killed.map(\.tried).sorted()
        if counts.isEmpty { return nil }
        return counts[max(0, (counts.count * percentile + 99) / 100 - 1)]
    }

    /// A name of a column, and the mutants found there.
    public struct Column: Sendable, Equatable {
        public let name: String
        public let mutants: [String]
    }

    /// By checker, that which found most first.
    public var byChecker: [Column] { columns { [$0.checker] } }

    /// By family of faults in the plan that found it: most first. A mutant stands in as many as the plan had.
    public var byFaults: [Column] { columns(\.faults) }

    private func columns(_ names: (MutantResult.Kill) -> [String]) -> [Column] {
        var found: [String: [String]] = [:]
        for result in results {
            guard let kill = result.kill else { continue }
            for name in names(kill) { found[name, default: []].append(result.mutant.id) }
        }
        return found.map { Column(name: $0.key, mutants: $0.value) }.sorted {
            ($1.mutants.count, $0.name) < ($0.mutants.count, $1.name)
        }
    }

    /// One cell per checker: how many mutants of each family it found. Families as in the catalogue, checkers as in
    /// `byChecker`.
    public func count(_ family: Mutant.Family, foundBy checker: String) -> Int {
        results.count { $0.mutant.family == family && $0.kill?.checker == checker }
    }
}
