import Glibc
import Outside
import Primitives
import Sim
import Verifier

// Plans that are kept: each of them once found something, or reaches what few others do.

/// What is to be done with the corpus.
enum CorpusAction: String, CaseIterable {
    case add, run, list, prune
}

func corpus(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    guard let action = arguments.corpusAction else { return ExitCode.usage }
    if action == .add { return try add(arguments) }
    let corpus = try Corpus(arguments.corpusPath)
    if action != .list { try checkWatched(arguments) }
    return switch action {
    case .run: run(corpus, arguments)
    case .list, .add: list(corpus, arguments)
    case .prune: prune(corpus, arguments)
    }
}

/// The files of one directory, in the order of their names.
private struct Corpus {
    let path: String
    var entries: [Entry] = []

    struct Entry {
        let name: String
        let kept: Result<KeptPlan, Plan.Malformed>
    }

    init(_ path: String) throws(NoPlan) {
        self.path = path
        for name in try Self.names(in: path) where name.hasSuffix(".plan") {
            guard let text = readFile("\(path)/\(name)") else {
                throw NoPlan(text: "can't read \(path)/\(name)", exitCode: ExitCode.usage)
            }
            entries.append(Entry(name: name, kept: Self.read(text)))
        }
    }

    private static func names(in path: String) throws(NoPlan) -> [String] {
        do throws(UnreadableFile) { return try DiskDirectory(path).files } catch {
            throw NoPlan(
                text: "\(path): \(error.reason): run it where the sources are, or say --corpus",
                exitCode: ExitCode.usage)
        }
    }

    private static func read(_ text: String) -> Result<KeptPlan, Plan.Malformed> {
        do throws(Plan.Malformed) { return .success(try KeptPlan(text: text)) } catch { return .failure(error) }
    }

    var plans: [(name: String, kept: KeptPlan)] {
        entries.compactMap { entry in
            if case .success(let kept) = entry.kept { (entry.name, kept) } else { nil }
        }
    }
}

// MARK: add

private func add(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    let plan = try wantedPlan(arguments)
    let laboratory = Laboratory(jobs: 1)
    defer { laboratory.close() }
    guard let outcome = laboratory.observe(plan) else { return noWorker() }
    let property = FailureSignature(outcome)?.property
    guard let what = arguments.why ?? (property == nil ? nil : outcome.reason) else {
        throw NoPlan(text: "it holds: say --why it is to be kept", exitCode: ExitCode.usage)
    }
    let kept = KeptPlan(plan, what: what, property: property, fix: arguments.fix)
    let path = "\(arguments.corpusPath)/\(kept.fileName)"
    guard unsafe access(path, F_OK) != 0 else { throw NoPlan(text: "\(path) is there already", exitCode: ExitCode.usage) }
    guard writeFile(path, kept.text) else { throw NoPlan(text: "can't write \(path)", exitCode: ExitCode.usage) }
    say("\(path): \(property.map { "violates \($0)" } ?? "holds")")
    if property != nil, !kept.isPlanted { say("  until it is mended, corpus run fails with it; then add '# fix: COMMIT'") }
    return 0
}

// MARK: run

