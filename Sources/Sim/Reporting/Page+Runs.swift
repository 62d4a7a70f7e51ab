import Platform

// What many runs did: figures, rate, failures, and tables.

extension Page {
    var figures: String? {
        guard log.seeds > 0 else { return nil }
        let failed = log.failedSeeds
        var cards = [
            ("Seeds", readable(log.seeds), ""),
            ("Failed", readable(failed), failed == 0 ? "" : "1 in \(readable(max(1, log.seeds / failed)))"),
        ]
        if let milliseconds = log.milliseconds, milliseconds > 0 {
            cards.append(("Seeds a minute", readable(log.seeds * 60_000 / milliseconds), "in \(readable(Int64(milliseconds) * 1_000_000))"))
            cards.append(("Simulated time", readable(Int64(log.sum("simulated_us")) * 1_000),
                "\(readable(log.sum("simulated_us") / 1_000 / milliseconds)) times real time"))
        }
        cards += [
            ("Client operations", readable(log.sum("asked")), ""),
            ("Faults felt", readable(log.sum("felt_faults")), ""),
            ("Crashes", readable(log.sum("kills") + log.sum("power_cuts")), "\(readable(log.sum("power_cuts"))) power cuts"),
            ("Shard failures", readable(log.sum("panics")), ""),
            ("Steps of shards", readable(log.sum("steps")), ""),
        ]
        if let peak = log.peakKiB, peak > 0 { cards.append(("Memory of a worker", "\(peak >> 10) MiB", "at most")) }
        return "<dl class=\"cards\">"
            + cards.map { name, value, note in
                "<div><dt>\(name)</dt><dd>\(value)\(note.isEmpty ? "" : " <small>\(note)</small>")</dd></div>"
            }.joined(separator: "\n") + "</dl>"
    }

    // MARK: Rate

    private static let bucketCount = 48

    var rate: String? {
        guard let last = log.ends.map(\.milliseconds).max(), last > 0, log.ends.count > 1 else { return nil }
        let count = min(Self.bucketCount, max(2, log.ends.count / 2))
        let bucket = max(1, (last + count) / count)
        var counts = [Int](repeating: 0, count: count)
        var failed = [Int](repeating: 0, count: count)
        for end in log.ends {
            let place = min(count - 1, end.milliseconds / bucket)
            counts[place] += 1
            if end.failed { failed[place] += 1 }
        }
        let rates = counts.map { $0 * 60_000 / bucket }
        let top = max(1, rates.max() ?? 1)
        let width = 960, height = 200, base = 168, left = 64
        func x(_ place: Int) -> Int { left + place * (width - left - 8) / max(1, count - 1) }
        func y(_ rate: Int) -> Int { base - rate * (base - 16) / top }
        let points = rates.enumerated().map { "\(x($0.offset)),\(y($0.element))" }.joined(separator: " ")
        var parts = [
            "<svg viewBox=\"0 0 \(width) \(height)\" role=\"img\" class=\"chart\" aria-labelledby=\"rate-name\">",
            "<title id=\"rate-name\">Seeds a minute over \(readable(Int64(last) * 1_000_000)), at most \(readable(top))</title>",
        ]
        for rate in [0, top / 2, top] {
            parts.append(
                "<line x1=\"\(left)\" x2=\"\(width - 8)\" y1=\"\(y(rate))\" y2=\"\(y(rate))\" class=\"grid\"/>"
                    + "<text x=\"\(left - 8)\" y=\"\(y(rate) + 4)\" text-anchor=\"end\">\(readable(rate))</text>")
        }
        parts.append("<polygon class=\"area\" points=\"\(left),\(base) \(points) \(x(count - 1)),\(base)\"/>")
        parts.append("<polyline class=\"line\" points=\"\(points)\"/>")
        for (place, count) in failed.enumerated() where count > 0 {
            parts.append(
                "<g><title>\(count) failed</title><line x1=\"\(x(place))\" x2=\"\(x(place))\" y1=\"\(y(rates[place]))\" "
                    + "y2=\"\(base)\" class=\"fail\"/><text x=\"\(x(place))\" y=\"12\" text-anchor=\"middle\" class=\"fail-sign\">✗</text></g>")
        }
        parts.append("<text x=\"\(left)\" y=\"\(base + 18)\">0</text>")
        parts.append("<text x=\"\(width - 8)\" y=\"\(base + 18)\" text-anchor=\"end\">\(readable(Int64(last) * 1_000_000))</text></svg>")
        let red = failed.contains { $0 > 0 } ? "; ✗ where seeds failed" : ""
        return "<figure><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Rate\">\(parts.joined(separator: "\n"))</div><figcaption>Seeds a minute over the wall time of the run\(red)."
            + "</figcaption></figure>"
    }

    // MARK: Failures

    private static let failuresShown = 50

    var failures: String? {
        guard !log.failures.isEmpty else { return nil }
        let sorted = log.failures.sorted { $0.failure.seed < $1.failure.seed }
        var parts = sorted.prefix(Self.failuresShown).enumerated().map { place, failed in
            let failure = failed.failure
            return "<details\(place == 0 ? " open" : "")><summary><strong>✗</strong> \(Markup.escaped(failure.headline))</summary>"
                + facts([
                    ("expected", failure.expected), ("seen", failure.seen), ("law", failure.law),
                    ("found after", failure.time.map { readable(Int64($0) * 1_000) } ?? ""),
                ])
                + block("The plan", failure.plan, wraps: true) + block("The last that happened", failure.timeline)
                + (failed.reproduce.map { "<h3>Reproduce</h3><pre><code>\(Markup.escaped($0))</code></pre>" } ?? "")
                + "</details>"
        }
        if sorted.count > Self.failuresShown { parts.append("<p>\(readable(sorted.count - Self.failuresShown)) more are in the log.</p>") }
        return parts.joined(separator: "\n")
    }

