import Platform

/// The order of what could be next, decision by decision.
///
/// A decision is taken wherever more than one thing could be next, and the tape takes it: 0 is what time has first.
/// Whoever enumerates the tapes enumerates the orders.
public struct Exploration: Sendable {
    let interruptions: [PlannedInterleaving.Interruption]
    private let isPlanned: Bool
    /// From the meeting of the clients to their end.
    private(set) var isOn = false
    /// There is one crash or stop in a run, and one alarm that rings early.
    private var isInterrupted = false, isHurried = false
    /// Orders that differ from an earlier one in what commutes are left.
    public var prunes = false
    public private(set) var decisions: [Decision] = []
    /// The run was left: what it could do next, an earlier order has done.
    public private(set) var isRedundant = false
    /// What an earlier order did at a decision of this one, as long as nothing happened since that it depends on.
    private var sleeping: [(sequence: UInt32, footprint: Footprint)] = []

    init(_ planned: PlannedInterleaving?) {
        interruptions = planned?.interruptions ?? []
        isPlanned = planned != nil
    }

    mutating func turn(on isWanted: Bool) { isOn = isPlanned && isWanted }

    /// A crash: what follows is the recovery, in the order of time.
    mutating func crash() {
        isInterrupted = true
        isOn = false
    }

    /// What else may be next.
    var openInterruptions: [PlannedInterleaving.Interruption] {
        interruptions.filter { $0 == .alarm ? !isHurried : !isInterrupted }
    }

    mutating func stop() { isInterrupted = true }
    mutating func hurry() { isHurried = true }

    /// Takes the decision among these; nil if the run is to be left. Interruptions depend on everything.
    mutating func decide(
        _ candidates: [(sequence: UInt32, footprint: Footprint)], _ draw: (UInt32) -> UInt32
    ) -> Int? {
        // More would not fit the mask; no scenario comes near.
        let count = min(candidates.count, 64)
        var awake: UInt64 = 0
        for place in 0..<count where !sleeps(candidates[place].sequence) { awake |= 1 << UInt64(place) }
        var choice = 0
        if count > 1 {
            decisions.append(Decision(count: count, awake: awake))
            choice = Int(draw(UInt32(count)))
        }
        guard awake & 1 << UInt64(choice) != 0 else {
            isRedundant = true
            return nil
        }
        let chosen = candidates[choice].footprint
        if prunes {
            for place in 0..<choice where awake & 1 << UInt64(place) != 0 { sleeping.append(candidates[place]) }
            sleeping.removeAll { !$0.footprint.isIndependent(of: chosen) }
        }
        return choice
    }

    private func sleeps(_ sequence: UInt32) -> Bool { sleeping.contains { $0.sequence == sequence } }
}

/// What a happening touches. Two that touch nothing in common may change places, and nobody can tell.
struct Footprint: Equatable, Sendable {
    private let bits: UInt64

    static let everything = Footprint(bits: .max)
    /// The names in directories: what of them survives a power cut depends on their order.
    static let names = Footprint(bits: 1 << 32)
    /// What clients were told, and when: the oracle compares it.
    static let history = Footprint(bits: 1 << 33)

    private init(bits: UInt64) { self.bits = bits }

    static func shard(_ number: Int) -> Footprint { Footprint(bits: 1 << UInt64(number % 32)) }
    static func connection(_ number: UInt32) -> Footprint { Footprint(bits: 1 << UInt64(34 + number % 30)) }

    static func + (left: Footprint, right: Footprint) -> Footprint { Footprint(bits: left.bits | right.bits) }

    func isIndependent(of other: Footprint) -> Bool { bits & other.bits == 0 }
}
