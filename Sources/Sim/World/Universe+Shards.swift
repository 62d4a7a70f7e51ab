import Platform
import Primitives

// The life of shards: made, stepped, failed, drained, made anew.

extension Universe {
    func startProcess(_ generation: UInt32) {
        guard generation == process.generation, !process.isRunning else { return }
        if let change = disturbed.shardChange { changeShards(change.fault, to: change.shardCount) }
        process.generation += 1
        process.isRunning = true
        process.isStopping = false
        process.hasStopped = false
        process.hasServed = false
        disturbed.startsAfterLoss = disturbed.hasLostPower && !hasRecoveredFromPowerCut
        disturbed.isRecoveryInTrouble = false
        narrator.note(clock.now, .text("▶ process \(process.generation) starts"))
        pass(.start)
        if process.generation > 1 {
            counts.restarts += 1
            onRestart?()
        }
        if settings.bytesPerShard > 0 {
            let fitting = Int(clamping: settings.topology.memoryBytes) / settings.bytesPerShard
            if fitting < shards.count { return report(.outOfMemory(shards: shards.count, fitting: fitting)) }
        }
        processors.reset()
        disturbed.stepsInStart = 0
        disturbed.hasMetDiskError = false
        disturbed.unremoved = []
        disturbed.parked = []
        for shard in shards.indices {
            shards[shard].generation = 0
            shards[shard].failures = []
            shards[shard].early = []
            shards[shard].known = Array(repeating: 0, count: shards.count)
            makeMachine(shard)
        }
    }

    /// The machine has another number of cores to give, or its settings say so.
    private func changeShards(_ fault: Int, to wanted: Int) {
        disturbed.shardChange = nil
        let count = wanted == shards.count ? wanted % 4 + 1 : wanted
        narrator.note(clock.now, .text("✱ \(count) shards from now on"))
        shards = (0..<count).map { _ in ShardState(shardCount: count) }
        mailboxes = Array(repeating: Array(repeating: Mailbox(), count: count), count: count)
        processors.change(shardCount: count)
        lookout.change(shardCount: count)
        renewPool()
        met(fault)
    }

    private func makeMachine(_ shard: Int) {
        lastSerial += 1
        let id = ShardID(UInt16(shard))
        let desk = Desk(
            shard: id, generation: lastSerial, shardCount: shards.count, pool: pool, node: node,
            dice: PRNG(seed: settings.seed, label: "entropy/\(shard)/\(lastSerial)"))
        shards[shard].desk = desk
        shards[shard].inbox = Inbox()
        shards[shard].isRunScheduled = false
        chronicle?.begin(.shard(id.number), "starts", at: clock.now)
        do throws(MachineFailure) {
            shards[shard].cell = try make(SimWorld(desk: desk), id, shards[shard].generation)
            post(.started, to: shard)
            for (_, item) in shards[shard].early { post(item, to: shard) }
            shards[shard].early = []
        } catch {
            fail(shard, error)
        }
    }

    // MARK: Stepping

    func post(_ event: Event, to shard: Int, ending operation: UInt32? = nil) {
        post(Inbox.Item(event: event, operation: operation), to: shard)
    }

    func post(_ item: Inbox.Item, to shard: Int) {
        shards[shard].inbox.append(item)
        scheduleRun(shard)
    }

    private func scheduleRun(_ shard: Int) {
        guard !shards[shard].isRunScheduled, let desk = shards[shard].desk else { return }
        shards[shard].isRunScheduled = true
        let wait = processors.freeAt(shard) - clock.now
        happen(.run, in: max(0, wait), actor: shard, generation: desk.generation)
    }

