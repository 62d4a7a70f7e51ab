import Glibc
import Primitives
import Sim

/// What a run told before it ended its process, or had it ended. It is played once more, in a process that says all that
/// happens and, where the runtime finds out, where it trapped.
struct LastMoments {
    private(set) var timeline: [String] = []
    /// The phase of the run; empty before the first.
    private(set) var phase = ""
    /// Simulated microseconds.
    private(set) var time: Int?
    /// What the process said of itself, such as the text of a fatal error.
    private(set) var words: [String] = []
    /// The server's functions under way, the innermost first.
    private(set) var frames: [String] = []
    private var hasReachedWorld = false
    /// The run came to its end.
    private(set) var hasEnded = false

    private static let timelineCount = 10
    private static let frameCount = 6
    private static let phaseMark = "  — "

    /// nil if no process can be started. What has not ended after so many milliseconds is ended.
    /// - Parameter tell: is told all that happens, as it comes.
    init?(of plan: Plan, _ arguments: Arguments, wallLimit: Int, tell: (String) -> Void = { _ in }) {
        let environment = Child.environment(deterministicHashing: true).map { variable in
            variable == Child.noBacktrace ? Self.shortBacktrace : variable
        }
        guard
            let child = Child(
                ["plan-worker", "--trace", "full"] + arguments.optionsOfRun, environment: environment, withErrors: true)
        else { return nil }
        defer { _ = child.reap() }
        child.give(WorkItem(0, plan))
        child.dismiss()
        let isOver = child.hearOut(until: now() + wallLimit) { line in
            take(line)
            if Self.stamp(line) != nil { tell(line) }
        }
        if !isOver { child.kill() }
    }

    /// Where it trapped, and nothing that differs from run to run.
    private static let shortBacktrace =
        "SWIFT_BACKTRACE=enable=yes,color=no,interactive=no,registers=none,images=none,threads=crashed,limit=24,top=0,"
        + "sanitize=no,output-to=stderr,timeout=20s"

    private mutating func take(_ line: String) {
        if let time = Self.stamp(line) {
            self.time = time
            timeline.append(line)
            timeline.removeFirst(max(0, timeline.count - Self.timelineCount))
            if let mark = line.firstRange(of: Self.phaseMark) { phase = String(line[mark.upperBound...]) }
        } else if let frame = Self.frame(line) {
            // What is below it is the simulator's.
            if frame.hasPrefix("ShardCell.") { hasReachedWorld = true }
            if !hasReachedWorld, frames.count < Self.frameCount { frames.append(frame) }
        } else if line.hasPrefix("end ") {
            hasEnded = true
        } else if line.contains("Fatal error: ") {
            words.append(line)
        }
    }

    /// The simulated microseconds of a line of the narration; nil for any other line.
    private static func stamp(_ line: String) -> Int? {
        guard line.hasPrefix(" ") || line.first?.isNumber == true, let end = line.firstRange(of: " µs  ") else { return nil }
        return Int(line[..<end.lowerBound].drop { $0 == " " })
    }

    /// The function of a line of a backtrace, with its place in the sources if that is known. nil for any other line.
    static func frame(_ line: String) -> String? {
        let rest = line.drop { $0 == " " }
        guard rest.first?.isNumber == true, let address = rest.firstRange(of: " 0x"),
            let gap = rest[address.upperBound...].firstIndex(of: " ")
        else { return nil }
        let text = rest[rest.index(after: gap)...]
        guard let offset = text.lastRange(of: " + ") else { return nil }
        let function = text[..<offset.lowerBound]
        let name = function.hasPrefix("specialized ") ? function.dropFirst("specialized ".count) : function
        guard let source = text.lastRange(of: "Sources/") else { return String(name) }
        return "\(name) at \(text[source.lowerBound...])"
    }
}

extension StringProtocol {
    /// The last place of it.
    fileprivate func lastRange(of part: String) -> Range<Index>? {
        var last: Range<Index>?
        var rest = startIndex
        while let next = self[rest...].firstRange(of: part) {
            last = next
            rest = next.upperBound
        }
        return last
    }
}

extension Outcome {
    /// What ended its process, or had it ended, with what its run told until then; any other as it is.
    func told(of plan: Plan, _ arguments: Arguments) -> Outcome {
        guard let death, let moments = LastMoments(of: plan, arguments, wallLimit: death.wallLimit),
            death.isSeen(in: moments)
        else { return self }
        return Outcome(death, of: plan, moments)
    }

    fileprivate init(_ death: Death, of plan: Plan, _ moments: LastMoments) {
        var writer = JSONWriter()
        writer.object { object in
            object.member("seed", plan.seed)
            object.member("verdict", "died")
            object.member("detail", death.text)
            if let first = moments.words.first { object.member("seen", first) }
            if !moments.phase.isEmpty { object.member("phase", moments.phase) }
            if let time = moments.time { object.member("time_us", time) }
            for (name, lines) in [
                ("plan", plan.brief(lineCount: Report.planLineCount)), ("timeline", moments.timeline),
                ("backtrace", moments.frames),
            ] {
                object.array(name) { array in for line in lines { array.value(line) } }
            }
        }
        self.init(seed: plan.seed, death: death, json: writer.text)
    }
}

extension Death {
    /// Milliseconds that the narrated run may take.
    fileprivate var wallLimit: Int {
        switch self {
        case .hung(let milliseconds): milliseconds
        // Longer than any run, with all that it says and a backtrace behind it.
        case .ended, .tookMemory: Twin.unwatchedWallLimit
        }
    }

    /// Whether the narrated run is one that could have died so: else somebody else had ended the process, or held it up.
    fileprivate func isSeen(in moments: LastMoments) -> Bool {
        switch self {
        case .hung, .ended: !moments.hasEnded
        // It is at its end that a run is asked what it took.
        case .tookMemory: true
        }
    }
}

/// Plays a plan in a process of its own, since what ends that one must not end this one, and what hangs must not hang
/// here. The outcome if it did; with `--trace full` all that happened until then is told.
func fatalOutcome(of plan: Plan, _ arguments: Arguments) throws(NoPlan) -> Outcome? {
    let laboratory = Laboratory(jobs: 1, wallLimit: arguments.wallLimit, options: arguments.optionsOfRun)
    defer { laboratory.close() }
    guard let outcome = laboratory.observe(plan) else { throw .noWorker }
    guard let death = outcome.death else { return nil }
    guard let moments = LastMoments(of: plan, arguments, wallLimit: death.wallLimit) else { throw .noWorker }
    guard death.isSeen(in: moments) else {
        // This machine held the worker up.
        if case .hung = death { return nil }
        return outcome
    }
    if arguments.printsTrace { _ = LastMoments(of: plan, arguments, wallLimit: death.wallLimit) { say($0) } }
    return Outcome(death, of: plan, moments)
}

extension Arguments {
    /// Milliseconds after which a run counts as hung.
    fileprivate var wallLimit: Int {
        limit.map { $0 * 1_000 } ?? (isUnwatched ? Twin.unwatchedWallLimit : Twin.wallLimit)
    }

    /// How far a run goes, and where, beside its plan.
    fileprivate var optionsOfRun: [String] {
        (isUnwatched ? ["--unwatched"] : []) + (stop.map { ["--until", $0.text] } ?? [])
    }
}
