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
    /// Which requests are shown, in words; empty for all of them.
    let part: String

    /// Requests of clients that are shown, at most.
    static let requestCountMax = 70
    /// Of them, those before the first end of the process in a run that holds.
    private static let requestsBeforeCrash = 12
    private static let rowsMax = 10
    private static let footRow = 14
    private static let gutter = 8
    private static let labelWidth = 96
    private static let rowHeight = 20
    private static let head = 40

    private struct Row {
        var label: String
        let group: String
        var spans: [Chronicle.Span]
    }

    init(_ chronicle: Chronicle, _ report: Report) {
        self.chronicle = chronicle
        if case .violated(let found) = report.verdict { violation = found } else { violation = nil }
        endTime = report.simulatedTime
        let requests = chronicle.spans.filter { if case .client = $0.lane { true } else { false } }
        // What went wrong is at the end; where nothing did, the first crash and the recovery from it are worth a look.
        let crash = chronicle.blows.first { $0.shard == nil }?.time
        let before = crash.flatMap { crash in requests.firstIndex { $0.start > crash } } ?? 0
        let shown =
            violation == nil
            ? requests.dropFirst(max(0, before - Self.requestsBeforeCrash)).prefix(Self.requestCountMax)
            : requests.suffix(Self.requestCountMax)
        let isAll = shown.count == requests.count
        let place = violation != nil ? "the last" : before == 0 ? "the first" : "around the first crash,"
        part = isAll ? "" : ": \(place) \(shown.count) of \(requests.count) requests"
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
        var rows = packed("faults", of { $0 == .fault })
        for (number, title) in clients {
            let own = of { $0 == .client(number) }
            if !own.isEmpty { rows.append(Row(label: title, group: "clients", spans: own)) }
        }
        rows += packed("network", of { $0 == .network })
        for shard in UInt16(0)..<64 {
            let own = of { $0 == .shard(shard) }
            if !own.isEmpty { rows.append(Row(label: "shard \(shard)", group: "shards", spans: own)) }
        }
        return rows + packed("disk", of { $0 == .disk })
    }

    /// In as few rows as they need without covering each other. What finds no room in as many as there may be is left out,
    /// and the last one says so.
    private static func packed(_ label: String, _ spans: [Chronicle.Span]) -> [Row] {
        var rows: [Row] = []
        var leftOut = 0
        for span in spans {
            if let free = rows.firstIndex(where: { ($0.spans.last?.end ?? 0) <= span.start }) {
                rows[free].spans.append(span)
            } else if rows.count < rowsMax {
                rows.append(Row(label: rows.isEmpty ? label : "", group: label, spans: [span]))
            } else {
                leftOut += 1
            }
        }
        if leftOut > 0 { rows[rows.count - 1].label = "\(leftOut) more" }
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

    private var lanesHeight: Int { Self.head + rows.count * Self.rowHeight + separators * 8 + 6 }
    private var height: Int { lanesHeight + 4 + footRowCount * Self.footRow }

    /// The words below the lanes, from left to right: what ended the process, and where the violation was found.
    private var foot: [(x: Int, text: String, isBefore: Bool)] {
        let ends = bands.filter { $0.end >= window.lowerBound && $0.start <= window.upperBound }
            .map { (x: x($0.start), text: "✱ \($0.title)", isBefore: false) }
        return ends + (violation.map { [(x: x($0.time), text: "✗ found here", isBefore: true)] } ?? [])
    }

    /// By word of the foot, the first row in which it covers no other.
    private var footRows: [Int] {
        var ends: [Int] = []
        return foot.map { word in
            let width = word.text.count * 7 + 8
            let start = word.isBefore ? word.x - width : word.x
            let row = ends.firstIndex { $0 <= start } ?? ends.count
            if row == ends.count { ends.append(0) }
            ends[row] = start + width
            return row
        }
    }

    private var footRowCount: Int { (footRows.max() ?? 0) + 1 }

    private var footParts: [String] {
        zip(foot, footRows).map { word, row in
            "<text x=\"\(word.x + (word.isBefore ? -4 : 3))\" y=\"\(lanesHeight + 12 + row * Self.footRow)\""
                + (word.isBefore ? " text-anchor=\"end\"" : "") + " class=\"foot\">\(Markup.escaped(word.text))</text>"
        }
    }

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
        parts += bandParts
        parts += scaleParts
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
        parts += foundParts
        parts += footParts
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
        let room = (width - 4) * 10 / 66
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

    private var bandParts: [String] {
        bands.filter { $0.end >= window.lowerBound && $0.start <= window.upperBound }.map { band in
            let left = x(band.start), right = max(left + 2, x(band.end))
            return "<g class=\"band\"><title>\(Markup.escaped(band.title)), until all shards serve again</title>"
                + "<rect x=\"\(left)\" y=\"\(Self.head - 6)\" width=\"\(right - left)\" height=\"\(lanesHeight - Self.head + 6)\"/>"
                + "<line x1=\"\(left)\" y1=\"\(Self.head - 6)\" x2=\"\(left)\" y2=\"\(lanesHeight)\"/></g>"
        }
    }

    private var scaleParts: [String] {
        var parts = axis.ticks(90).map { tick in
            let at = Self.gutter + tick.place
            return "<g class=\"tick\"><line x1=\"\(at)\" y1=\"28\" x2=\"\(at)\" y2=\"\(lanesHeight)\"/>"
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

    private var foundParts: [String] {
        guard let violation else { return [] }
        let at = x(violation.time)
        return [
            "<g class=\"found\"><title>\(Markup.escaped(violation.text))</title>"
                + "<line x1=\"\(at)\" y1=\"14\" x2=\"\(at)\" y2=\"\(lanesHeight)\"/></g>"
        ]
    }
}
