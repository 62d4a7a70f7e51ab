import Primitives
import Sim

/// Tells of a failing seed or plan when it became inevitable, and which single thing it would not fail without.
func explain(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    let started = now()
    let laboratory = Laboratory(jobs: arguments.jobs ?? processorCount)
    defer { laboratory.close() }
    let failing = try laboratory.failingRun(arguments, to: "explain")
    let outcome = failing.outcome
    let plan = Shrinker.explicit(failing.plan, outcome.evidence)
    // What ended its worker counted nothing.
    let events = outcome.death == nil ? outcome.number("happenings") ?? 0 : 0
    var explanation = Explanation(plan, events: events, tries: arguments.tries ?? 12)
    let deadline = started + arguments.budget * 1_000
    let asked = Explanation.questionsMax(plan, events: events, tries: arguments.tries ?? 12)
    var progress = ProgressLine()
    while !explanation.isFinished, now() < deadline {
        let stage = explanation.stageName
        let answers = laboratory.answers(to: explanation.questions, like: failing.signature, until: deadline) {
            progress.show {
                "\(laboratory.tries) of at most \(asked) runs, \(stage), "
                    + "\(max(0, deadline - now()) / 1_000) s left"
            }
        }
        explanation.settle(answers)
    }
    progress.clear()
    let told = Explained(
        explanation: explanation, outcome: outcome,
        moments: moments([explanation.likely, explanation.inevitable].compactMap { $0 }, of: plan, isDead: events == 0),
        runs: laboratory.tries, milliseconds: now() - started,
        isWrittenOut: failing.plan.isWrittenOut)
    say(arguments.isJSON ? told.json(arguments) : told.text(arguments))
    return 0
}

extension Plan {
    /// Its decisions stand in it, as in one that was shrunk.
    fileprivate var isWrittenOut: Bool {
        guard let tape else { return false }
        return Tape.Lane.allCases.allSatisfy { if case .choices = tape[$0] { true } else { false } }
    }
}

/// Events of the plan's run in words, by their numbers. Its worker did not die of it, so this process may play it.
private func moments(_ events: [Int], of plan: Plan, isDead: Bool) -> [Moment] {
    let wanted = Array(Set(events)).sorted().filter { $0 > 0 }
    guard !isDead, !wanted.isEmpty else { return [] }
    var lines: [(event: Int, text: String)] = []
    var seen: [WatchedHappening] = []
    _ = perform(plan) { run in
        run.universe.watch(wanted)
        run.universe.narrate { [unowned run] line in
            let event = run.universe.counts.happenings
            if wanted.contains(event) { lines.append((event, line)) }
        }
    } ended: { run in
        seen = run.universe.watched
    }
    return seen.map { happening in
        Moment(happening: happening, lines: lines.filter { $0.event == happening.number }.map(\.text))
    }
}

private struct Moment {
    let happening: WatchedHappening
    let lines: [String]

    /// Lines of the narration that a person is shown.
    static let lineCountMax = 6
}

/// What came out.
private struct Explained {
    let explanation: Explanation
    let outcome: Outcome
    let moments: [Moment]
    let runs, milliseconds: Int
    /// The plan that was given has its decisions with it, as one that was shrunk.
    let isWrittenOut: Bool

    // MARK: Text

    func text(_ arguments: Arguments) -> String {
        var lines = [outcome.failure.map { "✗ \($0.headline)" } ?? outcome.reason]
        if let failure = outcome.failure, !failure.expected.isEmpty {
            lines += ["  expected: \(failure.expected)", "  seen: \(failure.seen)"]
        }
        lines.append("")
        lines += explanation.events > 0 ? chances : ["its worker died: there are no events to go back to"]
        lines.append("")
        lines += removals
        lines.append("")
        lines.append(
            "\(runs) runs in \(milliseconds) ms, \(explanation.tries) tries each"
                + (explanation.isFinished && !explanation.isCut ? "" : "; the time was over before the end (--budget)"))
        lines.append(versions)
        let command = (["galgo-sim", "replay", arguments.targetWord] + arguments.optionsOfTarget)
        lines.append("reproduce: " + command.joined(separator: " "))
        return lines.map { $0.count > 180 ? $0.prefix(179) + "…" : $0 }.joined(separator: "\n")
    }

