import Platform

// One run from inside, and the bugs that were planted.

extension Page {
    /// Requests that the violation is about, listed beside the picture.
    private static let involvedShown = 12

    func inside(_ picture: Picture) -> String {
        let figure = TimelineFigure(picture.chronicle, picture.report)
        // What went wrong is at the end: there a reader begins.
        let isRed = if case .violated = picture.report.verdict { true } else { false }
        return """
            <div class="figure">
            \(verdict(picture, figure))
            <figure>
            <div class="lanes">\(figure.labels)
            <div class="scroll\(isRed ? " from-end" : "")" tabindex="0" role="region" aria-label="Timeline">\(figure.svg)</div></div>
            <ul class="key" aria-label="Signs">\(Self.key)</ul>
            <figcaption>\(caption(figure))</figcaption>
            </figure>
            <div>\(block("The plan", picture.plan, wraps: true))
            <details><summary>All of it, as galgo-sim replay takes it from a file</summary>
            <pre tabindex="0" aria-label="The text of the plan">\(Markup.escaped(picture.planText))</pre></details></div>
            </div>
            """
    }

    private func caption(_ figure: TimelineFigure) -> String {
        "From \(readable(figure.window.lowerBound)) to \(readable(figure.window.upperBound)) of simulated time\(figure.part). A gap takes "
            + "room by its order of magnitude, so that microseconds and seconds can both be read; hold the pointer over a bar "
            + "for its times."
    }

    private func verdict(_ picture: Picture, _ figure: TimelineFigure) -> String {
        let reproduce = "<h3>Reproduce</h3><pre><code>\(Markup.escaped(picture.reproduce))</code></pre>"
        guard case .violated(let violation) = picture.report.verdict else {
            return "<div class=\"verdict held\"><p><strong>✓ It holds.</strong> \(readable(picture.report.asked)) requests, "
                + "\(picture.report.feltFaults) faults felt, \(picture.report.counts.kills + picture.report.counts.powerCuts) "
                + "crashes.</p>\(reproduce)</div>"
        }
        let involved = figure.involved
        var parts = "<div class=\"verdict\"><p><strong>✗ \(violation.property.rawValue)</strong> in phase "
        parts += "\(Markup.escaped(picture.report.phase)): \(Markup.escaped(violation.text))</p>"
        parts += "<p>\(Markup.escaped(violation.property.meaning))</p>"
        parts += facts([
            ("expected", violation.expected), ("seen", violation.seen), ("law", violation.law),
            ("found after", readable(violation.time)),
        ])
        if !involved.isEmpty {
            let rows = involved.suffix(Self.involvedShown).map { span in
                "<tr><td class=\"n\">\(readable(span.start))</td><td class=\"n\">\(readable(span.end))</td>"
                    + "<td>\(Markup.escaped(who(span, picture.chronicle))): <code>\(Markup.escaped(span.title))</code></td>"
                    + "<td>\(Markup.escaped(TimelineFigure.words(span.ending)))</td></tr>"
            }
            let more = involved.count - rows.count
            parts += "<div class=\"scroll\"><table><caption>★ The requests that it is about"
            parts += more > 0 ? ", the last \(rows.count) of \(involved.count)" : ""
            parts += "</caption><thead><tr><th scope=\"col\" class=\"n\">asked</th><th scope=\"col\" class=\"n\">answered</th>"
            parts += "<th scope=\"col\">request</th><th scope=\"col\">outcome</th></tr></thead>"
            parts += "<tbody>\(rows.joined(separator: "\n"))</tbody></table></div>"
        }
        return parts + reproduce + "</div>"
    }

    private func who(_ span: Chronicle.Span, _ chronicle: Chronicle) -> String {
        guard case .client(let number) = span.lane else { return "" }
        return chronicle.clients.first { $0.number == number }?.title ?? "client"
    }

