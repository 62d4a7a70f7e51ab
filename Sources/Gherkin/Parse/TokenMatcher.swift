/// Recognises lines. What a line is depends on where it stands, so the parser asks kind by kind.
///
/// The matcher remembers two things from line to line: the language, and the doc string that is
/// open. Both change only when a line is recognised, and the parser accepts every such line.
struct TokenMatcher {
    private var keywords = Keywords(.english)
    private var docString: OpenDocString?

    private struct OpenDocString {
        var delimiter: [Unicode.Scalar]
        var indent: Int
    }

    /// The line as this kind of token, nil if it is none. A tag line or a language header may be
    /// recognised but wrong, which throws.
    mutating func match(_ line: Line, as kind: TokenKind) throws(ParseError) -> Token? {
        switch kind {
        case .end: nil
        case .empty: line.isEmpty ? token(kind, line, column: 1) : nil
        case .comment:
            line.starts(with: "#") ? token(kind, line, column: 1, text: String(line.scalars)) : nil
        case .tagLine: try tags(line)
        case .featureLine: title(kind, line, keywords.feature)
        case .ruleLine: title(kind, line, keywords.rule)
        case .backgroundLine: title(kind, line, keywords.background)
        case .scenarioLine: title(kind, line, keywords.scenario)
        case .examplesLine: title(kind, line, keywords.examples)
        case .stepLine: step(line)
        case .docStringSeparator: separator(line)
        case .tableRow: row(line)
        case .language: try language(line)
        case .other: token(kind, line, column: 1, text: prose(line))
        }
    }

    /// The end of the file as a token.
    func end(at location: Location) -> Token {
        Token(
            kind: .end, location: location, text: "", items: [], language: keywords.dialect.code)
    }
}

// MARK: Keywords

extension TokenMatcher {
    private func title(_ kind: TokenKind, _ line: Line, _ keywords: [Keyword]) -> Token? {
        for keyword in keywords where line.starts(with: keyword.scalars) {
            let count = keyword.scalars.count
            guard line.text.dropFirst(count).first == ":" else { continue }
            return token(kind, line, keyword: keyword, text: line.rest(after: count + 1))
        }
        return nil
    }

    private func step(_ line: Line) -> Token? {
        for keyword in keywords.steps where line.starts(with: keyword.scalars) {
            let text = line.rest(after: keyword.scalars.count)
            return token(.stepLine, line, keyword: keyword, text: text)
        }
        return nil
    }

    /// `# language: pt`, with spaces anywhere between the parts.
    private mutating func language(_ line: Line) throws(ParseError) -> Token? {
        var rest = line.text
        func skipSpaces() { rest = rest.drop { $0.properties.isWhitespace } }

        guard rest.popFirst() == "#" else { return nil }
        skipSpaces()
        guard rest.starts(with: "language".unicodeScalars) else { return nil }
        rest = rest.dropFirst("language".unicodeScalars.count)
        skipSpaces()
        guard rest.popFirst() == ":" else { return nil }
        let code = rest.trimmed
        guard !code.isEmpty, code.allSatisfy(\.isLanguageCode) else { return nil }

        guard let dialect = Dialect.named(String(code)) else {
            throw ParseError(location: line.location, reason: .languageUnknown(String(code)))
        }
        keywords = Keywords(dialect)
        return token(.language, line, text: String(code))
    }
}

// MARK: Tags, tables, doc strings

extension TokenMatcher {
    /// `@a @b@c # comment`: a comment begins at a `#` after a space, so `@a#1` is one tag.
    private func tags(_ line: Line) throws(ParseError) -> Token? {
        guard line.starts(with: "@") else { return nil }
        var text = line.text.trimmed
        if let hash = text.indices.first(where: {
            text[$0] == "#" && $0 > text.startIndex && text[$0 - 1].properties.isWhitespace
        }) {
            text = text[..<hash].trimmed
        }

        var items: [Token.Item] = []
        for name in text.split(separator: "@", omittingEmptySubsequences: false).dropFirst() {
            // Slices keep the indices of the line; the `@` is one before the name.
            let column = name.startIndex
            let trimmed = name.trimmed
            if trimmed.contains(where: \.properties.isWhitespace) {
                let location = Location(line: line.number, column: column)
                throw ParseError(location: location, reason: .whitespaceInTag)
            }
            items.append(.init(column: column, text: "@" + String(trimmed)))
        }
        return token(.tagLine, line, items: items)
    }