    private var chances: [String] {
        let tries = explanation.tries
        var lines = ["How likely it was: the run up to an event, then other decisions, \(tries) times"]
        lines += ChanceChart.lines(
            explanation.chances, tries: tries, events: explanation.events, marker: explanation.inevitable)
        switch explanation.inevitable {
        case nil: lines.append("when it became inevitable was not found in time")
        case 0?: lines.append("inevitable from the beginning: the plan fails whatever is drawn")
        case let event?: lines += text(event, "baked in at")
        }
        if let likely = explanation.likely, likely != explanation.inevitable {
            lines += likely == 0 ? ["an even chance or more from the beginning"] : text(likely, "an even chance from")
        }
        return lines
    }

    private func text(_ event: Int, _ what: String) -> [String] {
        guard let moment = moments.first(where: { $0.happening.number == event }) else { return [] }
        let before = explanation.chances.last { $0.event < event }?.failed ?? 0
        let after = explanation.chances.last { $0.event <= event }?.failed ?? 0
        var lines = [
            "\(what) event \(event), after \(moment.happening.time / 1_000) µs: \(moment.happening.words)",
            "  \(before) of \(explanation.tries) failed before it, \(after) after it",
        ]
        lines += moment.lines.prefix(Moment.lineCountMax).map { "  \($0)" }
        let more = moment.lines.count - Moment.lineCountMax
        if more > 0 { lines.append("  … and \(more) more") }
        return lines
    }

    private var removals: [String] {
        guard !explanation.removals.isEmpty else { return ["what it takes was not tried in time"] }
        let tries = explanation.tries
        let base = explanation.chances.first?.failed
        var lines = ["What it takes: each taken out alone, \(tries) times"]
        if let base { lines.append("  with all of it, other decisions from the beginning: fails in \(base) of \(tries)") }
        let sorted = explanation.removals.filter { $0.failed < tries }.sorted { $0.failed < $1.failed }
        lines += sorted.prefix(20).map { "  fails in \($0.failed) of \(tries) without \($0.what)" }
        if sorted.count > 20 { lines.append("  … and \(sorted.count - 20) more make it rarer") }
        let others = explanation.removals.count - sorted.count
        if others > 0 { lines.append("  \(others) of \(explanation.removals.count) make no difference: it fails always without them") }
        if let base, base * 4 < tries {
            lines.append(
                isWrittenOut
                    ? "  Other decisions alone make it rare: it takes those that the plan has written down (tape) as well."
                    : "  Other decisions alone make it rare, so these figures say little: shrink it, and explain what is left.")
        }
        return lines
    }

    // MARK: JSON

    func json(_ arguments: Arguments) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.object("explain") { object in
                object.member("seed", explanation.plan.seed)
                object.member("property", outcome.text("property") ?? "died")
                object.member("detail", outcome.failure?.detail ?? "")
                object.member("events", explanation.events)
                object.member("tries", explanation.tries)
                object.array("chances") { array in
                    for chance in explanation.chances {
                        array.object {
                            $0.member("event", chance.event)
                            $0.member("failed", chance.failed)
                        }
                    }
                }
                write("inevitable", explanation.inevitable, to: &object)
                write("likely", explanation.likely, to: &object)
                object.array("removals") { array in
                    for removal in explanation.removals {
                        array.object {
                            $0.member("what", removal.what)
                            $0.member("failed", removal.failed)
                        }
                    }
                }
                object.member("runs", runs)
                object.member("milliseconds", milliseconds)
                object.member("finished", explanation.isFinished && !explanation.isCut)
            }
        }
        return writer.text
    }

    private func write(_ name: String, _ event: Int?, to object: inout JSONWriter) {
        guard let event else { return }
        let moment = moments.first { $0.happening.number == event }
        object.object(name) { object in
            object.member("event", event)
            guard let moment else { return }
            object.member("time_us", moment.happening.time / 1_000)
            object.member("what", moment.happening.words)
            object.array("lines") { array in for line in moment.lines { array.value(line) } }
        }
    }
}
