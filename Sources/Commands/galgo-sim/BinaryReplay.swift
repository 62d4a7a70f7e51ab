import Glibc
import Primitives
import Sim

/// Carries a plan out on a real server, best effort in time, and compares what became of it with the simulated run.
func replayOnBinary(_ plan: Plan, _ arguments: Arguments) throws(NoPlan) -> Int32 {
    let binary = arguments.serverPath ?? serverBesideThis
    guard unsafe access(binary, X_OK) == 0 else {
        complain("galgo-sim: no server at \(binary): build galgo-server, or say --binary PATH")
        return ExitCode.usage
    }
    guard let simulated = try SimulatedRun(of: plan, arguments) else { return ExitCode.internalError }
    guard let server = ServerOutside(
        binary, settings: plan.realSettings, wantsVolume: RealSchedule.wantsVolume(plan))
    else {
        complain("galgo-sim: no directory can be made for the server")
        return ExitCode.internalError
    }
    let schedule = RealSchedule(plan, beginnings: simulated.beginnings, hasVolume: server.hasVolume)
    guard let run = RealRun(plan, schedule, on: server) else { return ExitCode.internalError }
    let report = run.perform()
    let comparison = Comparison(plan: plan, schedule: schedule, simulated: simulated, real: report, binary: binary)
    if arguments.isJSON {
        say(comparison.json)
    } else {
        let isKept = report.exitCode != 0 && !server.hasVolume
        say(comparison.text(keptAt: isKept ? server.dataDirectory : nil, reproduce: arguments.binaryReproduction(plan)))
        if isKept { return comparison.exitCode }
    }
    server.remove()
    return comparison.exitCode
}

/// What the real run is compared with.
private struct SimulatedRun {
    /// When its faults begin follows from how far the clients are, and only the simulated run knows that. Of one that
    /// dies of a planted bug, the same without it; if that does not help, none begins.
    let beginnings: [FaultBeginning]
    let property: Property?
    let exitCode: Int32
    /// How it ended: for a person, and for a machine.
    let words, word: String
    let isDead: Bool

    /// nil if the simulator itself is at fault.
    init?(of plan: Plan, _ arguments: Arguments) throws(NoPlan) {
        if let outcome = try fatalOutcome(of: plan, arguments), let death = outcome.death {
            beginnings = plan.isPlanted ? try Self(of: plan.asItIs, arguments)?.beginnings ?? [] : []
            (property, exitCode, isDead) = (nil, outcome.exitCode, true)
            (words, word) = ("died, \(death.text)", "died")
        } else {
            guard let report = perform(plan) else { return nil }
            beginnings = report.beginnings
            (property, exitCode, isDead) = (report.verdict.property, report.exitCode, false)
            (words, word) = (report.verdict.words, property?.rawValue ?? report.verdict.word)
        }
    }
}

extension Plan {
    /// A planted bug is in the simulated server alone.
    fileprivate var isPlanted: Bool { mutation != nil || sabotage != nil }

    /// The same with nothing planted.
    fileprivate var asItIs: Plan {
        var plan = self
        (plan.mutation, plan.sabotage) = (nil, nil)
        return plan
    }
}

/// Both runs of a plan.
private struct Comparison {
    let plan: Plan
    let schedule: RealSchedule
    let simulated: SimulatedRun
    let real: RealReport
    let binary: String

    private var diverges: Bool { simulated.isDead || real.verdict.property != simulated.property }

    /// The real server's verdict; where it held, the simulated one's, if no bug was planted there.
    var exitCode: Int32 { real.exitCode != 0 ? real.exitCode : plan.isPlanted ? 0 : simulated.exitCode }

    private var missingKnobs: [Knob] {
        Knob.allCases.filter { knob in !Plan.realKnobs.contains(knob) && plan.knobs[knob] != Knobs()[knob] }
    }

