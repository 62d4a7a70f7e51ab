import Platform

/// Which faults wait, which are at work, and what they do to each operation.
public struct FaultEngine: Sendable {
    enum State: Equatable { case waiting, active, over }

    public private(set) var faults: [Fault]
    private let plannedCount: Int
    var states: [State]
    /// By fault: how often it changed what would have happened.
    public internal(set) var effects: [Int]
    /// By fault: how far it came.
    public internal(set) var lives: [FaultLife]
    /// Boundaries between segments that readers have crossed.
    var crossings: UInt32 = 0
    /// Faults that were met and not yet survived.
    var unsettled: [Int] = []
    private var ioCounts: [UInt32]
    private var markCounts: [UInt32]
    /// Faults that follow a waypoint or another fault, or its first effect.
    let following: [Int]
    /// Of those whose moment has come, the events to come.
    private var stepsLeft: [UInt32?]
    /// Of those whose forerunner has begun: how often the run had gone through their moment, and the events for which
    /// they still wait for it.
    private var waits: [(passes: UInt32, patience: Int)?]

    static let patience = 400
    /// By fault that ends after so many effects: those to come.
    private var effectsLeft: [Int]
    /// Disturbances at work, in the order of their beginnings.
    private(set) var disturbing: [Int] = []
    /// Operations that a rotation race still delays.
    private var raceDelaysLeft = 0
    private var raceFault: Int?
    /// Shards that fail at their next event, and the faults that want it.
    private var panicking: [(shard: Int, fault: Int)] = []
    /// Races that still wait take any rotation.
    private var isLoose = false
    private(set) var isHealed = false
    /// Counting begins with the workload.
    var isArmed = false
    /// Operations that clients have begun.
    var progress = 0
    /// The faults that began, in their order.
    private(set) var beginnings: [FaultBeginning] = []

    /// A run should feel as many faults; spares make up for those that met nobody.
    static let feltMin = 6

    static let raceDelay: Int64 = 40 * millisecond

    public init(_ faults: [Fault]) {
        self.faults = faults
        plannedCount = faults.count
        following = faults.indices.filter { faults[$0].trigger.isFollowing }
        stepsLeft = Array(repeating: nil, count: faults.count)
        waits = Array(repeating: nil, count: faults.count)
        states = Array(repeating: .waiting, count: faults.count)
        effects = Array(repeating: 0, count: faults.count)
        lives = Array(repeating: FaultLife(), count: faults.count)
        ioCounts = Array(repeating: 0, count: IOClass.allCases.count * IOKind.allCases.count)
        markCounts = Array(repeating: 0, count: Mark.allCases.count)
        effectsLeft = Array(repeating: 0, count: faults.count)
    }

    /// Another fault, which waits from now on. Answers its number.
    mutating func add(_ fault: Fault) -> Int {
        faults.append(fault)
        states.append(.waiting)
        effects.append(0)
        lives.append(FaultLife())
        effectsLeft.append(0)
        return faults.count - 1
    }

