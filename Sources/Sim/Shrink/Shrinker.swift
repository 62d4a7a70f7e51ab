/// Makes a plan that fails smaller as long as it fails in the same way.
///
/// It proposes plans and is told which of them fails; it runs nothing itself. One step is a list of proposals in the
/// order in which they are wanted: the first that fails in the same way is taken, whoever ran them and in whatever
/// order the answers came. So the result depends on the plan alone, not on the number of processors.
///
/// Passes follow each other to a fixed point, each over the items of a list: large pieces are taken out first, then
/// smaller ones, from the end to the beginning; what cannot be taken out is made simpler. Where a decision of the tape
/// still matters, each proposal is made again with other decisions: what is taken out moves the rest along the tape.
public struct Shrinker: Sendable {
    /// The smallest plan so far.
    public private(set) var plan: Plan
    /// Nothing smaller was found in all passes since the last time.
    public private(set) var isFinished = false

    private var begun: [Int]
    private var pass = 0
    /// The plan is as short as the coarse passes make it.
    private var isFine = false
    /// Of a removal: the items behind it have been tried in pieces of this size. Of a simplification: the next item.
    private var cursor = 0
    private var pieceSize = 0
    private var edits: [Edit] = []
    private var acceptedCount = 0
    /// How many were accepted when the last samples were drawn: without a new one they would be the same.
    private var sampledAt: Int?
    /// Passes since the last that found anything, and whether this one did.
    private var idlePasses = 0
    private var isIdle = true

    /// What the run of a failing plan told.
    public struct Evidence: Equatable, Sendable {
        /// What it drew; nil if it died.
        public let tape: PlannedTape?
        /// Operations that each client, owner and last writer had begun; empty if it died.
        public let begun: [Int]

        public init(tape: PlannedTape?, begun: [Int]) {
            self.tape = tape
            self.begun = begun
        }
    }

    private enum Pass {
        /// Small parts of the plan, at random.
        case sampling
        case removal(Items)
        case simplification(Aspect)
        /// Operations that the failure did not wait for.
        case begunOnly
    }

    /// What makes the plan shorter. Samples first: one that fails spares hundreds of long runs. Then decisions: a run that
    /// needs none is simpler for all that follows.
    private static let coarse: [Pass] = [
        .begunOnly, .sampling, .removal(.lanes), .removal(.families), .removal(.faults), .sampling, .simplification(.topology),
        .removal(.parties), .removal(.operations), .simplification(.parties),
    ]
    /// What makes the rest of it plainer: of a long plan it would take a run for every number.
    private static let fine: [Pass] = [
        .simplification(.operations), .simplification(.faults), .removal(.knobs), .removal(.choices),
    ]

    private var passes: [Pass] { isFine ? Self.coarse + Self.fine : Self.coarse }

    private struct Edit {
        let change: Change
        /// Which decisions it is tried with: 0 for those of the plan.
        let attempt: UInt32

        enum Change {
            case removal(Items, Range<Int>)
            case simplification(Aspect, item: Int, choice: Int)
            case begunOnly
            case sample(Int, salt: Int)
        }
    }

    /// Items that one step makes simpler, at most.
    private static let itemsMax = 8

    /// `plan` fails, and its run told `evidence`.
    public init(_ plan: Plan, _ evidence: Evidence) {
        self.plan = Self.explicit(plan, evidence)
        begun = evidence.begun
        enterPass()
        if edits.isEmpty { advance() }
    }

    /// The same run, with nothing left to the seed that can be written down.
    public static func explicit(_ plan: Plan, _ evidence: Evidence) -> Plan {
        var plan = plan
        plan.lastWrites = plan.writesAtLastCrash
        if let tape = evidence.tape {
            plan.tape = tape.trimmed
            plan.branches = []
        }
        return plan
    }

    /// What is at work, for a person.
    public var passName: String {
        switch passes[pass] {
        case .removal(let items): "removing \(items)"
        case .simplification(let aspect): "simplifying \(aspect)"
        case .begunOnly: "cutting off"
        case .sampling: "sampling"
        }
    }

    // MARK: One step

    public var proposalCount: Int { edits.count }

    /// The proposal with this number; nil if it says nothing new.
    public func proposal(_ number: Int) -> Plan? {
        let edit = edits[number]
        var proposed: Plan
        switch edit.change {
        case .begunOnly: proposed = plan.keeping(begun: begun)
        case .sample(let number, let salt): proposed = plan.sample(number, salt: salt)
        case .removal(let items, let range): proposed = items.removed(range, from: plan)
        case .simplification(let aspect, let item, let choice):
            let choices = aspect.simpler(item, in: plan)
            guard choice < choices.count else { return nil }
            proposed = choices[choice]
        }
        if edit.attempt > 0 {
            let tape = proposed.tape ?? .drawn(0)
            // Decisions that were benign may be others again where that makes the plan shorter.
            let isFree = if case .removal(let items, _) = edit.change { items.isWorthDecisions } else { false }
            let lanes = isFree && edit.attempt % 2 == 0 ? Tape.Lane.allCases : tape.liveLanes
            guard !lanes.isEmpty else { return nil }
            proposed.branches = []
            proposed.tape = tape.redrawn(lanes, UInt32(acceptedCount) &* 64 &+ edit.attempt)
        }
        return proposed == plan ? nil : proposed
    }

