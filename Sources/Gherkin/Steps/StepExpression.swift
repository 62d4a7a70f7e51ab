/// The text of a step with holes: `{count} message(s) is/are sent`.
///
/// A subset of Cucumber Expressions:
///
/// ```
/// {int}        a parameter
/// (s)          optional text
/// is/are       one of several words; they end at a space, a parameter, or the end
/// \( \{ \/ \\  the character itself
/// ```
public struct StepExpression: Sendable {
    public let text: String
    /// The type of each parameter, in order.
    let parameters: [ParameterType]
    private let program: Program

    /// - Parameter types: what the names in braces mean.
    init(_ text: String, types: [ParameterType]) throws(ExpressionError) {
        var parser = ExpressionParser(text, types)
        let pattern = try parser.parse()
        guard let program = Program(pattern) else {
            throw ExpressionError(expression: text, column: 1, reason: .tooLong)
        }
        self.text = text
        self.program = program
        parameters = parser.parameters
    }

    /// The text that stands for each parameter, nil if the step is another one.
    func match(_ step: [Unicode.Scalar]) -> [String]? {
        program.match(step)
    }
}

/// A step expression that cannot be read.
public struct ExpressionError: Error, Hashable, Sendable {
    public var expression: String
    /// Counts Unicode scalars from 1.
    public var column: Int
    public var reason: Reason

    public enum Reason: Hashable, Sendable {
        case parameterUnknown(String)
        case parameterNotClosed
        case parameterInOptional
        case parameterDefinedTwice(String)
        case optionalNotClosed
        case optionalEmpty
        case alternativeEmpty
        case escapeUnknown
        /// More than `Limits.expressionCharactersMax` or `expressionInstructionsMax`.
        case tooLong
    }
}

extension ExpressionError: CustomStringConvertible {
    public var description: String {
        "step expression '\(expression)', column \(column): \(reason)"
    }
}

extension ExpressionError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .parameterUnknown(let name): "there is no parameter type {\(name)}"
        case .parameterNotClosed: "a '{' needs its '}'"
        case .parameterInOptional: "optional text may not contain '{' or '('; write '\\{' or '\\('"
        case .parameterDefinedTwice(let name): "the parameter type {\(name)} is already defined"
        case .optionalNotClosed: "a '(' needs its ')'"
        case .optionalEmpty: "optional text may not be empty"
        case .alternativeEmpty: "an alternative needs text; write '\\/' for a slash"
        case .escapeUnknown: "only '{', '}', '(', ')', '/', '\\' and a space may follow a '\\'"
        case .tooLong: "the expression is too long"
        }
    }
}
