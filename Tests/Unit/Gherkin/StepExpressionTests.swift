import Gherkin
import Testing

@Suite struct `Step expressions` {
    struct Sample: Sendable, CustomTestStringConvertible {
        var expression: String
        var step: String
        /// Nil if the step is another one.
        var values: [String]?

        init(_ expression: String, _ step: String, _ values: [String]?) {
            (self.expression, self.step, self.values) = (expression, step, values)
        }

        var testDescription: String { "\(expression) on \(step)" }
    }

    @Test(arguments: [
        Sample("a {int} b", "a 12 b", ["12"]),
        Sample("a {int} b", "a -12 b", ["-12"]),
        Sample("a {int} b", "a 1.2 b", nil),
        Sample("a {int} b", "a 12 bc", nil),
        Sample("{float}", "1.5", ["1.5"]),
        Sample("{float}", "-.5", ["-0.5"]),
        Sample("{float}", "1e3", ["1000.0"]),
        Sample("{float}", ".", nil),
        Sample("{word} {word}", "ab cd", ["ab", "cd"]),
        Sample("{word}", "ab cd", nil),
        Sample("{word}{int}", "ab12", ["ab1", "2"]),
        Sample("say {string}", "say \"it's\"", ["it's"]),
        Sample("say {string}", "say 'a \"b\"'", ["a \"b\""]),
        Sample("say {string}", #"say "a \"b\" \n""#, [#"a "b" \n"#]),
        Sample("say {string}", "say \"\"", [""]),
        Sample("say {string}", "say \"a\" b\"", nil),
        Sample("{string} and {string}", "'a' and \"b\"", ["a", "b"]),
        Sample("all {}", "all of it", ["of it"]),
        Sample("{int} message(s)", "1 message", ["1"]),
        Sample("{int} message(s)", "2 messages", ["2"]),
        Sample("{int} message(s)", "2 messagess", nil),
        Sample("it is/are here", "it are here", []),
        Sample("it is/are here", "it is/are here", nil),
        Sample("a cat(s)/dog(s) b", "a dogs b", []),
        Sample("a cat(s)/dog(s) b", "a cats b", []),
        Sample(#"a\/b \(c) \{d} \\"#, #"a/b (c) {d} \"#, []),
        Sample("É", "E\u{301}", nil),
        Sample("", "", []),
        Sample("the {color} one", "the dark red one", ["dark red"]),
        Sample("the {color} one", "the blue one", nil),
    ])
    func `an expression matches whole steps and takes their values`(sample: Sample) throws {
        var steps = StepRegistry<[String]>()
        try steps.define(ParameterType("color", .words(["red", "dark", "dark red"])))
        try steps.step(sample.expression) { taken, arguments in
            taken = arguments.values.map { "\($0)" }
        }
        var taken: [String] = []

        let result = steps.run(try Play.pickle([sample.step]), &taken)

        #expect(result.isPassed == (sample.values != nil))
        #expect(taken == sample.values ?? [])
    }

    @Test(arguments: [
        ("a {b}", 3, ExpressionError.Reason.parameterUnknown("b")),
        ("a {int", 3, .parameterNotClosed),
        ("a (b", 3, .optionalNotClosed),
        ("a ()", 4, .optionalEmpty),
        ("a ({int})", 4, .parameterInOptional),
        ("a b/ c", 3, .alternativeEmpty),
        ("a b/(c) d", 3, .alternativeEmpty),
        ("a \\b", 3, .escapeUnknown),
        ("a \\", 3, .escapeUnknown),
        (String(repeating: "a", count: Limits.expressionCharactersMax + 1), 1, .tooLong),
    ])
    func `an expression that cannot be read says why and where`(
        expression: String, column: Int, reason: ExpressionError.Reason
    ) {
        var steps = StepRegistry<Void>()

        let error = #expect(throws: ExpressionError.self) {
            try steps.step(expression) { _, _ in }
        }

        #expect(error?.expression == expression)
        #expect(error?.column == column)
        #expect(error?.reason == reason)
    }

    @Test func `a parameter type is defined once`() {
        var steps = StepRegistry<Void>()

        #expect(throws: ExpressionError.self) { try steps.define(ParameterType("int", .text("1"))) }
    }

    /// A machine that backtracks without memory would take 2^60 steps.
    @Test func `nested repetitions take linear time`() throws {
        var steps = StepRegistry<Void>()
        let nested = Pattern.many(.many(.many(.one(.only(["a"])))))
        try steps.define(ParameterType("as", nested))
        try steps.step("{as}{as}{as}b") { _, _ in }
        let text = String(repeating: "a", count: 2000)
        var context: Void = ()

        let short = steps.run(try Play.pickle([text]), &context)
        let whole = steps.run(try Play.pickle([text + "b"]), &context)

        #expect(!short.isPassed)
        #expect(whole.isPassed)
    }
}