    /// Whether the fault was there before the run began.
    func isPlanned(_ fault: Int) -> Bool { fault < plannedCount }

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
        guard !isHealed else { return [] }
        let loosened = isLoose && Mark.rotation.contains(mark) ? waitingRaces : []
        return loosened + waiting { $0 == .mark(mark, nth: count) }.filter { !loosened.contains($0) }
    }

    /// The next fault whose trigger has not come. A race needs a rotation: it waits for any from now on.
    mutating func takeOverdue() -> Int? {
        if !waitingRaces.isEmpty { isLoose = true }
        return faults.indices.first {
            states[$0] == .waiting && faults[$0].family != .rotationRace && !faults[$0].trigger.isApart
        }
    }

    /// The next spare, if fewer faults were felt than should be.
    mutating func takeSpare() -> Int? {
        guard feltCount < Self.feltMin else { return nil }
        return faults.indices.first { states[$0] == .waiting && faults[$0].trigger == .spare }
    }

    /// Faults that do not depend on the others.
    var regularCount: Int { faults.count { !$0.trigger.isApart } }

    private var waitingRaces: [Int] {
        faults.indices.filter {
            states[$0] == .waiting && faults[$0].family == .rotationRace && !faults[$0].trigger.isApart
        }
    }

    /// The shard handles its next event: the fault that lets it fail in it.
    mutating func takePanic(_ shard: Int) -> Int? {
        guard let index = panicking.firstIndex(where: { $0.shard == shard }) else { return nil }
        return panicking.remove(at: index).fault
    }

    mutating func counted(event nth: UInt32, of shard: Int) -> [Int] {
        isHealed || !isArmed ? [] : waiting { $0 == .event(ShardID(UInt16(shard)), nth: nth) }
    }

    /// A shard has handled an event: the faults that were to follow so many of them.
    mutating func stepped(_ passes: (Moment) -> UInt32) -> [Int] {
        guard isArmed, !isHealed else { return [] }
        var due: [Int] = []
        for fault in following where states[fault] == .waiting {
            guard let steps = stepsBehindMoment(fault, passes) else { continue }
            let left = stepsLeft[fault] ?? steps
            stepsLeft[fault] = left == 0 ? 0 : left - 1
            if left == 0 { due.append(fault) }
        }
        return due
    }

    /// What the fault waits behind its moment; nil before that.
    private mutating func stepsBehindMoment(_ fault: Int, _ passes: (Moment) -> UInt32) -> UInt32? {
        switch faults[fault].trigger {
        case .after(let waypoint, let steps):
            return passes(waypoint.moment) >= waypoint.nth ? steps : nil
        case .then(let moment, let steps):
            guard fault == 0 || states[fault - 1] != .waiting else { return nil }
            guard let moment else { return steps }
            let wait = waits[fault] ?? (passes(moment), Self.patience)
            waits[fault] = (wait.passes, wait.patience - 1)
            return passes(moment) > wait.passes || wait.patience <= 0 ? steps : nil
        case .felt(let steps):
            return fault == 0 || effects[fault - 1] > 0 ? steps : nil
        case .at, .io, .mark, .event, .spare:
            return nil
        }
    }

    /// Inlined: asked after each step, it must not copy the engine.
    @inline(__always) private func waiting(_ isMeant: (Fault.Trigger) -> Bool) -> [Int] {
        var found: [Int] = []
        for fault in faults.indices where states[fault] == .waiting && isMeant(faults[fault].trigger) {
            found.append(fault)
        }
        return found
    }

    // MARK: At work

    /// Marks the fault as begun; false if it may not begin any more.
    mutating func begin(_ fault: Int) -> Bool {
        guard !isHealed, states[fault] == .waiting else { return false }
        beginnings.append(FaultBeginning(fault: fault, begun: progress))
        states[fault] = faults[fault].duration > 0 ? .active : .over
        switch faults[fault].kind {
        case .syncFails(_, let count):
            effectsLeft[fault] = count
            states[fault] = .active
        case .rotationRace(.stall):
            raceDelaysLeft = 6
            raceFault = fault
        case .disturbance(let disturbance):
            let ending = disturbance.ending
            effectsLeft[fault] = ending == .count ? Int(disturbance.strength) : 0
            states[fault] = ending == .once ? .over : .active
            if ending != .once { disturbing.append(fault) }
        case .diskFull, .shardPanic, .smtOversubscription, .rotationRace, .processKill, .powerCut, .slowIO,
            .shardStall, .clockStep, .connectionReset:
            break
        }
        return true
    }

    mutating func end(_ fault: Int, at now: Int64) -> Bool {
        guard states[fault] == .active else { return false }
        over(fault, at: now)
        disturbing.removeAll { $0 == fault }
        return true
    }

    /// One of the effects that the fault has is over; true for the last one.
    mutating func spend(_ fault: Int) -> Bool {
        effectsLeft[fault] -= 1
        return effectsLeft[fault] <= 0
    }

    /// The disturbance that a fault is, if it is at work.
    func disturbance(_ fault: Int) -> Disturbance? {
        guard states[fault] == .active, case .disturbance(let disturbance) = faults[fault].kind else { return nil }
        return disturbance
    }

    /// The first of these disturbances that is at work.
    func firstDisturbance(_ names: Disturbance.Name...) -> (fault: Int, Disturbance)? {
        for fault in disturbing {
            if let found = disturbance(fault), names.contains(found.name) { return (fault, found) }
        }
        return nil
    }

    /// How often faults of this kind changed what would have happened.
    public func effects(ofKind id: String) -> Int {
        faults.indices.reduce(0) { $0 + (faults[$1].id == id ? effects[$1] : 0) }
    }

    mutating func panic(_ shard: Int, _ fault: Int) { panicking.append((shard, fault)) }

    /// How often faults of the family changed what would have happened.
    public func effects(of family: Fault.Family) -> Int {
        faults.indices.reduce(0) { $0 + (faults[$1].family == family ? effects[$1] : 0) }
    }

    /// What the faults of the family have made of the world was met by an operation. Those that met it first there.
    mutating func felt(_ family: Fault.Family, at now: Int64) -> [Int] {
        var first: [Int] = []
        for fault in faults.indices where states[fault] == .active && faults[fault].family == family {
            if feel(fault, at: now) { first.append(fault) }
        }
        return first
    }

    /// Faults of the plan that changed how an operation ended, or when. What the wall clock shows changes neither.
    public var feltCount: Int {
        faults.indices.count { effects[$0] > 0 && !faults[$0].kind.isOfWallClock }
    }

    func isActive(_ family: Fault.Family) -> Bool {
        for fault in faults.indices where states[fault] == .active && faults[fault].family == family { return true }
        return false
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
            if case .syncFails(ioClass, count: _) = faults[fault].kind, effectsLeft[fault] > 0 {
                effectsLeft[fault] -= 1
                feel(fault, at: now)
                if effectsLeft[fault] == 0 { over(fault, at: now) }
                return .syncFails
            }
        }
        return nil
    }

    /// What the faults add to an operation's time, in nanoseconds, and whether one makes all operations slow.
    mutating func delay(
        _ kind: IOKind, _ ioClass: IOClass?, _ delay: Int64, at now: Int64
    ) -> (added: Int64, isSlow: Bool) {
        var added: Int64 = 0
        var isSlow = false
        for fault in faults.indices where states[fault] == .active {
            if case .slowIO(let factor) = faults[fault].kind {
                added += delay * (factor - 1)
                isSlow = true
            }
        }
        if raceDelaysLeft > 0, ioClass == .segment || ioClass == .index, kind != .read, kind != .write {
            raceDelaysLeft -= 1
            added += Self.raceDelay
            if let raceFault { feel(raceFault, at: now) }
        }
        return (added, isSlow)
    }
}

extension Mark {
    /// The steps of a rotation, in order.
    static let rotation: [Mark] = [
        .rotationDecided, .rotationSealed, .rotationOldSynced, .rotationCreated, .rotationDirectorySynced,
        .rotationPublished,
    ]
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
