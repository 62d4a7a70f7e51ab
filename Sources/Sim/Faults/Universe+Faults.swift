import Platform

// Faults take effect: each kind is a few lines here and nothing anywhere else.

extension Universe {
    /// From now on the plan's faults may begin: their times count from here.
    public func startFaults() {
        faults.isArmed = true
        boundariesBeforeWork = boundaries
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
        case .io, .event, .after, .then, .felt, .spare: break
        }
        node.watchesMarks = faults.waitsForMarks
    }

    /// After a step: which faults waited for the marks it hit, or for the event it was?
    func lookAtMarks(_ shard: Int) {
        if node.watchesMarks, !node.recentMarks.isEmpty {
            let marks = node.recentMarks
            node.recentMarks = []
            for mark in marks {
                for fault in faults.counted(mark) { beginFault(fault, by: shard) }
            }
        }
        for fault in faults.counted(event: shards[shard].handled, of: shard) { beginFault(fault, by: shard) }
        if !faults.following.isEmpty {
            for fault in faults.stepped(passes) { beginFault(fault, by: shard) }
        }
        faults.crossed(hits(of: .pollAcrossBoundary))
        // The server refuses by its own knowledge too, before any call of it is.
        if hits(of: .diskFullMet) > node.diskFullsSeen {
            node.diskFullsSeen = hits(of: .diskFullMet)
            meet(.diskFull)
        }
    }

    /// Clients have begun `done` of `planned` operations. Faults that still wait for their triggers then begin all the
    /// same, one after the other, from a quarter of the work to three: a plan whose faults meet nobody finds nothing.
    /// What then was felt too little is made up for.
    func noteProgress(_ done: Int, of planned: Int) {
        faults.progress = done
        guard faults.isArmed, done * 4 > planned else { return }
        let step = max(1, planned / 2 / max(1, faults.regularCount))
        // Twice as often as there may be spares: one of them may find the process down.
        let spareStep = max(1, planned / 8 / FaultEngine.feltMin)
        var next: Int?
        if done % step == 0 { next = faults.takeOverdue() }
        if next == nil, done * 4 > planned * 3, done % spareStep == 0 { next = faults.takeSpare() }
        guard let fault = next else { return }
        node.panicMarks.removeAll { $0.fault == fault }
        happen(.faultBegins, in: 0, slot: UInt32(fault))
    }

    func beginFault(_ index: Int, by shard: Int = 0) {
        if faults.isPlanned(index), faults.faults[index].kind.needsConnection, openConnections.isEmpty,
            !faults.isHealed
        {
            // Nothing to break: a little later.
            return happen(.faultBegins, in: 5 * millisecond, slot: UInt32(index))
        }
        if faults.faults[index].trigger == .spare, !process.isRunning, !faults.isHealed {
            return happen(.faultBegins, in: 5 * millisecond, slot: UInt32(index))
        }
        guard faults.begin(index) else { return }
        let fault = faults.faults[index]
        narrator.note(clock.now, .text("✱ \(fault.text)"))
        trace.add(UInt64(index), 0xfa017)
        chronicle?.begin(.fault, key: UInt64(index), fault.text, at: clock.now)
        if faults.states[index] == .over { chronicle?.end(.fault, key: UInt64(index), at: clock.now, .done) }
        if fault.duration > 0, !fault.family.lastsUntilMet {
            happen(.faultEnds, in: fault.duration, slot: UInt32(index))
        }
        switch fault.kind {
        case .diskFull(let mode, let freeBlocks): fill(mode, freeBlocks)
        case .shardPanic(nil) where node.panicked.contains(index): break
        case .shardPanic(let target): panic(Int(target?.number ?? UInt16(shard)) % shards.count, index)
        case .smtOversubscription(let percent, let quota):
            processors.settings.placement = settings.topology.firstCore
            processors.settings.siblingPercent = percent
            processors.settings.quotaPerPeriod = quota
        case .rotationRace(.stall): break
        case .rotationRace(.panic): panic(shard, index)
        case .rotationRace(.kill):
            faults.feel(index, at: clock.now)
            killProcess(restartIn: settings.rebuild.restartDelay)
        case .rotationRace(.power):
            faults.feel(index, at: clock.now)
            cutPower(restartIn: settings.rebuild.restartDelay)
        case .processKill(let delay):
            if process.isRunning { faults.feel(index, at: clock.now) }
            killProcess(restartIn: delay)
        case .powerCut(let delay):
            // A machine that is already down has a start of its own under way; it does not need another.
            if process.isRunning {
                faults.feel(index, at: clock.now)
                cutPower(restartIn: delay)
            }
        case .syncFails, .slowIO: break
        case .shardStall(let target):
            let target = Int(target.number) % shards.count
            processors.stall(target, until: clock.now + fault.duration)
            faults.feel(index, at: clock.now)
        case .clockStep(let microseconds):
            clock.step(by: microseconds)
            faults.feel(index, at: clock.now)
        case .connectionReset(let nth):
            let open = openConnections
            if !open.isEmpty {
                breakConnection(open[Int(nth) % open.count])
                faults.feel(index, at: clock.now)
            }
        case .disturbance(let disturbance): begin(disturbance, index, by: shard)
        }
    }

    func endFault(_ index: Int) {
        guard faults.end(index, at: clock.now) else { return }
        narrator.note(clock.now, .text("✓ over: \(faults.faults[index].text)"))
        chronicle?.end(.fault, key: UInt64(index), at: clock.now, .done)
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
        case .disturbance(let disturbance): end(disturbance, index)
        }
    }

    /// Readers have gone from the first message of a partition to its last, through this many segments.
    func noteScan(segmentCount: Int) {
        if segmentCount > 1 { faults.crossed(faults.crossings + 1) }
    }

    /// Everything that can heal does, and nothing goes wrong any more: the server now has to show that it lives.
    public func heal() {
        if !faults.isHealed { boundariesToHealing = boundaries }
        for fault in faults.heal() { endFault(fault) }
        node.panicMarks = []
        disturbed.shardChange = nil
        // A lane that falls behind is late for ever: a stop does not wait for letters that only free memory.
        priorities = nil
        noteHealing()
        narrator.note(clock.now, .text("✓ all faults are over"))
    }

    private func panic(_ shard: Int, _ index: Int) {
        guard shards[shard].cell != nil else { return }
        faults.panic(shard, index)
    }

    /// Something met a scarcity, which goes on for its time from now on.
    func meet(_ family: Fault.Family) {
        for fault in faults.felt(family, at: clock.now) {
            happen(.faultEnds, in: faults.faults[fault].duration, slot: UInt32(fault))
        }
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
