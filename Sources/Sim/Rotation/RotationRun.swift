import Platform
import Primitives
public import Server

/// One run of the real log writer in a simulated directory, step by step: who acts next is the tape's choice.
public struct RotationRun {
    public struct Outcome: Equatable, Sendable {
        /// The rule that was broken, and how; nil if all was well.
        public let violation: (rule: RotationRule, text: String)?
        public let hash: UInt64
        public let steps: Int
        /// What the run went through.
        public let counts: RotationCounts
        let decisions: [Decision]

        public static func == (left: Self, right: Self) -> Bool {
            left.violation?.rule == right.violation?.rule && left.violation?.text == right.violation?.text
                && left.hash == right.hash && left.steps == right.steps && left.counts == right.counts
        }
    }

    private enum Action { case complete, deliver, timer, fill, forbid, jump, obstruct, crash, stop }

    private let plan: RotationPlan
    private var tape: RotationTape
    private var writer: LogWriter
    private var directory = LogDirectory()
    private var oracle: RotationOracle
    private var counts = RotationCounts()
    /// Monotonic nanoseconds; the wall clock is that many microseconds beside it.
    private var now: Int64 = 0
    private var wallOffset: Int64
    private var inFlight: LogOperation?
    private var wakeAt: Int64?
    private var life = 0
    private var linesLeft: Int
    private var disturbancesLeft: Int
    private var hasRotated = false
    private var hasStopped = false
    /// In a stop: a write or an opening failed.
    private var hasFailed = false
    private var isCalm = false
    private var trace: UInt64 = 0xcbf2_9ce4_8422_2325
    private var steps = 0
    /// Told of every step, for people.
    private var tell: ((String) -> Void)?

    public static func perform(seed: UInt64, mutation: LogMutation? = nil, tell: ((String) -> Void)? = nil) -> Outcome {
        perform(RotationPlan(seed: seed, mutation: mutation), RotationTape(seed: seed), tell)
    }

    static func perform(_ plan: RotationPlan, _ tape: RotationTape, _ tell: ((String) -> Void)? = nil) -> Outcome {
        var run = RotationRun(plan, tape, tell)
        var violation: RotationOracle.Violation?
        do throws(RotationOracle.Violation) { try run.play() } catch { violation = error }
        if let violation { tell?("✗ \(violation.rule.rawValue): \(violation.text)") }
        return Outcome(
            violation: violation.map { ($0.rule, $0.text) }, hash: run.trace, steps: run.steps, counts: run.counts,
            decisions: run.tape.decisions)
    }

    private init(_ plan: RotationPlan, _ tape: RotationTape, _ tell: ((String) -> Void)?) {
        self.plan = plan
        self.tape = tape
        self.tell = tell
        let settings = plan.settings(life: 0)
        writer = LogWriter(settings)
        oracle = RotationOracle(settings)
        linesLeft = plan.lineCount
        disturbancesLeft = plan.disturbancesMax
        wallOffset = Int64(plan.startsAt)
        for place in 0..<plan.olderArchives {
            let number = UInt32(plan.olderArchives - place)
            let old = "2020-01-01T00:00:00.000000Z  INFO main server::log: old\n"
            directory.leave(
                number, Array(old.utf8),
                writtenAt: plan.startsAt - min(plan.startsAt, UInt64(number) * plan.olderPeriod))
        }
    }

    private var wall: Int64 { max(0, now / 1_000 + wallOffset) }

    // MARK: The way through

    private mutating func play() throws(RotationOracle.Violation) {
        try handle(.started)
        while linesLeft > 0 || inFlight != nil && plan.disturbancesMax != .max {
            try act()
            if steps > 50_000 { throw .init(rule: .progress, text: "the run does not come to its end") }
        }
        try calm()
        try oracle.checkLines(directory)
        try stop()
        try oracle.checkLines(directory)
    }

    private mutating func act() throws(RotationOracle.Violation) {
        steps += 1
        now += Int64(tape.draw(1...50)) * 1_000_000
        var actions: [Action] = []
        var weights: [UInt64] = []
        func add(_ action: Action, _ weight: UInt64, if isPossible: Bool = true) {
            guard isPossible, weight > 0 else { return }
            actions.append(action)
            weights.append(weight)
        }
        let mayDisturb = disturbancesLeft > 0
        add(.complete, plan.weights.complete, if: inFlight != nil)
        add(.deliver, plan.weights.deliver, if: linesLeft > 0)
        add(.timer, plan.weights.timer, if: wakeAt != nil)
        // A full or forbidden directory is not left so for long.
        add(.fill, directory.capacity == .max ? plan.weights.fill : 10, if: mayDisturb && plan.weights.fill > 0)
        add(.forbid, directory.isForbidden ? 10 : plan.weights.forbid, if: mayDisturb && plan.weights.forbid > 0)
        add(.jump, plan.weights.jump, if: mayDisturb)
        add(
            .obstruct, directory.obstacles.isEmpty ? plan.weights.obstruct : 10,
            if: mayDisturb && plan.weights.obstruct > 0)
        add(.crash, plan.weights.crash, if: mayDisturb && life + 1 < plan.lives.count)
        add(.stop, plan.weights.stop, if: mayDisturb && life + 1 < plan.lives.count)
        guard !actions.isEmpty else {
            throw .init(rule: .progress, text: "nothing is in flight, and the writer waits for nothing")
        }
        try perform(actions[tape.choose(weights: weights)])
    }

