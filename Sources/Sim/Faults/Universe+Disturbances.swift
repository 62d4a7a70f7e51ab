import Platform

// Disturbances begin, are felt and end; what they do to disk, network and machine is in files of its own.

extension Universe {
    /// What they keep between their effects.
    struct Disturbed {
        /// The room that the volume reports, in bytes.
        var space: (free: Int64, total: Int64) = (0, 0)
        /// No operation on the disk ends before, in nanoseconds.
        var diskStalledUntil: Int64 = 0
        /// The sector that cannot be read.
        var sector: Damage?
        /// Connections that a fault left half open.
        var halfOpen: [(fault: Int, connection: UInt32)] = []
        /// Steps since the process began, for crashes in its start.
        var stepsInStart: Int64 = 0
        /// The processors' counts when they were last looked at.
        var throttles = 0, sharings = 0, preemptions = 0
        /// Buffers refused when that was last looked at.
        var refusals = 0
        /// This process was given an error of the disk.
        var hasMetDiskError = false
        /// Files that this process could not remove.
        var unremoved: [String] = []
        /// Operations that the plan's points refused.
        var refusedCount = 0
        /// Partitions, by incarnation, that this process has begun to recover later than the others.
        var parked: [UInt64] = []
        /// The next start has so many shards, and the fault that wants it.
        var shardChange: (fault: Int, shardCount: Int)?
        /// Those who connect and say nothing.
        var strangers: [Strangers] = []
        /// The power was cut at least once, and a shard has served since the last time: so all have recovered.
        var hasLostPower = false, hasServedSince = false
        /// Writes of batches that are still to fail, with all or a part of their bytes in the file.
        var stumblesLeft = 0
        /// The process began on what a power cut had left.
        var startsAfterLoss = false
        /// A partition could not be recovered, or not yet.
        var isRecoveryInTrouble = false
        /// A sync has failed: only a restart settles that.
        var owesRestart = false

        mutating func hear(_ notice: Notice) {
            switch notice.subject {
            case .recoveryWaitsForRoom, .recoveryTriedAgain:
                parked.append(notice.a)
                isRecoveryInTrouble = true
            case .partitionQuarantined, .storedOffsetsDamaged, .recoveryFailed: isRecoveryInTrouble = true
            default: break
            }
        }
    }

    /// The disturbance had an effect: it is counted, and ends when that was the last, or after its time from the first.
    func met(_ fault: Int) {
        guard case .disturbance(let disturbance) = faults.faults[fault].kind else { return }
        let isFirst = faults.feel(fault, at: clock.now)
        if disturbance.owesRestart { disturbed.owesRestart = true }
        switch disturbance.ending {
        case .count: if faults.spend(fault) { endFault(fault) }
        case .time: if isFirst { happen(.faultEnds, in: faults.faults[fault].duration, slot: UInt32(fault)) }
        case .once, .timeFromBeginning: break
        }
    }

    func begin(_ disturbance: Disturbance, _ fault: Int, by shard: Int) {
        let duration = faults.faults[fault].duration
        if disturbance.ending == .timeFromBeginning { happen(.faultEnds, in: duration, slot: UInt32(fault)) }
        let shardOfTarget = Int(disturbance.target) % shards.count
        switch disturbance.name {
        case .staleSpace: disturbed.space = disk.space
        case .stallOne, .stallHalf, .halfOpen: disturbNetwork(disturbance, fault, duration)
        case .clockDrift:
            clock.run(atPerMille: disturbance.strength)
            met(fault)
        case .memoryRefusal, .memorySqueeze: pool.shortage = memoryShortage
        case .throttled, .busySibling, .neighbour, .remoteMemory, .preempted: processors.load = processorLoad
        case .paused:
            for shard in shards.indices { processors.stall(shard, until: clock.now + duration) }
            met(fault)
        case .killInRecovery, .killsInRecovery, .unreadableRecovery, .silentServer: killProcess(restartIn: 5 * millisecond)
        case .powerInRecovery: if process.isRunning { cutPower(restartIn: 5 * millisecond) }
        case .twoPanics:
            faults.panic(shardOfTarget, fault)
            faults.panic((shardOfTarget + 1) % shards.count, fault)
        case .panicLoop, .trap: faults.panic(shardOfTarget, fault)
        case .stop, .stopThenKill, .stopThenPower:
            guard process.isRunning, !process.isStopping else { return }
            met(fault)
            requestStop(restartingIn: disturbance.name == .stop ? 20 * millisecond : duration + second)
        case .crashToOtherShards:
            disturbed.shardChange = (fault, Int(disturbance.strength))
            killProcess(restartIn: 5 * millisecond)
        case .stopToOtherShards:
            disturbed.shardChange = (fault, Int(disturbance.strength))
            requestStop(restartingIn: 20 * millisecond)
        case .idleFlood:
            let strangers = Strangers(fault, count: Int(disturbance.strength))
            strangers.number = add(strangers, startingIn: 0)
            disturbed.strangers.append(strangers)
        default: break
        }
    }

    func end(_ disturbance: Disturbance, _ fault: Int) {
        switch disturbance.name {
        case .sectorUnreadable:
            if let sector = disturbed.sector { disk.repair(sector) }
            disturbed.sector = nil
        case .diskStall: disturbed.diskStalledUntil = 0
        case .halfOpen: tellHalfOpen()
        case .idleFlood: for strangers in disturbed.strangers where strangers.fault == fault { strangers.leave(self) }
        case .clockDrift: clock.run(atPerMille: 1_000)
        case .memoryRefusal, .memorySqueeze: pool.shortage = memoryShortage
        case .throttled, .busySibling, .neighbour, .remoteMemory, .preempted: processors.load = processorLoad
        case .stopThenKill: if process.isStopping, !faults.isHealed { killProcess(restartIn: 20 * millisecond) }
        case .stopThenPower:
            // A stop in a recovery, or beside a log in trouble, vouches for nothing: the level decides what may be lost.
            if !faults.isHealed { cutPower(restartIn: 20 * millisecond) }
        default: break
        }
    }
}
