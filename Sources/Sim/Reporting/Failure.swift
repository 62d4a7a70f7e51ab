public import Primitives

/// A run as a person is told of it: read from the line of JSON that machines get, so that both say the same.
public struct Failure: Equatable, Sendable {
    public let seed: UInt64
    /// `violated`, `died`, `vacuous`, `held`, `stopped`.
    public let verdict: String
    /// Empty where there is none: only what was violated has all of them.
    public let property, phase, law, expected, seen: String
    public let detail: String
    /// Simulated microseconds at which it was found.
    public let time: Int?
    public let plan, timeline: [String]
    /// Of what ended its process: the functions that it was in, the innermost first.
    public let backtrace: [String]
    /// What ran, in words; empty if the worker died.
    public let figures: [String]
    public let trace: String

    /// nil for what is no report of a run.
    public init?(_ json: JSON) {
        guard let seed: UInt64 = json["seed"]?.integer(), let verdict = json["verdict"]?.string else { return nil }
        func text(_ name: String) -> String { json[name]?.string ?? "" }
        func number(_ name: String) -> Int { json[name]?.integer() ?? 0 }
        func lines(_ name: String) -> [String] { (json[name]?.array ?? []).compactMap(\.string) }
        self.seed = seed
        self.verdict = verdict
        property = text("property")
        phase = text("phase")
        law = text("law")
        expected = text("expected")
        seen = text("seen")
        detail = text("detail")
        time = json["time_us"]?.integer()
        plan = lines("plan")
        timeline = lines("timeline")
        backtrace = lines("backtrace")
        trace = text("trace")
        guard json["asked"] != nil else {
            figures = []
            return
        }
        let faults = (json["faults"]?.object ?? []).map { "\($0.name) \($0.value.integer(Int.self) ?? 0)" }
        figures = [
            "asked \(number("asked")): ok \(number("ok")), refused \(number("refused")), unknown \(number("unknown")); "
                + "kills \(number("kills")), power cuts \(number("power_cuts")), panics \(number("panics")); "
                + "\(number("steps")) steps, \(number("simulated_us") / 1_000) ms simulated",
            "faults: \(faults.isEmpty ? "none" : faults.joined(separator: ", "))",
        ]
    }

    /// One line.
    public var headline: String {
        switch verdict {
        case "violated": "seed \(seed): VIOLATED \(property) in phase \(phase): \(detail)"
        case "died": "seed \(seed): DIED\(phase.isEmpty ? "" : " in phase \(phase)"), \(detail)"
        case "held": "seed \(seed): held"
        default: "seed \(seed): \(verdict), \(detail)"
        }
    }

    /// Characters of one line of evidence.
    static let widthMax = 180

    /// The verdict and its evidence: at most 40 lines with six of `remarks`. `timeline` takes the place of the run's own.
    public func lines(timeline other: [String]? = nil, remarks: [String]) -> [String] {
        let isFailure = verdict == "violated" || verdict == "died"
        var lines = [(isFailure ? "✗ " : "") + headline]
        func add(_ name: String, _ text: String) {
            if !text.isEmpty { lines.append("  \(name): \(text)") }
        }
        add("expected", expected)
        add("seen", seen)
        // The verifier's laws and the server's own are what is expected already.
        if !expected.contains(law) { add("law", law) }
        if let time { lines.append("  at \(time) µs") }
        if !plan.isEmpty {
            lines.append("  the plan:")
            lines += plan.map { "    \($0)" }
        }
        let events = other ?? timeline
        if !events.isEmpty {
            lines.append("  the last that happened:")
            lines += events.map { "  \($0)" }
        }
        if !backtrace.isEmpty {
            lines.append("  it was in:")
            lines += backtrace.map { "    \($0)" }
        }
        lines += figures.map { "  \($0)" }
        if !trace.isEmpty { lines.append("  trace \(trace)") }
        return lines.map { Self.shortened($0) } + remarks
    }

    private static func shortened(_ line: String) -> String {
        line.count <= widthMax ? line : line.prefix(widthMax - 1) + "…"
    }
}
