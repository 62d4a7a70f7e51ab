import CSimTraps
import Glibc
import Sim

// A worker runs seeds or plans in a process of its own, so that a trap or a hang in the code under test is charged to
// what caused it. Its lines: `begin SEED`, then `end SEED EXIT CPU_MICROSECONDS RSS_KIB TRACE LADDER JSON`.

/// Reads seeds from the input until it ends.
func work(_ arguments: Arguments) -> Int32 {
    limitMemory()
    let ballast = ballast(arguments)
    defer { withExtendedLifetime(ballast) {} }
    while let line = readLine() {
        guard let seed = UInt64(line) else { return ExitCode.internalError }
        say("begin \(seed)")
        let started = microsecondsOfCPU()
        guard let report = perform(arguments.plan(seed: seed), arguments.watching(isRecording: false)) else { return ExitCode.internalError }
        if arguments.tellsPoints { say("told \(report.sightings.text)") }
        // The ladder is for whoever looks for a difference.
        let ladder = report.traceHash.ladder.map { "\($0.high)/\($0.low)" }.joined(separator: ",")
        say(
            "end \(seed) \(report.exitCode) \(microsecondsOfCPU() - started) \(peakMemory()) \(report.traceHash.text) "
                + "\(ladder.isEmpty ? "-" : ladder) \(report.json)")
    }
    return 0
}

/// Reads plans from the input until it ends, each with `end NUMBER PHASE` or `tell NUMBER PHASE` behind it; the answers
/// have this number for a seed. The run ends behind the phase, if there is one. Before the answer of a failing run that is to tell comes `told BEGUN;TAPE…`: how far its clients
/// came, and what it drew. That may be a hundred thousand numbers, so only who needs them asks. With `--points` every run
/// tells where it went instead.
func workPlans(_ arguments: Arguments) -> Int32 {
    limitMemory()
    let ballast = ballast(arguments)
    defer { withExtendedLifetime(ballast) {} }
    var lines: [String] = []
    while let line = readLine() {
        let tells = line.hasPrefix("tell ")
        guard tells || line.hasPrefix("end ") else {
            lines.append(line)
            continue
        }
        let started = microsecondsOfCPU()
        let words = line.split(separator: " ", maxSplits: 2)
        let phase = words.count > 2 ? String(words[2]) : nil
        guard words.count > 1, let number = UInt64(words[1]), let plan = readPlan(lines),
            let report = perform(plan, arguments.watching(isRecording: tells, lastPhase: phase))
        else { return ExitCode.internalError }
        lines = []
        if arguments.tellsPoints {
            say("told \(report.sightings.text)")
        } else if case .violated = report.verdict, let tape = report.tape {
            let begun = report.begun.map { "\($0)" }.joined(separator: " ")
            say("told " + ([begun] + tape.lines).joined(separator: ";"))
        }
        say(
            "end \(number) \(report.exitCode) \(microsecondsOfCPU() - started) \(peakMemory()) "
                + "\(report.traceHash.text) - \(report.json)")
    }
    return 0
}

private func readPlan(_ lines: [String]) -> Plan? {
    do throws(Plan.Malformed) { return try Plan(text: lines.joined(separator: "\n")) } catch { return nil }
}

/// Of a twin another history of allocations: addresses must decide nothing.
private func ballast(_ arguments: Arguments) -> [[UInt8]] {
    arguments.isTwin ? (0..<5_000).map { [UInt8](repeating: 1, count: 16 + $0 % 777) } : []
}

/// A simulated world is small; what grows beyond this is a leak or a runaway.
private func limitMemory() {
    var limit = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
    // SAFETY: the structure lives during the call.
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
}

/// Whether a clock and dice of the standard library come to the traps at all: otherwise they would catch nothing.
func areTrapsBound() -> Bool {
    let before = galgo_traps_seen()
    _ = ContinuousClock.now
    let between = galgo_traps_seen()
    var dice = SystemRandomNumberGenerator()
    _ = dice.next() as UInt64
    return before < between && between < galgo_traps_seen()
}

/// Whether reading a clock or throwing dice would be noticed; says so if not.
func isWatched() -> Bool {
    let isWatched = areTrapsBound()
    if !isWatched { complain("galgo-sim: \(unboundText)") }
    return isWatched
}

let unboundText =
    "the traps for clocks and dice are not bound, as in a debug build: build it with -c release; run, verify and replay can "
    + "be told --unwatched"

/// How a run is looked at.
struct Watching {
    enum Telling {
        case nothing
        /// All that happens, in lines.
        case everything
        /// These words of the trace, and what they stand for.
        case words(Range<UInt64>)
    }

