import Platform
import Primitives

// Small plans that have the parts of a large one, drawn at random. A small run takes a fiftieth of the time of a large
// one, so hundreds of guesses cost less than taking the large one apart, and a bug needs few things at a time.

extension Plan {
    /// Of each size so many are drawn.
    private static let samplesOfSize = 96

    /// Sizes double from 4 operations on, up to half of this plan.
    var sampleCount: Int {
        var count = 0
        var size = 4
        while size * 2 <= operationCount, size <= 64 {
            count += Self.samplesOfSize
            size *= 2
        }
        return count
    }

    /// A part of this plan, with other decisions. `salt` tells the samples of one plan from those of another.
    func sample(_ number: Int, salt: Int) -> Plan {
        var dice = PRNG(seed: seed, label: "shrink/\(salt)/\(number)")
        let size = 4 << (number / Self.samplesOfSize)
        var plan = self
        if dice.chance(1, in: 2) {
            plan.lastCrash = nil
            plan.lastWrites = nil
        }
        plan.chapters = plan.chapters.filter { _ in dice.chance(1, in: 2) }
        plan.sampleParties(size, &dice)
        plan.sampleFaults(size, &dice)
        plan.tape = .drawn(UInt32(dice.next(below: 1 << 30)))
        plan.branches = []
        // A short run makes few calls.
        if let period = sabotage.map({ sabotagePeriod ?? $0.usualPeriod }), period > 1 {
            plan.sabotagePeriod = 1 + dice.next(below: period)
        }
        plan.families = plan.occurringFamilies
        return plan
    }

    /// One to three of them, each with some of its operations in a row.
    private mutating func sampleParties(_ size: Int, _ dice: inout PRNG) {
        let parties = 1 + dice.next(below: 3)
        let share = max(1, size / parties)
        let whole = self
        clients = []
        owners = []
        lastWrites?.writers = []
        for _ in 0..<parties {
            var party = dice.next(below: max(1, whole.partyCount))
            if party < whole.clients.count {
                clients.append(part(of: whole.clients[party], share, &dice))
                continue
            }
            party -= whole.clients.count
            if party < whole.owners.count {
                let operations = whole.owners[party].operations
                // Nothing happens before the first topic is made.
                let first = Array(operations.prefix(1))
                let others = window(operations.dropFirst(), max(1, share - 1), &dice)
                owners.append(PlannedOwner(whole.owners[party].behaviour, first + others))
                continue
            }
            party -= whole.owners.count
            if let writers = whole.lastWrites?.writers, party < writers.count {
                let writer = part(of: writers[party], share, &dice)
                lastWrites?.writers.append(writer)
            }
        }
        if let writes = lastWrites {
            let written = writes.writers.reduce(0) { $0 + $1.operations.count }
            lastWrites?.acknowledgedCount = dice.next(below: written + 1)
        }
    }

    private func part(of client: PlannedClient, _ count: Int, _ dice: inout PRNG) -> PlannedClient {
        PlannedClient(client.behaviour, window(client.operations[...], count, &dice))
    }

    private func window<Operation>(
        _ operations: ArraySlice<Operation>, _ count: Int, _ dice: inout PRNG
    ) -> [Operation] {
        Array(operations.dropFirst(dice.next(below: max(1, operations.count - count + 1))).prefix(count))
    }

    /// About two of them, each at its own time or at one that is more likely to come.
    private mutating func sampleFaults(_ size: Int, _ dice: inout PRNG) {
        let whole = faults
        faults = []
        for fault in whole where dice.chance(3, in: UInt64(max(4, whole.count))) {
            let isMoved = dice.chance(2, in: 3) || fault.trigger == .spare
            let trigger = isMoved ? fault.trigger.moved(size, &dice) : fault.trigger
            faults.append(Fault(fault.kind, when: trigger, for: fault.duration))
        }
    }
}

extension Fault.Trigger {
    /// A time or count that a run of so many operations reaches.
    fileprivate func moved(_ size: Int, _ dice: inout PRNG) -> Fault.Trigger {
        let nth = UInt32(1 + dice.next(below: size * 2))
        return switch self {
        case .at, .spare: .at(Int64(dice.next(below: size * 4)) * millisecond)
        case .io(let ioClass, let kind, nth: _): .io(ioClass, kind, nth: nth)
        case .mark(let mark, nth: _): .mark(mark, nth: nth)
        case .event(let shard, nth: _): .event(shard, nth: nth * 4)
        case .then(let moment, let steps): .then(moment, steps: steps)
        case .after(let waypoint, let steps): .after(Waypoint(waypoint.moment, nth: nth), steps: steps)
        }
    }
}
