public import Platform

/// One thing that goes wrong, as data: when, what, and for how long.
public struct Fault: Equatable, Sendable {
    public let trigger: Trigger
    public let kind: Kind
    /// Nanoseconds until it ends by itself, for what must be met first from then on; 0 for what happens at once.
    public let duration: Int64

    public init(_ kind: Kind, when trigger: Trigger, for duration: Int64 = 0) {
        self.kind = kind
        self.trigger = trigger
        self.duration = duration
    }

    /// Triggers by count survive a change of the code between; times are for exploring.
    public enum Trigger: Equatable, Sendable {
        /// Nanoseconds since the run began.
        case at(Int64)
        /// The nth operation of this kind on a file of this class, counted from 1.
        case io(IOClass, IOKind, nth: UInt32)
        /// The nth time that the mark is hit.
        case mark(Mark, nth: UInt32)
        /// The nth event that the shard handles, over all its lives.
        case event(ShardID, nth: UInt32)
        /// When shards have handled so many more events after the waypoint of the run.
        case after(Waypoint, steps: UInt32)
        /// Once the fault before it in the plan has begun: at the next such moment (nil: at once), and so many events
        /// of shards later. It waits for the moment no longer than `FaultEngine.patience`.
        case then(Moment?, steps: UInt32)
        /// When shards have handled so many more events since the fault before it in the plan was felt for the first time.
        case felt(steps: UInt32)
        /// Only if the faults before it were felt too little: in the last quarter of the work, one after the other.
        case spare

        /// It is no part of the plan's even flow: nothing is counted or begun for its sake.
        var isApart: Bool {
            switch self {
            case .spare, .after, .then: true
            case .at, .io, .mark, .event, .felt: false
            }
        }

        /// It counts the steps behind something else.
        var isFollowing: Bool {
            switch self {
            case .after, .then, .felt: true
            case .at, .io, .mark, .event, .spare: false
            }
        }
    }

    public enum Kind: Equatable, Sendable {
        case diskFull(FullMode, freeBlocks: Int)
        /// nil: the shard whose step hit the trigger, or shard 0.
        case shardPanic(ShardID?)
        /// All shards on one core: siblings keep this per cent of their speed, and the node this much of its quota
        /// of 100 ms (nil: no quota).
        case smtOversubscription(siblingPercent: Int64, quotaPerPeriod: Int64?)
        case rotationRace(RaceAction)
        /// Nanoseconds until it starts again.
        case processKill(restartIn: Int64)
        case powerCut(restartIn: Int64)
        /// The next syncs of files of this class fail, so many of them.
        case syncFails(IOClass, count: Int)
        /// Everything on the volume takes so many times as long.
        case slowIO(factor: Int64)
        case shardStall(ShardID)
        /// The wall clock is set by this, in microseconds.
        case clockStep(microseconds: Int64)
        /// The nth open connection, in the order of their beginnings, breaks.
        case connectionReset(nth: UInt32)
        /// One row of the table of disturbances.
        case disturbance(Disturbance)
    }

    /// Where a full volume shows.
    public enum FullMode: String, CaseIterable, Sendable {
        /// Writes and allocations, short ones first.
        case blocks
        /// The same, as a quota: `EDQUOT`.
        case quota
        /// Writes succeed, the sync that needs the space fails.
        case atSync = "at-sync"
        /// New names fail as well.
        case names
    }

    /// What meets a rotation in its middle.
    public enum RaceAction: String, CaseIterable, Sendable {
        /// Its next operations take long, so that everything else passes it.
        case stall
        case kill
        case power
        case panic
    }

    public enum Family: String, CaseIterable, Sendable {
        case diskFull = "disk-full"
        case shardPanic = "shard-panic"
        case smtOversubscription = "smt-oversubscription"
        case rotationRace = "rotation-race"
        case processKill = "process-kill"
        case powerCut = "power-cut"
        case syncFails = "sync-fails"
        case slowIO = "slow-io"
        case shardStall = "shard-stall"
        case clockStep = "clock-step"
        case connectionReset = "connection-reset"

        case diskError = "disk-error"
        case shortage
        case diskTime = "disk-time"
        case medium
        case network
        case timing
        case memory
        case processor
        case crash
        case stop
        case mail

        /// It goes on until somebody has noticed it, and then for its duration.
        var lastsUntilMet: Bool {
            switch self {
            case .diskFull, .smtOversubscription, .slowIO, .syncFails: true
            // Each by its row.
            case .diskError, .shortage, .diskTime, .medium, .network, .timing, .memory, .processor, .crash, .stop, .mail:
                true
            case .shardPanic, .rotationRace, .processKill, .powerCut, .shardStall, .clockStep, .connectionReset: false
            }
        }

        /// The faults that every mode must have.
        public static let named: [Family] = [.diskFull, .shardPanic, .smtOversubscription, .rotationRace]
    }

    public var family: Family { kind.family }
}

extension Fault.Kind {
    var family: Fault.Family {
        switch self {
        case .diskFull: .diskFull
        case .shardPanic: .shardPanic
        case .smtOversubscription: .smtOversubscription
        case .rotationRace: .rotationRace
        case .processKill: .processKill
        case .powerCut: .powerCut
        case .syncFails: .syncFails
        case .slowIO: .slowIO
        case .shardStall: .shardStall
        case .clockStep: .clockStep
        case .connectionReset: .connectionReset
        case .disturbance(let disturbance): disturbance.family
        }
    }

    /// It changes what time it is, and nothing else.
    var isOfWallClock: Bool {
        switch self {
        case .clockStep: true
        case .disturbance(let disturbance): disturbance.name == .clockDrift
        default: false
        }
    }

    /// It has its effect on a connection that stands.
    var needsConnection: Bool {
        switch self {
        case .connectionReset: true
        case .disturbance(let disturbance):
            [.stallOne, .stallHalf, .halfOpen].contains(disturbance.name)
        default: false
        }
    }
}
