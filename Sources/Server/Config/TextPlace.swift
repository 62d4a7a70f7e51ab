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
        // A byte order mark is no character of the text.
        let start = lineStart == 0 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : lineStart
        let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
        line = bytes[..<position].count { $0 == 0x0A } + 1
        column = String(decoding: bytes[start..<max(start, position)], as: UTF8.self).count + 1
        var line = bytes[start..<max(start, end)].prefix(SecretLines.lengthMax)
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
        caret = max(0, caret)
        let carets = characters[caret...].prefix(count).reduce(0) { $0 + $1.columnCount }
        let blanks = characters[..<caret].reduce(0) { $0 + $1.columnCount }
        let margin = String(repeating: " ", count: max(0, 5 - String(line).count))
        return [
            "\(margin)\(line) | \(String(characters))",
            "      | \(String(repeating: " ", count: blanks))\(String(repeating: "^", count: max(1, carets)))",
        ]
    }
}

extension Character {
    /// How many columns of a terminal it takes: two if it is wide, as those of East Asia and pictures are.
    var columnCount: Int {
        unicodeScalars.contains { scalar in
            scalar.properties.isEmojiPresentation || Self.wide.contains { $0.contains(scalar.value) }
        } ? 2 : 1
    }

    /// By Unicode's East_Asian_Width, in blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}