    private static let key: String = [
        ("bar done", "", "answered, done"), ("bar failed", "✕", "refused, failed"),
        ("bar lost", "?", "cut off, outcome unknown"), ("bar fault", "✱", "fault"), ("bar serves", "", "shard serves"),
        ("bar starts", "", "shard starts, recovers"), ("bar done ours", "★", "what the violation is about"),
    ].map { kind, sign, text in
        "<li><svg width=\"26\" height=\"16\" aria-hidden=\"true\"><g class=\"\(kind)\">"
            + "<rect x=\"2\" y=\"2\" width=\"22\" height=\"12\" rx=\"2\"/><text x=\"9\" y=\"12\">\(sign)</text></g></svg>\(text)</li>"
    }.joined()

    // MARK: Planted bugs

    var kills: String? {
        guard !log.mutants.isEmpty else { return nil }
        let found = log.mutants.filter { $0.checker != nil }
        let tries = found.map(\.tried).sorted()
        let killers = log.killers
        let perMille = found.count * 1_000 / log.mutants.count
        var text = "<p>\(found.count) of \(log.mutants.count) planted bugs were found (\(perMille / 10).\(perMille % 10) %)"
        if !tries.isEmpty {
            let median = tries[(tries.count - 1) / 2]
            text += ", half of them within \(readable(median)) \(median == 1 ? "seed" : "seeds")"
        }
        text += ". Each number below is how many bugs of the family the checker found first.</p>"
        let rows = log.mutantFamilies.map { family in
            let members = log.mutants.filter { $0.family == family }
            let cells = (killers.map { Optional($0) } + [nil]).map { checker in
                let count = members.count { $0.checker == checker }
                let kind = count == 0 ? "n none" : checker == nil ? "n bad" : "n hit"
                return "<td class=\"\(kind)\">\(count == 0 ? "·" : "\(count)")</td>"
            }
            return "<tr><th scope=\"row\">\(Markup.escaped(family))</th>\(cells.joined())</tr>"
        }
        let matrix = table("Families of bugs by checkers", ["family"] + killers + ["not found"], rows, kind: "matrix")
        return text + matrix + "<details><summary>Every planted bug</summary>" + table(
            "In the order of the catalogue", ["bug", "seeds tried", "found by", "what it does"], log.mutants.map { mutant in
                "<tr><th scope=\"row\"><code>\(Markup.escaped(mutant.id))</code></th><td class=\"n\">\(readable(mutant.tried))</td>"
                    + (mutant.checker.map { "<td><code>\(Markup.escaped($0))</code></td>" } ?? "<td class=\"bad\">not found</td>")
                    + "<td>\(Markup.escaped(mutant.sentence))</td></tr>"
            }) + "</details>"
    }
}

extension Property {
    /// What it promises, in a sentence.
    public var meaning: String {
        switch self {
        case .lostWrite: "An acknowledged message stays, unless a crash came that its level does not survive."
        case .durabilityByClass: "A crash costs only what the level allows, and only the end of the log."
        case .inconsistentOffset: "An offset shows the same message for ever."
        case .denseOffsets: "Offsets follow each other without a gap."
        case .duplicate: "A batch stands in the log once."
        case .abortedRead: "What was refused is never read."
        case .pollSkip: "A poll begins where it was asked to and holds no more than was asked for."
        case .endRegress: "The log's end does not go back."
        case .batchAtomicity: "A batch is seen whole or not at all."
        case .foreignMessage: "Only what clients sent is read, unchanged, and from the partition it was sent to."
        case .timestampOrder: "Timestamps do not fall along the log."
        case .consumerOffset: "A stored offset is the last that was acknowledged, or one whose store was never answered."
        case .catalog: "A topic that was made is there, and one that was deleted is not."
        case .finalScan: "In the end every partition is read from its first message to its last."
        case .recoveryIdempotence: "A second recovery of the same directory changes nothing."
        case .liveness: "Every request is answered, and when all faults are over everything serves again within a bound."
        case .resourceBaseline: "When clients are gone the server has given back what it held for them."
        case .access: "Who is not logged in is refused everything but a login."
        case .answers: "Where nobody else is, every answer is what it must be, to the last field."
        case .damage: "What a medium has changed is refused and kept as it is; everything else is served."
        case .onDisk: "The files obey their formats and hold what was promised, whoever reads them."
        case .law: "What the server's own code takes for granted, checked after every step."
        }
    }
}
