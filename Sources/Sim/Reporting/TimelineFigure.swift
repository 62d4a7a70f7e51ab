/// The end of a run as a picture: who asked what, what each shard, the network and the disk did, and what went wrong.
///
/// Time goes from left to right by orders of magnitude (`TimeAxis`). Nothing is told by colour alone: every bar has a
/// title, endings have signs, faults a hatching and ✱, what the violation is about ★ and a frame.
struct TimelineFigure {
    private let chronicle: Chronicle
    private let violation: Violation?
    private let endTime: Int64
    /// What is shown, in nanoseconds.
    let window: ClosedRange<Int64>
    private let axis: TimeAxis
    private var rows: [Row] = []
    private var bands: [(start: Int64, end: Int64, title: String)] = []

    /// Requests of clients that are shown, at most; without a violation those of the beginning.
    static let requestCountMax = 70
    private static let diskRowsMax = 5
    private static let networkRowsMax = 4
    private static let faultRowsMax = 5
    private static let gutter = 8
    private static let labelWidth = 96
    private static let rowHeight = 20
    private static let head = 40

    private struct Row {
        let label: String
        let group: String
        var spans: [Chronicle.Span]
    }

    init(_ chronicle: Chronicle, _ report: Report) {
        self.chronicle = chronicle
        if case .violated(let found) = report.verdict { violation = found } else { violation = nil }
        endTime = report.simulatedTime
        let requests = chronicle.spans.filter { if case .client = $0.lane { true } else { false } }
        let shown =
            violation == nil
            ? requests.prefix(Self.requestCountMax) : requests.suffix(Self.requestCountMax)
        let isAll = shown.count == requests.count
        let end = violation?.time ?? (isAll ? endTime : shown.map(\.end).max() ?? endTime)
        let start = isAll ? 0 : shown.map(\.start).min() ?? 0
        let window = min(start, end)...max(start, end)
        self.window = window
        let visible = chronicle.spans.filter { $0.start <= window.upperBound && $0.end >= window.lowerBound }
        let strikes = chronicle.blows.map(\.time) + chronicle.served + chronicle.phases.map(\.time)
        let moments = visible.filter { $0.lane != .disk || visible.count < 600 }.flatMap { [$0.start, $0.end] }
        axis = TimeAxis(
            (moments + strikes + [window.lowerBound, window.upperBound]).filter { window.contains($0) },
            widthLeast: 900)
        rows = Self.rows(visible, chronicle.clients)
        bands = Self.bands(chronicle, end: window.upperBound)
    }

    // MARK: Rows

    private static func rows(_ spans: [Chronicle.Span], _ clients: [(number: UInt16, title: String)]) -> [Row] {
        func of(_ isMeant: (Chronicle.Lane) -> Bool) -> [Chronicle.Span] { spans.filter { isMeant($0.lane) } }
        var rows = packed("faults", of { $0 == .fault }, faultRowsMax)
        for (number, title) in clients {
            let own = of { $0 == .client(number) }
            if !own.isEmpty { rows.append(Row(label: title, group: "clients", spans: own)) }
        }
        rows += packed("network", of { $0 == .network }, networkRowsMax)
        for shard in UInt16(0)..<64 {
            let own = of { $0 == .shard(shard) }
            if !own.isEmpty { rows.append(Row(label: "shard \(shard)", group: "shards", spans: own)) }
        }
        return rows + packed("disk", of { $0 == .disk }, diskRowsMax)
    }

    /// In as few rows as they need without covering each other, and no more than `countMax`.
    private static func packed(_ label: String, _ spans: [Chronicle.Span], _ countMax: Int) -> [Row] {
        var rows: [Row] = []
        for span in spans {
            if let free = rows.firstIndex(where: { ($0.spans.last?.end ?? 0) <= span.start }) {
                rows[free].spans.append(span)
            } else if rows.count < countMax {
                rows.append(Row(label: rows.isEmpty ? label : "", group: label, spans: [span]))
            } else if let last = rows.indices.last {
                rows[last].spans.append(span)
            }
        }
        return rows
    }

