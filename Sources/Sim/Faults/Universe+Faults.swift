import Platform

// Faults take effect: each kind is a few lines here and nothing anywhere else.

extension Universe {
    /// From now on the plan's faults may begin: their times count from here.
    public func startFaults() {
        faults.isArmed = true
        for index in faults.faults.indices { arm(index) }
    }

    /// From now on the fault may begin.
    func arm(_ index: Int) {
        let fault = faults.faults[index]
        switch fault.trigger {
        case .at(let time): happen(.faultBegins, in: time, slot: UInt32(index))
        case .mark(let mark, let nth):
            // A panic at a mark is thrown by the very next call of the step that hits it.
            if case .shardPanic(nil) = fault.kind { node.panicMarks.append((mark, nth, index)) }
        case .io, .event: break
        }
        node.watchesMarks = faults.waitsForMarks
    }

    /// After a step: which faults waited for the marks it hit, or for the event it was?
    func lookAtMarks(_ shard: Int) {
        if node.watchesMarks {
            let marks = node.recentMarks
            node.recentMarks.removeAll(keepingCapacity: true)
            for mark in marks {
                for fault in faults.counted(mark) { beginFault(fault, by: shard) }
            }
        }
        for fault in faults.counted(event: shards[shard].handled, of: shard) { beginFault(fault, by: shard) }
    }

    func beginFault(_ index: Int, by shard: Int = 0) {
        guard faults.begin(index) else { return }
        let fault = faults.faults[index]
        narrator.note(clock.now, .text("✱ \(fault.text)"))
        trace.add(UInt64(index), 0xfa017)
        if fault.duration > 0 { happen(.faultEnds, in: fault.duration, slot: UInt32(index)) }
        switch fault.kind {
        case .diskFull(let mode, let freeBlocks): fill(mode, freeBlocks)
        case .shardPanic(nil) where node.panicked.contains(index):
            faults.effects[index] += 1
        case .shardPanic(let target): panic(Int(target?.number ?? UInt16(shard)) % shards.count, index)
        case .smtOversubscription(let percent, let quota):
            processors.settings.placement = settings.topology.firstCore
            processors.settings.siblingPercent = percent
            processors.settings.quotaPerPeriod = quota
            faults.effects[index] += 1
        case .rotationRace(.stall): break
        case .rotationRace(.panic): panic(shard, index)
        case .rotationRace(.kill):
            faults.effects[index] += 1
            killProcess(restartIn: settings.rebuild.restartDelay)
        case .rotationRace(.power):
            faults.effects[index] += 1
            cutPower(restartIn: settings.rebuild.restartDelay)
        case .processKill(let delay):
            if process.isRunning { faults.effects[index] += 1 }
            killProcess(restartIn: delay)
        case .powerCut(let delay):
            // A machine that is already down has a start of its own under way; it does not need another.
            if process.isRunning {
                faults.effects[index] += 1
                cutPower(restartIn: delay)
            }
        case .syncFails, .slowIO: break
        case .shardStall(let target):
            let target = Int(target.number) % shards.count
            processors.stall(target, until: clock.now + fault.duration)
            faults.effects[index] += 1
        case .clockStep(let microseconds):
            clock.stepMicroseconds += microseconds
            faults.effects[index] += 1
        case .connectionReset(let nth):
            let open = openConnections
            if !open.isEmpty {
                breakConnection(open[Int(nth) % open.count])
                faults.effects[index] += 1
            }
        }
    }

    func endFault(_ index: Int) {
        guard faults.end(index) else { return }
        narrator.note(clock.now, .text("✓ over: \(faults.faults[index].text)"))
        switch faults.faults[index].kind {
        case .diskFull:
            if !faults.isActive(.diskFull) { disk.limits = settings.disk }
        case .smtOversubscription:
            if !faults.isActive(.smtOversubscription) {
                processors.settings = Processors.Settings(placement: settings.placement)
            }
        case .shardPanic, .rotationRace, .processKill, .powerCut, .syncFails, .slowIO, .shardStall, .clockStep,
            .connectionReset:
            break
        }
    }

    /// Everything that can heal does, and nothing goes wrong any more: the server now has to show that it lives.
    public func heal() {
        for fault in faults.heal() { endFault(fault) }
        node.panicMarks = []
        narrator.note(clock.now, .text("✓ all faults are over"))
    }

    private func panic(_ shard: Int, _ index: Int) {
        guard shards[shard].cell != nil else { return }
        faults.effects[index] += 1
        faults.panic(shard)
    }

    private func fill(_ mode: Fault.FullMode, _ freeBlocks: Int) {
        let blocks = disk.usedBlocks + freeBlocks
        switch mode {
        case .blocks: disk.limits.capacityBlocks = blocks
        case .quota: disk.limits.quotaBlocks = blocks
        case .atSync:
            disk.limits.capacityBlocks = blocks
            disk.limits.delaysAllocation = true
        case .names:
            disk.limits.capacityBlocks = blocks
            disk.limits.namesNeedBlocks = true
        }
    }
}

extension Topology {
    /// The logical CPUs (as indices) of the first core: where everything lands that is placed without care.
    var firstCore: [Int] {
        guard let first = cpus.first else { return [] }
        return cpus.indices.filter { cpus[$0].core == first.core }
    }
}
