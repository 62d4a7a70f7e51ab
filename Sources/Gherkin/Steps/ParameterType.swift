/// What may stand for `{name}` in a step expression, and the value it gives to the step.
public struct ParameterType: Sendable {
    public let name: String
    let pattern: Pattern
    let transform: @Sendable (String) throws -> any Sendable

    /// - Parameters:
    ///   - name: letters, digits, `-` and `_`; empty for `{}`.
    ///   - pattern: without `Pattern.argument`, which expressions number themselves.
    ///   - transform: makes the value. What it throws fails the step.
    public init(
        _ name: String, _ pattern: Pattern,
        transform: @escaping @Sendable (String) throws -> any Sendable = { $0 }
    ) {
        self.name = name
        self.pattern = pattern
        self.transform = transform
    }
}

extension ParameterType {
    /// `{int}`, `{float}`, `{word}`, `{string}` and `{}`, as in Cucumber Expressions.
    static let standard = [int, float, word, string, anything]

    /// `-12` as an `Int`.
    static let int = ParameterType("int", .sequence([sign("-"), digits])) { text in
        guard let value = Int(text) else { throw ArgumentError.outOfRange(text) }
        return value
    }

    /// `-1.5`, `.5`, `1e3` as a `Double`.
    static let float = ParameterType("float", floatPattern) { text in
        guard let value = Double(text) else { throw ArgumentError.outOfRange(text) }
        return value
    }

    /// Anything without a space.
    static let word = ParameterType("word", .some(.one(.nonSpace)))

    /// A text in double or single quotes, without them; `\"` and `\'` are quotes.
    static let string = ParameterType("string", .choice([quoted("\""), quoted("'")])) { text in
        unescaped(text)
    }

    /// Whatever there is, also nothing.
    static let anything = ParameterType("", .many(.one(.any)))

    private static let digits = Pattern.some(.one(.digit))

    private static func sign(_ scalars: Unicode.Scalar...) -> Pattern {
        .optional(.one(.only(scalars)))
    }

    private static let floatPattern = Pattern.sequence([
        sign("-", "+"),
        .choice([
            .sequence([digits, .optional(.sequence([.text("."), digits]))]),
            .sequence([.text("."), digits]),
        ]),
        .optional(.sequence([.one(.only(["e", "E"])), sign("-", "+"), digits])),
    ])

    private static func quoted(_ quote: Unicode.Scalar) -> Pattern {
        let delimiter = Pattern.one(.only([quote]))
        let content = Pattern.choice([
            .one(.except([quote, "\\"])), .sequence([.text("\\"), .one(.any)]),
        ])
        return .sequence([delimiter, .many(content), delimiter])
    }

    private static func unescaped(_ quoted: String) -> String {
        var result = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in quoted.unicodeScalars.dropFirst().dropLast() {
            if isEscaped, scalar != "\"", scalar != "'" { result.append("\\") }
            isEscaped = !isEscaped && scalar == "\\"
            if !isEscaped { result.append(scalar) }
        }
        return String(result)
    }
}