    func text(keptAt directory: String?, reproduce: String) -> String {
        var lines: [String] = []
        switch real.verdict {
        case .held: lines.append("seed \(plan.seed) on \(binary): held")
        case .vacuous(let why): lines.append("seed \(plan.seed) on \(binary): vacuous, \(why)")
        case .violated(let violation):
            lines.append(
                "seed \(plan.seed) on \(binary): VIOLATED \(violation.property.rawValue) in phase \(real.phase)")
            lines.append("  \(violation.text)")
            lines.append("  at \(violation.time / millisecond) ms")
            lines.append("  the last that was done:")
            lines += real.timeline.map { "  " + $0 }
        }
        lines.append(
            diverges
                ? "  DIVERGES from the simulated run, which \(simulated.words)"
                    + (plan.isPlanted ? " with a planted bug that the real server does not have" : "")
                : "  as the simulated run, which \(simulated.words)")
        lines.append(
            "  asked \(real.asked): ok \(real.ok), refused \(real.refused), unknown \(real.unknown), "
                + "in \(real.time / millisecond) ms")
        lines.append("  done to it: " + (deeds.isEmpty ? "nothing" : deeds.map { "\($0.count) \($0.name)" }.joined(separator: ", ")))
        if !schedule.planned.isEmpty { lines.append("  for: \(counted(schedule.planned))") }
        if !schedule.skipped.isEmpty { lines.append("  not carried out: \(counted(schedule.skipped))") }
        if !missingKnobs.isEmpty {
            lines.append("  knobs that it does not have: \(missingKnobs.map(\.rawValue).joined(separator: ", "))")
        }
        if plan.memoryLimitBytes != nil { lines.append("  the limit on memory is not the plan's") }
        if let directory { lines.append("  its files: \(directory)") }
        return (lines + ["  \(versions)", "reproduce: \(reproduce)"]).joined(separator: "\n")
    }

    private var deeds: [(name: String, count: Int)] {
        [
            ("starts", real.counts.starts), ("kills", real.counts.kills), ("stops", real.counts.stops),
            ("shard failures", real.counts.failedShards), ("pauses", real.counts.pauses),
            ("times on one CPU", real.counts.crowdings), ("full disks", real.counts.fullDisks),
            ("broken connections", real.counts.brokenConnections),
        ].filter { $0.1 > 0 }
    }

    private func counted(_ names: [String]) -> String {
        var counts: [(name: String, count: Int)] = []
        for name in names {
            if let place = counts.firstIndex(where: { $0.name == name }) {
                counts[place].count += 1
            } else {
                counts.append((name, 1))
            }
        }
        return counts.map { $0.count > 1 ? "\($0.count) \($0.name)" : $0.name }.joined(separator: ", ")
    }

    var json: String {
        var json = JSONWriter()
        json.object { json in
            json.member("seed", plan.seed)
            json.member("verdict", real.verdict.word)
            if case .violated(let violation) = real.verdict {
                json.member("property", violation.property.rawValue)
                json.member("detail", violation.text)
            }
            json.member("phase", real.phase)
            json.member("simulated", simulated.word)
            json.member("diverges", diverges)
            json.object("requests") { json in
                json.member("asked", real.asked)
                json.member("ok", real.ok)
                json.member("refused", real.refused)
                json.member("unknown", real.unknown)
            }
            json.member("milliseconds", real.time / millisecond)
            json.object("done") { json in for deed in deeds { json.member(deed.name, deed.count) } }
            json.array("carried_out") { json in for name in schedule.planned { json.value(name) } }
            json.array("not_carried_out") { json in for name in schedule.skipped { json.value(name) } }
            json.array("missing_knobs") { json in for knob in missingKnobs { json.value(knob.rawValue) } }
        }
        return json.text
    }
}

/// The server that was built with this simulator.
private var serverBesideThis: String {
    if let path = unsafe getenv("GALGO_SERVER") { return unsafe String(cString: path) }
    var buffer = [CChar](repeating: 0, count: 4_096)
    // SAFETY: the array has the room that the call is told.
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/galgo-server"
}

extension Arguments {
    fileprivate func binaryReproduction(_ plan: Plan) -> String {
        let binary = ["--binary"] + (serverPath.map { [$0] } ?? [])
        let target = planPath.map { "galgo-sim replay \($0)" } ?? reproduction(of: plan.seed)
        return ([target] + binary).joined(separator: " ")
    }
}
