import Conformance
import Foundation
import Testing

/// The disk model agrees with a real directory: random calls give the same results, the same errors, the same bytes.
///
/// `Golden/disk/errnos.txt` is the table of every call and every outcome that it can have; each cell must be reached and
/// nothing beside it, or the test proves less than it says. The same file lists the differences that are known and meant.
@Suite struct DiskConformanceTests {
    @Test func `random calls agree with a real directory in every outcome`() throws {
        try compare(.roomy)
    }

    /// The volume is mounted for it, which takes a privilege.
    @Test(.enabled(if: Self.canMount, "SKIPPED: no privilege to mount a small volume, so ENOSPC was not compared"))
    func `random calls agree on a volume that is too small`() throws {
        try compare(.small)
    }

    @Test(arguments: Volume.allCases) func `the table of outcomes is the one that is written down`(volume: Volume) throws {
        let file = try #require(Bundle.module.url(forResource: "Golden/disk/errnos", withExtension: "txt"))
        let title = volume == .roomy ? "[a volume with room]\n" : "[a volume that is too small]\n"
        let text = try String(contentsOf: file, encoding: .utf8)
        let section = try #require(text.components(separatedBy: title).last?.components(separatedBy: "\n\n").first)

        #expect(section.trimmingCharacters(in: .newlines) + "\n" == OutcomeTable(volume).text)
    }

    @Test func `a cell that no call reached and an outcome that the table lacks are both told`() {
        let table = OutcomeTable(.roomy)
        let cells = table.rows.flatMap { row in row.outcomes.map { "\(row.call) \($0)" } }

        let shortfalls = table.shortfalls(of: cells.filter { $0 != "write EBADF" } + ["write ENOSPC"])

        #expect(table.shortfalls(of: cells) == [])
        #expect(shortfalls == ["the table has no outcome write ENOSPC", "no call reached write EBADF"])
    }

    private func compare(_ volume: Volume) throws {
        let comparison = try #require(Comparison(volume, at: Self.place()))
        defer { comparison.end() }

        var seed: UInt64 = 0
        repeat { seed += 1 } while comparison.callCount < Self.callCount && comparison.round(seed: seed)

        #expect(comparison.difference == nil)
        #expect(OutcomeTable(volume).shortfalls(of: comparison.cells.keys.sorted()) == [])
    }

    private static let canMount: Bool = {
        guard let comparison = Comparison(.small, at: place()) else { return false }
        comparison.end()
        return true
    }()

    private static func place() -> String {
        FileManager.default.temporaryDirectory.appending(path: "galgo-\(UUID())").path
    }

    /// `SIM_CALLS` calls; by default as many as prove something. `galgo-sim conform` makes more.
    private static let callCount =
        ProcessInfo.processInfo.environment["SIM_CALLS"].flatMap { Int($0) } ?? 100_000
}
