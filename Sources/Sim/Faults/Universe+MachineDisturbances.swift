import Platform

// What disturbances do to the machine: memory, processors, alarms, mail, and crashes in a start.

extension Universe {
    /// The shortage of memory that the disturbances at work make; nil for none.
    var memoryShortage: BufferPool.Shortage? {
        guard let (_, disturbance) = faults.firstDisturbance(.memoryRefusal, .memorySqueeze) else { return nil }
        var shortage = BufferPool.Shortage()
        if disturbance.name == .memoryRefusal {
            shortage.refusalsLeft = Int(disturbance.strength)
        } else {
            shortage.limitBytes = pool.memory.usedBytes + Int(disturbance.strength) << 10
        }
        return shortage
    }

    /// What the disturbances at work make of the processors; nil for nothing.
    var processorLoad: Processors.Load? {
        var load: Processors.Load?
        for fault in faults.disturbing {
            guard let disturbance = faults.disturbance(fault) else { continue }
            var own = load ?? Processors.Load()
            switch disturbance.name {
            case .throttled: own.quotaPerPeriod = disturbance.strength * 100 * microsecond
            case .busySibling: own.siblingPercent = disturbance.strength
            case .neighbour: own.costPercent = disturbance.strength * 100
            case .remoteMemory: own.remotePercent = disturbance.strength
            case .preempted: own.slice = disturbance.strength * millisecond
            default: continue
            }
            load = own
        }
        return load
    }

    /// After a step: which disturbances it felt.
    func lookAtDisturbances(_ shard: Int) {
        for fault in faults.disturbing {
            guard let disturbance = faults.disturbance(fault) else { continue }
            let isFelt: Bool
            switch disturbance.name {
            case .throttled: isFelt = processors.throttles > disturbed.throttles
            case .busySibling: isFelt = processors.sharings > disturbed.sharings
            case .preempted: isFelt = processors.preemptions > disturbed.preemptions
            case .neighbour: isFelt = true
            case .remoteMemory: isFelt = shard % 2 == 1
            default: isFelt = false
            }
            if isFelt { met(fault) }
        }
        (disturbed.throttles, disturbed.sharings, disturbed.preemptions) =
            (processors.throttles, processors.sharings, processors.preemptions)
        if let shortage = pool.shortage, shortage.refusals > disturbed.refusals {
            for _ in disturbed.refusals..<shortage.refusals {
                if let (fault, _) = faults.firstDisturbance(.memoryRefusal, .memorySqueeze) { met(fault) }
            }
        }
        disturbed.refusals = pool.shortage?.refusals ?? 0
        crashInStart()
    }

    private func crashInStart() {
        guard process.isRunning, !isServing else { return }
        disturbed.stepsInStart += 1
        let crash = faults.firstDisturbance(.killInRecovery, .killsInRecovery, .powerInRecovery)
        guard let (fault, disturbance) = crash, disturbed.stepsInStart > Int64(disturbance.target)
        else { return }
        met(fault)
        if disturbance.name == .powerInRecovery {
            cutPower(restartIn: 5 * millisecond)
        } else {
            killProcess(restartIn: 5 * millisecond)
        }
    }

    /// A failure that a disturbance wanted. True if the whole process has ended with it.
    func disturbanceFailed(_ shard: Int, _ fault: Int) -> Bool {
        guard case .disturbance(let disturbance) = faults.faults[fault].kind else { return false }
        met(fault)
        guard disturbance.name == .trap else { return false }
        killProcess(restartIn: settings.rebuild.restartDelay)
        return true
    }

    /// A shard has been made anew: it may fail again.
    func disturbRebuilt(_ shard: Int) {
        guard let (fault, disturbance) = faults.firstDisturbance(.panicLoop),
            Int(disturbance.target) % shards.count == shard
        else { return }
        faults.panic(shard, fault)
    }

    /// What an alarm is late, in nanoseconds.
    var disturbedLateness: Int64 {
        guard let (fault, disturbance) = faults.firstDisturbance(.lateAlarms) else { return 0 }
        met(fault)
        return disturbance.strength * millisecond
    }

    /// What a letter is late, in nanoseconds.
    func disturbedMail(from sender: Int) -> Int64 {
        guard let (fault, disturbance) = faults.firstDisturbance(.lateMail, .lateMailOfOne),
            disturbance.name == .lateMail || Int(disturbance.target) % shards.count == sender
        else { return 0 }
        met(fault)
        return disturbance.strength * millisecond
    }
}
