import Platform
import Primitives

// The wide profile: the whole catalogue, family by family on or off, some often and some seldom.

extension PlanGenerator {
    /// Whether faults are drawn from the whole catalogue. The standard way must stay as it is.
    var drawsWide: Bool {
        profile == .wide || onlyKinds != nil || only?.contains { !Fault.Family.standard.contains($0) } ?? false
    }

    /// The kinds that a plan may draw.
    private var kinds: [FaultEntry] {
        Fault.catalogue.filter { entry in
            if only == nil, onlyKinds == nil { return true }
            return only?.contains(entry.family) ?? false || onlyKinds?.contains(entry.id) ?? false
        }
    }

    func wideFamilies(_ seed: UInt64) -> [Fault.Family] {
        let kinds = kinds
        let allowed = Fault.Family.allCases.filter { family in kinds.contains { $0.family == family } }
        guard only == nil, onlyKinds == nil else { return allowed }
        return allowed.filter {
            var dice = PRNG(seed: seed, label: "wide/\($0.rawValue)")
            return dice.chance(1, in: 2)
        }
    }

    func wideFaults(_ seed: UInt64, _ plan: Plan) -> [Fault] {
        guard profile.faultCount > 0, !plan.families.isEmpty else { return [] }
        let weights = plan.families.map {
            var dice = PRNG(seed: seed, label: "wide/weight/\($0.rawValue)")
            return UInt64(1 + dice.next(below: 100))
        }
        var dice = PRNG(seed: seed, label: "wide/faults")
        return (0..<profile.faultCount + dice.next(below: 5)).map { index in
            let family = plan.families[dice.pick(weights: weights) ?? 0]
            let allowed = kinds.filter { $0.family == family }
            let kind = allowed[dice.next(below: allowed.count)].id
            var own = PRNG(seed: seed, label: "wide/\(kind)/\(index)")
            // Kinds of one family are drawn alike: again, until it is this one.
            var drawn = fault(family, &own, plan)
            while drawn.id != kind { drawn = fault(family, &own, plan) }
            return drawn
        }
    }

    /// Shards that can fail together, share a core and write to each other.
    func demandWide(_ plan: inout Plan) {
        if plan.families.contains(where: { [.crash, .processor, .mail].contains($0) }) {
            plan.knobs[.shards] = max(2, plan.knobs[.shards])
        }
    }

    func disturbance(
        _ family: Fault.Family, _ dice: inout PRNG, _ plan: Plan, when time: Fault.Trigger, _ other: Fault.Trigger
    ) -> Fault {
        let names = Disturbance.Name.allCases.filter { $0.row.family == family }
        let name = names[dice.next(below: names.count)]
        let row = name.row
        let strength = row.strength.lowerBound
            + Int64(dice.nextSkewed(below: UInt64(row.strength.upperBound - row.strength.lowerBound + 1)))
        let target: UInt32 =
            switch row.target {
            case .none: 0
            case .file(let classes): UInt32(classes[dice.next(below: classes.count)].rawValue)
            case .shard: UInt32(dice.next(below: plan.knobs[.shards]))
            case .connection: UInt32(dice.next(below: 8))
            case .number(let range):
                UInt32(range.lowerBound)
                    + UInt32(dice.next(below: UInt64(range.upperBound - range.lowerBound + 1)))
            }
        let trigger = dice.chance(1, in: 2) ? time : other
        return Fault(
            .disturbance(Disturbance(name, strength: strength, target: target)), when: trigger,
            for: Int64(1 + dice.nextSkewed(below: 600)) * millisecond)
    }
}
