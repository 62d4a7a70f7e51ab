import Testing

@testable import Sim

/// A run that is left on the way, and what is told of the world then.
@Suite struct StateTests {
    private static let plan: Plan = {
        var generator = PlanGenerator()
        generator.profile = .quick
        return generator.plan(seed: 7)
    }()

    @Test(arguments: [
        ("117", StopPoint.event(117)), ("12ms", .time(12 * millisecond)), ("7us", .time(7 * microsecond)),
        ("7µs", .time(7 * microsecond)), ("2s", .time(2 * second)), ("kill", .moment(Waypoint(.turn(.kill), nth: 1))),
        ("kill.3", .moment(Waypoint(.turn(.kill), nth: 3))),
    ])
    func `a point is an event, a time or a moment`(text: String, point: StopPoint) {
        #expect(StopPoint(text: text) == point)
    }

    @Test(arguments: ["", "0", "-1", "kill.0", "kill.x", "noon", "ms", "1.5ms", "9223372036854775807s"])
    func `anything else is none`(text: String) {
        #expect(StopPoint(text: text) == nil)
    }

    private static func report(until point: StopPoint?) throws -> Report { try told(until: point).report }

    /// The run with all that it tells of what happens.
    private static func told(until point: StopPoint?) throws -> (report: Report, lines: [String]) {
        let run = try #require(Run(plan, server: Plan.galgo))
        run.stopPoint = point
        run.keepsState = true
        var lines: [String] = []
        run.universe.narrate { lines.append($0) }
        return (run.perform(), lines)
    }

    @Test(arguments: [300, 2_000])
    func `a run that is left early is the same run up to there`(event: Int) throws {
        let whole = try Self.told(until: nil)
        let left = try Self.told(until: .event(event))

        #expect(!whole.report.isStopped && left.report.isStopped)
        #expect(left.lines.count > event / 10)
        #expect(left.lines == Array(whole.lines.prefix(left.lines.count)))
        #expect(left.lines.count < whole.lines.count)
        #expect(left.report.counts.happenings == event)
        #expect(left.report.state?.event == event)
        #expect(left.report.exitCode == 0)
    }

    @Test func `a run whose point does not come is the whole run`() throws {
        let whole = try Self.report(until: nil)
        let far = try Self.report(until: .event(whole.counts.happenings + 1))

        #expect(!far.isStopped)
        #expect(far.traceHash == whole.traceHash)
    }

    @Test(arguments: [400, 900, 2_000, 5_000])
    func `logs in the files reach at least as far as what is synced of them`(event: Int) throws {
        let state = try #require(try Self.report(until: .event(event)).state)
        let table = try #require(state["partitions"])
        func value(_ name: String, _ row: [WorldState.Cell]) -> Int64? {
            guard let place = table.columns.firstIndex(of: name), case .number(let number) = row[place] else { return nil }
            return number
        }

        // Partitions are there once the clients have made their topic.
        #expect(!table.rows.isEmpty)
        for row in table.rows {
            let written = try #require(value("written_end", row))
            #expect(value("synced_end", row) ?? 0 <= written)
            #expect(value("acknowledged_end", row) ?? 0 <= written)
        }
        #expect(try #require(state["files"]).rows.count > 3)
        #expect(state.tables.allSatisfy { table in table.rows.allSatisfy { $0.count == table.columns.count } })
    }

    @Test func `where nothing is left to happen the state is that of the end`() throws {
        let report = try Self.report(until: nil)

        #expect(report.verdict == .held)
        #expect(report.state?.event == report.counts.happenings)
        #expect(report.state?["clients"]?.rows == [])
    }
}
