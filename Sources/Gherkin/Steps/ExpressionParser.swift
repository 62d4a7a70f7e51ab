/// Reads a step expression from left to right into a pattern.
struct ExpressionParser {
    private let text: String
    private let scalars: [Unicode.Scalar]
    private let types: [ParameterType]
    private var position = 0

    private(set) var parameters: [ParameterType] = []

    init(_ text: String, _ types: [ParameterType]) {
        self.text = text
        self.types = types
        scalars = Array(text.unicodeScalars)
    }

    mutating func parse() throws(ExpressionError) -> Pattern {
        guard scalars.count <= Limits.expressionCharactersMax else { throw error(.tooLong) }
        var parts: [Pattern] = []
        while let scalar = peek() {
            switch scalar {
            case "{": parts.append(try parameter())
            case _ where scalar.properties.isWhitespace:
                parts.append(Self.literal(scalar))
                position += 1
            default: parts.append(try word())
            }
        }
        return .sequence(parts)
    }

    private mutating func parameter() throws(ExpressionError) -> Pattern {
        let start = position
        guard let end = scalars[start...].firstIndex(of: "}") else {
            throw error(.parameterNotClosed)
        }
        let name = String(scalars[(start + 1)..<end])
        guard let type = types.first(where: { $0.name == name }) else {
            throw error(.parameterUnknown(name))
        }
        position = end + 1
        parameters.append(type)
        return .argument(parameters.count - 1, type.pattern)
    }

    /// Everything up to a space, a parameter or the end: a word, or several parted by `/`.
    private mutating func word() throws(ExpressionError) -> Pattern {
        let start = position
        var alternatives: [Alternative] = [Alternative()]
        scanning: while let scalar = peek() {
            switch scalar {
            case "{": break scanning
            case _ where scalar.properties.isWhitespace: break scanning
            case "/":
                alternatives.append(Alternative())
                position += 1
            case "(":
                alternatives[alternatives.count - 1].parts.append(try optional())
            default:
                alternatives[alternatives.count - 1].parts.append(Self.literal(try character()))
                alternatives[alternatives.count - 1].hasText = true
            }
        }
        guard alternatives.count > 1 else { return .sequence(alternatives[0].parts) }
        guard alternatives.allSatisfy(\.hasText) else {
            position = start
            throw error(.alternativeEmpty)
        }
        return .choice(alternatives.map { .sequence($0.parts) })
    }

    private struct Alternative {
        var parts: [Pattern] = []
        /// More than optional text.
        var hasText = false
    }

    private mutating func optional() throws(ExpressionError) -> Pattern {
        let start = position
        position += 1
        var content = ""
        while let scalar = peek() {
            switch scalar {
            case ")":
                guard !content.isEmpty else { throw error(.optionalEmpty) }
                position += 1
                return .optional(.text(content))
            case "{", "(": throw error(.parameterInOptional)
            default: content.unicodeScalars.append(try character())
            }
        }
        position = start
        throw error(.optionalNotClosed)
    }

    /// One character of text, escaped or not.
    private mutating func character() throws(ExpressionError) -> Unicode.Scalar {
        let scalar = scalars[position]
        guard scalar == "\\" else {
            position += 1
            return scalar
        }
        let escapable: [Unicode.Scalar] = ["{", "}", "(", ")", "/", "\\", " "]
        guard position + 1 < scalars.count, escapable.contains(scalars[position + 1]) else {
            throw error(.escapeUnknown)
        }
        position += 2
        return scalars[position - 1]
    }

    private func peek() -> Unicode.Scalar? {
        position < scalars.count ? scalars[position] : nil
    }

    private static func literal(_ scalar: Unicode.Scalar) -> Pattern {
        .text(String(Character(scalar)))
    }

    private func error(_ reason: ExpressionError.Reason) -> ExpressionError {
        ExpressionError(expression: text, column: position + 1, reason: reason)
    }
}
