import Platform

// A recovery that cannot go on: there is no room on the disk, or a call failed. Nothing is damaged, and a recovery may be
// cut off at any point and begun again; so that is what happens, tick by tick. The start goes on without it: deletions
// may be what makes room. The partition refuses everything meanwhile. Room is waited for without end; after a few
// failures of another kind it is left to the next start.

extension PartitionStore {
    private static var recoveryTriesMax: Int { 8 }

    /// Whether the recovery is begun again. Damage stays what it is.
    mutating func mayTryAgain(_ slot: Int, _ damage: Damage) -> Bool {
        if damage.isForWantOfSpace { return true }
        guard damage.place == .unreadable else { return false }
        logs[slot].failedRecoveries += 1
        return logs[slot].failedRecoveries < Self.recoveryTriesMax
    }

    mutating func park<W: World & ~Copyable>(
        _ slot: Int, _ damage: Damage, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        try recovery.window.close(&world, &buffers)
        try dropCopying(slot, &recovery, &world, &buffers)
        giveSealBlock(slot)
        // How long they are is asked anew.
        try files.discardAll(slot: slot, &world, &operations)
        var log = PartitionLog(incarnation: logs[slot].incarnation, level: logs[slot].level)
        log.removal = logs[slot].removal
        log.isParked = true
        log.failedRecoveries = logs[slot].failedRecoveries
        log.inFlightCount = logs[slot].inFlightCount
        let isFirst = !logs[slot].isParked
        if log.removal == nil {
            log.recovery = Recovery(isSameBoot: recovery.isSameBoot)
            waitForTick(slot)
        } else {
            log.health = .removing
            ready.append(slot)
        }
        logs[slot] = log
        guard isFirst else { return }
        if damage.isForWantOfSpace {
            try world.submit(.notice(Notice(.warning, .recoveryWaitsForRoom, logs[slot].incarnation)))
            outcomes.append(.noSpaceMet(UInt32(slot)))
        } else {
            try world.submit(
                .notice(Notice(.warning, .recoveryTriedAgain, logs[slot].incarnation, damage.position)))
        }
        outcomes.append(.parked(UInt32(slot)))
        try letNextRecover(&world)
    }
}