/// Each plan in two differing processes: the verdict must be the one that it is kept for, and the traces equal.
private func run(_ corpus: Corpus, _ arguments: Arguments) -> Int32 {
    let plans = corpus.plans
    var outcomes: [[Outcome]] = Array(repeating: [], count: plans.count)
    for twin in Twin.allCases {
        let crew = Laboratory.crew(twin, jobs: arguments.jobs ?? processorCount, wallLimit: 20_000)
        defer { crew.dismiss() }
        var next = 0
        let isRun = crew.work {
            guard next < plans.count else { return nil }
            defer { next += 1 }
            return WorkItem(UInt64(next), plans[next].kept.plan)
        } _: { outcomes[Int($0.seed)].append($0) }
        guard isRun else {
            return noWorker()
        }
    }
    var exitCode: Int32 = 0
    for entry in corpus.entries {
        guard case .failure(let problem) = entry.kept else { continue }
        tell(entry.name, problem.text, arguments)
        if exitCode == 0 { exitCode = ExitCode.inapplicable }
    }
    for ((name, kept), seen) in zip(plans, outcomes) {
        guard let first = seen.first, let second = seen.last, seen.count == 2 else { return ExitCode.internalError }
        let violated = FailureSignature(first)?.property
        var code: Int32 = 0
        var problem: String?
        if first.trace != second.trace {
            (problem, code) = ("its two runs differ", ExitCode.nondeterminism)
        } else if let complaint = kept.complaint(violated: violated) {
            problem = complaint + (violated == nil ? "" : ": \(first.reason)")
            code = violated == nil || kept.isPlanted ? ExitCode.unseen : first.exitCode
        }
        if exitCode == 0 { exitCode = code }
        tell(name, problem, arguments)
        if problem != nil, !arguments.isJSON { say("  reproduce: galgo-sim replay \(corpus.path)/\(name)") }
    }
    let held = plans.count { !$0.kept.isPlanted }
    if !arguments.isJSON, exitCode == 0 {
        say("\(plans.count) plans, each in two processes: \(held) held, \(plans.count - held) planted bugs were found")
    }
    return exitCode
}

/// A line for a plan with a problem; for a machine, one for each plan.
private func tell(_ name: String, _ problem: String?, _ arguments: Arguments) {
    if arguments.isJSON {
        say(jsonLine { json in
            json.member("plan", name)
            json.member("ok", problem == nil)
            if let problem { json.member("problem", problem) }
        })
    } else if let problem {
        say("✗ \(name): \(problem)")
    }
}

// MARK: list

private func list(_ corpus: Corpus, _ arguments: Arguments) -> Int32 {
    for entry in corpus.entries {
        switch entry.kept {
        case .failure(let problem): tell(entry.name, problem.text, arguments)
        case .success(let kept) where arguments.isJSON:
            say(jsonLine { json in
                json.member("plan", entry.name)
                json.member("what", kept.what)
                if let property = kept.property { json.member("property", property) }
                if let fix = kept.fix { json.member("fix", fix) }
                json.member("planted", kept.isPlanted)
                json.member("operations", kept.plan.operationCount)
                json.member("faults", kept.plan.faultCount)
            })
        case .success(let kept):
            let state = kept.isPlanted ? "planted" : kept.fix.map { "fixed in \($0)" } ?? (kept.isForMarks ? "for its marks" : "not fixed")
            say(
                "\(entry.name): \(kept.plan.operationCount) operations + \(kept.plan.faultCount) faults, \(state)"
                    + (kept.property.map { ", \($0)" } ?? ""))
            if !kept.what.isEmpty { say("  \(kept.what)") }
        }
    }
    return 0
}

// MARK: prune

/// What there is no use in keeping: plans that name what is gone, and plans for marks that others hit as well.
private func prune(_ corpus: Corpus, _ arguments: Arguments) -> Int32 {
    var useless: [(name: String, why: String)] = []
    for entry in corpus.entries {
        if case .failure(let problem) = entry.kept, problem.isOutOfDate {
            useless.append((entry.name, problem.text))
        }
    }
    let plans = corpus.plans
    var measured: [(isForMarks: Bool, operationCount: Int, marks: Set<Int>)] = []
    for (_, kept) in plans {
        guard let report = perform(kept.plan) else { return ExitCode.internalError }
        let marks = report.markHits.indices.filter { report.markHits[$0] > 0 }
        measured.append((kept.isForMarks, kept.plan.operationCount, Set(marks)))
    }
    useless += withoutNewMarks(measured).map { (plans[$0].name, "others hit all of its marks") }
    for (name, why) in useless {
        if arguments.isJSON {
            say(jsonLine { json in
                json.member("plan", name)
                json.member("why", why)
                json.member("removed", arguments.isAgreed)
            })
        } else {
            say("\(name): \(why)")
        }
        if arguments.isAgreed { unsafe unlink("\(corpus.path)/\(name)") }
    }
    if !arguments.isJSON {
        say(
            useless.isEmpty ? "nothing to remove"
                : arguments.isAgreed ? "\(useless.count) removed" : "\(useless.count) would be removed; --yes removes them")
    }
    return 0
}

private func jsonLine(_ body: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    json.object(body)
    return json.text
}
