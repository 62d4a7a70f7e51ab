import Platform
import Testing

@testable import Server

@Suite struct DirectoryRemovalTests {
    @Test func `an orphan's new place is durable before its old one is forgotten`() throws {
        var world = TestWorld(TestDisk())
        var buffers = BufferLedger(owner: ShardID(0))
        var removal = DirectoryRemoval(token: Token(1))
        var asked: [String] = []
        var outcome: DirectoryRemoval.Outcome?

        try removal.begin(keeping: 7, &world)
        while outcome == nil, let operation = world.queue.popLast()?.operation {
            switch operation {
            case .moveDirectory(let source, let target, _): asked.append("\(source.text) to \(target.text)")
            case .syncDirectory(let directory, _): asked.append("sync \(directory.text)")
            default: Issue.record("\(operation) is not asked for")
            }
            outcome = try removal.handle(.done(count: 0), &buffers, &world)
        }

        #expect(asked == ["partitions/7 to orphans/7", "sync orphans", "sync partitions"])
        #expect(outcome == .kept)
    }

    @Test(arguments: [
        ("7/", 7), ("18446744073709551615/", .max), ("7", nil), ("77", nil), ("07/", nil), ("+7/", nil), ("-7/", nil),
        ("/", nil), ("", nil), ("lost+found/", nil), ("18446744073709551616/", nil),
    ] as [(String, UInt64?)])
    func `only names that the server gives mean a partition`(name: String, incarnation: UInt64?) {
        #expect(DataDirectory.incarnation(named: name) == incarnation)
    }
}
