/// Test cases of many seeds: one for each hundred, so that their names stay the same from run to run. It fails if one
/// of its seeds does.
public struct SeedCases: Equatable, Sendable {
    static let size: UInt64 = 100
    /// Failures that a case shows in full.
    static let shownMax = 5

    private let first: UInt64
    private var groups: [Group] = []

    private struct Group: Equatable, Sendable {
        var seeds = 0
        var last: UInt64 = 0
        var milliseconds = 0
        var failures: [(seed: UInt64, failure: JUnit.Case.Failure)] = []

        static func == (left: Group, right: Group) -> Bool {
            (left.seeds, left.last, left.milliseconds) == (right.seeds, right.last, right.milliseconds)
                && left.failures.map(\.seed) == right.failures.map(\.seed)
        }
    }

    /// `first`: the smallest seed there will be.
    public init(from first: UInt64) { self.first = first }

    public mutating func add(_ seed: UInt64, milliseconds: Int, failure: JUnit.Case.Failure?) {
        let place = place(of: seed)
        groups[place].seeds += 1
        groups[place].last = max(groups[place].last, seed)
        groups[place].milliseconds += milliseconds
        if let failure { groups[place].failures.append((seed, failure)) }
    }

    /// A seed that was added turns out to fail.
    public mutating func fail(_ seed: UInt64, _ failure: JUnit.Case.Failure) {
        groups[place(of: seed)].failures.append((seed, failure))
    }

    private mutating func place(of seed: UInt64) -> Int {
        let place = Int(clamping: (seed - min(seed, first)) / Self.size)
        while groups.count <= place { groups.append(Group()) }
        return place
    }

    public var cases: [JUnit.Case] {
        groups.enumerated().compactMap { place, group in
            guard group.seeds > 0 else { return nil }
            let begin = first + UInt64(place) * Self.size
            let name = begin == group.last ? "seed \(begin)" : "seeds \(begin)..\(group.last)"
            return JUnit.Case(name, milliseconds: group.milliseconds, failure: Self.failure(group))
        }
    }

    private static func failure(_ group: Group) -> JUnit.Case.Failure? {
        let failures = group.failures.sorted { $0.seed < $1.seed }
        guard let first = failures.first?.failure else { return nil }
        let rest = failures.dropFirst(shownMax).map(\.failure.message)
        return JUnit.Case.Failure(
            kind: first.kind, message: "\(failures.count) of \(group.seeds) seeds failed; \(first.message)",
            text: (failures.prefix(shownMax).map(\.failure.text) + rest).joined(separator: "\n\n"))
    }
}

extension JUnit.Case {
    /// Whether runs did enough to mean something: what fell short, if anything.
    public init(enough shortfalls: [String]) {
        self.init("every seed did enough", milliseconds: 0)
        guard let first = shortfalls.first else { return }
        failure = Failure(kind: "vacuous", message: first, text: shortfalls.joined(separator: "\n"))
    }
}
