import Sim
import Testing

/// The enumeration of paths of decisions, on things that are no simulated runs.
@Suite struct DecisionTreeTests {
    @Test func `every path is met once`() throws {
        let (tree, seen) = try Self.explore(bound: nil) { _ in Array(repeating: 3, count: 4) }

        #expect(tree.isWhole)
        #expect(tree.schedules == 81)
        #expect(Set(seen.map(\.text)).count == 81)
        #expect(seen.count == 81)
        #expect(tree.decisionsMax == 4)
    }

    @Test(arguments: [(1, 1 + 4 * 2), (2, 1 + 4 * 2 + 6 * 4), (4, 81)])
    func `a bound leaves the paths with more departures`(bound: Int, count: Int) throws {
        let (tree, seen) = try Self.explore(bound: bound) { _ in Array(repeating: 3, count: 4) }

        #expect(tree.isFinished)
        #expect(tree.exhausted == bound)
        #expect(tree.schedules == count)
        #expect(seen.allSatisfy { $0.departures.count <= bound })
    }

    /// What is decided first may lead to other decisions, or to none.
    @Test func `a tree may differ from branch to branch`() throws {
        let (tree, seen) = try Self.explore(bound: nil) { $0.choices.first == 1 ? [2, 4, 2] : [2] }

        #expect(tree.isWhole)
        #expect(tree.schedules == 1 + 8)
        #expect(seen.map(\.text).sorted().first == "0.1")
    }

    @Test func `a choice that is asleep is not tried`() throws {
        let decisions = [Decision(count: 4, awake: 0b1101)]

        let expansion = try #require(
            DecisionPath.root.expand(isLast: true) { Visit($0 == .root ? decisions : decisions) })

        #expect(expansion.schedules == 3)
    }

    @Test func `the first path that fails ends an expansion`() throws {
        let expansion = try #require(
            DecisionPath.root.expand(isLast: false) {
                Visit(Array(repeating: Decision(count: 3), count: 2), isFailed: $0.choices == [2])
            })

        #expect(expansion.failed?.text == "0.2")
        #expect(expansion.schedules == 3)
    }

    @Test(arguments: ["usual", "0.1", "12.1+40.3"])
    func `a path is read as it is written`(text: String) throws {
        #expect(try #require(DecisionPath(text: text)).text == text)
    }

    @Test(arguments: ["", "1", "1.0", "3.1+3.2", "4.1+2.1", "1.1+", "a.b", "-1.1", "1.64"])
    func `what is no path is not read as one`(text: String) {
        #expect(DecisionPath(text: text) == nil)
    }

    // MARK: Details

    /// Goes through the tree whose runs have as many choices as `counts` says of each path.
    private static func explore(
        bound: Int?, _ counts: (DecisionPath) -> [Int]
    ) throws -> (tree: DecisionTree, seen: [DecisionPath]) {
        var tree = DecisionTree(bound: bound)
        var seen: [DecisionPath] = []
        while let (number, path) = tree.next() {
            var isOwn = true
            let expansion = path.expand(isLast: tree.isLastLevel) {
                // The first run of an expansion only tells the decisions, but for the root.
                if !isOwn || path == .root { seen.append($0) }
                isOwn = false
                return Visit(counts($0).map { Decision(count: $0) })
            }
            tree.settle(number, try #require(expansion))
        }
        return (tree, seen)
    }
}
