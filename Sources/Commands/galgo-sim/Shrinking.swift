import Glibc
import Sim

/// New processes in which the result has to fail again.
private let repetitions = 20

/// Makes a failing seed or plan as small as it gets within the budget, and says how small that is.
func shrink(_ arguments: Arguments) -> Int32 {
    let start: Plan
    do throws(NoPlan) { start = try wantedPlan(arguments) } catch {
        complain("galgo-sim: \(error.text)")
        return error.exitCode
    }
    let started = now()
    let laboratory = Laboratory(jobs: arguments.jobs ?? processorCount)
    defer { laboratory.close() }
    guard let outcome = laboratory.observe(start) else {
        complain("galgo-sim: no worker could be started")
        return ExitCode.internalError
    }
    guard let signature = FailureSignature(outcome) else {
        complain("galgo-sim: \(arguments.target) does not fail (\(outcome.reason)): there is nothing to shrink")
        return ExitCode.inapplicable
    }
    let deadline = started + arguments.budget * 1_000
    var shrinker = Shrinker(start, outcome.evidence)
    var progress = Progress()
    while !shrinker.isFinished, now() < deadline {
        progress.tell(shrinker, tries: laboratory.tries)
        shrinker.settle(laboratory.first(of: shrinker, like: signature, until: deadline))
    }
    let repeated = laboratory.repeats(shrinker.plan, like: signature, times: repetitions)
    guard let last = laboratory.observe(shrinker.plan) else { return ExitCode.internalError }
    let result = Shrunk(
        start: start, plan: shrinker.plan, signature: signature, outcome: last, isFinished: shrinker.isFinished,
        tries: laboratory.tries, milliseconds: now() - started, repeated: repeated)
    guard tell(result, arguments) else { return ExitCode.usage }
    return repeated == repetitions ? 0 : ExitCode.nondeterminism
}

/// What came out.
private struct Shrunk {
    let start, plan: Plan
    let signature: FailureSignature
    /// Of the small plan.
    let outcome: Outcome
    /// Nothing smaller was found; otherwise the time was over.
    let isFinished: Bool
    let tries, milliseconds, repeated: Int

    func lines(reproduce: String) -> [String] {
        [
            "VIOLATED \(signature)",
            "  \(outcome.death?.text ?? outcome.text("detail") ?? "")",
            "  \(start.operationCount) operations + \(start.faultCount) faults → "
                + "\(plan.operationCount) + \(plan.faultCount); \(tries) tries in \(milliseconds) ms"
                + (isFinished ? "" : ", when the time was over"),
            "  it fails in \(repeated) of \(repetitions) new processes",
            "  \(versions)",
            "reproduce: \(reproduce)",
        ]
    }

    func json(path: String?) -> String {
        let text = plan.text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
        return """
            {"shrink":{"property":"\(signature.property)","phase":"\(signature.phase)","law":"\(signature.law)",\
            "detail":"\(outcome.death?.text ?? outcome.text("detail") ?? "")",\
            "operations":[\(start.operationCount),\(plan.operationCount)],\
            "faults":[\(start.faultCount),\(plan.faultCount)],"tries":\(tries),"milliseconds":\(milliseconds),\
            "finished":\(isFinished),"repeated":\(repeated),"repetitions":\(repetitions),\
            "plan":"\(path ?? text)"}}
            """
    }
}

/// False if the file can't be written.
private func tell(_ result: Shrunk, _ arguments: Arguments) -> Bool {
    let path = arguments.outputPath
    let lines = result.lines(reproduce: path.map { "galgo-sim replay \($0)" } ?? arguments.reproductionOfShrinking)
    // Behind the first line, which says what the file is.
    var plan = result.plan.text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    plan.insert(contentsOf: lines.map { "# \($0)" }, at: 1)
    let text = plan.joined(separator: "\n")
    if let path, !writeFile(path, text) {
        complain("galgo-sim: can't write \(path)")
        return false
    }
    if arguments.isJSON {
        say(result.json(path: path))
    } else if path == nil {
        write(text)
    } else {
        say(lines.joined(separator: "\n"))
    }
    return true
}

/// Tells a person now and then how far it is.
private struct Progress {
    private var last = now()

    mutating func tell(_ shrinker: Shrinker, tries: Int) {
        guard now() - last >= 500 else { return }
        last = now()
        complain(
            "\(tries) tries: \(shrinker.plan.operationCount) operations + \(shrinker.plan.faultCount) faults, "
                + "\(shrinker.passName)")
    }
}

extension Arguments {
    /// The seed or file of `replay` and `shrink`, in words.
    fileprivate var target: String { planPath ?? "seed \(seeds.lowerBound)" }

    /// The command whose output can be played, for a plan that is in no file yet.
    fileprivate var reproductionOfShrinking: String {
        let words = ["galgo-sim", "shrink", planPath ?? "\(seeds.lowerBound)"] + (planPath == nil ? planOptions : [])
        return words.joined(separator: " ") + " -o FILE; galgo-sim replay FILE"
    }
}
