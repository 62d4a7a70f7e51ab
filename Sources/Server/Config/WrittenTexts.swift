/// Values as their author wrote them, for messages: `1000 B` and not `1 KB`.
struct WrittenTexts {
    /// Of the file.
    let bytes: [UInt8]
    let environment: [String: String]

    /// The author's own text in quotes; what the value reads as where nobody wrote it.
    func told(_ entry: Effective.Entry) -> String {
        switch entry.source {
        case .file(let range):
            guard range.upperBound <= bytes.count else { break }
            var text = String(decoding: bytes[range], as: UTF8.self)[...]
            if let quote = text.first, quote == "\"" || quote == "'", text.count >= 2, text.last == quote {
                text = text.dropFirst().dropLast()
            }
            return quoted(String(text))
        case .variable(let name):
            if let text = environment[name] { return quoted(text) }
        case .argument, .standard: break
        }
        return entry.value.toml
    }
}
