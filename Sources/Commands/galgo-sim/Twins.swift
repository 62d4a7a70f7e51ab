import Sim

// A seed in two processes that hash, allocate and live differently, or in two builds: where their traces part is where
// the outside world got in.

/// One of the two.
enum Twin: CaseIterable {
    case first, second

    /// The arguments of a worker that runs these plans.
    func words(_ arguments: Arguments) -> [String] {
        let isOtherBuild = self == .second && arguments.against != nil
        return ["worker"] + (self == .second ? ["--twin"] : [])
            + (arguments.isUnwatched || isOtherBuild ? ["--unwatched"] : []) + arguments.planOptions
    }

    var environment: [String] { Child.environment(deterministicHashing: self == .first) }

    func program(_ arguments: Arguments) -> String {
        self == .second ? arguments.against ?? Child.thisProgram : Child.thisProgram
    }

    /// Workers that take seeds of these plans.
    func fleet(_ arguments: Arguments, _ jobs: Int) -> Fleet {
        Fleet(
            arguments: words(arguments), environment: environment, program: program(arguments), jobs: jobs,
            wallLimit: wallLimit(arguments))
    }

    private func wallLimit(_ arguments: Arguments) -> Int {
        arguments.isUnwatched || arguments.against != nil ? Self.unwatchedWallLimit : Self.wallLimit
    }

    /// Milliseconds that a run may take.
    static let wallLimit = 10_000
    /// A debug build takes a hundred times as long.
    static let unwatchedWallLimit = 200_000
}

/// Runs the seed in both once more and compares the ladders of their traces; then both again, told word by word between
/// the last rung that is equal and the first that is not. Prints the first event that differs, from both sides.
func tellDifference(of seed: UInt64, _ arguments: Arguments) {
    defer {
        let other = arguments.against.map { ["--against", $0] } ?? []
        complain(
            "  reproduce: "
                + (["galgo-sim", "verify", "--seed", "\(seed)"] + other + arguments.planOptions).joined(separator: " "))
    }
    // Where they part may itself be another place each time: then look there.
    for attempt in 1...pairCountMax {
        guard let ladders = tellings(seed, nil, arguments) else { return complain("  a run did not come to its end") }
        // To be told of events moves memory, and with it where they part if addresses decide: the last pair tells all.
        let window = attempt < pairCountMax ? events(behind: rung(ladders)) : 0..<UInt64(Int64.max)
        guard let sides = tellings(seed, window, arguments) else { return complain("  a run did not come to its end") }
        if let difference = firstDifference(sides.0.lines, sides.1.lines) { return tell(difference, sides, seed) }
    }
    complain("✗ seed \(seed): \(pairCountMax) more pairs of runs did not part where others before them did")
}

private let pairCountMax = 5

/// The last rung that is equal.
private func rung(_ sides: (Telling, Telling)) -> Int { firstDifference(sides.0.ladder, sides.1.ladder) }

private func events(behind rung: Int) -> Range<UInt64> {
    let start = UInt64(rung) * TraceHash.stepsPerRung
    return start..<start + TraceHash.stepsPerRung
}

private func tellings(
    _ seed: UInt64, _ window: Range<UInt64>?, _ arguments: Arguments
) -> (Telling, Telling)? {
    guard let first = Telling(seed, .first, window, arguments), let second = Telling(seed, .second, window, arguments)
    else { return nil }
    return (first, second)
}

/// The first rung at which two ladders differ; equal ladders differ behind their end.
private func firstDifference(_ left: [Substring], _ right: [Substring]) -> Int {
    var low = 0, high = min(left.count, right.count)
    // A rung depends on all before it: once they differ they stay different.
    while low < high {
        let middle = (low + high) / 2
        if left[middle] == right[middle] { low = middle + 1 } else { high = middle }
    }
    return low
}

/// The place of the first line that differs; nil if none does.
private func firstDifference(_ left: [String], _ right: [String]) -> Int? {
    let place = zip(left, right).enumerated().first { $1.0 != $1.1 }?.offset ?? min(left.count, right.count)
    return place == max(left.count, right.count) ? nil : place
}

private func tell(_ place: Int, _ sides: (Telling, Telling), _ seed: UInt64) {
    let rung = rung(sides)
    let window = events(behind: rung)
    // A word says which event of the trace it is; the line behind it says what that was.
    let number = [sides.0, sides.1].compactMap { $0.word(from: place) }.min() ?? "at the end"
    complain(
        "✗ seed \(seed): the first event that differs is \(number), after rung \(rung) of the ladder (events "
            + "\(window.lowerBound) to \(window.upperBound - 1))")
    for line in sides.0.lines[..<place].filter({ !$0.hasPrefix("#") }).suffix(3) { complain("  both:  \(line)") }
    complain("  one:   \(sides.0.event(from: place))")
    complain("  other: \(sides.1.event(from: place))")
}

/// What a worker told of one seed.
private struct Telling {
    private(set) var lines: [String] = []
    private(set) var ladder: [Substring] = []

    /// Without a window it tells nothing but its ladder. nil if it did not come to its end.
    init?(_ seed: UInt64, _ twin: Twin, _ window: Range<UInt64>?, _ arguments: Arguments) {
        let words = window.map { ["--window", "\($0.lowerBound)..\($0.upperBound)"] } ?? []
        guard
            let child = Child(
                twin.words(arguments) + words, environment: twin.environment, program: twin.program(arguments))
        else { return nil }
        child.give(WorkItem(seed, "\(seed)\n"))
        child.dismiss()
        defer { _ = child.reap() }
        var outcome: Outcome?
        while !child.isAtEnd {
            for line in child.takeLines() where !line.hasPrefix("begin ") {
                if let ended = Outcome(line: line) { outcome = ended } else { lines.append(line) }
            }
        }
        guard let outcome else { return nil }
        ladder = outcome.ladder
    }

    /// The number of the first word there, as `#NUMBER`.
    func word(from place: Int) -> String? {
        lines[min(place, lines.count)...].first { $0.hasPrefix("#") }.map { String($0.prefix { $0 != " " }) }
    }

    /// The words there up to the line that says what they stand for.
    func event(from place: Int) -> String {
        var parts: [String] = []
        for line in lines[min(place, lines.count)...].prefix(4) {
            parts.append(line)
            if !line.hasPrefix("#") { break }
        }
        return parts.isEmpty ? "the end" : parts.joined(separator: " | ")
    }
}
