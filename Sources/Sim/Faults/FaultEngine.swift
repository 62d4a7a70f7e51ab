import Platform

/// Which faults wait, which are at work, and what they do to each operation.
public struct FaultEngine: Sendable {
    enum State: Equatable { case waiting, active, over }

    public private(set) var faults: [Fault]
    private(set) var states: [State]
    /// By fault: how often it changed what would have happened.
    public internal(set) var effects: [Int]
    private var ioCounts: [UInt32]
    private var markCounts: [UInt32]
    private var syncFailuresLeft: [Int]
    /// Operations that a rotation race still delays.
    private var raceDelaysLeft = 0
    private var raceFault: Int?
    /// Shards that fail at their next event.
    private var panicking: [Int] = []
    private(set) var isHealed = false
    /// Counting begins with the workload.
    var isArmed = false

    static let raceDelay: Int64 = 40 * millisecond

    public init(_ faults: [Fault]) {
        self.faults = faults
        states = Array(repeating: .waiting, count: faults.count)
        effects = Array(repeating: 0, count: faults.count)
        ioCounts = Array(repeating: 0, count: IOClass.allCases.count * IOKind.allCases.count)
        markCounts = Array(repeating: 0, count: Mark.allCases.count)
        syncFailuresLeft = Array(repeating: 0, count: faults.count)
    }

    /// Another fault, which waits from now on. Answers its number.
    mutating func add(_ fault: Fault) -> Int {
        faults.append(fault)
        states.append(.waiting)
        effects.append(0)
        syncFailuresLeft.append(0)
        return faults.count - 1
    }

    var waitsForMarks: Bool {
        faults.contains { if case .mark = $0.trigger { true } else { false } }
    }

    // MARK: Triggers

    /// Counts an operation; the faults that waited for it.
    mutating func counted(_ kind: IOKind, _ ioClass: IOClass?) -> [Int] {
        guard let ioClass, isArmed, !isHealed else { return [] }
        let cell = Int(ioClass.rawValue) * IOKind.allCases.count + kind.index
        ioCounts[cell] += 1
        let count = ioCounts[cell]
        return waiting { $0 == .io(ioClass, kind, nth: count) }
    }

    mutating func counted(_ mark: Mark) -> [Int] {
        guard isArmed else { return [] }
        markCounts[Int(mark.rawValue)] += 1
        let count = markCounts[Int(mark.rawValue)]
        return isHealed ? [] : waiting { $0 == .mark(mark, nth: count) }
    }

    /// The shard handles its nth event: does it fail in it? Other faults that wait for the event begin after it.
    mutating func shouldPanic(_ shard: Int, handled: UInt32) -> Bool {
        if let index = panicking.firstIndex(of: shard) {
            panicking.remove(at: index)
            return true
        }
        return false
    }

    mutating func counted(event nth: UInt32, of shard: Int) -> [Int] {
        isHealed || !isArmed ? [] : waiting { $0 == .event(ShardID(UInt16(shard)), nth: nth) }
    }

    private func waiting(_ isMeant: (Fault.Trigger) -> Bool) -> [Int] {
        faults.indices.filter { states[$0] == .waiting && isMeant(faults[$0].trigger) }
    }

    // MARK: At work

    /// Marks the fault as begun; false if it may not begin any more.
    mutating func begin(_ fault: Int) -> Bool {
        guard !isHealed, states[fault] == .waiting else { return false }
        states[fault] = faults[fault].duration > 0 ? .active : .over
        switch faults[fault].kind {
        case .syncFails(_, let count):
            syncFailuresLeft[fault] = count
            states[fault] = .active
        case .rotationRace(.stall):
            raceDelaysLeft = 6
            raceFault = fault
        case .diskFull, .shardPanic, .smtOversubscription, .rotationRace, .processKill, .powerCut, .slowIO,
            .shardStall, .clockStep, .connectionReset:
            break
        }
        return true
    }

    mutating func end(_ fault: Int) -> Bool {
        guard states[fault] == .active else { return false }
        states[fault] = .over
        return true
    }

    mutating func panic(_ shard: Int) { panicking.append(shard) }

    /// How often faults of the family changed what would have happened.
    public func effects(of family: Fault.Family) -> Int {
        faults.indices.reduce(0) { $0 + (faults[$1].family == family ? effects[$1] : 0) }
    }

    /// What the faults of the family have made of the world was met by an operation.
    mutating func felt(_ family: Fault.Family) {
        for fault in faults.indices where states[fault] == .active && faults[fault].family == family {
            effects[fault] += 1
        }
    }

    func isActive(_ family: Fault.Family) -> Bool {
        faults.indices.contains { states[$0] == .active && faults[$0].family == family }
    }

    /// The faults that are at work; after it no fault begins.
    mutating func heal() -> [Int] {
        isHealed = true
        raceDelaysLeft = 0
        panicking = []
        return faults.indices.filter { states[$0] == .active }
    }

    // MARK: Operations

    mutating func consult(_ kind: IOKind, _ ioClass: IOClass?, at now: Int64) -> InjectedFault? {
        guard kind == .sync, let ioClass else { return nil }
        for fault in faults.indices where states[fault] == .active {
            if case .syncFails(ioClass, count: _) = faults[fault].kind, syncFailuresLeft[fault] > 0 {
                syncFailuresLeft[fault] -= 1
                effects[fault] += 1
                if syncFailuresLeft[fault] == 0 { states[fault] = .over }
                return .syncFails
            }
        }
        return nil
    }

    /// What the faults add to an operation's time, in nanoseconds.
    mutating func delay(_ kind: IOKind, _ ioClass: IOClass?, _ delay: Int64, at now: Int64) -> Int64 {
        var added: Int64 = 0
        for fault in faults.indices where states[fault] == .active {
            if case .slowIO(let factor) = faults[fault].kind {
                added += delay * (factor - 1)
                effects[fault] += 1
            }
        }
        if raceDelaysLeft > 0, ioClass == .segment || ioClass == .index, kind != .read, kind != .write {
            raceDelaysLeft -= 1
            added += Self.raceDelay
            if let raceFault { effects[raceFault] += 1 }
        }
        return added
    }
}

extension IOKind {
    var index: Int {
        switch self {
        case .open: 0
        case .close: 1
        case .read: 2
        case .write: 3
        case .allocate: 4
        case .truncate: 5
        case .sync: 6
        case .syncDirectory: 7
        case .makeDirectory: 8
        case .removeDirectory: 9
        case .moveDirectory: 10
        case .unlink: 11
        case .rename: 12
        case .list: 13
        case .space: 14
        case .lock: 15
        }
    }
}
