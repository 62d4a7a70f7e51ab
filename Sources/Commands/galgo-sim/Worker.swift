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
        let tell: ((String) -> Void)? = arguments.printsTrace ? { say($0) } : nil
        guard let report = perform(arguments.plan(seed: seed), tell: tell) else { return ExitCode.internalError }
        let ladder = report.traceHash.ladder.map { "\($0.high)/\($0.low)" }.joined(separator: ",")
        say(
            "end \(seed) \(report.exitCode) \(microsecondsOfCPU() - started) \(peakMemory()) \(report.traceHash.text) "
                + "\(ladder.isEmpty ? "-" : ladder) \(report.json)")
    }
    return 0
}

/// Reads plans from the input until it ends, each with `end NUMBER` behind it; the answers have this number for a seed.
/// Before the answer of a failing run comes `told BEGUN;TAPE…`: how far its clients came, and what it drew.
func workPlans(_ arguments: Arguments) -> Int32 {
    limitMemory()
    let ballast = ballast(arguments)
    defer { withExtendedLifetime(ballast) {} }
    var lines: [String] = []
    while let line = readLine() {
        guard line.hasPrefix("end ") else {
            lines.append(line)
            continue
        }
        let started = microsecondsOfCPU()
        guard let number = UInt64(line.dropFirst(4)), let plan = readPlan(lines), let report = perform(plan) else {
            return ExitCode.internalError
        }
        lines = []
        if case .violated = report.verdict {
            let begun = report.begun.map { "\($0)" }.joined(separator: " ")
            say("told " + ([begun] + report.tape.lines).joined(separator: ";"))
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
private func areTrapsBound() -> Bool {
    let before = galgo_traps_seen()
    _ = ContinuousClock.now
    let between = galgo_traps_seen()
    var dice = SystemRandomNumberGenerator()
    _ = dice.next() as UInt64
    return before < between && between < galgo_traps_seen()
}

/// Runs one plan with the traps armed; nil if the simulator itself is at fault.
func perform(_ plan: Plan, tell: ((String) -> Void)? = nil) -> Report? {
    guard areTrapsBound() else {
        complain("galgo-sim: the traps for clocks and dice are not bound, as in a debug build: build it with -c release")
        return nil
    }
    guard let run = Run(plan, server: Plan.galgo) else { return nil }
    if let tell { run.universe.narrate(tell) }
    galgo_traps_arm()
    let report = run.perform()
    galgo_traps_disarm()
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