    func runShard(_ shard: Int, _ generation: UInt32) {
        guard let desk = shards[shard].desk, desk.generation == generation, let cell = shards[shard].cell else { return }
        shards[shard].isRunScheduled = false
        if processors.isBusy(shard, at: clock.now) {
            scheduleRun(shard)
            return
        }
        guard let item = shards[shard].inbox.next() else { return }
        let ended = item.operation.flatMap { desk.operations[$0]?.operation }
        let ioClass = ended.flatMap { desk.ioClass(of: $0) }
        if let operation = item.operation { desk.finish(operation) }
        hear(item, shard, desk)
        counts.steps += 1
        shards[shard].handled &+= 1
        let digest = item.event.digest
        trace.add(digest.0 ^ UInt64(shard) << 56, digest.1)
        narrator.note(clock.now, .event(desk.shard, item.event, ended: ended, ioClass))
        do throws(MachineFailure) {
            if let fault = faults.takePanic(shard) {
                desk.isFailing = true
                desk.failingFault = fault
            }
            try cell.deliver(item.event, at: clock.instant)
            try desk.failIfPlanned()
            desk.drain(into: &submitted)
            for place in submitted.indices { begin(submitted[place], shard, desk) }
            try cell.checkInvariants()
        } catch {
            fail(shard, error)
            return
        }
        if process.isRefused {
            process.isRefused = false
            onCrash?(.processKill)
            endProcess(restartIn: settings.rebuild.restartDelay)
            return
        }
        if processors.charge(shard, at: clock.now, &tape) { meet(.smtOversubscription) }
        lookAtMarks(shard)
        if !faults.disturbing.isEmpty { lookAtDisturbances(shard) }
        if shards[shard].desk === desk, !shards[shard].inbox.isEmpty { scheduleRun(shard) }
    }

    /// What the world takes note of as the shard is told.
    private func hear(_ item: Inbox.Item, _ shard: Int, _ desk: Desk) {
        switch item.event {
        case .disconnected(let connection): desk.freePeer(connection.slot)
        case .mail(from: let sender, _):
            returnCredit(from: Int(sender.number), to: shard, item.writer)
        case .shardLost(let lost, let generation):
            shards[shard].known[Int(lost.number)] = generation
            pool.forget(orphansOf: lost, by: desk.shard)
        case .started, .accepted, .received, .receiveFailed, .opened, .completed, .space, .failed, .timerDue,
            .stopRequested:
            break
        }
    }

    // MARK: Failing

    /// The Machine is dropped. What it had in flight ends first; only then do the others hear of it.
    func fail(_ shard: Int, _ failure: MachineFailure) {
        guard let desk = shards[shard].desk, !shards[shard].isDraining else { return }
        let isPlanned = "\(failure.law)" == "\(plannedFailure)"
        narrator.note(clock.now, .text("✱ \(desk.shard) fails: \(failure.law)"))
        trace.add(UInt64(shard), 0xfa11)
        chronicle?.strike("shard \(shard) fails", shard: desk.shard.number, at: clock.now)
        if !isPlanned {
            report(.brokenLaw(desk.shard, law: "\(failure.law)"))
            return
        }
        desk.discardRing()
        if let fault = desk.failingFault, disturbanceFailed(shard, fault) { return }
        counts.panics += 1
        if settings.mutations.contains(.panicLosesOtherAcknowledgement) { loseNextReplies(exceptOf: shard) }
        if let fault = desk.failingFault {
            faults.feel(fault, at: clock.now)
            faults.lost(shard, by: fault, serial: lastSerial)
        }
        see(.shardFailed, of: shard)
        pass(.shardFailure)
        onCrash?(.shardPanic)
        dropCell(shard)
        desk.isAccepting = false
        shards[shard].isDraining = true
        while let item = shards[shard].inbox.next() {
            if let operation = item.operation { desk.finish(operation) }
            if case .mail(from: let sender, _) = item.event {
                returnCredit(from: Int(sender.number), to: shard, item.writer)
            }
        }
        for slot in desk.operations.slots { cancel(slot, desk, shard) }
        finishDraining(shard)
    }

    /// A planted bug, at the seam: what each other shard sends next is never sent, though it is told so.
    private func loseNextReplies(exceptOf failed: Int) {
        for shard in shards.indices where shard != failed { shards[shard].desk?.losesNextReply = true }
    }

