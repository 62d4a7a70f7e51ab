import Platform
import Primitives
import Verifier

// What not every run has: a stop while clients write, clients that go without what they asked for, a log that rots.

extension Run {
    /// The machine or the process ends soon after it has begun to serve again, several times in a row: what one recovery
    /// has left undone, the next one meets. All batches are alike, so that what comes back may fit in anywhere.
    /// Half of the ends come soon after a write has failed: what was cut off for that may come back, too.
    func crashInARow() -> Bool {
        guard plan.chapters.contains(.crashesInARow), plan.lastCrash != nil else { return true }
        enter("crashes in a row")
        let partitions = UInt32(plan.knobs[.partitions])
        var dice = PRNG(seed: plan.seed, label: "crashes-in-a-row")
        let bytes = UInt32(dice.nextSkewed(below: 600))
        for _ in 0..<2 + dice.next(below: 3) {
            let first = UInt32(dice.next(below: UInt64(partitions)))
            let writers = (0..<2 as Range<UInt32>).map { writer in
                let append = PlannedOperation.append(
                    partition: (first + writer) % partitions, messages: 1, payloadBytes: bytes)
                return PlannedClient(.patient, Array(repeating: append, count: 12))
            }
            let stepsBehindFailure = dice.chance(1, in: 2) ? Int(dice.nextSkewed(below: 40)) : nil
            let kind = dice.chance(stepsBehindFailure == nil ? 3 : 2, in: 4) ? CrashKind.powerCut : .processKill
            var writes = LastWrites(acknowledgedCount: 1 + dice.next(below: 8), writers: writers)
            if stepsBehindFailure != nil, dice.chance(1, in: 2) {
                // All before it has been synced: nothing is in doubt but the write that fails.
                let earlier = writers.map { add($0, insists: false) }
                guard run(within: bounds.recovery, until: { earlier.allSatisfy(\.isFinished) }) else { return false }
                _ = run(within: 2 * second) { false }
                writes.acknowledgedCount = 0
            }
            guard end(by: kind, during: writes, stepsBehindFailure) != nil else { return false }
            if dice.chance(1, in: 2) {
                // And once more while it recovers, so many changes of the disk later.
                let boundaries = universe.boundaries + 1 + Int(dice.nextSkewed(below: 12))
                let isStarting = run(within: bounds.recovery) {
                    universe.boundaries >= boundaries || universe.isServing
                }
                guard isStarting else { return false }
                universe.cutPower(restartIn: 10 * millisecond)
            }
        }
        return !isOver
    }

    /// Stops the server while clients write, and starts it again: what was accepted is there, all that it held was
    /// given back.
    func stopUnderLoad() -> Bool {
        guard plan.chapters.contains(.stopUnderLoad) else { return true }
        enter("stop under load")
        tryAgain()
        let partitions = UInt32(plan.knobs[.partitions])
        var dice = PRNG(seed: plan.seed, label: "stop-under-load")
        let writers = (0..<3 as Range<UInt32>).map { writer in
            let operations = (0..<40 as Range<UInt32>).flatMap { number in
                let partition = (writer + number) % partitions
                let append = PlannedOperation.append(
                    partition: partition, messages: 1 + number % 4, payloadBytes: UInt32(dice.nextSkewed(below: 800)))
                return number % 3 == 0 ? [append, .poll(partition: partition, messages: 20)] : [append]
            }
            return add(PlannedClient(.patient, operations), insists: false)
        }
        let acknowledged = oracle.okCount + 4 + dice.next(below: 40)
        guard run(within: bounds.recovery, until: { oracle.okCount >= acknowledged || writers.allSatisfy(\.isFinished) })
        else { return false }
        // What fails then is cut off, and nothing behind it makes that durable but the stop.
        universe.disturbed.stumblesLeft = dice.next(below: 4)
        universe.requestStop()
        let hasStopped = run(within: bounds.stop) { universe.process.hasStopped }
        oracle.holds(
            .liveness, hasStopped || isOver, "the server does not stop under load within \(bounds.stop / second) s",
            at: universe.clock.now)
        guard hasStopped else { return false }
        universe.disturbed.stumblesLeft = 0
        judgeFiles(.clean)
        judgeDurability()
        judgeHoldingsAtStop()
        for writer in writers { writer.finish(in: universe) }
        universe.ensureRestart(in: 10 * millisecond)
        return !isOver
    }

    /// Clients ask for much and go before they have it. That nothing of it is kept, the stop shows.
    func quit() -> Bool {
        guard plan.chapters.contains(.quitters) else { return true }
        enter("quitters")
        let quitters = universe.shards.indices.map { shard in
            Quitter(place.path, partitions: UInt32(plan.knobs[.partitions]), through: ShardID(UInt16(shard)))
        }
        for quitter in quitters { quitter.join(universe) }
        return run(within: bounds.recovery) { quitters.allSatisfy(\.isFinished) }
    }

    /// While the server is down, a bit of a log changes. What the medium harmed is refused and kept as it is; all else
    /// is served as before, and nothing counts as gone.
    func rot() -> Bool {
        guard plan.chapters.contains(.rot) else { return true }
        enter("rot")
        guard run(within: bounds.stop, until: { universe.openPeerCount == 0 }) else { return false }
        universe.killProcess(restartIn: nil)
        var dice = PRNG(seed: plan.seed, label: "rot")
        guard let path = universe.disk.rot(&dice) else { return true }
        hasRotted = true
        let harmed = universe.disk.file(path)
        universe.ensureRestart(in: millisecond)
        let readers = places.map { RotReader(partitionCount: $0.partitions.count, stamp: plan.stamp, path: $0.path) }
        for reader in readers { reader.join(universe, in: 2 * millisecond) }
        let isRead = run(within: bounds.scan) { readers.allSatisfy(\.isFinished) }
        let late = readers.first { !$0.isFinished }?.state ?? "none"
        oracle.holds(
            .liveness, isRead || isOver, "with a bit changed in \(path), no answer for \(late)", at: universe.clock.now)
        guard isRead else { return false }
        judge(readers.flatMap(\.readings), afterRotIn: path, harmed)
        return !isOver
    }

    private func judge(_ readings: [RotReader.Reading], afterRotIn path: String, _ harmed: [UInt8]?) {
        for (partition, (reading, log)) in zip(readings, logs.map(\.messages)).enumerated() {
            oracle.holds(
                .damage, reading.messages.elementsEqual(log.prefix(reading.messages.count)),
                "partition \(partition): with a bit changed in \(path), other messages came than before",
                law: "what was harmed is not served", at: universe.clock.now)
            // A bit of its header can make the last batch look as one whose write was cut short (seed 428).
            let missing = log.dropFirst(reading.messages.count)
            let isLastBatch = missing.allSatisfy { $0.id?.batch == missing.last?.id?.batch }
            oracle.holds(
                .damage, reading.isRefused || isLastBatch,
                "partition \(partition): with a bit changed in \(path), \(reading.messages.count) messages came of "
                    + "\(log.count) and then the end", law: "what was harmed is not the end", at: universe.clock.now)
        }
        let refusedCount = readings.count { $0.isRefused }
        oracle.holds(
            .damage, refusedCount <= 1, "a bit changed in \(path), and \(refusedCount) partitions are not served",
            law: "what was not harmed is served", at: universe.clock.now)
        // A seal repeats what its segment says: a harmed one is written again, and then everything is served.
        oracle.holds(
            .damage, refusedCount == 0 || universe.disk.file(path) == harmed,
            "\(path) was harmed, its messages are refused, and the server changed it", law: "what was harmed is kept",
            at: universe.clock.now)
    }
}