    /// From what ended the process to when all shards served again.
    private static func bands(_ chronicle: Chronicle, end: Int64) -> [(start: Int64, end: Int64, title: String)] {
        chronicle.blows.filter { $0.shard == nil }.map { blow in
            (blow.time, chronicle.served.first { $0 > blow.time } ?? end, blow.title)
        }
    }

    // MARK: What it is about

    /// Requests that the violation is about, in order.
    var involved: [Chronicle.Span] { chronicle.spans.filter { isInvolved($0) } }

    private func isInvolved(_ span: Chronicle.Span) -> Bool {
        guard let subject = violation?.subject, let errand = span.errand else { return false }
        if let batch = subject.batch { return errand.batch == batch }
        guard subject.partition != nil || subject.client != nil else { return false }
        // Of a partition without a client it is the log, and not what consumers store beside it.
        if subject.client == nil, !errand.isAboutLog { return false }
        return (subject.partition == nil || errand.partition == subject.partition)
            && (subject.client == nil || errand.client == subject.client)
    }

    // MARK: Drawing

    private var height: Int { Self.head + rows.count * Self.rowHeight + separators * 8 + 24 }

    /// The names of the lanes, which stay where they are when the picture is moved.
    var labels: String {
        var y = Self.head
        var parts = [
            "<svg viewBox=\"0 0 \(Self.labelWidth) \(height)\" width=\"\(Self.labelWidth)\" height=\"\(height)\" "
                + "aria-hidden=\"true\" class=\"timeline labels\">"
        ]
        for (place, row) in rows.enumerated() {
            if place > 0, rows[place - 1].group != row.group { y += 8 }
            parts.append(
                "<text x=\"\(Self.labelWidth - 4)\" y=\"\(y + 14)\" text-anchor=\"end\" class=\"lane\">"
                    + "\(Markup.escaped(row.label))</text>")
            y += Self.rowHeight
        }
        return (parts + ["</svg>"]).joined(separator: "\n")
    }

    var svg: String {
        let width = Self.gutter + axis.width + 16
        var parts = [
            "<svg viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" role=\"img\" "
                + "aria-label=\"\(Markup.escaped(summary))\" class=\"timeline\">",
            "<title>\(Markup.escaped(summary))</title>",
            "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
                + "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" class=\"hatch-ground\"/>"
                + "<rect width=\"2\" height=\"6\" class=\"hatch-line\"/></pattern></defs>",
        ]
        parts += bandParts(height)
        parts += scaleParts(height)
        var y = Self.head
        var group = rows.first?.group
        for row in rows {
            if row.group != group {
                y += 8
                parts.append("<line x1=\"0\" y1=\"\(y - 4)\" x2=\"\(width)\" y2=\"\(y - 4)\" class=\"rule\"/>")
                group = row.group
            }
            // Outside of the picture on a screen, where `labels` stands beside it; paper shows it.
            parts.append(
                "<text x=\"-4\" y=\"\(y + 14)\" text-anchor=\"end\" class=\"lane\" aria-hidden=\"true\">"
                    + "\(Markup.escaped(row.label))</text>")
            parts += row.spans.map { bar($0, y) }
            y += Self.rowHeight
        }
        parts += foundParts(height)
        return (parts + ["</svg>"]).joined(separator: "\n")
    }

    private var separators: Int { zip(rows, rows.dropFirst()).count { $0.group != $1.group } }

    private var summary: String {
        "From \(readable(window.lowerBound)) to \(readable(window.upperBound)): \(rows.count) lanes, "
            + "\(bands.count) ends of the process" + (violation.map { "; \($0.property.rawValue) found at \(readable($0.time))" } ?? "")
    }

    private func x(_ time: Int64) -> Int { Self.gutter + axis.place(min(max(time, window.lowerBound), window.upperBound)) }

