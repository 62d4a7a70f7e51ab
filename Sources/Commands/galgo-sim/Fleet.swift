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
    /// What the run of a plan told before.
    var told = ""
    /// How the worker ended, if it did in this seed.
    var death: Death?

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

    init(seed: UInt64, death: Death) {
        self.init(seed: seed, death: death, json: "{\"seed\":\(seed),\"verdict\":\"died\",\"detail\":\"\(death.text)\"}")
    }

    init(seed: UInt64, death: Death, json: String) {
        self.seed = seed
        exitCode = ExitCode.trapped
        microseconds = 0
        peakKiB = 0
        trace = ""
        ladder = []
        self.json = json
        self.death = death
    }
}

/// Worker processes, and the seeds that they work through.
struct Fleet {
    /// Milliseconds of wall time that one number may take.
    let wallLimit: Int
    let arguments: [String]
    let environment: [String]
    let program: String
    let jobs: Int

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

    /// Gives out `seeds` until they are used up or `deadline` (milliseconds of `now()`) has passed. Calls `done` for
    /// each as it ends. False if no worker can be started.
    /// - Parameter isOpen: with a deadline the seeds go on behind their end until it has passed.
    func run(
        _ seeds: ClosedRange<UInt64>, deadline: Int?, isOpen: Bool = true, _ done: (Outcome) -> Void
    ) -> Bool {
        var next: UInt64? = seeds.lowerBound
        func take() -> WorkItem? {
            guard let seed = next, deadline.map({ now() < $0 }) ?? true else { return nil }
            next = seed < seeds.upperBound || (isOpen && deadline != nil && seed < .max) ? seed + 1 : nil
            return WorkItem(seed, "\(seed)\n")
        }
        let crew = Crew(
            arguments: arguments, environment: environment, program: program, jobs: jobs, wallLimit: wallLimit)
        defer { crew.dismiss() }
        return crew.work(take, done)
    }
}
