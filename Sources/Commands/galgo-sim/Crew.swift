import Glibc

/// What a worker is to do: its number, and the lines that tell it.
struct WorkItem {
    let number: UInt64
    let message: String

    init(_ number: UInt64, _ message: String) {
        self.number = number
        self.message = message
    }
}

/// Worker processes that stay for one item after the other. What ends one of them is charged to the item it was at, and
/// another takes its place.
final class Crew {
    /// KiB that a worker may take.
    static let memoryLimit = 256 << 10

    private let arguments: [String]
    private let environment: [String]
    private let program: String
    private let jobs: Int
    /// Milliseconds of wall time that one item may take.
    var wallLimit: Int
    private var children: [Child] = []

    init(
        arguments: [String], environment: [String], program: String = Child.thisProgram, jobs: Int,
        wallLimit: Int = 10_000
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.jobs = jobs
        self.wallLimit = wallLimit
    }

    /// Gives out items until there is none, and calls `done` for each as it ends. False if no worker can be started.
    func work(_ next: () -> WorkItem?, _ done: (Outcome) -> Void) -> Bool {
        while true {
            while children.count(where: \.isBusy) < jobs, let item = next() {
                guard let child = children.first(where: { !$0.isBusy }) ?? hire() else { return false }
                child.give(item)
            }
            guard children.contains(where: \.isBusy) else { return true }
            wait(done)
        }
    }

    /// Nothing more: the workers end.
    func dismiss() {
        for child in children { child.dismiss() }
        for child in children { _ = child.reap() }
        children = []
    }

    private func hire() -> Child? {
        guard let child = Child(arguments, environment: environment, program: program) else { return nil }
        children.append(child)
        return child
    }

    /// Until somebody says something.
    private func wait(_ done: (Outcome) -> Void) {
        var waits = children.map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
        // SAFETY: the array has as many entries as the call is told.
        unsafe poll(&waits, nfds_t(waits.count), 200)
        for (child, wait) in zip(children, waits) {
            if wait.revents != 0, !hear(child, done) { continue }
            if child.isAtEnd {
                retire(child, because: nil, done)
            } else if child.isBusy, now() - child.since > wallLimit {
                retire(child, because: .hung(milliseconds: wallLimit), done)
            }
        }
    }

    /// False if the worker had to go.
    private func hear(_ child: Child, _ done: (Outcome) -> Void) -> Bool {
        for line in child.takeLines() {
            if line.hasPrefix("told ") { child.told = line }
            guard var outcome = Outcome(line: line) else { continue }
            outcome.told = child.told
            if outcome.peakKiB > Self.memoryLimit {
                // The next one would be charged for it.
                retire(child, because: .tookMemory(kibibytes: outcome.peakKiB), done)
                return false
            }
            child.finishItem()
            done(outcome)
        }
        return true
    }

    /// The worker ends, by itself or because of what its item did.
    private func retire(_ child: Child, because cause: Death?, _ done: (Outcome) -> Void) {
        children.removeAll { $0 === child }
        if cause != nil { child.kill() }
        let end = child.reap()
        guard let number = child.number else { return }
        var outcome = Outcome(seed: number, death: cause ?? .ended(end))
        outcome.told = child.told
        done(outcome)
    }
}

/// How the code under test ended its process, or had it ended.
enum Death: Equatable {
    case hung(milliseconds: Int)
    case tookMemory(kibibytes: Int)
    /// In words, without numbers that differ from run to run.
    case ended(String)

    var text: String {
        switch self {
        case .hung(let milliseconds): "hung for \(milliseconds) ms"
        case .tookMemory(let kibibytes): "took \(kibibytes) KiB"
        case .ended(let how): how
        }
    }

    /// The same for all runs that end alike.
    var kind: String {
        switch self {
        case .hung: "hung"
        case .tookMemory: "took too much memory"
        case .ended(let how): how
        }
    }
}
