/// A dialect's keywords, ready to be compared with lines.
struct Keywords {
    let dialect: Dialect
    let feature: [Keyword]
    let rule: [Keyword]
    let background: [Keyword]
    let scenario: [Keyword]
    let examples: [Keyword]
    /// The longest first, so that `Given that ` is not read as `Given `.
    let steps: [Keyword]

    init(_ dialect: Dialect) {
        self.dialect = dialect
        feature = dialect.feature.map { Keyword($0) }
        rule = dialect.rule.map { Keyword($0) }
        background = dialect.background.map { Keyword($0) }
        scenario = (dialect.scenario + dialect.scenarioOutline).map { Keyword($0) }
        examples = dialect.examples.map { Keyword($0) }
        steps = Self.steps(of: dialect)
    }

    private static func steps(of dialect: Dialect) -> [Keyword] {
        let kinds: [(KeywordType, [String])] = [
            (.context, dialect.given), (.action, dialect.when), (.outcome, dialect.then),
            (.conjunction, dialect.and), (.conjunction, dialect.but),
        ]
        var keywords: [Keyword] = []
        for (type, texts) in kinds {
            for text in texts {
                // A word with two meanings, like `* `, says nothing about the step.
                if let known = keywords.firstIndex(where: { $0.text == text }) {
                    keywords[known].type = .unknown
                } else {
                    keywords.append(Keyword(text, type))
                }
            }
        }
        let order = keywords.indices.sorted {
            let (left, right) = (keywords[$0].scalars.count, keywords[$1].scalars.count)
            return left == right ? $0 < $1 : left > right
        }
        return order.map { keywords[$0] }
    }
}

struct Keyword {
    let text: String
    let scalars: [Unicode.Scalar]
    /// Nil for what is not a step's keyword.
    var type: KeywordType?

    init(_ text: String, _ type: KeywordType? = nil) {
        self.text = text
        self.type = type
        scalars = Array(text.unicodeScalars)
    }
}
