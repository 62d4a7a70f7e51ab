import Platform
import Primitives

// The whole process ends: killed, cut from power, or stopped.

extension Universe {
    /// `kill -9`: volatile state is gone, the page cache stays, and what was in flight may have happened in part.
    public func killProcess(restartIn delay: Int64?) {
        guard process.isRunning else { return }
        counts.kills += 1
        pass(.kill)
        narrator.note(clock.now, .text("✱ the process is killed"))
        chronicle?.strike("process killed", at: clock.now)
        trace.add(0xdead, UInt64(bitPattern: clock.now))
        see(.crash(.processKill))
        finishInFlightPartly()
        onCrash?(.processKill)
        endProcess(restartIn: delay)
    }

    /// The machine loses power: what was not synced survives as the tape says, and the next boot is another one.
    public func cutPower(restartIn delay: Int64?, _ survival: Survival = .drawn) {
        counts.powerCuts += 1
        pass(.powerCut)
        narrator.note(clock.now, .text("✱ power cut"))
        chronicle?.strike("power cut", at: clock.now)
        trace.add(0xdead_beef, UInt64(bitPattern: clock.now))
        see(.crash(.powerCut))
        if process.isRunning {
            finishInFlightPartly()
            endProcess(restartIn: nil)
        }
        onCrash?(.powerCut)
        losePower(survival)
        if let delay { happen(.start, in: delay, generation: process.generation) }
    }

    /// The power goes out after the server has stopped: a clean stop promises that this costs nothing.
    func cutPowerAfterStop(restartIn delay: Int64) {
        narrator.note(clock.now, .text("✱ power cut after the stop"))
        chronicle?.strike("power cut after the stop", at: clock.now)
        losePower(.drawn)
        happen(.start, in: delay, generation: process.generation)
    }

    /// Starts the process if nothing else is about to.
    func ensureRestart(in delay: Int64) { happen(.start, in: delay, generation: process.generation) }

    private func losePower(_ survival: Survival) {
        disk.powerCut(settings.metadataOrder, survival, &tape, &dice)
        disturbed.hasLostPower = true
        disturbed.hasServedSince = false
        let boot = BootIdentity(high: dice.next(), low: dice.next())
        if settings.sabotage != .bootKept { node.boot = boot }
    }

    /// Since the last power cut a server has recovered every log: that it says by noting its boot on disk.
    var hasRecoveredFromPowerCut: Bool {
        guard disturbed.hasServedSince, let note = disk.file("boot") else { return false }
        return note == Array("\(String(node.boot.high, radix: 16)) \(String(node.boot.low, radix: 16))\n".utf8)
    }

    /// The process is gone, and starts again after `delay` nanoseconds if that is given.
    func endProcess(restartIn delay: Int64?) {
        process.isRunning = false
        if chronicle != nil { cutChronicle() }
        for shard in shards.indices {
            dropCell(shard)
            shards[shard].desk = nil
            shards[shard].inbox = Inbox()
            shards[shard].isRunScheduled = false
            shards[shard].isDraining = false
        }
        for sender in mailboxes.indices {
            for receiver in mailboxes.indices { mailboxes[sender][receiver] = Mailbox() }
        }
        disk.processEnded()
        for connection in heldConnections { resetByServer(UInt32(connection)) }
        renewPool()
        if let delay { happen(.start, in: delay, generation: process.generation) }
    }

    /// The next process has memory of its own; late completions of this one find no desk.
    func renewPool() {
        var memory = MemoryBudget(limitBytes: settings.bufferBytesMax)
        memory.adoptPeak(of: pool.memory)
        let shortage = pool.shortage
        pool = pool.successor(shardCount: shards.count, memory: memory)
        pool.shortage = shortage
        pool.prefersLowAddresses = settings.leak == .address
    }

    // MARK: Disk points

    private var nextPoint: DiskPoint? { settings.diskPoints.dropFirst(diskPointsPassed).first }

    /// An operation is about to have its effect on the disk: how the plan refuses it.
    func takeRefusal(of inFlight: Desk.InFlight) -> InjectedFault? {
        guard let point = nextPoint, case .refusal(let refusal) = point.deed, point.boundary == boundaries + 1,
            faults.isArmed, !faults.isHealed
        else { return nil }
        let byteCount = inFlight.slices.reduce(0) { $0 + Int($1.byteCount) }
        guard let injected = refusal.injection(inFlight.operation, byteCount: byteCount) else { return nil }
        diskPointsPassed += 1
        disturbed.refusedCount += 1
        if refusal.isError { disturbed.hasMetDiskError = true }
        if inFlight.operation.isSync, refusal == .fails { disturbed.owesRestart = true }
        narrator.note(clock.now, .text("✱ refused: \(point.text)"))
        return injected
    }

    /// An operation had its effect on the disk. True if the power goes out with it.
    func passBoundary() -> Bool {
        boundaries += 1
        guard let point = nextPoint, case .crash(let survival) = point.deed, point.boundary == boundaries else {
            return false
        }
        diskPointsPassed += 1
        boundaries = 0
        boundariesBeforeServing = nil
        cutPower(restartIn: 10 * millisecond, survival)
        return true
    }

    /// The first shard serves, so that all have recovered, unless a partition still waits for that.
    func noteRecovery() {
        process.hasServed = true
        disturbed.hasServedSince = true
        if !disturbed.isRecoveryInTrouble { onRecovery?() }
    }

    /// A shard serves: once all do, the start is over.
    func noteServing() {
        guard isServing else { return }
        pass(.serving)
        see(.served)
        if boundariesBeforeServing == nil { boundariesBeforeServing = boundaries }
    }

    /// Each operation in flight has happened, or not, or a write in part.
    private func finishInFlightPartly() {
        for shard in shards.indices {
            guard let desk = shards[shard].desk else { continue }
            for slot in desk.operations.slots {
                guard let inFlight = desk.operations[slot], !inFlight.isDone, inFlight.operation.ioKind != nil,
                    let token = inFlight.operation.token
                else { continue }
                switch tape.draw(3, .survival) {
                case 0: finish(inFlight, token, desk)
                case 1: break
                default:
                    if case .write = inFlight.operation, inFlight.injected == nil {
                        let byteCount = inFlight.slices.reduce(0) { $0 + Int($1.byteCount) }
                        inFlight.injected = .short(1 + Int(tape.draw(UInt32(max(1, byteCount)), .survival)))
                    }
                    finish(inFlight, token, desk)
                }
            }
        }
    }

    private func finish(_ inFlight: Desk.InFlight, _ token: Token, _ desk: Desk) {
        switch inFlight.operation {
        case .write, .allocate, .truncate, .makeDirectory, .removeDirectory, .moveDirectory, .unlink, .rename, .sync,
            .syncDirectory, .open:
            do throws(Disk.Refusal) { _ = try executeOnDisk(inFlight, token, desk) } catch {
                // Nobody is left to be told.
            }
        default: break
        }
    }
}
