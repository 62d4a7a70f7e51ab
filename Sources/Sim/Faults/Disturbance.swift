import Platform

/// A fault that is a row of a table: its name, how much of it, and what it aims at. `Disturbance.Name.row` says what
/// the numbers mean.
public struct Disturbance: Equatable, Sendable {
    public let name: Name
    public let strength: Int64
    public let target: UInt32
    // What every operation and step asks of the row.
    let family: Fault.Family
    let ending: Ending
    let owesRestart: Bool
    /// The class of files that it aims at; nil for any.
    let ioClass: IOClass?

    public init(_ name: Name, strength: Int64, target: UInt32 = 0) {
        self.name = name
        self.strength = strength
        self.target = target
        let row = name.row
        family = row.family
        ending = row.ending
        owesRestart = row.owesRestart
        ioClass = if case .file = row.target { UInt8(exactly: target).flatMap { IOClass(rawValue: $0) } } else { nil }
    }

    /// The family, a dot, the kind: plans and command lines refer to it.
    public enum Name: String, CaseIterable, Sendable {
        case writeFails = "disk-error.write"
        case writeShort = "disk-error.write-short"
        case readFails = "disk-error.read"
        case readShort = "disk-error.read-short"
        case openFails = "disk-error.open"
        case allocateFails = "disk-error.allocate"
        case truncateFails = "disk-error.truncate"
        case directorySyncFails = "disk-error.directory-sync"
        case makeDirectoryFails = "disk-error.make-directory"
        case removeDirectoryFails = "disk-error.remove-directory"
        case renameFails = "disk-error.rename"
        case unlinkFails = "disk-error.unlink"
        case listFails = "disk-error.list"
        case spaceFails = "disk-error.space"
        case readOnly = "disk-error.read-only"

        case processDescriptors = "shortage.process-descriptors"
        case systemDescriptors = "shortage.system-descriptors"
        case inodes = "shortage.inodes"
        case staleSpace = "shortage.stale-space"

        case slowSyncs = "disk-time.slow-syncs"
        case slowReads = "disk-time.slow-reads"
        case slowWrites = "disk-time.slow-writes"
        case slowNames = "disk-time.slow-names"
        case stuckOperation = "disk-time.stuck"
        case diskStall = "disk-time.stall"

        case readFlip = "medium.read-flip"
        case readMisdirected = "medium.read-misdirected"
        case sectorUnreadable = "medium.sector-unreadable"

        case onePieces = "network.one-byte-pieces"
        case together = "network.together"
        case stallOne = "network.stall-one"
        case stallHalf = "network.stall-half"
        case connectRefused = "network.refused"
        case connectHang = "network.connect-hang"
        case halfOpen = "network.half-open"
        case requestCut = "network.request-cut"
        case requestCorrupt = "network.request-corrupt"
        case answerReset = "network.answer-reset"
        case slowPath = "network.slow-path"
        case slowReaders = "network.slow-readers"
        case silentServer = "network.silent-server"
        case idleFlood = "network.idle-flood"

        case clockDrift = "timing.drift"
        case lateAlarms = "timing.late-alarms"

        case memoryRefusal = "memory.refusal"
        case memorySqueeze = "memory.squeeze"

        case throttled = "processor.throttled"
        case busySibling = "processor.sibling"
        case neighbour = "processor.neighbour"
        case remoteMemory = "processor.remote-memory"
        case preempted = "processor.preempted"
        case paused = "processor.paused"

        case killInRecovery = "crash.kill-in-recovery"
        case killsInRecovery = "crash.kills-in-recovery"
        case powerInRecovery = "crash.power-in-recovery"
        case twoPanics = "crash.two-panics"
        case panicLoop = "crash.panic-loop"
        case trap = "crash.trap"
        case unreadableRecovery = "crash.unreadable"
        case crashToOtherShards = "crash.other-shards"

        case stop = "stop.restart"
        case stopThenKill = "stop.then-kill"
        case stopThenPower = "stop.then-power"
        case stopToOtherShards = "stop.other-shards"

        case lateMail = "mail.late"
        case lateMailOfOne = "mail.late-of-one"
    }

    /// What a name means: one line of the catalogue.
    struct Row {
        let family: Fault.Family
        let summary: String
        /// What its effect counts.
        let effect: String
        let ending: Ending
        /// What `strength` may be; its unit stands in the summary.
        var strength: ClosedRange<Int64> = 1...1
        var target = Target.none
        /// Syncs fail: the run restarts the process once after healing, as it is promised that only a restart settles that.
        var owesRestart = false

        init(
            _ family: Fault.Family, _ summary: String, effect: String, _ ending: Ending,
            strength: ClosedRange<Int64> = 1...1, target: Target = .none, owesRestart: Bool = false
        ) {
            self.family = family
            self.summary = summary
            self.effect = effect
            self.ending = ending
            self.strength = strength
            self.target = target
            self.owesRestart = owesRestart
        }
    }

    enum Ending: Equatable {
        /// It has its effect when it begins.
        case once
        /// After `strength` effects.
        case count
        /// It waits for its first effect, and then goes on for the fault's duration.
        case time
        /// After the fault's duration, met or not.
        case timeFromBeginning
    }

    enum Target: Equatable {
        case none
        /// Files of one of these classes, by `IOClass.rawValue`.
        case file([IOClass])
        case shard
        /// The nth open connection.
        case connection
        /// A number of its own.
        case number(ClosedRange<Int64>)
    }
}