    private func bar(_ span: Chronicle.Span, _ y: Int) -> String {
        let left = x(span.start)
        let width = max(3, x(span.end) - left)
        let isOurs = isInvolved(span)
        let (kind, sign) = Self.look(span)
        let title = "\(span.title) — \(readable(span.start)) to \(readable(span.end)), \(Self.words(span.ending))"
        let text = (isOurs ? "★ " : "") + sign + (span.lane == .fault ? "✱ " : "") + span.title
        let room = (width - 4) * 10 / 62
        var parts = "<g class=\"bar \(kind)\(isOurs ? " ours" : "")\"><title>\(Markup.escaped(title))</title>"
        parts += "<rect x=\"\(left)\" y=\"\(y + 2)\" width=\"\(width)\" height=\"\(Self.rowHeight - 4)\" rx=\"2\"/>"
        let label = text.count <= room ? text : room >= 5 ? text.prefix(room - 1) + "…" : isOurs ? "★" : sign
        if !label.isEmpty {
            parts += "<text x=\"\(left + 3)\" y=\"\(y + 14)\">\(Markup.escaped(String(label)))</text>"
        }
        return parts + "</g>"
    }

    /// Its class, and the sign that says the same.
    private static func look(_ span: Chronicle.Span) -> (kind: String, sign: String) {
        switch (span.lane, span.ending) {
        case (.fault, _): ("fault", "")
        case (.shard, _): (span.title == "serves" ? "serves" : "starts", "")
        case (_, .done): ("done", "")
        case (_, .failed): ("failed", "✕ ")
        case (_, .lost): ("lost", "? ")
        case (_, .open): ("lost", "")
        }
    }

    static func words(_ ending: Chronicle.Ending) -> String {
        switch ending {
        case .open: "not over when the run ended"
        case .done: "done"
        case .failed(let why): "failed: \(why)"
        case .lost: "cut off: whether it had its effect is not known"
        }
    }

    private func bandParts(_ height: Int) -> [String] {
        bands.filter { $0.end >= window.lowerBound && $0.start <= window.upperBound }.map { band in
            let left = x(band.start), right = max(left + 2, x(band.end))
            return "<g class=\"band\"><title>\(Markup.escaped(band.title)), until all shards serve again</title>"
                + "<rect x=\"\(left)\" y=\"\(Self.head - 6)\" width=\"\(right - left)\" height=\"\(height - Self.head)\"/>"
                + "<line x1=\"\(left)\" y1=\"\(Self.head - 6)\" x2=\"\(left)\" y2=\"\(height - 18)\"/>"
                + "<text x=\"\(left + 3)\" y=\"\(height - 6)\">✱ \(Markup.escaped(band.title))</text></g>"
        }
    }

    private func scaleParts(_ height: Int) -> [String] {
        var parts = axis.ticks(90).map { tick in
            let at = Self.gutter + tick.place
            return "<g class=\"tick\"><line x1=\"\(at)\" y1=\"28\" x2=\"\(at)\" y2=\"\(height - 18)\"/>"
                + "<text x=\"\(at)\" y=\"26\">\(readable(tick.time))</text></g>"
        }
        var last = -200
        for (place, phase) in chronicle.phases.enumerated() {
            let next = place + 1 < chronicle.phases.count ? chronicle.phases[place + 1].time : endTime
            guard next >= window.lowerBound, phase.time <= window.upperBound else { continue }
            let at = x(phase.time)
            guard at - last >= 7 * phase.name.count else { continue }
            last = at
            parts.append("<text x=\"\(at)\" y=\"11\" class=\"phase\">▸ \(Markup.escaped(phase.name))</text>")
        }
        return parts
    }

    private func foundParts(_ height: Int) -> [String] {
        guard let violation else { return [] }
        let at = x(violation.time)
        return [
            "<g class=\"found\"><title>\(Markup.escaped(violation.text))</title>"
                + "<line x1=\"\(at)\" y1=\"14\" x2=\"\(at)\" y2=\"\(height - 18)\"/>"
                + "<text x=\"\(at - 4)\" y=\"\(height - 6)\" text-anchor=\"end\">✗ found here</text></g>"
        ]
    }
}
