/// Builds the tree from the parser's calls: what was read of each open node waits on a stack until
/// the node is closed, which makes a value of it and hands that to the node around it.
struct DocumentBuilder: TreeBuilder {
    /// The open nodes; the first is the document itself.
    private var open = [Parts()]
    private var comments: [Comment] = []
    private var ids = NodeIDs()

    /// What an open node has collected.
    private struct Parts {
        /// The line with the keyword, the delimiter or the first row.
        var head: Token?
        /// Tag lines, rows, prose: the lines that come in numbers.
        var tokens: [Token] = []
        var tagLines: [Token] = []
        var description = ""
        var steps: [Step] = []
        var table: DataTable?
        var docString: DocString?
        var rows: [TableRow] = []
        var background: Background?
        var scenarios: [Scenario] = []
        var examples: [Examples] = []
        var rules: [Rule] = []
        var feature: Feature?
    }

    mutating func open(_ node: Node) {
        open.append(Parts())
    }

    mutating func add(_ token: Token) {
        switch token.kind {
        case .comment: comments.append(Comment(location: token.location, text: token.text))
        case .featureLine, .ruleLine, .backgroundLine, .scenarioLine, .examplesLine, .stepLine:
            open[top].head = token
        case .docStringSeparator: open[top].head = open[top].head ?? token
        case .tagLine, .tableRow, .other: open[top].tokens.append(token)
        case .empty, .language, .end: break
        }
    }

    mutating func close(_ node: Node) throws(ParseError) {
        let parts = open.removeLast()
        switch node {
        case .tags: open[top].tagLines = parts.tokens
        case .description: open[top].description = Self.description(parts.tokens)
        case .examplesTable: open[top].rows = try rows(parts.tokens)
        case .dataTable: try closeTable(parts)
        case .docString: closeDocString(parts)
        case .step: closeStep(parts)
        case .background: closeBackground(parts)
        case .scenario, .examples, .featureHeader, .ruleHeader: merge(parts)
        case .scenarioDefinition: closeScenario(parts)
        case .examplesDefinition: closeExamples(parts)
        case .rule: closeRule(parts)
        case .feature: closeFeature(parts)
        }
    }

    /// The document, once the parser has come to the end of the file.
    func finish() -> Document {
        Document(feature: open[0].feature, comments: comments, nodeCount: ids.count)
    }
}

// MARK: Nodes

extension DocumentBuilder {
    /// The innermost open node. An index, not a computed property: that would copy what it holds.
    private var top: Int { open.count - 1 }

    /// A header and the node it heads are one value: its parts join what the outer node has.
    private mutating func merge(_ parts: Parts) {
        let tagLines = open[top].tagLines + parts.tagLines
        open[top] = parts
        open[top].tagLines = tagLines
    }

    private mutating func closeTable(_ parts: Parts) throws(ParseError) {
        let rows = try rows(parts.tokens)
        guard let first = rows.first else { return }
        open[top].table = DataTable(location: first.location, rows: rows)
    }

    private mutating func closeDocString(_ parts: Parts) {
        guard let head = parts.head else { return }
        open[top].docString = DocString(
            location: head.location, delimiter: head.keyword ?? "",
            mediaType: head.text.isEmpty ? nil : head.text,
            content: parts.tokens.map(\.text).joined(separator: "\n"))
    }

    private mutating func closeStep(_ parts: Parts) {
        guard let head = parts.head else { return }
        open[top].steps.append(
            Step(
                id: ids.next(), location: head.location, keyword: head.keyword ?? "",
                keywordType: head.keywordType ?? .unknown, text: head.text, table: parts.table,
                docString: parts.docString))
    }

    private mutating func closeBackground(_ parts: Parts) {
        guard let head = parts.head else { return }
        open[top].background = Background(
            id: ids.next(), location: head.location, keyword: head.keyword ?? "", name: head.text,
            description: parts.description, steps: parts.steps)
    }

    private mutating func closeScenario(_ parts: Parts) {
        guard let head = parts.head else { return }
        let tags = tags(parts.tagLines)
        open[top].scenarios.append(
            Scenario(
                id: ids.next(), location: head.location, tags: tags, keyword: head.keyword ?? "",
                name: head.text, description: parts.description, steps: parts.steps,
                examples: parts.examples))
    }

    private mutating func closeExamples(_ parts: Parts) {
        guard let head = parts.head else { return }
        let tags = tags(parts.tagLines)
        open[top].examples.append(
            Examples(
                id: ids.next(), location: head.location, tags: tags, keyword: head.keyword ?? "",
                name: head.text, description: parts.description, header: parts.rows.first,
                rows: Array(parts.rows.dropFirst())))
    }

    private mutating func closeRule(_ parts: Parts) {
        guard let head = parts.head else { return }
        let tags = tags(parts.tagLines)
        let background = parts.background.map { [Rule.Child.background($0)] } ?? []
        open[top].rules.append(
            Rule(
                id: ids.next(), location: head.location, tags: tags, keyword: head.keyword ?? "",
                name: head.text, description: parts.description,
                children: background + parts.scenarios.map(Rule.Child.scenario)))
    }

    private mutating func closeFeature(_ parts: Parts) {
        guard let head = parts.head else { return }
        let background = parts.background.map { [Feature.Child.background($0)] } ?? []
        let scenarios = parts.scenarios.map(Feature.Child.scenario)
        open[top].feature = Feature(
            location: head.location, tags: tags(parts.tagLines), language: head.language,
            keyword: head.keyword ?? "", name: head.text, description: parts.description,
            children: background + scenarios + parts.rules.map(Feature.Child.rule))
    }
}

// MARK: Lines

extension DocumentBuilder {
    private mutating func tags(_ lines: [Token]) -> [Tag] {
        var tags: [Tag] = []
        for line in lines {
            for item in line.items {
                let location = Location(line: line.location.line, column: item.column)
                tags.append(Tag(id: ids.next(), location: location, name: item.text))
            }
        }
        return tags
    }

    private mutating func rows(_ tokens: [Token]) throws(ParseError) -> [TableRow] {
        var rows: [TableRow] = []
        for token in tokens {
            let cells = token.items.map { item in
                let location = Location(line: token.location.line, column: item.column)
                return TableCell(location: location, value: item.text)
            }
            if let first = rows.first, first.cells.count != cells.count {
                throw ParseError(location: token.location, reason: .cellCountInconsistent)
            }
            rows.append(TableRow(id: ids.next(), location: token.location, cells: cells))
        }
        return rows
    }

    /// Empty lines at the end belong to nobody.
    private static func description(_ lines: [Token]) -> String {
        let end = lines.lastIndex { !$0.text.isEmpty }.map { $0 + 1 } ?? 0
        return lines[..<end].map(\.text).joined(separator: "\n")
    }
}
