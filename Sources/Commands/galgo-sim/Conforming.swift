import CLinux
import Conformance
import Glibc
import Sim

// The disk model against this machine: workers make random calls on both and compare what they get.

/// Compares on both volumes, or on the one asked for, and says what was found.
func conform(_ arguments: Arguments) -> Int32 {
    var exitCode: Int32 = 0
    for volume in arguments.volume.map({ [$0] }) ?? Volume.allCases {
        let code = conform(volume, arguments)
        if exitCode == 0 { exitCode = code }
    }
    return exitCode
}

private func conform(_ volume: Volume, _ arguments: Arguments) -> Int32 {
    let started = now()
    let jobs = arguments.jobs ?? processorCount
    let items = (arguments.calls + callsPerItem - 1) / callsPerItem
    var calls = 0
    var cells: [String: Int] = [:]
    var differences: [Outcome] = []
    var isWithoutPlace = false
    let workers = Fleet(
        arguments: ["conform-worker", "--volume", volume.rawValue, "--directory", arguments.directory],
        environment: Child.environment(deterministicHashing: true), jobs: min(jobs, items), wallLimit: 300_000)
    let isRun = workers.run(1...UInt64(items), deadline: nil) { outcome in
        if outcome.exitCode == ExitCode.vacuous { return isWithoutPlace = true }
        calls += outcome.number("calls") ?? 0
        for (name, numbers) in outcome.members("cells") { cells[name, default: 0] += numbers.first ?? 0 }
        if outcome.exitCode != 0 { differences.append(outcome) }
    }
    guard isRun else { return noWorker() }
    guard !isWithoutPlace else {
        complain(
            volume == .small
                ? "✗ small: SKIPPED, no privilege to mount a volume in \(arguments.directory): ENOSPC was not compared"
                : "✗ roomy: SKIPPED, no directory can be made in \(arguments.directory)")
        return ExitCode.vacuous
    }
    for outcome in differences.prefix(3) { complain("✗ \(volume.rawValue): \(outcome.text("detail") ?? outcome.reason)") }
    let shortfalls = OutcomeTable(volume).shortfalls(of: cells.keys.sorted())
    for shortfall in shortfalls { complain("✗ \(volume.rawValue): \(shortfall)") }
    let milliseconds = max(1, now() - started)
    if arguments.isJSON {
        let counts = cells.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        say(
            "{\"conform\":{\"volume\":\"\(volume.rawValue)\",\"calls\":\(calls),\"differences\":\(differences.count),"
                + "\"missing\":\(shortfalls.count),\"milliseconds\":\(milliseconds),\"outcomes\":{\(counts)}}}")
    } else {
        say(
            "\(volume.rawValue): \(calls) calls on the model and in \(arguments.directory), \(differences.count) "
                + "differences, \(cells.count) outcomes of calls, \(shortfalls.count) beside the table or missing; "
                + "\(milliseconds) ms, \(calls * 1_000 / milliseconds) calls/s with \(jobs) workers")
    }
    // The model is part of the simulator: where it is wrong no server is to blame.
    if !differences.isEmpty { return ExitCode.internalError }
    return shortfalls.isEmpty ? 0 : ExitCode.vacuous
}

private let roundsPerItem = 5
private let callsPerItem = roundsPerItem * Comparison.callsPerRound

/// Reads numbers from the input until it ends; each stands for so many rounds of calls.
func workConformance(_ arguments: Arguments) -> Int32 {
    let volume = arguments.volume ?? .roomy
    if volume == .small { _ = galgo_own_mounts() }
    let comparison = Comparison(volume, at: "\(arguments.directory)/galgo-conform-\(getpid())")
    defer { comparison?.end() }
    var before: (calls: Int, cells: [String: Int]) = (0, [:])
    while let line = readLine() {
        guard let item = UInt64(line) else { return ExitCode.internalError }
        guard let comparison else {
            say("end \(item) \(ExitCode.vacuous) 0 \(peakMemory()) - - {}")
            continue
        }
        let started = microsecondsOfCPU()
        let last = item * UInt64(roundsPerItem)
        var seed = last - UInt64(roundsPerItem) + 1
        while comparison.round(seed: seed), seed < last { seed += 1 }
        let cells = comparison.cells.sorted { $0.key < $1.key }.map { cell in
            "\"\(cell.key)\":\(cell.value - (before.cells[cell.key] ?? 0))"
        }
        let detail = comparison.difference.map { ",\"detail\":\"seed \(seed): \($0)\"" } ?? ""
        say(
            "end \(item) \(comparison.difference == nil ? 0 : ExitCode.internalError) \(microsecondsOfCPU() - started) "
                + "\(peakMemory()) - - {\"calls\":\(comparison.callCount - before.calls),"
                + "\"cells\":{\(cells.joined(separator: ","))}\(detail)}")
        before = (comparison.callCount, comparison.cells)
    }
    return 0
}
