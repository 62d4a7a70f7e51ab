import Glibc
import Sim

/// What a worker says of one seed.
struct Outcome {
    let seed: UInt64
    let exitCode: Int32
    /// CPU time.
    let microseconds: Int
    let peakKiB: Int
    let trace: String
    let ladder: [Substring]
    let json: String
    /// How the worker ended, if it did in this seed.
    var death: String?

    init?(line: String) {
        let words = line.split(separator: " ", maxSplits: 7)
        guard words.count == 8, words[0] == "end", let seed = UInt64(words[1]), let code = Int32(words[2]),
            let micros = Int(words[3]), let peak = Int(words[4])
        else { return nil }
        self.seed = seed
        exitCode = code
        microseconds = micros
        peakKiB = peak
        trace = String(words[5])
        ladder = words[6].split(separator: ",")
        json = String(words[7])
    }

    init(seed: UInt64, death: String) {
        self.seed = seed
        exitCode = ExitCode.trapped
        microseconds = 0
        peakKiB = 0
        trace = ""
        ladder = []
        json = "{\"seed\":\(seed),\"verdict\":\"died\",\"detail\":\"\(death)\"}"
        self.death = death
    }
}

/// Worker processes, and the seeds that they work through.
struct Fleet {
    /// Milliseconds of wall time that one number may take.
    let wallLimit: Int
    /// KiB that a worker may take.
    static let memoryLimit = 256 << 10

    let arguments: [String]
    let environment: [String]
    let jobs: Int

    init(arguments: [String], environment: [String], jobs: Int, wallLimit: Int = 10_000) {
        self.arguments = arguments
        self.environment = environment
        self.jobs = jobs
        self.wallLimit = wallLimit
    }

    /// Gives out `seeds` until they are used up or `deadline` (milliseconds of `now()`) has passed. Calls `done` for
    /// each as it ends. False if no worker can be started.
    func run(_ seeds: ClosedRange<UInt64>, deadline: Int?, _ done: (Outcome) -> Void) -> Bool {
        var next: UInt64? = seeds.lowerBound
        func take() -> UInt64? {
            guard let seed = next, deadline.map({ now() < $0 }) ?? true else { return nil }
            next = seed < seeds.upperBound || (deadline != nil && seed < .max) ? seed + 1 : nil
            return seed
        }
        var children: [Child] = []
        func start() -> Bool {
            guard let seed = take() else { return true }
            guard let child = Child(arguments, environment: environment) else { return false }
            child.give(seed)
            children.append(child)
            return true
        }
        for _ in 0..<jobs { guard start() else { return false } }
        while !children.isEmpty {
            var waits = children.map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
            // SAFETY: the array has as many entries as the call is told.
            unsafe poll(&waits, nfds_t(waits.count), 200)
            var ended: [Child] = []
            for (child, wait) in zip(children, waits) {
                if wait.revents != 0 {
                    for line in child.takeLines() {
                        guard let outcome = Outcome(line: line) else { continue }
                        done(outcome)
                        child.seed = nil
                        if outcome.peakKiB > Self.memoryLimit {
                            done(Outcome(seed: outcome.seed, death: "took \(outcome.peakKiB) KiB"))
                        }
                        if let seed = take() { child.give(seed) } else { child.dismiss() }
                    }
                }
                if child.isAtEnd {
                    ended.append(child)
                } else if child.seed != nil, now() - child.since > wallLimit {
                    child.kill()
                    child.isHung = true
                    ended.append(child)
                }
            }
            for child in ended {
                children.removeAll { $0 === child }
                let end = child.reap()
                guard let seed = child.seed else { continue }
                done(Outcome(seed: seed, death: child.isHung ? "hung for \(wallLimit) ms" : end))
                guard start() else { return false }
            }
        }
        return true
    }
}
