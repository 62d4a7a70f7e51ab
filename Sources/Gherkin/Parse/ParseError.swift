/// One thing wrong with a feature file. `description` is the community's message, position
/// included.
public struct ParseError: Error, Hashable, Sendable {
    public var location: Location
    public var reason: Reason

    public enum Reason: Hashable, Sendable {
        /// `expected` names token kinds, as in `#StepLine`; `got` is the trimmed line.
        case unexpectedLine(expected: [String], got: String)
        case unexpectedEnd(expected: [String])
        case languageUnknown(String)
        case whitespaceInTag
        case cellCountInconsistent
        case notUTF8
        /// A number of `Limits` was reached.
        case tooLarge(String)
    }
}

extension ParseError: CustomStringConvertible {
    public var description: String { "(\(location)): \(reason)" }
}

extension ParseError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unexpectedLine(let expected, let got):
            "expected: \(expected.joined(separator: ", ")), got '\(got)'"
        case .unexpectedEnd(let expected):
            "unexpected end of file, expected: \(expected.joined(separator: ", "))"
        case .languageUnknown(let code): "Language not supported: \(code)"
        case .whitespaceInTag: "A tag may not contain whitespace"
        case .cellCountInconsistent: "inconsistent cell count within the table"
        case .notUTF8: "not valid UTF-8"
        case .tooLarge(let what): "too large: \(what)"
        }
    }
}

/// Everything wrong with one feature file, in the order in which it was found.
public struct ParseFailure: Error, Hashable, Sendable {
    public var uri: String
    public var errors: [ParseError]
}

extension ParseFailure: CustomStringConvertible {
    /// One line per error: `features/a.feature (3:1): expected: …`.
    public var description: String {
        errors.map { "\(uri) \($0)" }.joined(separator: "\n")
    }
}
