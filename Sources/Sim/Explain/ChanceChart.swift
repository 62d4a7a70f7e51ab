/// The chance of a failure over the events of a run, in characters.
public enum ChanceChart {
    static let rowCount = 4
    static let columnCount = 48
    private static let blocks = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Between two measured events the chance is that of the earlier one. `marker`: the event to point at.
    public static func lines(_ chances: [Explanation.Chance], tries: Int, events: Int, marker: Int?) -> [String] {
        guard !chances.isEmpty, tries > 0, events > 0 else { return [] }
        let heights = (0..<columnCount).map { column in
            let event = events * (column + 1) / columnCount
            let failed = chances.last { $0.event <= event }?.failed ?? 0
            return failed * 8 * rowCount / tries
        }
        var lines = (0..<rowCount).map { row -> String in
            let base = (rowCount - 1 - row) * 8
            let label = row == 0 ? "100 % ┤" : row == rowCount - 1 ? "  0 % ┤" : "      │"
            return label + heights.map { blocks[min(8, max(0, $0 - base))] }.joined()
        }
        lines.append("      └" + String(repeating: "─", count: columnCount))
        if let marker {
            let column = min(columnCount - 1, marker * columnCount / max(1, events))
            lines.append("       " + String(repeating: " ", count: column) + "▲ event \(marker) of \(events)")
        }
        return lines
    }
}
