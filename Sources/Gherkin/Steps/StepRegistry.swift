/// What the steps of features mean: expressions, and closures that carry them out on a context.
///
/// ```swift
/// var steps = StepRegistry<World>()
/// try steps.given("a stream {string}") { world, arguments in
///     try world.createStream(arguments.string())
/// }
/// ```
///
/// As in Cucumber, a definition answers to its text under any keyword: `given`, `when` and `then`
/// only say how it is meant. Definitions are tried in the order in which they were added, and all
/// of them, so that two that match the same step are found out.
public struct StepRegistry<Context: ~Copyable>: Sendable {
    public typealias Body = @Sendable (inout Context, StepArguments) throws -> Void

    private(set) var definitions: [StepDefinition<Context>] = []
    private var types = ParameterType.standard

    public init() {}

    /// Adds a parameter type, for the expressions added after it.
    public mutating func define(_ type: ParameterType) throws(ExpressionError) {
        guard !types.contains(where: { $0.name == type.name }) else {
            throw ExpressionError(
                expression: "{\(type.name)}", column: 1, reason: .parameterDefinedTwice(type.name))
        }
        types.append(type)
    }

    public mutating func given(
        _ expression: String, file: String = #fileID, line: Int = #line, _ body: @escaping Body
    ) throws(ExpressionError) {
        try step(expression, file: file, line: line, body)
    }

    public mutating func when(
        _ expression: String, file: String = #fileID, line: Int = #line, _ body: @escaping Body
    ) throws(ExpressionError) {
        try step(expression, file: file, line: line, body)
    }

    public mutating func then(
        _ expression: String, file: String = #fileID, line: Int = #line, _ body: @escaping Body
    ) throws(ExpressionError) {
        try step(expression, file: file, line: line, body)
    }

    /// A step of any kind.
    public mutating func step(
        _ expression: String, file: String = #fileID, line: Int = #line, _ body: @escaping Body
    ) throws(ExpressionError) {
        let expression = try StepExpression(expression, types: types)
        definitions.append(
            StepDefinition(expression: expression, file: file, line: line, body: body))
    }
}

/// One step's meaning, and where it was written.
struct StepDefinition<Context: ~Copyable>: Sendable {
    let expression: StepExpression
    let file: String
    let line: Int
    let body: StepRegistry<Context>.Body
}

extension StepDefinition where Context: ~Copyable {
    /// `'a stream {string}' (Steps/Streams.swift:12)`
    var label: String { "'\(expression.text)' (\(file):\(line))" }
}

/// Thrown by the closure of a pasted snippet until it is replaced.
public struct StepNotWritten: Error, Hashable, Sendable, CustomStringConvertible {
    public init() {}
    public var description: String { "the step is not written yet" }
}