    /// The first of the proposals that fails in the same way, and what its run told; nil if none does.
    public mutating func settle(_ first: (number: Int, evidence: Evidence)?) {
        guard let first, let proposed = proposal(first.number) else { return advance() }
        let change = edits[first.number].change
        plan = Self.explicit(proposed, first.evidence)
        begun = first.evidence.begun
        acceptedCount += 1
        isIdle = false
        switch change {
        case .removal(_, let piece): cursor = piece.lowerBound
        // What is simpler now may become simpler still.
        case .simplification(_, let item, choice: _): cursor = item
        // Once is enough.
        case .begunOnly, .sample: cursor = 1
        }
        list()
        if edits.isEmpty { advance() }
    }

    // MARK: From step to step

    /// The next step that proposes anything.
    private mutating func advance() {
        repeat {
            if moveOn() {
                list()
            } else {
                idlePasses = isIdle ? idlePasses + 1 : 0
                let isIdleAround = idlePasses == passes.count
                isFinished = isIdleAround && isFine
                if isIdleAround, !isFine {
                    isFine = true
                    pass = Self.coarse.count
                } else {
                    pass = (pass + 1) % passes.count
                }
                edits = []
                if !isFinished { enterPass() }
            }
        } while edits.isEmpty && !isFinished
    }

    private mutating func enterPass() {
        isIdle = true
        cursor = 0
        if case .removal(let items) = passes[pass] {
            pieceSize = items.count(in: plan)
            cursor = pieceSize
        }
        list()
    }

    /// Goes on within the pass; false at its end.
    private mutating func moveOn() -> Bool {
        switch passes[pass] {
        case .begunOnly, .sampling: return false
        case .simplification(let aspect):
            cursor += Self.itemsMax
            return cursor < aspect.count(in: plan)
        case .removal(let items):
            let count = items.count(in: plan)
            let least = items.leastPiece(of: count)
            guard count > 0, pieceSize > least else { return false }
            // All lanes, then all but the first.
            let isFirstOfLanes = if case .lanes = items { pieceSize == count && count > 2 } else { false }
            pieceSize = isFirstOfLanes ? count - 1 : max(least, min(pieceSize, count) / 2)
            cursor = count
            return true
        }
    }

    /// The edits of a step.
    private mutating func list() {
        edits = []
        switch passes[pass] {
        case .begunOnly:
            if cursor == 0, !begun.isEmpty { edits = [Edit(change: .begunOnly, attempt: 0)] }
        case .sampling:
            guard cursor == 0, sampledAt != acceptedCount else { return }
            sampledAt = acceptedCount
            edits = (0..<plan.sampleCount).map {
                Edit(change: .sample($0, salt: acceptedCount), attempt: 0)
            }
        case .removal(let items):
            let count = items.count(in: plan)
            var end = min(cursor, count)
            while end > 0 {
                let piece = max(0, end - pieceSize)..<end
                let attempts = items.attempts(piece.count, of: count)
                edits += (0...attempts).map { Edit(change: .removal(items, piece), attempt: $0) }
                end = piece.lowerBound
            }
        case .simplification(let aspect):
            let count = aspect.count(in: plan)
            for item in min(cursor, count)..<min(cursor + Self.itemsMax, count) {
                for choice in aspect.simpler(item, in: plan).indices {
                    edits += (0...aspect.attempts).map {
                        Edit(change: .simplification(aspect, item: item, choice: choice), attempt: $0)
                    }
                }
            }
        }
    }
}

extension Items {
    /// One by one a long tape would take longer than it is worth.
    fileprivate func leastPiece(of count: Int) -> Int {
        switch self {
        case .choices: max(1, count / 64)
        case .lanes, .families, .faults, .parties, .operations, .knobs: 1
        }
    }

    /// How often the removal of a piece is tried with other decisions. To take out much at once is worth many.
    fileprivate func attempts(_ size: Int, of count: Int) -> UInt32 {
        switch self {
        case .choices: 0
        case .lanes: 40
        case .families, .faults, .parties, .operations: size * 4 >= count ? 12 : count <= 48 ? 8 : 3
        case .knobs: size * 4 >= count ? 12 : 1
        }
    }
}

extension Items {
    /// Whether a plan without them is shorter even if more of its decisions matter.
    fileprivate var isWorthDecisions: Bool {
        switch self {
        case .families, .faults, .parties, .operations: true
        case .lanes, .knobs, .choices: false
        }
    }
}

extension Aspect {
    fileprivate var attempts: UInt32 {
        switch self {
        case .topology, .parties: 4
        case .operations, .faults: 1
        }
    }
}
