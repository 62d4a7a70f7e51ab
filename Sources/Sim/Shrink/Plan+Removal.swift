/// What can be taken out of a plan, piece by piece. Each kind is a list; to take a range out of it leaves the rest in
/// its order.
enum Items {
    /// Lanes of the tape that are not benign; out of it they are.
    case lanes
    /// All faults of one family.
    case families
    /// Each fault, each crash point, and the last crash.
    case faults
    /// Clients, owners and writers, with all they do.
    case parties
    case operations
    /// Knobs that are not as usual, except for those that shape the server; out of the list they are.
    case knobs
    /// Decisions of the tape that are not benign; out of it they are.
    case choices

    func count(in plan: Plan) -> Int {
        switch self {
        case .lanes: plan.liveLanes.count
        case .families: plan.occurringFamilies.count
        case .faults: plan.faultCount
        case .parties: plan.partyCount
        case .operations: plan.operationCount
        case .knobs: plan.unusualKnobs.count
        case .choices: plan.tape?.choiceCount ?? 0
        }
    }

    /// The plan without the items of the range, as far as there are any.
    func removed(_ range: Range<Int>, from plan: Plan) -> Plan {
        var plan = plan
        switch self {
        case .lanes:
            let lanes = plan.liveLanes
            var tape = plan.tape ?? .drawn(0)
            for lane in lanes[range.clamped(to: lanes.indices)] { tape[lane] = .choices([]) }
            plan.tape = tape
        case .families:
            let families = plan.occurringFamilies
            let removed = families[range.clamped(to: families.indices)]
            plan.faults.removeAll { removed.contains($0.family) }
            if let crash = plan.lastCrash, removed.contains(where: { $0.rawValue == crash.rawValue }) {
                plan.removeLastCrash()
            }
        case .faults: plan.removeFaults(range)
        case .parties: plan.removeParties(range)
        case .operations: plan.removeOperations(range)
        case .knobs:
            let knobs = plan.unusualKnobs
            for knob in knobs[range.clamped(to: knobs.indices)] { plan.knobs[knob] = knob.range.usual }
        case .choices: plan.tape = plan.tape?.zeroed(range)
        }
        plan.families = plan.occurringFamilies
        return plan
    }
}

extension Plan {
    /// What its clients, owners and last writers are to do.
    public var operationCount: Int {
        clients.reduce(0) { $0 + $1.operations.count } + owners.reduce(0) { $0 + $1.operations.count }
            + (writesAtLastCrash?.writers.reduce(0) { $0 + $1.operations.count } ?? 0)
    }

    /// Its faults, crash points and last crash.
    public var faultCount: Int { faults.count + diskPoints.count + (lastCrash == nil ? 0 : 1) }

    /// Lanes that are not benign, survival first: it is the one that is needed most.
    fileprivate var liveLanes: [Tape.Lane] {
        let live = tape?.liveLanes ?? Tape.Lane.allCases
        return live.filter { $0 == .survival } + live.filter { $0 != .survival }
    }

    /// Families that one of its faults is of, or its last crash.
    public var occurringFamilies: [Fault.Family] {
        Fault.Family.allCases.filter { family in
            family.rawValue == lastCrash?.rawValue || faults.contains { $0.family == family }
        }
    }

    var partyCount: Int { clients.count + owners.count + (lastWrites?.writers.count ?? 0) }

    fileprivate var unusualKnobs: [Knob] {
        Knob.allCases.filter { $0 != .shards && $0 != .partitions && knobs[$0] != $0.range.usual }
    }

    fileprivate mutating func removeLastCrash() {
        lastCrash = nil
        lastWrites = nil
    }

    fileprivate mutating func removeFaults(_ range: Range<Int>) {
        var place = Place(range)
        faults.removeSubrange(place.next(faults.count))
        diskPoints.removeSubrange(place.next(diskPoints.count))
        if lastCrash != nil, !place.next(1).isEmpty { removeLastCrash() }
    }

    fileprivate mutating func removeParties(_ range: Range<Int>) {
        var place = Place(range)
        clients.removeSubrange(place.next(clients.count))
        owners.removeSubrange(place.next(owners.count))
        if let count = lastWrites?.writers.count { lastWrites?.writers.removeSubrange(place.next(count)) }
    }

    fileprivate mutating func removeOperations(_ range: Range<Int>) {
        var place = Place(range)
        for index in clients.indices {
            clients[index].operations.removeSubrange(place.next(clients[index].operations.count))
        }
        for index in owners.indices {
            owners[index].operations.removeSubrange(place.next(owners[index].operations.count))
        }
        guard var writes = lastWrites else { return }
        for index in writes.writers.indices {
            writes.writers[index].operations.removeSubrange(place.next(writes.writers[index].operations.count))
        }
        lastWrites = writes
    }

    /// Only the operations that were begun: so many of each client, owner and writer.
    func keeping(begun: [Int]) -> Plan {
        var plan = self
        var counts = begun[...]
        func kept<Operation>(_ operations: [Operation]) -> [Operation] {
            Array(operations.prefix(counts.popFirst() ?? 0))
        }
        for index in clients.indices { plan.clients[index].operations = kept(clients[index].operations) }
        for index in owners.indices { plan.owners[index].operations = kept(owners[index].operations) }
        if let writers = lastWrites?.writers {
            plan.lastWrites?.writers = writers.map { PlannedClient($0.behaviour, kept($0.operations)) }
        }
        return plan
    }
}

/// Where a range of one long list lies in the lists that it is made of.
private struct Place {
    private var rest: Range<Int>

    init(_ range: Range<Int>) { rest = range }

    /// Its part in the next list, which has so many members.
    mutating func next(_ count: Int) -> Range<Int> {
        defer { rest = rest.lowerBound - count..<rest.upperBound - count }
        return rest.clamped(to: 0..<count)
    }
}

extension PlannedTape {
    /// Every lane draws from the substream with this number.
    public static func drawn(_ number: UInt32) -> PlannedTape {
        var tape = PlannedTape()
        for lane in Tape.Lane.allCases { tape[lane] = .drawn(number) }
        return tape
    }

    /// The lanes draw anew.
    func redrawn(_ lanes: [Tape.Lane], _ number: UInt32) -> PlannedTape {
        var tape = self
        for lane in lanes { tape[lane] = .drawn(number) }
        return tape
    }

    /// Without those of the choices that are written down and not 0 whose numbers are in the range.
    fileprivate func zeroed(_ range: Range<Int>) -> PlannedTape {
        var tape = self
        var number = 0
        for lane in Tape.Lane.allCases {
            guard var choices = self[lane].choices else { continue }
            for position in choices.indices where choices[position] != 0 {
                if range.contains(number) { choices[position] = 0 }
                number += 1
            }
            tape[lane] = .choices(choices)
        }
        return tape.trimmed
    }
}