    /// `| a | b |`: what stands before the first bar and after the last is not a cell.
    private func row(_ line: Line) -> Token? {
        guard line.starts(with: "|") else { return nil }
        var items: [Token.Item] = []
        var cell: [Unicode.Scalar] = []
        var start: Int?
        var isEscaped = false
        for index in line.text.trimmed.indices {
            let scalar = line.scalars[index]
            switch scalar {
            case _ where isEscaped:
                switch scalar {
                case "n": cell.append("\n")
                case "|", "\\": cell.append(scalar)
                default: cell += ["\\", scalar]
                }
                isEscaped = false
            case "\\": isEscaped = true
            case "|":
                if let start { items.append(Self.item(cell, startingAt: start)) }
                cell.removeAll(keepingCapacity: true)
                start = index + 1
            default: cell.append(scalar)
            }
        }
        return token(.tableRow, line, items: items)
    }

    /// A cell is trimmed, but not of the line breaks that were written as `\n`.
    private static func item(_ cell: [Unicode.Scalar], startingAt start: Int) -> Token.Item {
        func isPadding(_ scalar: Unicode.Scalar) -> Bool {
            scalar != "\n" && scalar.properties.isWhitespace
        }
        let text = cell.drop(while: isPadding)
        let padding = cell.count - text.count
        let end = text.lastIndex { !isPadding($0) }.map { $0 + 1 } ?? text.startIndex
        return Token.Item(column: start + padding + 1, text: String(text[..<end]))
    }

    /// Opens with either delimiter and a media type; closes only with the delimiter that opened.
    private mutating func separator(_ line: Line) -> Token? {
        if let open = docString {
            guard line.starts(with: open.delimiter) else { return nil }
            docString = nil
            return token(
                .docStringSeparator, line, keyword: Keyword(String(open.delimiter)), text: "")
        }
        for delimiter in Self.delimiters where line.starts(with: delimiter) {
            docString = OpenDocString(delimiter: delimiter, indent: line.indent)
            return token(
                .docStringSeparator, line, keyword: Keyword(String(delimiter)),
                text: line.rest(after: delimiter.count))
        }
        return nil
    }

    private static let delimiters: [[Unicode.Scalar]] = [
        Array("\"\"\"".unicodeScalars), Array("```".unicodeScalars),
    ]

    /// A line of a description as it is, a line of a doc string without indentation and with
    /// the escaped delimiter (a backslash before each of its three scalars) restored.
    private func prose(_ line: Line) -> String {
        guard let open = docString else { return String(line.scalars) }
        let text = Array(line.text(removingIndent: open.indent))
        let escaped = open.delimiter.flatMap { scalar -> [Unicode.Scalar] in ["\\", scalar] }
        var content: [Unicode.Scalar] = []
        var position = 0
        while position < text.count {
            if text[position] == "\\", text[position...].starts(with: escaped) {
                content += open.delimiter
                position += escaped.count
            } else {
                content.append(text[position])
                position += 1
            }
        }
        return String(content)
    }
}

// MARK: Tokens

extension TokenMatcher {
    private func token(
        _ kind: TokenKind, _ line: Line, column: Int? = nil, keyword: Keyword? = nil,
        text: String = "", items: [Token.Item] = []
    ) -> Token {
        Token(
            kind: kind,
            location: Location(line: line.number, column: column ?? line.location.column),
            keyword: keyword?.text, keywordType: keyword?.type, text: text, items: items,
            language: keywords.dialect.code)
    }
}

extension Unicode.Scalar {
    fileprivate var isLanguageCode: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "-", "_": true
        default: false
        }
    }
}