    private mutating func perform(_ action: Action) throws(RotationOracle.Violation) {
        switch action {
        case .complete: return try complete()
        case .deliver: return try deliver()
        case .timer: return try wake()
        case .fill:
            let used = directory.names.reduce(0) { $0 + directory.files[$1.file].bytes.count }
            directory.capacity = directory.capacity == .max ? used + tape.draw(0...200) : .max
            counts.fullDisks += directory.capacity == .max ? 0 : 1
            note(
                "the volume \(directory.capacity == .max ? "has room again" : "is full at \(directory.capacity) bytes")"
            )
        case .forbid:
            directory.isForbidden.toggle()
            counts.refusals += directory.isForbidden ? 1 : 0
            note("the directory is \(directory.isForbidden ? "forbidden" : "allowed again")")
        case .jump:
            wallOffset += Int64(tape.draw(-7_200...7_200)) * 1_000_000
            counts.jumps += 1
            note("the clock jumps")
        case .obstruct:
            let number = UInt32(tape.draw(1...4))
            directory.obstacles = directory.obstacles.isEmpty && directory.file(number) == nil ? [number] : []
            note("directories stand in the way: \(directory.obstacles)")
        case .crash: try crash()
        case .stop:
            try stop()
            try restart(forgives: hasFailed)
        }
        disturbancesLeft -= 1
    }

    // MARK: Steps

    private mutating func deliver() throws(RotationOracle.Violation) {
        let together = min(linesLeft, tape.draw(1...plan.linesTogether))
        var bytes: [UInt8] = []
        var dropped: UInt32 = 0
        for _ in 0..<together {
            let number = oracle.lineCount
            counts.lines += 1
            oracle.made(1)
            // Now and then the mail to the writer was full.
            if plan.linesTogether > 1, tape.draw(0...60) == 60 {
                dropped += 1
                continue
            }
            let text = Array(RotationLine.text(number, filler: tape.draw(0...plan.fillerMax)).utf8)
            var head = LogRecord.Head(.info, .server, .main, time: wall, textBytes: text.count)
            head.dropped = dropped
            dropped = 0
            head.encode(into: &bytes)
            bytes += text
        }
        linesLeft -= together
        try handle(.records(bytes, dropped: dropped))
    }

    private mutating func wake() throws(RotationOracle.Violation) {
        if let wakeAt { now = max(now, wakeAt) }
        wakeAt = nil
        try handle(.timerDue)
    }

    private mutating func complete() throws(RotationOracle.Violation) {
        guard let operation = inFlight else { return }
        var event: LogEvent?
        var most = Int.max
        // Whatever close(2) says, the file is closed.
        if !isCalm, disturbancesLeft > 0, operation != .close {
            let isWrite = if case .write(let bytes) = operation { bytes.count > 1 } else { false }
            let (failure, short) = (plan.weights.failure, isWrite ? plan.weights.short : 0)
            var choices: [(LogEvent?, short: Bool)] = [(nil, false)]
            var weights = [100 - failure - short]
            if failure > 0 {
                choices.append((.failed(isWrite ? .inputOutput : .accessDenied), false))
                weights.append(failure)
            }
            if short > 0, case .write(let bytes) = operation {
                choices.append((nil, true))
                weights.append(short)
                most = 1 + tape.draw(bytes.count / 3...bytes.count - 2)
            }
            let choice = choices[tape.choose(weights: weights)]
            event = choice.0
            if !choice.short { most = .max }
            if choice.0 != nil || choice.short { disturbancesLeft -= 1 }
        }
        let result = event ?? directory.perform(operation, at: UInt64(wall), most: most)
        inFlight = nil
        try ended(operation, result)
    }

    private mutating func ended(_ operation: LogOperation, _ result: LogEvent) throws(RotationOracle.Violation) {
        counts.count(operation, result)
        if case .failed = result, writer.isFinishing { hasFailed = true }
        oracle.ended(operation, result, now: now, wall: UInt64(wall))
        if operation == .move(from: 0, to: 1), result == .done(count: 0) { hasRotated = true }
        try handle(result)
    }

    /// The process is gone. What was in flight has happened, or not, or, of a write, in part.
    private mutating func crash() throws(RotationOracle.Violation) {
        counts.crashes += 1
        if let operation = inFlight {
            switch (tape.choose(weights: [1, 1, 1]), operation) {
            case (0, _): break
            case (2, .write(let bytes)) where bytes.count > 1:
                _ = directory.perform(
                    operation, at: UInt64(wall), most: 1 + tape.draw(bytes.count / 3...bytes.count - 2))
            default:
                let result = directory.perform(operation, at: UInt64(wall))
                oracle.ended(operation, result, now: now, wall: UInt64(wall))
            }
        }
        note("the process crashes")
        try restart(forgives: true)
    }

