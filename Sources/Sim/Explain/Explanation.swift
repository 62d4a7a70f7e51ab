/// When a failure became inevitable, and what it takes.
///
/// It asks questions and is told answers; it runs nothing itself. A question is a plan, its answer whether that fails
/// like the one to explain. First it plays the beginning of the run, up to some event, and lets the rest be drawn anew,
/// several times: how many of them fail is the chance of the failure as it stood then. Between the last event with
/// another chance and the first that leaves none it halves the way. Then it takes each fault, each family of them, and
/// each operation of a small plan, out by itself. The answers depend on the plan alone, whoever ran it.
public struct Explanation: Sendable {
    /// Events at which the chance is measured first, evenly over the run.
    static let pointCount = 24
    /// A plan with more operations is asked about clients and owners instead.
    static let operationsMax = 24

    /// The plan with all its decisions written down.
    public let plan: Plan
    /// Happenings of its run; 0 if nobody could count them.
    public let events: Int
    /// How often each is tried.
    public let tries: Int
    /// By event, in order.
    public private(set) var chances: [Chance] = []
    /// After this event every try failed, and not yet after the one before it. 0: from the beginning.
    public private(set) var inevitable: Int?
    /// After it at least half of the tries failed.
    public private(set) var likely: Int?
    public private(set) var removals: [Removal] = []
    private var stage: Stage

    public struct Chance: Equatable, Sendable {
        public let event: Int
        public let failed: Int
    }

    /// What was taken out, alone, and how many of the tries failed without it.
    public struct Removal: Equatable, Sendable {
        public let what: String
        public let failed: Int
    }

    private enum Stage: Equatable {
        case measuring
        /// Fewer failed after `low`, and not after `high`.
        case halving(Goal, low: Int, high: Int)
        case removing
        case done
    }

    private enum Goal: Equatable { case likely, inevitable }

    private let candidates: [(what: String, plan: Plan)]

    public init(_ plan: Plan, events: Int, tries: Int) {
        self.plan = plan
        self.events = events
        self.tries = max(1, tries)
        candidates = plan.candidates
        stage = events > 0 ? .measuring : candidates.isEmpty ? .done : .removing
    }

    public var isFinished: Bool { stage == .done }
    /// The time was over before all was answered.
    public private(set) var isCut = false

    /// What is at work, for a person.
    public var stageName: String {
        switch stage {
        case .measuring: "measuring the chance over time"
        case .halving(_, let low, let high): "between event \(low) and event \(high)"
        case .removing: "taking out one thing after the other"
        case .done: "done"
        }
    }

    /// The most that this explanation may still ask.
    public static func questionsMax(_ plan: Plan, events: Int, tries: Int) -> Int {
        (pointCount + 2 * (Int.bitWidth - events.leadingZeroBitCount) + plan.candidates.count) * tries
    }

    // MARK: Asking

    /// What to play now. All answers are wanted, in this order.
    public var questions: [Plan] {
        switch stage {
        case .measuring: points.flatMap { fresh(plan, after: $0) }
        case .halving(_, let low, let high): fresh(plan, after: low + (high - low) / 2)
        case .removing: candidates.flatMap { redrawn($0.plan) }
        case .done: []
        }
    }

    /// Whether each of them failed in the same way; fewer than asked when the time is over, which ends it.
    public mutating func settle(_ answers: [Bool]) {
        let counts = stride(from: 0, through: answers.count - tries, by: tries).map { start in
            answers[start..<start + tries].count { $0 }
        }
        switch stage {
        case .measuring:
            chances = zip(points, counts).map { Chance(event: $0, failed: $1) }
            guard counts.count == points.count else { return cut() }
            chances.append(Chance(event: events, failed: tries))
            stage = halving(.likely)
        case .halving(let goal, let low, let high):
            guard let failed = counts.first else { return cut() }
            let middle = low + (high - low) / 2
            add(Chance(event: middle, failed: failed))
            let isReached = failed >= threshold(goal)
            stage = next(goal, low: isReached ? low : middle, high: isReached ? middle : high)
        case .removing:
            removals = zip(candidates, counts).map { Removal(what: $0.what, failed: $1) }
            isCut = counts.count < candidates.count
            stage = .done
        case .done: break
        }
    }

