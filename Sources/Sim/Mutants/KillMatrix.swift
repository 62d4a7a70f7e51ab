/// How a mutant fared: after how many seeds it was found, by whom, and what the plan of that seed could do.
public struct MutantResult: Sendable, Equatable {
    public struct Kill: Sendable, Equatable {
        public let seed: UInt64
        /// The property that was violated, or `trap`.
        public let checker: String
        /// Families of faults that the plan had.
        public let faults: [String]
        /// Those of them without which the same plan does not find it; nil as long as nobody has tried.
        public var needed: [String]?

        public init(seed: UInt64, checker: String, faults: [String], needed: [String]? = nil) {
            self.seed = seed
            self.checker = checker
            self.faults = faults
            self.needed = needed
        }
    }

    public let mutant: Mutant
    /// Seeds tried, the one that found it included; seeds that fail without it are tried and count.
    public let tried: Int
    /// nil if it survived.
    public var kill: Kill?

    public init(_ mutant: Mutant, tried: Int, kill: Kill?) {
        self.mutant = mutant
        self.tried = tried
        self.kill = kill
    }

    /// One plan, with the mutant and as it is: who fails with it and holds without it is found.
    public init(_ mutant: Mutant, seed: UInt64, planted: MutantSearch.End, asItIs: MutantSearch.End) {
        guard case .failed(let checker, let faults) = planted, asItIs == .held else {
            self.init(mutant, tried: 1, kill: nil)
            return
        }
        self.init(mutant, tried: 1, kill: Kill(seed: seed, checker: checker, faults: faults))
    }
}

/// What the results of many mutants say together.
public struct KillMatrix: Sendable {
    public private(set) var results: [MutantResult]

    public init(_ results: [MutantResult]) { self.results = results }

    /// And these.
    public mutating func add(_ more: [MutantResult]) { results += more }

    /// Notes the families that this one was not found without.
    public mutating func note(needed: [String], by place: Int) { results[place].kill?.needed = needed }

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

    /// By family of faults that the plan which found it needed for that: most first. A mutant stands in as many as it
    /// needed, or in `none`.
    public var byFaults: [Column] {
        columns { kill in kill.needed.map { $0.isEmpty ? ["none"] : $0 } ?? kill.faults }
    }

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
