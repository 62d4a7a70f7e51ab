import Sim

// A seed in two processes that hash, allocate and live differently: where their traces part is where the outside world
// got in.

/// One of the two.
enum Twin: CaseIterable {
    case first, second

    /// The arguments of a worker that runs these plans.
    func words(_ arguments: Arguments) -> [String] {
        ["worker"] + (self == .second ? ["--twin"] : []) + arguments.planOptions
    }

    var environment: [String] { Child.environment(deterministicHashing: self == .first) }
}

/// Runs the seed in both once more, with the full trace, and prints the first line in which they part.
func tellDifference(of seed: UInt64, _ arguments: Arguments) {
    let sides = Twin.allCases.compactMap { Telling(seed, $0, arguments) }
    defer { for side in sides { side.end() } }
    if let first = sides.first, let second = sides.last, sides.count == 2 {
        var count = 0
        while true {
            let (left, right) = (first.next(), second.next())
            count += 1
            if left != right {
                complain("✗ seed \(seed): line \(count) of the trace is the first that differs")
                complain("  one:   \(left ?? "the end")")
                complain("  other: \(right ?? "the end")")
                break
            }
            if left == nil {
                complain("✗ seed \(seed): a third and a fourth run agree in all \(count - 1) lines of the trace")
                break
            }
        }
    }
    complain(
        "  reproduce: " + (["galgo-sim", "verify", "--seed", "\(seed)"] + arguments.planOptions).joined(separator: " "))
}

/// A worker that tells all that happens in one seed.
private final class Telling {
    private let child: Child
    private var waiting: ArraySlice<String> = []

    init?(_ seed: UInt64, _ twin: Twin, _ arguments: Arguments) {
        guard let child = Child(twin.words(arguments) + ["--trace", "full"], environment: twin.environment) else {
            return nil
        }
        self.child = child
        child.give(WorkItem(seed, "\(seed)\n"))
        child.dismiss()
    }

    /// The next line of the trace; nil after the last.
    func next() -> String? {
        while true {
            while waiting.isEmpty {
                guard !child.isAtEnd else { return nil }
                waiting = child.takeLines()[...]
            }
            // What a worker says about a seed is no part of its trace.
            if let line = waiting.popFirst(), !line.hasPrefix("begin "), !line.hasPrefix("end ") { return line }
        }
    }

    func end() {
        child.kill()
        _ = child.reap()
    }
}
