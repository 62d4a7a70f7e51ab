/// Where in a text a byte is, as people count: from 1.
public struct TextPlace: Equatable, Sendable {
    public let line: Int
    /// In characters.
    public let column: Int
    /// The byte that the line begins with.
    let lineStart: Int
    /// The line without its end, as far as anybody reads.
    private let text: String

    public init(of position: Int, in bytes: [UInt8]) {
        let position = min(max(position, 0), bytes.count)
        lineStart = bytes[..<position].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
        line = bytes[..<position].count { $0 == 0x0A } + 1
        column = String(decoding: bytes[lineStart..<position], as: UTF8.self).count + 1
        var line = bytes[lineStart..<max(lineStart, end)].prefix(SecretLines.lengthMax)
        if line.last == 0x0D { line.removeLast() }
        text = String(decoding: line, as: UTF8.self)
    }

    /// The line with its number, and below it carets under `count` characters. Tabs become single blanks, so that both
    /// stand where they should; long lines are cut around the place. What the veil is over is masked.
    func picture(caretCount count: Int, under veil: SecretLines.Veil) -> [String] {
        let widthMax = 100
        var (caret, count) = (column - 1, count)
        var shown = Array(text)
        if let shownCount = veil.shownCount(of: shown) {
            shown = shown[..<shownCount] + SecretLines.mask
            if caret >= shownCount { (caret, count) = (shownCount, SecretLines.mask.count) }
        }
        // Of a very long line the end is not here.
        caret = min(caret, shown.count)
        var characters = shown.map { character -> Character in
            character == "\t" ? " " : printable(String(character)).count == 1 ? character : "?"
        }
        if characters.count > widthMax {
            let start = max(0, caret - widthMax / 2)
            characters = Array(characters[start..<min(characters.count, start + widthMax)])
            caret -= start
        }
        let carets = max(1, min(count, characters.count - caret))
        let margin = String(repeating: " ", count: max(0, 5 - String(line).count))
        return [
            "\(margin)\(line) | \(String(characters))",
            "      | \(String(repeating: " ", count: max(0, caret)))\(String(repeating: "^", count: carets))",
        ]
    }
}
