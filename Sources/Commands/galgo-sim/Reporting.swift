import Glibc
import Platform
import Sim

/// Writes what lines of JSON of other commands say, and single runs from inside, as one HTML page.
func report(_ arguments: Arguments) throws(NoPlan) -> Int32 {
    var log = RunLog()
    for path in arguments.inputPaths {
        if path == "-" {
            while let line = readLine() { log.read(line) }
        } else if let text = readFile(path) {
            for line in text.split(separator: "\n") { log.read(line) }
        } else {
            complain("galgo-sim: can't read \(path)")
            return ExitCode.usage
        }
    }
    guard !log.isEmpty || !arguments.pictured.isEmpty else {
        throw NoPlan(text: "nothing to report: no line is a result of galgo-sim --json", exitCode: ExitCode.inapplicable)
    }
    if log.strangeLines > 0 { complain("galgo-sim: \(log.strangeLines) lines are no results of galgo-sim --json") }
    var pictures: [Page.Picture] = []
    for target in arguments.pictured {
        pictures.append(try picture(target, arguments))
    }
    let html = Page(log, pictures).html
    guard let path = arguments.outputPath else {
        write(html)
        return 0
    }
    guard writeFile(path, html) else {
        complain("galgo-sim: can't write \(path)")
        return ExitCode.usage
    }
    return 0
}

/// Plays a plan or a seed. In a worker first: what ends its process must not end this one.
private func picture(_ target: String, _ arguments: Arguments) throws(NoPlan) -> Page.Picture {
    var own = arguments
    if let seed = Arguments.seed(target) { own.seeds = seed...seed } else { own.planPath = target }
    let plan = try wantedPlan(own)
    if let outcome = try fatalOutcome(of: plan, arguments), let death = outcome.death {
        throw NoPlan(text: "\(own.target) ends its process (\(death.text)): there is no picture of it", exitCode: ExitCode.inapplicable)
    }
    var chronicle: Chronicle?
    let report = perform(plan) { $0.universe.keepChronicle() } ended: { chronicle = $0.universe.closedChronicle() }
    guard let report, let chronicle else {
        throw NoPlan(text: "\(own.target) could not be run", exitCode: ExitCode.internalError)
    }
    return Page.Picture(own.target, plan, report, chronicle, reproduce: own.commands(of: plan.seed).last?.words ?? "")
}
