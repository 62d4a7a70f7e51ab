/// Decides which seed is played next, and with which mutant planted, until of each mutant the first seed is known that
/// finds it: one that holds without it. Mutants share the plays without any: each seed is played so at most once.
public struct MutantSearch: Sendable {
    /// A seed to be played: with a mutant, by its place in the list, or (nil) as it is.
    public struct Play: Hashable, Sendable {
        public let mutant: Int?
        public let seed: UInt64

        public init(mutant: Int?, seed: UInt64) {
            self.mutant = mutant
            self.seed = seed
        }
    }

    /// How a play ended.
    public enum End: Sendable, Equatable {
        case held
        /// The property that was violated, or `trap`, and the families of faults that the plan had.
        case failed(checker: String, faults: [String])

        /// - Parameters:
        ///   - exitCode: of a run (`Report.exitCode`), or what stands for its process's end.
        ///   - checker: who saw that it failed.
        public init(exitCode: Int32, checker: String, faults: [String]) {
            // A run that did nothing shows nothing.
            let isHeld = exitCode == 0 || exitCode == Report.Verdict.vacuous("").exitCode
            self = isHeld ? .held : .failed(checker: checker, faults: faults)
        }
    }

    private struct Hunt {
        let seeds: ClosedRange<UInt64>
        var next: UInt64
        /// Played or about to be, and not known yet.
        var underWay: Set<UInt64> = []
        /// Seeds that fail with the mutant. Whether they hold without it may still be unknown.
        var suspects: [UInt64: MutantResult.Kill] = [:]
        var result: MutantResult?
    }

    public let mutants: [Mutant]
    private var hunts: [Hunt]
    /// Of the seeds played without a mutant, whether they held.
    private var holds: [UInt64: Bool] = [:]
    private var asked: Set<UInt64> = []
    /// Of those asked, the ones still to be played.
    private var waiting: [UInt64] = []
    public private(set) var plays = 0

    /// `seeds` must not reach to the last number there is.
    public init(_ mutants: [Mutant], seeds: ClosedRange<UInt64>) {
        self.init(mutants.map { ($0, seeds) })
    }

    /// Each with seeds of its own, which must not reach to the last number there is.
    public init(_ hunted: [(mutant: Mutant, seeds: ClosedRange<UInt64>)]) {
        mutants = hunted.map(\.mutant)
        hunts = hunted.map { Hunt(seeds: $0.seeds, next: $0.seeds.lowerBound) }
    }

    public var settledCount: Int { hunts.count { $0.result != nil } }
    public var isOver: Bool { settledCount == hunts.count }
    public var matrix: KillMatrix { KillMatrix(hunts.compactMap(\.result)) }

    /// Plays that are still to come if no mutant is found any more.
    public var playsLeftAtMost: Int {
        hunts.reduce(0) { sum, hunt in
            let isOver = hunt.result != nil || hunt.next > hunt.seeds.upperBound
            return isOver ? sum : sum + Int(clamping: hunt.seeds.upperBound - hunt.next) + 1
        }
    }

    /// The next play; nil if what is under way has to end first. Each mutant is hunted by one play at a time as long as
    /// there are others to hunt: a second one may be in vain.
    public mutating func next() -> Play? {
        if let seed = waiting.popLast() { return begin(Play(mutant: nil, seed: seed)) }
        let open = hunts.indices.filter { hunts[$0].result == nil && hunts[$0].next <= lastWorthIt(hunts[$0]) }
        guard let mutant = open.min(by: { hunts[$0].underWay.count < hunts[$1].underWay.count }) else { return nil }
        let seed = hunts[mutant].next
        hunts[mutant].next += 1
        hunts[mutant].underWay.insert(seed)
        return begin(Play(mutant: mutant, seed: seed))
    }

    private mutating func begin(_ play: Play) -> Play {
        plays += 1
        return play
    }

    /// Seeds behind a suspect are of use only if that turns out to fail without the mutant too.
    private func lastWorthIt(_ hunt: Hunt) -> UInt64 { hunt.suspects.isEmpty ? hunt.seeds.upperBound : 0 }

    /// Takes how a play ended.
    public mutating func ended(_ play: Play, _ end: End) {
        guard let mutant = play.mutant else {
            holds[play.seed] = end == .held
            for index in hunts.indices where hunts[index].suspects[play.seed] != nil { settle(index) }
            return
        }
        hunts[mutant].underWay.remove(play.seed)
        if case .failed(let checker, let faults) = end {
            hunts[mutant].suspects[play.seed] = MutantResult.Kill(seed: play.seed, checker: checker, faults: faults)
            if asked.insert(play.seed).inserted { waiting.append(play.seed) }
        }
        settle(mutant)
    }

    private mutating func settle(_ index: Int) {
        guard hunts[index].result == nil else { return }
        for seed in hunts[index].suspects.keys.sorted() {
            guard let isFair = holds[seed] else { return }
            if !isFair {
                hunts[index].suspects[seed] = nil
                continue
            }
            if let before = hunts[index].underWay.min(), before < seed { return }
            hunts[index].result = MutantResult(
                mutants[index], tried: Int(seed - hunts[index].seeds.lowerBound) + 1, kill: hunts[index].suspects[seed])
            return
        }
        if hunts[index].next > hunts[index].seeds.upperBound, hunts[index].underWay.isEmpty {
            hunts[index].result = MutantResult(mutants[index], tried: hunts[index].seeds.count, kill: nil)
        }
    }
}
