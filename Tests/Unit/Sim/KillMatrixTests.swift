import Platform
import Sim
import Testing

/// The arithmetic of scores on made-up results.
@Suite struct KillMatrixTests {
    private static let mutants = Array(Mutant.all.prefix(5))

    private static func result(_ place: Int, _ tried: Int, _ checker: String?, _ faults: [String] = []) -> MutantResult {
        MutantResult(
            mutants[place], tried: tried,
            kill: checker.map { MutantResult.Kill(seed: UInt64(tried), checker: $0, faults: faults) })
    }

    private let matrix = KillMatrix([
        result(0, 1, "law", ["power-cut"]), result(1, 4, "lost-write", ["power-cut", "disk-full"]),
        result(2, 40, "law", []), result(3, 300, nil), result(4, 2, "law", ["disk-full"]),
    ])

    @Test func `the score is what was found of all`() {
        #expect(matrix.killed.count == 4)
        #expect(matrix.survivors.map(\.mutant) == [Self.mutants[3]])
        #expect(matrix.score == 800)
        #expect(matrix.meets(percent: 80))
        #expect(!matrix.meets(percent: 81))
        #expect(KillMatrix([]).score == 1_000)
    }

    @Test func `median and late kills count only what was found`() {
        #expect(matrix.seedsToKill(percentile: 50) == 2)
        #expect(matrix.seedsToKill(percentile: 95) == 40)
        #expect(matrix.seedsToKill(percentile: 1) == 1)
        #expect(KillMatrix([Self.result(3, 300, nil)]).seedsToKill(percentile: 50) == nil)
    }

    @Test func `columns name who found what, most first`() {
        #expect(matrix.byChecker.map(\.name) == ["law", "lost-write"])
        #expect(matrix.byChecker[1].mutants == [Self.mutants[1].id])
        #expect(matrix.byFaults.map(\.name) == ["disk-full", "power-cut"])
        #expect(matrix.byFaults.map(\.mutants.count) == [2, 2])
        #expect(matrix.count(Self.mutants[1].family, foundBy: "lost-write") == 1)
        #expect(matrix.count(Self.mutants[1].family, foundBy: "catalog") == 0)
    }

    @Test func `what a plan needed is what counts, once that is known`() {
        var tried = matrix
        for place in tried.results.indices { tried.note(needed: place == 1 ? ["disk-full"] : [], by: place) }

        #expect(tried.byFaults.map(\.name) == ["none", "disk-full"])
        #expect(tried.byFaults.map(\.mutants.count) == [3, 1])
        #expect(tried.survivors.map(\.mutant) == matrix.survivors.map(\.mutant))
    }

    @Test(arguments: [
        (Int32(10), Int32(0), true), (13, 0, true), (10, 14, true), (0, 0, false), (14, 0, false), (10, 10, false),
        (14, 14, false), (13, 13, false),
    ])
    func `one plan finds a bug if it fails with it and not without it; what does nothing does not fail`(
        planted: Int32, asItIs: Int32, isFound: Bool
    ) {
        func end(_ exitCode: Int32) -> MutantSearch.End {
            MutantSearch.End(exitCode: exitCode, checker: "law", faults: ["power-cut"])
        }
        let result = MutantResult(Self.mutants[0], seed: 7, planted: end(planted), asItIs: end(asItIs))

        #expect(result.tried == 1)
        #expect(result.kill == (isFound ? .init(seed: 7, checker: "law", faults: ["power-cut"]) : nil))
    }

    @Test func `grave are those that lose, corrupt or duplicate`() {
        let all = KillMatrix(Mutant.all.map { MutantResult($0, tried: 1, kill: nil) })

        #expect(all.grave.results.allSatisfy { $0.mutant.harm != .other })
        #expect(all.grave.results.count + Mutant.all.count { $0.harm == .other } == Mutant.all.count)
    }
}

/// Which seed is played when, and what counts as found.
@Suite struct MutantSearchTests {
    private static let failed = MutantSearch.End.failed(checker: "law", faults: ["power-cut"])

    /// Plays one at a time until it is over; `fails` says of which mutant (nil for none) and seed.
    private static func play(
        _ search: inout MutantSearch, fails: (Int?, UInt64) -> Bool
    ) -> [MutantSearch.Play] {
        var plays: [MutantSearch.Play] = []
        while let play = search.next() {
            plays.append(play)
            search.ended(play, fails(play.mutant, play.seed) ? failed : .held)
        }
        return plays
    }

    @Test func `the first seed that fails with the mutant and holds without it finds it`() throws {
        var search = MutantSearch(Array(Mutant.all.prefix(1)), seeds: 5...20)

        let plays = Self.play(&search) { mutant, seed in seed == 7 || (mutant == 0 && seed == 9) }

        let result = try #require(search.matrix.results.first)
        #expect(search.isOver)
        #expect(result.kill == MutantResult.Kill(seed: 9, checker: "law", faults: ["power-cut"]))
        #expect(result.tried == 5)
        #expect(plays.count { $0.mutant == nil } == 2)
    }

    @Test func `what is never found has tried every seed`() {
        var search = MutantSearch(Array(Mutant.all.prefix(2)), seeds: 1...10)

        let plays = Self.play(&search) { mutant, seed in mutant == 1 && seed == 10 }

        #expect(search.matrix.results.map(\.tried) == [10, 10])
        #expect(search.matrix.survivors.count == 1)
        #expect(plays.count == 21)
        #expect(search.playsLeftAtMost == 0)
    }

    @Test func `a seed is played without a mutant once for all of them`() {
        var search = MutantSearch(Array(Mutant.all.prefix(5)), seeds: 1...3)

        let plays = Self.play(&search) { mutant, seed in mutant != nil && seed == 2 }

        #expect(plays.filter { $0.mutant == nil }.map(\.seed) == [2])
        #expect(search.matrix.killed.count == 5)
    }

    @Test func `a later seed that ends first waits for the earlier ones`() throws {
        var search = MutantSearch(Array(Mutant.all.prefix(1)), seeds: 1...9)
        var plays: [MutantSearch.Play] = []
        func next() throws -> MutantSearch.Play {
            let play = search.next()
            plays.append(try #require(play))
            return plays[plays.count - 1]
        }
        let first = try next()
        let second = try next()

        search.ended(second, Self.failed)
        let fair = try next()
        search.ended(fair, .held)
        #expect(!search.isOver)
        search.ended(first, Self.failed)
        search.ended(try next(), .held)

        #expect(fair == MutantSearch.Play(mutant: nil, seed: 2))
        #expect(search.matrix.results.first?.kill?.seed == 1)
    }
}
