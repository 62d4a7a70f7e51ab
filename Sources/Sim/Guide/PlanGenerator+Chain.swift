import Platform
public import Primitives

// What strikes a run that leaves its seed's path: one fault after the other, each soon after the one before, at moments
// that are chosen by what they are and not by when they come.

extension PlanGenerator {
    /// A chain that follows the waypoint. `moments` are places to strike.
    public func chain(
        from waypoint: Waypoint, _ moments: [Moment], of plan: Plan, _ dice: inout PRNG
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
                target = dice.pick(moments)
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

    /// The families that strike where they are put, and how often.
    private static let strikes: [(family: Fault.Family, weight: UInt64)] = [
        (.powerCut, 6), (.processKill, 4), (.shardPanic, 5), (.syncFails, 2), (.diskFull, 1), (.shardStall, 1),
        (.connectionReset, 1),
    ]
}
