extension Document {
    /// The scenarios of the document, in order; an outline gives one pickle per row of its
    /// examples.
    ///
    /// - Parameter uri: the file's name in `Pickle.id` and in the error.
    /// - Throws: `tooLarge` if the examples expand beyond `Limits`.
    public func pickles(uri: String) throws(ParseFailure) -> [Pickle] {
        var compiler = PickleCompiler(uri: uri, ids: NodeIDs(startingAt: nodeCount))
        do throws(ParseError) {
            try compiler.add(self)
        } catch {
            throw ParseFailure(uri: uri, errors: [error])
        }
        return compiler.pickles
    }
}

/// Walks a document and collects its pickles.
private struct PickleCompiler {
    let uri: String
    var ids: NodeIDs
    var pickles: [Pickle] = []
    /// See `Limits.pickleBytesMax`.
    var budget = Limits.pickleBytesMax

    /// What a scenario inherits.
    struct Surroundings {
        var language: String
        var tags: [Tag]
        var background: [Step]
    }

    mutating func add(_ document: Document) throws(ParseError) {
        guard let feature = document.feature else { return }
        var outer = Surroundings(language: feature.language, tags: feature.tags, background: [])
        for child in feature.children {
            switch child {
            case .background(let background): outer.background += background.steps
            case .scenario(let scenario): try add(scenario, in: outer)
            case .rule(let rule): try add(rule, in: outer)
            }
        }
    }

    private mutating func add(_ rule: Rule, in outer: Surroundings) throws(ParseError) {
        var inner = outer
        inner.tags += rule.tags
        try charge(inner.tags.count + inner.background.count, at: rule.location)
        for child in rule.children {
            switch child {
            case .background(let background): inner.background += background.steps
            case .scenario(let scenario): try add(scenario, in: inner)
            }
        }
    }

    private mutating func add(
        _ scenario: Scenario, in outer: Surroundings
    ) throws(ParseError) {
        guard !scenario.examples.isEmpty else {
            try add(scenario, in: outer, example: nil)
            return
        }
        var number = 0
        for examples in scenario.examples {
            guard let header = examples.header else { continue }
            var inner = outer
            inner.tags += scenario.tags + examples.tags
            try charge(inner.tags.count, at: examples.location)
            let placeholders = header.cells.map { Array("<\($0.value)>".utf8) }
            for row in examples.rows {
                number += 1
                let example = Example(row: row, number: number, placeholders: placeholders)
                try add(scenario, in: inner, example: example)
            }
        }
    }

    private mutating func add(
        _ scenario: Scenario, in outer: Surroundings, example: Example?
    ) throws(ParseError) {
        guard pickles.count < Limits.picklesMax else {
            throw tooLarge(scenario.location, "more than \(Limits.picklesMax) scenarios")
        }
        let steps = try steps(of: scenario, in: outer, example: example)
        let tags = example == nil ? outer.tags + scenario.tags : outer.tags
        try charge(tags.count, at: scenario.location)
        pickles.append(
            Pickle(
                id: ScenarioID(file: uri, line: scenario.location.line, row: example?.number),
                nodeID: ids.next(), location: example?.row.location ?? scenario.location,
                language: outer.language,
                name: try fill(scenario.name, example, at: scenario.location),
                tags: tags.map { Pickle.Tag(name: $0.name, source: $0.id) }, steps: steps,
                sources: [scenario.id] + sources(example)))
    }

    private mutating func steps(
        of scenario: Scenario, in outer: Surroundings, example: Example?
    ) throws(ParseError) -> [Pickle.Step] {
        guard !scenario.steps.isEmpty else { return [] }
        var type = KeywordType.unknown
        var steps: [Pickle.Step] = []
        for step in outer.background {
            if step.keywordType != .conjunction { type = step.keywordType }
            // A background stands outside the outline: its text is not filled in.
            steps.append(try pickleStep(step, type, example: nil))
        }
        for step in scenario.steps {
            if step.keywordType != .conjunction { type = step.keywordType }
            steps.append(try pickleStep(step, type, example: example))
        }
        return steps
    }

    private mutating func pickleStep(
        _ step: Step, _ type: KeywordType, example: Example?
    ) throws(ParseError) -> Pickle.Step {
        Pickle.Step(
            nodeID: ids.next(), location: step.location, type: type,
            text: try fill(step.text, example, at: step.location),
            arguments: try arguments(of: step, example), sources: [step.id] + sources(example))
    }

    private mutating func arguments(
        of step: Step, _ example: Example?
    ) throws(ParseError) -> [Pickle.Argument] {
        var arguments: [Pickle.Argument] = []
        if let table = step.table {
            var rows: [[String]] = []
            for row in table.rows {
                var cells: [String] = []
                for cell in row.cells {
                    cells.append(try fill(cell.value, example, at: step.location))
                }
                rows.append(cells)
            }
            arguments.append(.table(Table(rows: rows)))
        }
        if let docString = step.docString {
            var mediaType: String?
            if let written = docString.mediaType {
                mediaType = try fill(written, example, at: step.location)
            }
            let content = try fill(docString.content, example, at: step.location)
            arguments.append(.docString(Pickle.Text(mediaType: mediaType, content: content)))
            if let table = step.table, docString.location.line < table.location.line {
                arguments.swapAt(0, 1)
            }
        }
        return arguments
    }

    private func sources(_ example: Example?) -> [NodeID] {
        example.map { [$0.row.id] } ?? []
    }
}

// MARK: Filling in

extension PickleCompiler {
    /// A row of examples: its cells stand for the placeholders, which are `<name>`.
    struct Example {
        var row: TableRow
        /// Among the rows of the scenario, from 1.
        var number: Int
        var placeholders: [[UInt8]]
    }

    /// Replaces one column after the other, so a value may name a later column.
    private mutating func fill(
        _ text: String, _ example: Example?, at location: Location
    ) throws(ParseError) -> String {
        // What is copied without change counts as well: a short row repeats long steps.
        // One is for the node itself.
        try charge(text.utf8.count + 1, at: location)
        guard let example, text.utf8.contains(UInt8(ascii: "<")) else { return text }
        var bytes = Array(text.utf8)
        for (placeholder, cell) in zip(example.placeholders, example.row.cells) {
            try charge(bytes.count + 1, at: location)
            bytes = try replace(placeholder, with: cell.value.utf8, in: bytes, at: location)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func replace(
        _ placeholder: [UInt8], with value: String.UTF8View, in text: [UInt8],
        at location: Location
    ) throws(ParseError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            let rest = text[position...]
            // The cheap look at two bytes comes first, so that only real candidates are charged.
            guard rest.starts(with: placeholder.prefix(2)) else {
                result.append(text[position])
                position += 1
                continue
            }
            try charge(placeholder.count, at: location)
            guard rest.starts(with: placeholder) else {
                result.append(text[position])
                position += 1
                continue
            }
            try charge(value.count, at: location)
            result += value
            position += placeholder.count
        }
        return result
    }

    private mutating func charge(_ byteCount: Int, at location: Location) throws(ParseError) {
        budget -= byteCount
        if budget < 0 {
            throw tooLarge(location, "examples need more than \(Limits.pickleBytesMax) bytes")
        }
    }

    private func tooLarge(_ location: Location, _ what: String) -> ParseError {
        ParseError(location: location, reason: .tooLarge(what))
    }
}