    var telling = Telling.nothing
    /// It may run although nobody would notice that it reads a clock or throws dice.
    var isUnwatched = false
    /// The report has the tape.
    var isRecording = true
    /// An explored order is left where another one shows the same.
    var prunes = false
    /// The run is left behind this phase.
    var lastPhase: String?
    /// The run is left there.
    var stop: StopPoint?
    /// The report has the state in which it ends.
    var keepsState = false
}

extension Arguments {
    func watching(isRecording: Bool = true, lastPhase: String? = nil) -> Watching {
        let telling = window.map { Watching.Telling.words($0) } ?? (printsTrace ? .everything : .nothing)
        return Watching(
            telling: telling, isUnwatched: isUnwatched, isRecording: isRecording, lastPhase: lastPhase, stop: stop?.point,
            keepsState: dumpsState)
    }
}

/// Runs one plan with the traps armed; nil if the simulator itself is at fault.
func perform(_ plan: Plan, _ watching: Watching = Watching()) -> Report? {
    perform(plan, watching) { run in
        switch watching.telling {
        case .nothing: break
        case .everything: run.universe.narrate { say($0) }
        case .words(let numbers): run.universe.watch(numbers) { say($0) }
        }
    } ended: { run in
        run.universe.tellKept { say($0) }
    }
}

/// The same with a look at the run before and after it.
func perform(
    _ plan: Plan, _ watching: Watching = Watching(), begins: (Run) -> Void, ended: (Run) -> Void
) -> Report? {
    guard watching.isUnwatched || isWatched() else { return nil }
    guard
        let run = Run(
            plan, server: Plan.galgo, isRecording: watching.isRecording, through: watching.lastPhase)
    else { return nil }
    run.universe.exploration.prunes = watching.prunes
    run.stopPoint = watching.stop
    run.keepsState = watching.keepsState
    begins(run)
    galgo_traps_arm()
    let report = run.perform()
    galgo_traps_disarm()
    ended(run)
    return report
}

func microsecondsOfCPU() -> Int {
    let usage = resources()
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + Int(usage.ru_utime.tv_usec)
        + Int(usage.ru_stime.tv_usec)
}

/// In KiB.
func peakMemory() -> Int { resources().ru_maxrss }

private func resources() -> rusage {
    var usage = rusage()
    // SAFETY: the structure lives during the call.
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage
}

/// A line on the output, at once: a parent may be waiting for it.
func say(_ text: String) { writeAll(1, text + "\n") }

/// The plan alone: what comes out can be played again.
func write(_ plan: Plan) { write(plan.text) }

func write(_ text: String) { writeAll(1, text) }

/// False if that is not possible.
func writeFile(_ path: String, _ text: String) -> Bool {
    guard let file = unsafe fopen(path, "w") else { return false }
    let bytes = Array(text.utf8)
    // SAFETY: the array has as many bytes as the call is told.
    let count = unsafe fwrite(bytes, 1, bytes.count, file)
    return unsafe fclose(file) == 0 && count == bytes.count
}

/// Whether a file can be written there. Nothing is opened for that: who reads from a pipe would take it for the end, and
/// what was not there would be.
func canWrite(_ path: String) -> Bool {
    var path = path
    // As many links as the system follows.
    for _ in 0...40 {
        guard let name = path.split(separator: "/", omittingEmptySubsequences: false).last, !name.isEmpty else { return false }
        if isDirectory(path) { return false }
        if unsafe access(path, W_OK) == 0 { return true }
        guard errno == ENOENT else { return false }
        let directory = path.dropLast(name.count)
        guard let target = target(ofLink: path) else {
            return unsafe access(directory.isEmpty ? "." : String(directory), W_OK | X_OK) == 0
        }
        path = target.hasPrefix("/") ? target : directory + target
    }
    return false
}

private func isDirectory(_ path: String) -> Bool {
    var facts = stat()
    // SAFETY: the structure lives during the call.
    return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
}

/// Where a symbolic link leads; nil for what is none.
private func target(ofLink path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    // SAFETY: the array has the room that the call is told.
    let count = unsafe readlink(path, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
}

/// A line for the person at the terminal.
func complain(_ text: String) { write(error: text + "\n") }

func write(error text: String) { writeAll(2, text) }

private func writeAll(_ descriptor: Int32, _ text: String) {
    var bytes = Array(text.utf8)
    while !bytes.isEmpty {
        // SAFETY: the array lives during the call, which reads its count of bytes.
        let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
        if count < 0, errno != EINTR { return }
        if count > 0 { bytes.removeFirst(count) }
    }
}
