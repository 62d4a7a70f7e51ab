import Gherkin
import Testing

@Suite struct `Step registry` {
    private struct Refused: Error, CustomStringConvertible {
        var description: String { "refused" }
    }

    private func calculator() throws -> StepRegistry<Int> {
        var steps = StepRegistry<Int>()
        try steps.given("zero") { sum, _ in sum = 0 }
        try steps.when("{int} is added") { sum, arguments in sum += try arguments.int() }
        try steps.when("it is refused") { _, _ in throw Refused() }
        try steps.then("the sum is {int}") { sum, arguments in
            guard sum == (try arguments.int()) else { throw Refused() }
        }
        return steps
    }

    @Test func `steps run in order on one context`() throws {
        let steps = try calculator()
        var sum = 100

        let result = steps.run(
            try Play.pickle(["zero", "2 is added", "3 is added", "the sum is 5"]), &sum)

        #expect(result.isPassed)
        #expect(result.steps.map(\.outcome) == [.passed, .passed, .passed, .passed])
        #expect(sum == 5)
    }

    @Test func `after a failure steps are skipped but unknown ones are still named`() throws {
        let steps = try calculator()
        var sum = 0

        let result = steps.run(
            try Play.pickle(["it is refused", "2 is added", "what is this"]), &sum)

        #expect(!result.isPassed)
        #expect(result.steps.prefix(2).map(\.outcome) == [.failed(message: "refused"), .skipped])
        guard case .undefined = result.steps[2].outcome else {
            Issue.record("\(result.steps[2].outcome)")
            return
        }
        #expect(sum == 0)
    }

    @Test func `a step that two definitions match is ambiguous`() throws {
        var steps = try calculator()
        try steps.when("{word} is added", file: "A/B.swift", line: 7) { _, _ in }
        var sum = 0

        let result = steps.run(try Play.pickle(["2 is added"]), &sum)

        guard case .ambiguous(let definitions) = result.steps[0].outcome else {
            Issue.record("\(result.steps[0].outcome)")
            return
        }
        #expect(definitions.count == 2)
        #expect(definitions.last == "'{word} is added' (A/B.swift:7)")
        #expect(sum == 0)
    }

    @Test func `problems are found without running anything`() throws {
        let steps = try calculator()

        let problems = steps.problems(in: try Play.pickle(["zero", "what is this", "2 is added"]))

        #expect(problems.map(\.step.text) == ["what is this"])
    }

    @Test func `an undefined step comes with a snippet to paste`() throws {
        let steps = StepRegistry<Int>()
        let pickle = try Play.pickle(
            feature: """
                When "bob" sends 3 messages/s (v2) at 1.5
                  | a |
                """)

        let problems = steps.problems(in: pickle)

        #expect(
            problems.map(\.outcome) == [
                .undefined(
                    snippet: ##"""
                        try steps.when(#"{string} sends {int} messages\/s \(v2) at {float}"#) { context, arguments in
                            let string0 = try arguments.string(0)
                            let int1 = try arguments.int(1)
                            let float2 = try arguments.float(2)
                            let table = try arguments.table()
                            throw StepNotWritten()
                        }
                        """##)
            ])
    }

    @Test(arguments: ["a \"b\" 3 of 2.5 (c) {d} e/f \\ g", "7", "a/b"])
    func `the expression of a snippet matches its step`(step: String) throws {
        let empty = StepRegistry<Void>()
        let problem = try #require(empty.problems(in: try Play.pickle([step])).first)
        guard case .undefined(let snippet) = problem.outcome else {
            Issue.record("\(problem.outcome)")
            return
        }
        let call = try #require(snippet.split(separator: "\n").first)
        let start = try #require(call.firstIndex(of: "\""))
        let end = try #require(call.lastIndex(of: "\""))
        let expression = String(call[call.index(after: start)..<end])
        var steps = StepRegistry<Void>()

        try steps.given(expression) { _, _ in }

        #expect(steps.problems(in: try Play.pickle([step])).isEmpty)
    }

    @Test func `tables and doc strings reach the closure`() throws {
        var steps = StepRegistry<[String]>()
        try steps.given("both") { seen, arguments in
            seen.append(contentsOf: try arguments.table().rows[0])
            seen.append(try arguments.docString().content)
        }
        var seen: [String] = []

        let result = steps.run(
            try Play.pickle(feature: "Given both\n|a|b|\n```\nc\n```"), &seen)

        #expect(result.isPassed)
        #expect(seen == ["a", "b", "c"])
    }

    @Test func `a step that lacks what its closure asks for fails`() throws {
        var steps = StepRegistry<Int>()
        try steps.given("table") { _, arguments in _ = try arguments.table() }
        try steps.given("second of {int}") { _, arguments in _ = try arguments.int(1) }
        try steps.given("text {int}") { _, arguments in _ = try arguments.string() }
        let wanted = [
            "table": "the step has no table",
            "second of 1": "the step has 1 parameter(s), there is none at index 1",
            "text 1": "the parameter at index 0 is no String",
            "text 99999999999999999999": "the number 99999999999999999999 is out of range",
        ]
        var context = 0

        for (step, message) in wanted.sorted(by: { $0.key < $1.key }) {
            let outcome = steps.run(try Play.pickle([step]), &context).steps[0].outcome
            #expect(outcome == .failed(message: message))
        }
    }

    @Test func `custom parameter types give their own values`() throws {
        enum Side: String, Sendable { case left, right }
        var steps = StepRegistry<[Side]>()
        try steps.define(
            ParameterType("side", .words(["left", "right"])) { text in
                guard let side = Side(rawValue: text) else { throw Refused() }
                return side
            })
        try steps.when("turn {side}") { turns, arguments in
            turns.append(try arguments.value(as: Side.self))
        }
        var turns: [Side] = []

        let result = steps.run(try Play.pickle(["turn left", "turn right"]), &turns)

        #expect(result.isPassed)
        #expect(turns == [.left, .right])
    }

    @Test func `a context may be one that cannot be copied`() throws {
        struct World: ~Copyable { var count = 0 }
        var steps = StepRegistry<World>()
        try steps.given("one more") { world, _ in world.count += 1 }
        var world = World()

        _ = steps.run(try Play.pickle(["one more", "one more"]), &world)

        let count = world.count
        #expect(count == 2)
    }

    @Test func `a step over the limit fails and is not matched`() throws {
        let steps = try calculator()
        var sum = 0
        let step = String(repeating: "a", count: Limits.stepCharactersMax + 1)

        let result = steps.run(try Play.pickle([step]), &sum)

        #expect(
            result.steps[0].outcome
                == .failed(message: "the step has more than \(Limits.stepCharactersMax) characters")
        )
    }

    @Test func `a result reads as a report`() throws {
        let steps = try calculator()
        var sum = 1

        let result = steps.run(try Play.pickle(["zero", "the sum is 5", "zero"]), &sum)

        #expect(
            result.description == """
                x.feature:2 s: failed
                  x.feature:3 zero: passed
                  x.feature:4 the sum is 5: failed: refused
                  x.feature:5 zero: skipped
                """)
    }
}