    func facts(_ rows: [(name: String, text: String)]) -> String {
        let shown = rows.filter { !$0.text.isEmpty }
        guard !shown.isEmpty else { return "" }
        return "<dl class=\"facts\">"
            + shown.map { "<dt>\($0.name)</dt><dd>\(Markup.escaped($0.text))</dd>" }.joined(separator: "\n") + "</dl>"
    }

    func block(_ title: String, _ lines: [String], wraps: Bool = false) -> String {
        guard !lines.isEmpty else { return "" }
        return "<h3>\(title)</h3><pre\(wraps ? " class=\"wrap\"" : "") tabindex=\"0\" aria-label=\"\(title)\">"
            + "\(Markup.escaped(lines.joined(separator: "\n")))</pre>"
    }

    // MARK: Tables

    var faults: String? {
        guard !log.kinds.isEmpty else { return nil }
        let rows = log.kinds.sorted { $0.id < $1.id }.map { kind in
            let perMille = kind.survived * 1_000 / max(1, kind.drew)
            return "<tr><th scope=\"row\"><code>\(Markup.escaped(kind.id))</code></th><td class=\"n\">\(readable(kind.drew))</td>"
                + "<td class=\"n\">\(readable(kind.met))</td><td class=\"n\">\(readable(kind.survived))</td>"
                + "<td class=\"n\">\(perMille / 10).\(perMille % 10) %</td>"
                + "<td><span class=\"meter\" aria-hidden=\"true\"><i style=\"width:\(perMille / 10)%\"></i></span></td></tr>"
        }
        return table(
            "Seeds that drew a fault of the kind, in which one was met (it changed something), and in which all that were "
                + "met were survived.",
            ["kind", "drew", "met", "survived", "survived of drawn", ""], rows)
    }

    var checkers: String? {
        guard !log.facts.isEmpty else { return nil }
        let found = log.failures.map(\.failure.property)
        let rows = log.facts.map { name, sum in
            let violations = found.count { $0 == name }
            return "<tr><th scope=\"row\"><code>\(Markup.escaped(name))</code></th><td class=\"n\">\(readable(sum))</td>"
                + "<td class=\"n\(violations > 0 ? " bad" : "")\">\(violations)</td></tr>"
        }
        return table("Facts that each checker compared, and seeds in which it found one that did not hold.",
            ["checker", "facts", "violations"], rows)
    }

    var marks: String? {
        guard !log.marks.isEmpty else { return nil }
        let missed = Mark.names.filter { name in !log.marks.contains { $0.name == name } }
        let rows = log.marks.sorted { ($0.seeds, $0.name) < ($1.seeds, $1.name) }.map { mark in
            "<li><code>\(Markup.escaped(mark.name))</code><span>\(readable(mark.seeds))</span></li>"
        }
        let never = missed.map { "<li class=\"bad\"><code>\(Markup.escaped($0))</code><span>never</span></li>" }
        return "<p>\(log.marks.count) of \(Mark.names.count) marks were hit; the number is that of the seeds that did. "
            + "The rarest come first.</p><ul class=\"columns\">\((never + rows).joined(separator: "\n"))</ul>"
    }

    var sweeps: String? {
        guard !log.sweeps.isEmpty else { return nil }
        let rows = log.sweeps.map { sweep in
            "<tr><th scope=\"row\">\(Markup.escaped(sweep.scenario))</th><td class=\"n\">\(readable(sweep.boundaries))</td>"
                + "<td class=\"n\">\(readable(sweep.runs))</td><td class=\"n\(sweep.violations > 0 ? " bad" : "")\">"
                + "\(readable(sweep.violations))</td><td class=\"n\">\(readable(Int64(sweep.milliseconds) * 1_000_000))</td></tr>"
        }
        return table("A crash at every change of the disk, with every survival, and again inside each recovery.",
            ["scenario", "boundaries", "runs", "violations", "time"], rows)
    }

    var orders: String? {
        guard !log.orders.isEmpty else { return nil }
        let rows = log.orders.map { order in
            "<tr><th scope=\"row\">\(Markup.escaped(order.scenario))</th><td class=\"n\">\(readable(order.schedules))</td>"
                + "<td class=\"n\">\(readable(order.redundant))</td>"
                + "<td class=\"n\">\(order.departures.map { "\($0)" } ?? "all")</td>"
                + "<td class=\"n\(order.failure == nil ? "" : " bad")\">\(Markup.escaped(order.failure ?? "none"))</td>"
                + "<td class=\"n\">\(readable(Int64(order.milliseconds) * 1_000_000))</td></tr>"
        }
        return table(
            "Every order with so many departures from that of time, and the first that fails.",
            ["scenario", "orders", "the same as another", "departures", "failure", "time"], rows)
    }

    func table(_ caption: String, _ head: [String], _ rows: [String], kind: String = "") -> String {
        let cells = head.enumerated().map { place, name in
            "<th scope=\"col\"\(place == 0 || name.isEmpty ? "" : " class=\"n\"")>\(Markup.escaped(name))</th>"
        }
        return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(Markup.escaped(head[0])) table\">"
            + "<table\(kind.isEmpty ? "" : " class=\"\(kind)\"")><caption>\(Markup.escaped(caption))</caption>"
            + "<thead><tr>\(cells.joined())</tr></thead>\n<tbody>\(rows.joined(separator: "\n"))</tbody></table></div>"
    }
}
