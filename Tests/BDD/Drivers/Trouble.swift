import Platform
import Primitives
import Sim

/// What goes wrong in the background of a simulated scenario, between its steps and across them.
///
/// Nothing of it may show: what was acknowledged survives the end of a process, and clients connect again. Every
/// sixth seed is left in peace, so that a failure can be compared with a quiet run.
struct Trouble {
    private var dice: PRNG
    private let isQuiet: Bool
    private var killsLeft = 2

    init(seed: UInt64) {
        dice = PRNG(seed: seed, label: "bdd/trouble")
        isQuiet = seed % 6 == 0
    }

    enum Kind: CaseIterable {
        case slowDisk, shardStall, clockStep, connectionReset, processKill
    }

    /// What is to happen now; nil for about half of the steps.
    mutating func next(shardCount: Int) -> Fault.Kind? {
        guard !isQuiet, dice.next(below: 2) == 0 else { return nil }
        switch Kind.allCases[dice.next(below: Kind.allCases.count)] {
        case .slowDisk: return .slowIO(factor: Int64(2 + dice.next(below: 20)))
        case .shardStall: return .shardStall(ShardID(UInt16(dice.next(below: shardCount))))
        case .clockStep: return .clockStep(microseconds: Int64(dice.next(below: 20_000_000)) - 10_000_000)
        case .connectionReset: return .connectionReset(nth: UInt32(dice.next(below: 8)))
        case .processKill:
            guard killsLeft > 0 else { return nil }
            killsLeft -= 1
            return .processKill(restartIn: Int64(1 + dice.next(below: 200)) * millisecond)
        }
    }

    /// How long it lasts, in nanoseconds.
    mutating func duration() -> Int64 { Int64(5 + dice.next(below: 100)) * millisecond }
}
