import Platform
import Primitives

// Peace: what moves without requests has to move all the same.

extension Run {
    /// Once everything has recovered, nobody is refused anything any more, nor loses a connection.
    func audit() -> Bool {
        enter("peace")
        var dice = PRNG(seed: plan.seed, label: "peace")
        let auditor = add(.auditor(of: UInt32(dice.next(below: plan.knobs[.partitions]))), insists: false)
        auditor.wantedShard = ShardID(UInt16(dice.next(below: universe.shards.count)))
        // A sweep may crash here too.
        auditor.isInPeace = !plan.diskPoints.contains(where: \.isCrash)
        return run(within: bounds.recovery) { auditor.isFinished }
    }

    /// What is written is synced in the background, each time that the interval of syncs is over: then no power cut can
    /// take it any more. Nothing else in a run asks for what only the passing of time brings. A sweep of crashes has no such
    /// phase: a crash point in it would leave the scan before it without a meaning.
    func rest() -> Bool {
        guard plan.level(.durability) >= .process, !plan.diskPoints.contains(where: \.isCrash) else { return true }
        enter("rest")
        let bound = universe.clock.now + Int64(clamping: plan.knobs[.syncInterval]) * microsecond + bounds.rest
        var unsynced = universe.disk.unsyncedSegments()
        var nameless = universe.namelessFiles
        while !unsynced.isEmpty || nameless > 0, universe.clock.now < bound, !isOver {
            // The time passes even where nothing is due in it.
            rest(until: universe.clock.now + 100 * millisecond)
            unsynced = universe.disk.unsyncedSegments()
            nameless = universe.namelessFiles
        }
        oracle.holds(
            .resourceBaseline, nameless == 0 || isOver, "\(nameless) files are open that no name leads to any more",
            law: "what is deleted is closed", at: universe.clock.now)
        oracle.holds(
            .liveness, unsynced.isEmpty || isOver, "\(unsynced.first ?? "") is not synced though its time is over",
            law: "what is written is synced in the background", at: universe.clock.now)
        return !isOver
    }
}
