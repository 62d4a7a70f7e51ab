/// What runs found, as one HTML page that needs nothing else: no script, no network, no other file.
public struct Page {
    let log: RunLog
    let pictures: [Picture]

    /// A run to show from inside.
    public struct Picture {
        let name: String
        let report: Report
        let chronicle: Chronicle
        let reproduce: String
        /// What the plan is, in a few lines, and all of it.
        let plan: [String]
        let planText: String

        /// `name`: a seed or a file.
        public init(_ name: String, _ plan: Plan, _ report: Report, _ chronicle: Chronicle, reproduce: String) {
            self.name = name
            self.report = report
            self.chronicle = chronicle
            self.reproduce = reproduce
            self.plan = plan.brief(lineCount: 12)
            planText = plan.text
        }
    }

    public init(_ log: RunLog, _ pictures: [Picture]) {
        self.log = log
        self.pictures = pictures
    }

    public var html: String {
        var sections: [Section] = []
        func add(_ id: String, _ title: String, _ body: String?) {
            if let body { sections.append(Section(id: id, title: title, body: body)) }
        }
        add("figures", "Figures", figures)
        add("rate", "Rate over time", rate)
        add("failures", "Failures", failures)
        for (place, picture) in pictures.enumerated() {
            add("run-\(place + 1)", "Inside \(picture.name)", inside(picture))
        }
        add("faults", "Faults", faults)
        add("checkers", "Checkers", checkers)
        add("marks", "Marks", marks)
        add("kills", "Planted bugs", kills)
        add("sweeps", "Sweeps", sweeps)
        add("orders", "Orders", orders)
        let contents = sections.map { "<a href=\"#\($0.id)\">\(Markup.escaped($0.title))</a>" }.joined(separator: "\n")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>galgo-sim: \(Markup.escaped(verdict.text))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <header>
            <p class="brand">galgo-sim</p>
            <h1 class="\(verdict.isRed ? "red" : "green")">\(Markup.escaped(verdict.text))</h1>
            <p class="sub">\(Markup.escaped(log.versions ?? "The server's own code under seeded faults"))</p>
            <nav aria-label="Contents">\(contents)</nav>
            </header>
            <main>
            \(sections.map(\.html).joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private struct Section {
        let id, title, body: String

        var html: String {
            "<section id=\"\(id)\" aria-labelledby=\"\(id)-title\">\n<h2 id=\"\(id)-title\">"
                + "\(Markup.escaped(title))</h2>\n\(body)\n</section>"
        }
    }

    private var verdict: (text: String, isRed: Bool) {
        if log.seeds > 0 {
            let failed = log.failedSeeds
            return failed == 0
                ? ("✓ All \(readable(log.seeds)) seeds held", false)
                : ("✗ \(readable(failed)) of \(readable(log.seeds)) seeds failed", true)
        }
        let red = pictures.first { if case .violated = $0.report.verdict { true } else { false } }
        if let red { return ("✗ \(red.name) fails", true) }
        if !log.mutants.isEmpty {
            let found = log.mutants.count { $0.checker != nil }
            return ("\(found) of \(log.mutants.count) planted bugs found", found < log.mutants.count)
        }
        let violations = log.sweeps.reduce(0) { $0 + $1.violations } + log.orders.count { $0.failure != nil }
        if !log.sweeps.isEmpty || !log.orders.isEmpty {
            return ("\(readable(violations)) violations in the sweeps", violations > 0)
        }
        return pictures.isEmpty ? ("No runs", false) : ("✓ \(pictures[0].name) holds", false)
    }
}

extension Page {
    private static let style = """

        :root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1d2428; --soft: #5b666d; --line: #d8dcdd;
          --panel: #f3f4f1; --red: #a8202c; --green: #17633a; --accent: #1f5fa8; --warm: #b8650a;
          --done: #cfe0f3; --done-edge: #2f6cae; --failed: #f6d3d0; --failed-edge: #a8202c;
          --lost: #ece7db; --lost-edge: #77705f; --serves: #d3ead9; --serves-edge: #2b7a4b;
          --starts: #fbe6c2; --starts-edge: #a2690a; --fault: #f7c98b; --fault-line: #b8650a; --band: #a8202c; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14181b; --ink: #e4e8ea; --soft: #9aa6ad;
          --line: #333b40; --panel: #1c2226; --red: #ff8a84; --green: #74d29a; --accent: #82b8f5; --warm: #f2b25c;
          --done: #1d3a5a; --done-edge: #6fa8e6; --failed: #54211f; --failed-edge: #ff8a84;
          --lost: #3a3730; --lost-edge: #b5ab93; --serves: #1b4029; --serves-edge: #62bd87;
          --starts: #4b3612; --starts-edge: #e0ab52; --fault: #6b4512; --fault-line: #f2b25c; --band: #ff8a84; } }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif; }
        header, main { max-width: 74rem; margin: 0 auto; padding: 0 1.5rem; }
        header { padding-top: 2.25rem; }
        .brand { margin: 0; font-weight: 600; letter-spacing: .04em; color: var(--soft); }
        h1 { margin: .1rem 0 0; font-size: clamp(1.7rem, 4.5vw, 2.5rem); line-height: 1.15; letter-spacing: -.015em; }
        h1.red { color: var(--red); } h1.green { color: var(--green); }
        .sub { margin: .5rem 0 1.1rem; color: var(--soft); }
        nav { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; padding: .6rem 0; border-block: 1px solid var(--line); }
        a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em; }
        section { margin: 2.4rem 0; }
        h2 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .8rem; }
        h3 { font-size: 1.02rem; margin: 1.3rem 0 .4rem; }
        p { margin: .4rem 0; max-width: 46rem; }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: .75rem; margin: 0; }
        .cards div { background: var(--panel); border-radius: 8px; padding: .7rem .9rem; }
        .cards dt { color: var(--soft); font-size: .87rem; }
        .cards dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
        .cards small { display: block; font-size: .85rem; font-weight: 400; color: var(--soft); }
        .scroll { overflow-x: auto; max-width: 100%; }
        .scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--soft); padding: 0 0 .4rem; font-size: .92rem; }
        th, td { padding: .22rem .8rem .22rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
        thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
        td.n, th.n { text-align: right; } tbody th { font-weight: 400; }
        td.none { color: var(--soft); } td.bad, .bad { color: var(--red); font-weight: 600; }
        code, pre { font: .86rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; }
        pre { background: var(--panel); border-radius: 6px; padding: .7rem .9rem; margin: .4rem 0; overflow-x: auto; }
        pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
        .lanes { display: flex; } .lanes .labels { flex: none; } .lanes .scroll { min-width: 0; }
        .from-end { direction: rtl; } .from-end > * { direction: ltr; }
        td code { white-space: nowrap; }
        details { border: 1px solid var(--line); border-radius: 8px; padding: .55rem .9rem; margin: .6rem 0; }
        summary { cursor: pointer; overflow-wrap: anywhere; }
        dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; }
        dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
        .meter { display: inline-block; width: 6rem; height: .62rem; background: var(--line); border-radius: 2px; vertical-align: baseline; }
        .meter i { display: block; height: 100%; background: var(--done-edge); border-radius: 2px; }
        svg { font-family: inherit; } svg text { fill: var(--ink); font-size: 11px; }
        .chart { width: 100%; min-width: 34rem; height: auto; max-width: 60rem; }
        .chart .area { fill: var(--done); } .chart .line { fill: none; stroke: var(--done-edge); stroke-width: 2; }
        .chart .grid, .timeline .rule { stroke: var(--line); } .chart text { fill: var(--soft); font-size: 12px; }
        .chart .fail { stroke: var(--red); stroke-width: 1.5; } .chart .fail-sign { fill: var(--red); font-size: 12px; }
        .timeline { display: block; } .timeline .lane { fill: var(--soft); } .timeline .phase { fill: var(--soft); font-weight: 600; }
        .tick line { stroke: var(--line); stroke-dasharray: 1 3; } .timeline .tick text { fill: var(--soft); }
        .bar rect { stroke-width: 1; }
        .done rect { fill: var(--done); stroke: var(--done-edge); }
        .failed rect { fill: var(--failed); stroke: var(--failed-edge); stroke-dasharray: 4 2; }
        .lost rect { fill: var(--lost); stroke: var(--lost-edge); stroke-dasharray: 1 2; }
        .serves rect { fill: var(--serves); stroke: var(--serves-edge); }
        .starts rect { fill: var(--starts); stroke: var(--starts-edge); stroke-dasharray: 4 2; }
        .fault rect { fill: url(#hatch); stroke: var(--fault-line); }
        .hatch-ground { fill: var(--paper); } .hatch-line { fill: var(--fault); }
        .bar.ours rect { stroke: var(--ink); stroke-width: 2.5; stroke-dasharray: none; } .bar.ours text { font-weight: 700; }
        .band rect { fill: var(--band); opacity: .09; } .band line { stroke: var(--band); stroke-width: 1.5; }
        .timeline .foot { fill: var(--red); font-weight: 600; }
        .found line { stroke: var(--red); stroke-width: 2; stroke-dasharray: 6 3; }
        .figure { display: grid; gap: 1.2rem; } figure { margin: 0; min-width: 0; }
        figcaption { color: var(--soft); font-size: .92rem; margin-top: .5rem; max-width: 60rem; }
        .verdict > p { max-width: none; } .verdict { border-left: 4px solid var(--red); padding: .1rem 0 .1rem 1rem; }
        .verdict.held { border-color: var(--green); }
        .key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; margin: .6rem 0 0; font-size: .88rem; color: var(--soft); }
        .key svg { vertical-align: -3px; margin-right: .35rem; }
        .matrix td, .matrix th { padding: .18rem .5rem; } .matrix thead th.n { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; padding: .4rem .2rem; }
        .matrix td.n { min-width: 2.1rem; } .matrix .hit { background: var(--done); font-weight: 600; }
        .columns { columns: 17rem; column-gap: 2rem; padding: 0; list-style: none; font-variant-numeric: tabular-nums; font-size: .92rem; }
        .columns li { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid var(--line); padding: .12rem 0; break-inside: avoid; }
        @media (max-width: 40rem) { header, main { padding-inline: 1rem; } .cards dd { font-size: 1.25rem; } dl.facts { grid-template-columns: 1fr; gap: 0; } dl.facts dd { margin-bottom: .4rem; } }
        @media print { :root { color-scheme: light; } body { font-size: 10.5pt; background: #fff; } nav { display: none; }
          header, main { max-width: none; padding: 0; } section { break-inside: auto; } h2, h3, caption { break-after: avoid; }
          figure, tr, details, .cards div { break-inside: avoid; } .scroll { overflow: visible; }
          .lanes { display: block; } .lanes .labels { display: none; }
          .timeline { max-width: calc(100% - 5rem); height: auto; margin-left: 5rem; overflow: visible; } pre { white-space: pre-wrap; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }

        """
}