    /// Drops the Machine; the next step looks whether something still holds it.
    func dropCell(_ shard: Int) {
        if let cell = shards[shard].cell {
            dropped.append(Dropped(cell: cell, shard: ShardID(UInt16(shard))))
            if settings.sabotage == .machineKept { kept.append(cell) }
        }
        shards[shard].cell = nil
        if chronicle != nil { cutChronicle(shard: shard) }
    }

    /// State that outlives its Machine by accident would make a restart kinder than it is.
    func checkDropped() {
        for entry in dropped where entry.cell != nil { report(.leakedMachine(entry.shard)) }
        dropped.removeAll(keepingCapacity: true)
    }

    /// Once nothing of the failed Machine is in flight: everything goes home, and the others are told.
    func finishDraining(_ shard: Int) {
        guard shards[shard].isDraining, let desk = shards[shard].desk, desk.operations.count == 0 else { return }
        shards[shard].isDraining = false
        for peer in desk.peers {
            if let connection = peer.connection { resetByServer(connection) }
        }
        for file in desk.files {
            if let handle = file.handle { disk.close(handle) }
        }
        discardMail(of: shard)
        let others = shards.indices.filter { $0 != shard && shards[$0].cell != nil }
        pool.drop(desk.shard, heardBy: others.map { ShardID(UInt16($0)) })
        // It can hold nothing of those that were lost before it.
        for other in shards.indices { pool.forget(orphansOf: ShardID(UInt16(other)), by: desk.shard) }
        shards[shard].desk = nil
        shards[shard].generation += 1
        let generation = shards[shard].generation
        for other in others where settings.sabotage != .shardLossUntold {
            mailboxes[shard][other].append(.lost(generation: generation))
            sendMail(from: shard, to: other)
        }
        scheduleRebuild(shard)
    }

    private func scheduleRebuild(_ shard: Int) {
        let policy = settings.rebuild
        shards[shard].failures.removeAll { $0 < clock.now - policy.window }
        shards[shard].failures.append(clock.now)
        let failures = shards[shard].failures.count
        guard failures < policy.failuresMax else {
            narrator.note(clock.now, .text("✱ shard \(shard) failed \(failures) times: the process ends"))
            onCrash?(.processKill)
            endProcess(restartIn: policy.restartDelay)
            return
        }
        let delay = min(policy.delayMax, policy.firstDelay << Int64(min(16, failures - 1)))
        happen(.rebuild, in: delay, actor: shard, generation: process.generation)
    }

    func rebuild(_ shard: Int, _ processGeneration: UInt32) {
        guard process.isRunning, process.generation == processGeneration, shards[shard].desk == nil else { return }
        narrator.note(clock.now, .text("▶ shard \(shard) is made anew, generation \(shards[shard].generation)"))
        makeMachine(shard)
        // It knows no earlier life of the others than the one it meets.
        for other in shards.indices { shards[shard].known[other] = shards[other].generation }
        if process.isStopping { post(.stopRequested, to: shard) }
        if !faults.disturbing.isEmpty { disturbRebuilt(shard) }
    }

    // MARK: Stopping

    /// Asks the server to stop, as a supervisor does.
    public func requestStop() { requestStop(restartingIn: nil) }

    func requestStop(restartingIn delay: Int64?) {
        guard process.isRunning, !process.isStopping else { return }
        process.isStopping = true
        process.restartAfterStop = delay
        narrator.note(clock.now, .text("■ stop requested"))
        pass(.stop)
        for shard in shards.indices where shards[shard].cell != nil { post(.stopRequested, to: shard) }
    }

    func stopIfAllStopped() {
        guard process.isRunning, shards.allSatisfy({ $0.desk?.hasStopped == true }) else { return }
        narrator.note(clock.now, .text("■ the process has stopped"))
        chronicle?.strike("stopped", at: clock.now)
        process.hasStopped = true
        process.heldAtStop = holdings.enumerated().map { shard, held in
            // What it has lent may be on its way home to it.
            shards[shard].inbox.isEmpty && mailboxes.allSatisfy { $0[shard].isEmpty } ? held : nil
        }
        endProcess(restartIn: process.restartAfterStop)
    }
}
