/// How far a fault of the plan came: it waits, it strikes, the server meets it, and the server recovers from it.
///
/// Met is not the same as begun: a full volume that nobody writes to was not met. Survived is what the plan owes each
/// kind once it is over:
///
/// | Family | Met when | Survived when |
/// |---|---|---|
/// | `disk-full` | a call was refused for want of space, or the server noticed the want itself | there is room again, and an append asked for after that succeeds |
/// | `shard-panic` | the shard failed | a later Machine of that shard answers a client |
/// | `smt-oversubscription` | a step waited for a CPU or a quota, or ran beside a busy sibling | it is over, and every shard answers a client |
/// | `rotation-race` | the rotation was delayed, cut off or failed | a reader crosses from one segment into the next |
/// | the others | they changed something | an append asked for after that succeeds |
public struct FaultLife: Equatable, Sendable {
    public internal(set) var isMet = false
    public internal(set) var isSurvived = false
    /// When it no longer had any effect, in nanoseconds; nil before.
    var overAt: Int64?
    /// The shard that failed, and the serial of the newest Machine at that time.
    var lost: (shard: Int, serial: UInt32)?
    /// By shard: it has answered a client since the fault was over.
    var served: [Bool] = []
    /// Boundaries between segments that readers had crossed when it was met.
    var crossings: UInt32 = 0

    public static func == (left: FaultLife, right: FaultLife) -> Bool {
        left.isMet == right.isMet && left.isSurvived == right.isSurvived
    }
}

extension FaultEngine {
    /// The fault changed something. True for the first time.
    @discardableResult
    mutating func feel(_ fault: Int, at now: Int64) -> Bool {
        effects[fault] += 1
        guard !lives[fault].isMet else { return false }
        lives[fault].isMet = true
        lives[fault].crossings = crossings
        if states[fault] == .over { lives[fault].overAt = now }
        unsettled.append(fault)
        return true
    }

    /// The fault has no effect any more.
    mutating func over(_ fault: Int, at now: Int64) {
        states[fault] = .over
        if lives[fault].overAt == nil { lives[fault].overAt = now }
    }

    /// The panic struck its shard. `serial` is that of the newest Machine.
    mutating func lost(_ shard: Int, by fault: Int, serial: UInt32) {
        lives[fault].lost = (shard, serial)
    }

    /// The shard's Machine of this serial sent bytes to a client.
    mutating func served(_ shard: Int, serial: UInt32, shardCount: Int) {
        for fault in unsettled {
            switch faults[fault].family {
            case .shardPanic:
                if let lost = lives[fault].lost, lost.shard == shard, serial > lost.serial {
                    settle(fault)
                }
            case .smtOversubscription:
                guard lives[fault].overAt != nil else { continue }
                if lives[fault].served.count != shardCount {
                    lives[fault].served = Array(repeating: false, count: shardCount)
                }
                lives[fault].served[shard] = true
                if lives[fault].served.allSatisfy({ $0 }) { settle(fault) }
            default: break
            }
        }
    }

    /// An append that was asked for at `invoked` was acknowledged.
    mutating func acknowledged(invoked: Int64) {
        for fault in unsettled {
            switch faults[fault].family {
            case .shardPanic, .smtOversubscription, .rotationRace: break
            default: if let overAt = lives[fault].overAt, invoked >= overAt { settle(fault) }
            }
        }
    }

    /// Readers have crossed so many boundaries between segments since the run began.
    mutating func crossed(_ count: UInt32) {
        guard count > crossings else { return }
        crossings = count
        for fault in unsettled where faults[fault].family == .rotationRace && crossings > lives[fault].crossings {
            settle(fault)
        }
    }

    private mutating func settle(_ fault: Int) {
        lives[fault].isSurvived = true
        unsettled.removeAll { $0 == fault }
    }

    /// Of one family: faults that the plan drew, that were met, and that were survived.
    public func tally(of family: Fault.Family) -> FaultTally { tally { $0.family == family } }

    /// Effects and tally of each kind that the plan drew, in the order of the catalogue. Spares that were not needed were
    /// not drawn.
    var kinds: [(id: String, effects: Int, tally: FaultTally)] {
        let drawn = faults.map(\.id)
        return Fault.catalogue.filter { drawn.contains($0.id) }.map { entry in
            (entry.id, effects(ofKind: entry.id), tally { $0.id == entry.id })
        }.filter { $0.tally.drawn > 0 }
    }

    private func tally(of isMeant: (Fault) -> Bool) -> FaultTally {
        var tally = FaultTally()
        for fault in faults.indices where isMeant(faults[fault]) {
            // A spare that was not needed was not drawn.
            if faults[fault].trigger == .spare, states[fault] == .waiting { continue }
            tally.drawn += 1
            if lives[fault].isMet { tally.met += 1 }
            if lives[fault].isSurvived { tally.survived += 1 }
        }
        return tally
    }
}

/// What became of the faults of one family.
public struct FaultTally: Equatable, Sendable {
    public var drawn = 0
    public var met = 0
    public var survived = 0
}
