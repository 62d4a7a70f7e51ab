import Glibc
import Sim

/// New processes in which the result has to fail again.
private let repetitions = 20

/// Makes a failing seed or plan as small as it gets within the budget, and says how small that is.
func shrink(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    let started = now()
    let laboratory = Laboratory(jobs: arguments.jobs ?? processorCount)
    defer { laboratory.close() }
    let failing = try laboratory.failingRun(arguments, to: "shrink")
    let deadline = started + arguments.budget * 1_000
    var shrinker = Shrinker(failing.plan, failing.outcome.evidence)
    var progress = ProgressLine()
    while !shrinker.isFinished, now() < deadline {
        progress.show {
            "\(laboratory.tries) tries: \(shrinker.plan.operationCount) operations + \(shrinker.plan.faultCount) faults, "
                + "\(shrinker.passName), \(max(0, deadline - now()) / 1_000) s left"
        }
        shrinker.settle(laboratory.first(of: shrinker, like: failing.signature, until: deadline))
    }
    progress.clear()
    let repeated = laboratory.repeats(shrinker.plan, like: failing.signature, times: repetitions)
    guard let last = laboratory.observe(shrinker.plan)?.told(of: shrinker.plan, arguments) else { return ExitCode.internalError }
    let result = Shrunk(
        start: failing.plan, plan: shrinker.plan, signature: failing.signature, outcome: last,
        isFinished: shrinker.isFinished, tries: laboratory.tries, milliseconds: now() - started, repeated: repeated)
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

    var remarks: [String] {
        [
            "\(start.operationCount) operations + \(start.faultCount) faults → "
                + "\(plan.operationCount) + \(plan.faultCount); \(tries) tries in \(milliseconds) ms"
                + (isFinished ? "" : ", when the time was over"),
            "it fails in \(repeated) of \(repetitions) new processes",
        ]
    }

    /// Behind the first line of a plan, which says what the file is.
    func comments(reproduce: String) -> [String] {
        let verdict = (outcome.failure?.headline).map { [$0] } ?? []
        return verdict + remarks + [versions, "reproduce: \(reproduce)"]
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
    let reproduce = path.map { "galgo-sim replay \(Arguments.quoted($0))" } ?? arguments.reproductionOfShrinking
    let text = commented(result.plan, result.comments(reproduce: reproduce))
    if let path, !writeFile(path, text) {
        complain("galgo-sim: can't write \(path)")
        return false
    }
    if arguments.isJSON {
        say(result.json(path: path))
    } else if path == nil {
        write(text)
    } else {
        say(
            describe(
                result.outcome, remarks: result.remarks,
                commands: next(path) + [ReproducingCommand(purpose: "reproduce", words: reproduce)]))
    }
    return true
}

/// What a small plan is good for.
private func next(_ path: String?) -> [ReproducingCommand] {
    guard let word = path.map({ Arguments.quoted($0) }), let page = path.map({ Arguments.quoted("\($0).html") }) else {
        return []
    }
    return [
        ReproducingCommand(purpose: "explain", words: "galgo-sim explain \(word)"),
        ReproducingCommand(purpose: "picture", words: "galgo-sim report --html --plan \(word) -o \(page)"),
    ]
}

extension Arguments {
    /// The seed or file of `replay` and `shrink`, in words.
    var target: String { planPath ?? "seed \(seeds.lowerBound)" }

    /// The same as a word for a shell, and the options that go with it.
    var targetWord: String { planPath.map { Self.quoted($0) } ?? "\(seeds.lowerBound)" }
    var optionsOfTarget: [String] { planPath == nil ? planOptions : [] }

    /// The command whose output can be played, for a plan that is in no file yet.
    fileprivate var reproductionOfShrinking: String {
        let words = ["galgo-sim", "shrink", planPath ?? "\(seeds.lowerBound)"] + (planPath == nil ? planOptions : [])
        return words.joined(separator: " ") + " -o FILE; galgo-sim replay FILE"
    }
}
