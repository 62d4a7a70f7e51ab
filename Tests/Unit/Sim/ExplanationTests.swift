import Testing

@testable import Sim

/// Which questions are asked of a failure, and what their answers are taken for.
struct ExplanationTests {
    private static func plan() -> Plan {
        var plan = Plan(seed: 1)
        plan.clients = [PlannedClient(.patient, [.append(partition: 0, messages: 1, payloadBytes: 1), .reconnect])]
        plan.faults = [
            Fault(.powerCut(restartIn: 1), when: .at(5)), Fault(.slowIO(factor: 2), when: .at(1), for: 9),
        ]
        plan.tape = PlannedTape()
        return plan
    }

    /// Answers as a failure would that depends on what happens at some events alone.
    private static func explained(
        events: Int, tries: Int = 4, fails: (Branch) -> Bool, without: (Plan) -> Bool = { _ in true }
    ) -> Explanation {
        var explanation = Explanation(plan(), events: events, tries: tries)
        while !explanation.isFinished {
            explanation.settle(
                explanation.questions.map { question in
                    question.faults.count + question.operationCount < 4
                        ? without(question) : question.branches.first.map(fails) ?? true
                })
        }
        return explanation
    }

    @Test(arguments: [1, 2, 36, 37, 499, 500, 501, 999, 1_000])
    func `the event after which all tries fail is found to the one`(event: Int) {
        let explanation = Self.explained(events: 1_000) { $0.after >= event }

        #expect(explanation.inevitable == event)
        #expect(explanation.likely == event)
        #expect(!explanation.isCut)
    }

    @Test func `an even chance may come before there is none left`() {
        let explanation = Self.explained(events: 640) { fresh in
            fresh.after >= 400 || (fresh.after >= 100 && fresh.number < 2)
        }

        #expect(explanation.likely == 100)
        #expect(explanation.inevitable == 400)
        #expect(explanation.chances.first == Explanation.Chance(event: 0, failed: 0))
        #expect(explanation.chances.last == Explanation.Chance(event: 640, failed: 4))
        #expect(explanation.chances.map(\.event) == explanation.chances.map(\.event).sorted())
    }

    @Test func `what fails whatever is drawn was inevitable from the beginning`() {
        let explanation = Self.explained(events: 10) { _ in true }

        #expect(explanation.inevitable == 0)
        #expect(explanation.likely == 0)
    }

    @Test func `each fault and each operation is taken out alone`() {
        let explanation = Self.explained(events: 10, fails: { _ in true }) { plan in
            plan.faults.contains { $0.family == .powerCut } && plan.clients[0].operations.first != .reconnect
        }

        #expect(explanation.removals.map(\.failed) == [0, 4, 0, 4])
        #expect(explanation.removals[0].what.hasPrefix("✱ power-cut"))
        #expect(explanation.removals[2].what == "client 0: append 0 1 1")
    }

    @Test func `nothing is asked about the events of a run whose worker died`() {
        let explanation = Self.explained(events: 0) { _ in false }

        #expect(explanation.chances.isEmpty)
        #expect(explanation.inevitable == nil)
        #expect(explanation.removals.count == 4)
    }

    @Test func `when the time is over what was answered is kept`() {
        var explanation = Explanation(Self.plan(), events: 100, tries: 4)

        explanation.settle(Array(repeating: true, count: 6))

        #expect(explanation.isFinished)
        #expect(explanation.isCut)
        #expect(explanation.chances == [Explanation.Chance(event: 0, failed: 4)])
    }

    @Test func `the chart rises where the chance does`() {
        let lines = ChanceChart.lines(
            [.init(event: 0, failed: 0), .init(event: 24, failed: 2), .init(event: 48, failed: 4)], tries: 4, events: 48,
            marker: 24)

        #expect(lines.count == ChanceChart.rowCount + 2)
        #expect(lines[0] == "100 % ┤" + String(repeating: " ", count: 47) + "█")
        #expect(lines[3] == "  0 % ┤" + String(repeating: " ", count: 23) + String(repeating: "█", count: 25))
        #expect(lines[5].hasSuffix("▲ event 24 of 48"))
    }

    @Test func `a run with a tape that is fresh after an event is the same up to there`() throws {
        var plan = PlanGenerator().plan(seed: 4)
        plan.clients = Array(plan.clients.prefix(1))
        func begin(_ branches: [Branch], _ count: Int) throws -> [String] {
            plan.branches = branches
            let run = try #require(Run(plan, server: Plan.galgo))
            var lines: [String] = []
            run.universe.narrate { line in
                if run.universe.counts.happenings <= count { lines.append(line) }
            }
            _ = run.perform()
            return lines
        }

        let whole = try begin([], 2_000)
        let same = try begin([Branch(after: 2_000, number: 1)], 2_000)
        let other = try begin([Branch(after: 1_000, number: 1)], 2_000)

        // But for the line that says so.
        #expect(same.dropLast() == whole[...] && same.last?.contains("⑂") == true)
        #expect(other != whole)
        #expect(try Plan(text: plan.text) == plan)
    }
}

extension Branch {
    /// Happenings before it.
    fileprivate var after: Int {
        switch at {
        case .happening(let count): count
        case .waypoint: 0
        }
    }
}
