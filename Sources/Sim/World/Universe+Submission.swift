import Platform

// What a step asked for begins: each operation is given its time, and the plan its chance to spoil it.

extension Universe {
    func begin(_ slot: UInt32, _ shard: Int, _ desk: Desk) {
        guard let inFlight = desk.operations[slot] else { return }
        let operation = inFlight.operation
        counts.operations += 1
        let digest = operation.digest
        trace.add(digest.0 ^ UInt64(shard) << 56, digest.1)
        narrator.note(clock.now, .operation(desk.shard, operation, desk.ioClass(of: operation)))
        switch operation {
        case .startAccepting:
            desk.isAccepting = true
            desk.finish(slot)
            chronicle?.end(.shard(desk.shard.number), at: clock.now, .done)
            chronicle?.begin(.shard(desk.shard.number), "serves", at: clock.now)
            if isServing { chronicle?.serve(at: clock.now) }
            if !process.hasServed { noteRecovery() }
            noteServing()
        case .receive(let peer, _), .receiveFresh(let peer):
            if let connection = desk.peers[Int(peer.slot)].connection { offerReceive(connection) }
        case .send(let peer, _, _):
            if let connection = desk.peers[Int(peer.slot)].connection { offerSend(connection, isFirst: true) }
        case .disconnect(let peer):
            closeByServer(desk, peer, slot, shard)
        case .crypt:
            complete(desk, shard, slot, in: tape.latency(millisecond...10 * millisecond, .schedule))
        case .mail(to: let receiver, let letter):
            desk.finish(slot)
            counts.letters += 1
            if breaks(.mailLost, at: counts.letters), letter.lent == nil { return }
            let generation = shards[shard].known[Int(receiver.number)]
            let item = Mailbox.Item.letter(letter, generation: generation, sender: desk.generation)
            mailboxes[shard][Int(receiver.number)].append(item)
            sendMail(from: shard, to: Int(receiver.number))
            if breaks(.mailTwice, at: counts.letters), letter.lent == nil {
                desk.unreadLetters[Int(receiver.number)] += 1
                mailboxes[shard][Int(receiver.number)].append(item)
                sendMail(from: shard, to: Int(receiver.number))
            }
        case .wake(at: let time):
            desk.finish(slot)
            desk.wakeCount &+= 1
            counts.wakes += 1
            if breaks(.wakeForgotten, at: counts.wakes) { return }
            let lateness = tape.latency(0...200 * microsecond, .schedule) + disturbedLateness
                + leakedLateness(of: desk.wakeCount)
            happen(
                .wake, in: time - clock.now + lateness, actor: shard, slot: desk.wakeCount,
                generation: desk.generation)
        case .notice(let notice):
            desk.finish(slot)
            if notices.count < 10_000 { notices.append((clock.now, desk.shard, notice)) }
            narrator.note(clock.now, .text("    \(desk.shard): \(notice)"))
            disturbed.hear(notice)
        case .stopped:
            desk.finish(slot)
            desk.hasStopped = true
            stopIfAllStopped()
        case .refuseStart(let refusal):
            desk.finish(slot)
            refuseStart(refusal)
        case .open, .close, .read, .write, .allocate, .truncate, .sync, .syncDirectory, .makeDirectory,
            .removeDirectory, .moveDirectory, .unlink, .rename, .list, .measureSpace, .lock:
            beginDiskOperation(slot, inFlight, shard, desk)
        }
    }

    /// A full disk is a reason that passes, and so is an error of the disk that a fault gave to this process: the
    /// supervisor tries again. Any other one is not for this server to have.
    private func refuseStart(_ refusal: StartRefusal) {
        process.refusal = refusal
        if case .failed(_, let errno) = refusal, errno.isNoSpace || disturbed.hasMetDiskError, !faults.isHealed {
            narrator.note(clock.now, .text("■ the start is refused: \(refusal)"))
            process.isRefused = true
        } else {
            report(.startRefused(refusal))
        }
    }

    private func beginDiskOperation(_ slot: UInt32, _ inFlight: Desk.InFlight, _ shard: Int, _ desk: Desk) {
        guard let kind = inFlight.operation.ioKind else { return }
        let ioClass = desk.ioClass(of: inFlight.operation)
        if let ioClass, inFlight.operation.isMilestone { node.passage.pass(.disk(ioClass, kind)) }
        lookout.began(inFlight.operation, of: shard)
        chronicle?.begin(
            .disk, key: UInt64(desk.generation) << 32 | UInt64(slot),
            "\(inFlight.operation.words(ioClass)) (shard \(shard))", at: clock.now)
        inFlight.coverage = disk.coverage()
        inFlight.injected = faults.consult(kind, ioClass, at: clock.now)
        if !faults.disturbing.isEmpty, inFlight.injected == nil {
            inFlight.injected = injection(inFlight, kind, ioClass, desk)
        }
        if disturbed.stumblesLeft > 0, inFlight.injected == nil, isOfBatches(inFlight, kind, ioClass) {
            disturbed.stumblesLeft -= 1
            inFlight.injected = stumble(inFlight)
        }
        if inFlight.injected != nil { counts.injected += 1 }
        let latency = settings.diskLatency
        let range =
            switch kind {
            case .read, .list: latency.read
            case .write, .close, .space: latency.write
            case .sync, .syncDirectory: latency.sync
            case .open, .allocate, .truncate, .makeDirectory, .removeDirectory, .moveDirectory, .unlink, .rename, .lock:
                latency.metadata
            }
        var delay = tape.latency(range, .disk)
        let (added, isSlow) = faults.delay(kind, ioClass, delay, at: clock.now)
        if isSlow { meet(.slowIO) }
        delay += min(added, Self.slownessMax)
        if !faults.disturbing.isEmpty { delay += disturbedDelay(kind, delay) }
        complete(desk, shard, slot, in: delay)
        for fault in faults.counted(kind, ioClass) {
            // With the operation, or a little later: what follows from it is as worth meeting.
            let lag = tape.happens(1, of: 2, .schedule) ? tape.latency(0...8 * millisecond, .schedule) : 0
            happen(.faultBegins, in: lag, slot: UInt32(fault))
        }
    }

    /// The operation ends after `delay` nanoseconds.
    func complete(_ desk: Desk, _ shard: Int, _ slot: UInt32, in delay: Int64) {
        desk.operations[slot]?.isScheduled = true
        happen(.complete, in: delay, actor: shard, slot: slot, generation: desk.generation)
    }

    /// Ends what waits for a peer; what waits for the disk goes on to its own end.
    func cancel(_ slot: UInt32, _ desk: Desk, _ shard: Int) {
        guard let inFlight = desk.operations[slot], !inFlight.isDone else { return }
        inFlight.isCanceled = true
        if !inFlight.isScheduled { complete(desk, shard, slot, in: 0) }
    }

    func wake(_ shard: Int, number: UInt32, _ generation: UInt32) {
        guard let desk = shards[shard].desk, desk.generation == generation, desk.wakeCount == number,
            shards[shard].cell != nil
        else { return }
        post(.timerDue, to: shard)
    }
}
