import Primitives
import Testing

@testable import Sim

/// What people and other programs are told of runs.
struct ReportingTests {
    // MARK: Failures

    private static func failing() throws -> (report: Report, failure: Failure) {
        var plan = Plan(seed: 3)
        plan.sabotage = .syncSwallowed
        plan.knobs[.durability] = 2
        plan.clients = [PlannedClient(.patient, [.append(partition: 0, messages: 2, payloadBytes: 10)])]
        plan.faults = [Fault(.powerCut(restartIn: millisecond), when: .at(50 * millisecond))]
        plan.clients[0].operations.append(.pause(micros: 200_000))
        let report = try #require(Run(plan, server: Plan.galgo)).perform()
        return (report, try #require(Failure(try JSON(parsing: report.json))))
    }

    @Test func `a violation says what was expected and what was seen`() throws {
        let (report, failure) = try Self.failing()

        guard case .violated(let violation) = report.verdict else {
            Issue.record("it holds")
            return
        }
        #expect(!violation.expected.isEmpty)
        #expect(!violation.seen.isEmpty)
        #expect(failure.expected == violation.expected)
        #expect(failure.seen == violation.seen)
        #expect(failure.timeline == report.timeline)
        #expect(failure.timeline.count == 15)
    }

    @Test func `a failure is told in at most forty lines with the plan in it`() throws {
        let (_, failure) = try Self.failing()

        let lines = failure.lines(remarks: Array(repeating: "remark", count: 6))

        #expect(lines.count <= 40)
        #expect(lines[0].hasPrefix("✗ seed 3: VIOLATED "))
        #expect(lines.contains { $0.contains("client 0, patient: append 0 2 10; pause 200000") })
        #expect(lines.contains { $0.hasPrefix("  expected: ") })
        #expect(lines.contains { $0.hasPrefix("  seen: ") })
        #expect(lines.allSatisfy { $0.count <= Failure.widthMax })
    }

    @Test func `a large plan is told by numbers`() {
        let brief = PlanGenerator().plan(seed: 1).brief(lineCount: 12)

        #expect(brief.count == 4)
        #expect(brief[0].contains(" operations + "))
        #expect(brief[2].contains(" append, "))
        #expect(brief[3].hasPrefix("faults: "))
    }

    @Test func `what is no report of a run is no failure`() throws {
        #expect(Failure(try JSON(parsing: #"{"summary":{"seeds":1}}"#)) == nil)
        #expect(Failure(try JSON(parsing: #"{"seed":-1,"verdict":"held"}"#)) == nil)
    }

    @Test func `a worker that died is told without what it could not say`() throws {
        let json = try JSON(parsing: #"{"seed":7,"verdict":"died","detail":"signal 4, a trap"}"#)

        let lines = try #require(Failure(json)).lines(timeline: ["one", "two"], remarks: ["reproduce: x"])

        #expect(
            lines == [
                "✗ seed 7: DIED, signal 4, a trap", "  the last that happened:", "  one", "  two", "reproduce: x",
            ])
    }

    @Test func `a worker that died is told with where it was`() throws {
        let json = try JSON(
            parsing: #"""
                {"seed":7,"verdict":"died","detail":"signal 4, a trap","phase":"scan","time_us":12,"seen":"Fatal error: x",\
                "plan":["1 operation"],"timeline":["one"],"backtrace":["f at Sources/f.swift:1","g"]}
                """#.replacing("\\\n", with: ""))

        #expect(
            try #require(Failure(json)).lines(remarks: ["reproduce: x"]) == [
                "✗ seed 7: DIED in phase scan, signal 4, a trap", "  seen: Fatal error: x", "  at 12 µs", "  the plan:",
                "    1 operation", "  the last that happened:", "  one", "  it was in:", "    f at Sources/f.swift:1",
                "    g", "reproduce: x",
            ])
    }

    // MARK: Markup

    @Test(arguments: [
        ("a<b>&\"c\"'", "a&lt;b&gt;&amp;&quot;c&quot;&#39;"), ("tab\tline\n", "tab\tline\n"),
        ("\u{0}\u{1B}[K\r\u{7F}\u{85}\u{FFFE}", "\u{FFFD}\u{FFFD}[K\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        ("✱ µs 🐕", "✱ µs 🐕"),
    ])
    func `text for XML has no character that XML does not know`(text: String, escaped: String) {
        #expect(Markup.escaped(text) == escaped)
    }

    @Test func `results are a suite of cases`() {
        var suite = JUnit("galgo-sim run")
        suite.cases = [
            JUnit.Case("seeds 1..100", milliseconds: 1_234),
            JUnit.Case(
                "seeds 101..150", milliseconds: 5,
                failure: .init(kind: "lost-write", message: "seed 103: a \"b\"", text: "x < y\u{1B}")),
        ]

        #expect(
            suite.xml == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites tests="2" failures="1" errors="0" time="1.239">
                  <testsuite name="galgo-sim run" skipped="0" tests="2" failures="1" errors="0" time="1.239">
                    <testcase classname="galgo-sim run" name="seeds 1..100" time="1.234"/>
                    <testcase classname="galgo-sim run" name="seeds 101..150" time="0.005">
                      <failure type="lost-write" message="seed 103: a &quot;b&quot;">x &lt; y\u{FFFD}</failure>
                    </testcase>
                  </testsuite>
                </testsuites>

                """)
    }

    @Test func `a hundred seeds are a case, whatever order they end in`() {
        var tried = SeedCases(from: 5)
        for seed in (5...210 as ClosedRange<UInt64>).reversed() {
            let failure = seed % 50 == 7 ? JUnit.Case.Failure(kind: "law", message: "seed \(seed): no", text: "") : nil
            tried.add(seed, milliseconds: 2, failure: failure)
        }

        let cases = tried.cases

        #expect(cases.map(\.name) == ["seeds 5..104", "seeds 105..204", "seeds 205..210"])
        #expect(cases.map(\.milliseconds) == [200, 200, 12])
        #expect(cases[0].failure?.message == "2 of 100 seeds failed; seed 7: no")
        #expect(cases[2].failure?.message == "1 of 6 seeds failed; seed 207: no")
    }

    @Test func `an annotation is one line whatever is in it`() {
        #expect(
            Annotation.error("seed 1: a,b", ["100 % lost", "reproduce: x"])
                == "::error title=seed 1%3A a%2Cb::100 %25 lost%0Areproduce: x")
    }

    @Test func `how far it is, how fast, and how long it takes`() {
        let pace = Pace(done: 50, failed: 2, milliseconds: 10_000)

        #expect(pace.text(of: 200, until: nil) == "50 of 200 seeds, 300/min, 2 failed, 30 s to go")
        #expect(pace.text(of: nil, until: 1_000_000) == "50 seeds, 300/min, 2 failed, 16 min to go")
        #expect(Pace(done: 0, failed: 0, milliseconds: 0).text(of: 9, until: nil) == "0 of 9 seeds, 0/min, 0 failed")
    }
}
