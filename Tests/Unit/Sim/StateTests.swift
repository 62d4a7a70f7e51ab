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

    private static func report(until point: StopPoint?) throws -> Report {
        let run = try #require(Run(plan, server: Plan.galgo))
        run.stopPoint = point
        run.keepsState = true
        return run.perform()
    }

    @Test func `a run that is left early is the same run up to there`() throws {
        let whole = try Self.report(until: nil)
        let far = try Self.report(until: .event(whole.counts.happenings + 1))
        let left = try Self.report(until: .event(300))

        #expect(!whole.isStopped && !far.isStopped && left.isStopped)
        #expect(far.traceHash == whole.traceHash)
        #expect(left.counts.happenings == 300)
        #expect(left.state?.event == 300)
        #expect(try Self.report(until: .event(300)).state == left.state)
        #expect(left.exitCode == 0)
    }

    @Test(arguments: [100, 400, 900, 2_000, 5_000])
    func `logs in the files reach at least as far as what is synced of them`(event: Int) throws {
        let state = try #require(try Self.report(until: .event(event)).state)
        let table = try #require(state["partitions"])
        func value(_ name: String, _ row: [WorldState.Cell]) -> Int64? {
            guard let place = table.columns.firstIndex(of: name), case .number(let number) = row[place] else { return nil }
            return number
        }

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