    private mutating func restart(forgives: Bool) throws(RotationOracle.Violation) {
        life += 1
        directory.closeAll()
        inFlight = nil
        wakeAt = nil
        (hasRotated, hasStopped, hasFailed) = (false, false, false)
        let settings = plan.settings(life: life)
        writer = LogWriter(settings)
        oracle.restarted(settings, directory, forgives: forgives)
        note("life \(life) begins")
        try handle(.started)
    }

    /// Everything becomes well, and stays so until every line is written and the archives were looked at again.
    private mutating func calm() throws(RotationOracle.Violation) {
        isCalm = true
        directory.capacity = .max
        directory.isForbidden = false
        directory.obstacles = []
        note("everything is well")
        let passes = writer.passCount + 2
        let until = now + 4 * plan.settings(life: life).checkInterval + 10_000_000_000
        while inFlight != nil || writer.waitingLines > 0 || writer.passCount < passes {
            steps += 1
            if inFlight != nil { try complete() } else { try wakeInTime(until) }
        }
    }

    private mutating func wakeInTime(_ until: Int64) throws(RotationOracle.Violation) {
        guard let next = wakeAt, next <= until else {
            throw .init(
                rule: .progress,
                text: "\(writer.waitingLines) lines wait, \(writer.passCount) passes were made, and nothing happens")
        }
        try wake()
    }

    /// An orderly end: whatever the writer wants is carried out, and nothing is waited for.
    private mutating func stop() throws(RotationOracle.Violation) {
        note("a stop is requested")
        try handle(.stopRequested)
        while !hasStopped {
            steps += 1
            guard inFlight != nil else { throw .init(rule: .stopIsImmediate, text: "a stop waits for something") }
            try complete()
        }
    }

    // MARK: The writer

    private mutating func handle(_ event: LogEvent) throws(RotationOracle.Violation) {
        if tell != nil { note(RotationWords.text(event)) }
        let passes = writer.passCount
        let operations: [LogOperation]
        do throws(MachineFailure) {
            operations = try writer.handle(event, at: Instant(nanoseconds: now, wallMicroseconds: wall))
        } catch {
            throw .init(rule: .lawsHold, text: "\(error)")
        }
        for operation in operations { try submit(operation) }
        if writer.passCount > passes { try oracle.passed(directory) }
        if inFlight == nil {
            try oracle.rested(directory, hasRotated: hasRotated)
            hasRotated = false
        }
        mix(UInt64(bitPattern: now))
        mix(UInt64(bitPattern: wall))
    }

    private mutating func submit(_ operation: LogOperation) throws(RotationOracle.Violation) {
        if tell != nil { note("  → " + RotationWords.text(operation)) }
        mix(RotationWords.digest(operation))
        switch operation {
        case .wake(let time): wakeAt = time == .max ? nil : time
        case .stopped: hasStopped = true
        case .show: break
        case .open, .write, .close, .survey, .move, .delete:
            if inFlight != nil || hasStopped {
                throw .init(
                    rule: .oneAtATime, text: "an operation is submitted while another is in flight, or after the end")
            }
            try oracle.submitted(operation, directory, now: now, wall: wall)
            inFlight = operation
        }
    }

    private mutating func mix(_ word: UInt64) {
        trace = (trace ^ word) &* 0x9E37_79B9_7F4A_7C15
        trace ^= trace >> 29
    }

    private func note(_ text: String) {
        tell?("\(now / 1_000_000) ms: \(text)")
    }
}

/// How often things happened: a run in which nothing does shows nothing.
public struct RotationCounts: Equatable, Sendable {
    public var lines = 0, writes = 0, shortWrites = 0, rotations = 0, deletions = 0, failures = 0
    public var fullDisks = 0, refusals = 0, jumps = 0, crashes = 0, passes = 0

    public init() {}

    mutating func count(_ operation: LogOperation, _ result: LogEvent) {
        if case .failed = result { failures += 1 }
        switch (operation, result) {
        case (.write(let bytes), .done(let count)):
            writes += 1
            if count < bytes.count { shortWrites += 1 }
        case (.move(0, _), .done): rotations += 1
        case (.delete, .done): deletions += 1
        case (.survey, .surveyed): passes += 1
        default: break
        }
    }

    public static func += (left: inout Self, right: Self) {
        for path in all { left[keyPath: path] += right[keyPath: path] }
    }

    private static var all: [WritableKeyPath<Self, Int>] {
        [
            \.lines, \.writes, \.shortWrites, \.rotations, \.deletions, \.failures, \.fullDisks, \.refusals, \.jumps,
            \.crashes, \.passes,
        ]
    }
}
