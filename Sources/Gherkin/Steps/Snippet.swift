extension StepRegistry where Context: ~Copyable {
    /// A definition to paste for a step that has none: quoted texts and numbers become parameters.
    func snippet(_ step: Pickle.Step) -> String {
        let guess = SnippetWriter.expression(for: Array(step.text.unicodeScalars))
        let call = "try steps.\(Self.method(step.type))(\(SnippetWriter.literal(guess.text)))"
        var lines = [call + " { context, arguments in"]
        for (index, type) in guess.types.enumerated() {
            lines.append("    let \(type)\(index) = try arguments.\(type)(\(index))")
        }
        for argument in step.arguments {
            switch argument {
            case .table: lines.append("    let table = try arguments.table()")
            case .docString: lines.append("    let docString = try arguments.docString()")
            }
        }
        lines += ["    throw StepNotWritten()", "}"]
        return lines.joined(separator: "\n")
    }

    private static func method(_ type: KeywordType) -> String {
        switch type {
        case .context: "given"
        case .action: "when"
        case .outcome: "then"
        case .conjunction, .unknown: "step"
        }
    }
}

private enum SnippetWriter {
    /// The step with parameters in the place of what looks like one, and their types.
    static func expression(for step: [Unicode.Scalar]) -> (text: String, types: [String]) {
        var text = ""
        var types: [String] = []
        var position = 0
        while position < step.count {
            if let (type, count) = parameter(step[position...], after: step[..<position].last) {
                text += "{\(type)}"
                types.append(type)
                position += count
            } else {
                if ["{", "(", "/", "\\"].contains(step[position]) { text += "\\" }
                text.unicodeScalars.append(step[position])
                position += 1
            }
        }
        return (text, types)
    }

    /// A quoted text, or a number that is a word of its own.
    private static func parameter(
        _ rest: ArraySlice<Unicode.Scalar>, after last: Unicode.Scalar?
    ) -> (type: String, count: Int)? {
        guard last.map({ $0.properties.isWhitespace }) ?? true else { return nil }
        if rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") {
            return ("string", end + 1 - rest.startIndex)
        }
        let word = Array(rest.prefix { !$0.properties.isWhitespace })
        if int?.match(word) != nil { return ("int", word.count) }
        if float?.match(word) != nil { return ("float", word.count) }
        return nil
    }

    private static let int = Program(ParameterType.int.pattern)
    private static let float = Program(ParameterType.float.pattern)

    /// As Swift source; raw where that saves escapes.
    static func literal(_ text: String) -> String {
        let isPlain = !text.unicodeScalars.contains { $0 == "\\" || $0 == "\"" }
        guard !isPlain else { return "\"\(text)\"" }
        var hashes = "#"
        while text.contains("\"" + hashes) || text.contains("\\" + hashes) { hashes += "#" }
        return "\(hashes)\"\(text)\"\(hashes)"
    }
}