    private mutating func cut() {
        isCut = true
        stage = .done
    }

    private var points: [Int] {
        var result: [Int] = []
        for number in 0..<Self.pointCount {
            let event = events * number / Self.pointCount
            if result.last != event { result.append(event) }
        }
        return result
    }

    private func threshold(_ goal: Goal) -> Int { goal == .likely ? (tries + 1) / 2 : tries }

    /// Where the chance came over the threshold for good, by what was measured.
    private mutating func halving(_ goal: Goal) -> Stage {
        let place = chances.lastIndex { $0.failed < threshold(goal) }
        guard let place, place + 1 < chances.count else { return next(goal, low: -1, high: 0) }
        return next(goal, low: chances[place].event, high: chances[place + 1].event)
    }

    private mutating func next(_ goal: Goal, low: Int, high: Int) -> Stage {
        if high - low > 1 { return .halving(goal, low: low, high: high) }
        reached(goal, high)
        return goal == .likely ? halving(.inevitable) : candidates.isEmpty ? .done : .removing
    }

    private mutating func reached(_ goal: Goal, _ event: Int) {
        switch goal {
        case .likely: likely = event
        case .inevitable: inevitable = event
        }
    }

    private mutating func add(_ chance: Chance) {
        let place = chances.firstIndex { $0.event >= chance.event } ?? chances.count
        if place < chances.count, chances[place].event == chance.event { return }
        chances.insert(chance, at: place)
    }

    // MARK: Plans

    /// The rest of the run drawn anew, once for each try.
    private func fresh(_ plan: Plan, after event: Int) -> [Plan] {
        (0..<tries).map { number in
            var plan = plan
            plan.branches = [Branch(after: event, number: UInt32(number))]
            return plan
        }
    }

    /// First with the decisions as they are: what remains may find them all the same. Then with others.
    private func redrawn(_ plan: Plan) -> [Plan] { [plan] + fresh(plan, after: 0).dropLast() }
}

extension Plan {
    /// What may be taken out alone, in words, and the plan without it.
    fileprivate var candidates: [(what: String, plan: Plan)] {
        var result: [(what: String, plan: Plan)] = []
        let families = occurringFamilies
        for (place, family) in families.enumerated() where families.count > 1 {
            let count = faults.count { $0.family == family } + (lastCrash?.rawValue == family.rawValue ? 1 : 0)
            // One alone is a fault of its own below.
            guard count > 1 else { continue }
            result.append(("all \(count) of \(family.rawValue)", Items.families.removed(place..<place + 1, from: self)))
        }
        for (place, what) in faultNames.enumerated() {
            result.append((what, Items.faults.removed(place..<place + 1, from: self)))
        }
        let isSmall = operationCount <= Explanation.operationsMax
        let items = isSmall ? Items.operations : .parties
        for (place, what) in (isSmall ? operationNames : partyNames).enumerated() {
            result.append((what, items.removed(place..<place + 1, from: self)))
        }
        return result
    }

    private var faultNames: [String] {
        faults.map { "✱ \($0.text)" } + diskPoints.map { "✱ \($0.line)" }
            + (lastCrash.map { ["✱ last-crash \($0.rawValue)"] } ?? [])
    }

    private var operationNames: [String] {
        clients.enumerated().flatMap { number, client in client.operations.map { "client \(number): \($0.text)" } }
            + owners.enumerated().flatMap { number, owner in owner.operations.map { "owner \(number): \($0.text)" } }
            + (writesAtLastCrash?.writers ?? []).enumerated().flatMap { number, writer in
                writer.operations.map { "writer \(number): \($0.text)" }
            }
    }

    private var partyNames: [String] {
        clients.indices.map { "client \($0)" } + owners.indices.map { "owner \($0)" }
            + (lastWrites?.writers.indices.map { "writer \($0)" } ?? [])
    }
}
