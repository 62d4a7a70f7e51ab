import Platform
public import Primitives

// What strikes a run that leaves its seed's path: one fault after the other, each soon after the one before, at moments
// that are chosen by what they are and not by when they come.

extension PlanGenerator {
    /// A chain that follows the waypoint. `moments` are places to strike; `interest`: how much each is worth to be struck
    /// so, at least 1.
    public func chain(
        from waypoint: Waypoint, _ moments: [Moment], of plan: Plan, _ dice: inout PRNG,
        interest: (Moment, Moment.Turn?) -> UInt64 = { _, _ in 1 }
    ) -> [Fault] {
        let menu = Self.strikes.filter { isAllowed($0.family) && !without.contains($0.family) }
        guard !menu.isEmpty, profile.faultCount > 0 else { return [] }
        var chain: [Fault] = []
        var target: Moment?
        for _ in 0..<1 + dice.next(below: Self.chainMax) {
            guard let choice = dice.pick(weights: menu.map(\.weight)) else { break }
            let drawn = fault(menu[choice].family, &dice, plan)
            var nearness: UInt64 = 6
            var place: Moment?
            switch dice.next(below: 3) {
            // Soon after the one before: in the recovery from it, or while it still lasts.
            case 0: nearness = 64
            // In the same place once more.
            case 1 where target != nil: place = target
            default:
                let turn = menu[choice].turn
                target = dice.pick(weights: moments.map { interest($0, turn) }).map { moments[$0] }
                place = target
            }
            let steps = UInt32(dice.nextSkewed(below: nearness))
            guard isAllowed(drawn), !withoutKinds.contains(drawn.id) else { continue }
            let trigger = chain.isEmpty ? Fault.Trigger.after(waypoint, steps: steps) : .then(place, steps: steps)
            chain.append(Fault(drawn.kind, when: trigger, for: drawn.duration))
        }
        return chain
    }

    private static let chainMax = 24

    /// The families that strike where they are put, how often, and the turn that the world takes then.
    private static let strikes: [(family: Fault.Family, weight: UInt64, turn: Moment.Turn?)] = [
        (.powerCut, 6, .powerCut), (.processKill, 4, .kill), (.shardPanic, 5, .shardFailure),
        (.syncFails, 2, .syncFailure), (.diskFull, 1, .noSpace), (.shardStall, 1, nil), (.connectionReset, 1, nil),
    ]
}
