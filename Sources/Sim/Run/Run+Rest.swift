import Platform

// Peace: what moves without requests has to move all the same.

extension Run {
    /// What is written is synced in the background, each time that the interval of syncs is over: then no power cut can
    /// take it any more. Nothing else in a run asks for what only the passing of time brings. A sweep has no such phase: a
    /// crash point in it would leave the scan before it without a meaning.
    func rest() -> Bool {
        guard plan.level(.durability) >= .process, plan.crashPoints.isEmpty else { return true }
        enter("rest")
        let bound = universe.clock.now + Int64(clamping: plan.knobs[.syncInterval]) * microsecond + bounds.rest
        var unsynced = universe.disk.unsyncedSegments()
        while !unsynced.isEmpty, universe.clock.now < bound, !isOver {
            // The time passes even where nothing is due in it.
            universe.run(until: universe.clock.now + 100 * millisecond)
            unsynced = universe.disk.unsyncedSegments()
        }
        oracle.holds(
            .liveness, unsynced.isEmpty || isOver, "\(unsynced.first ?? "") is not synced though its time is over",
            law: "what is written is synced in the background", at: universe.clock.now)
        return !isOver
    }
}
