import Platform

// A recovery for which there is no room on the disk. Nothing is damaged, and a recovery may be cut off at any point
// and begun again; so that is what happens, tick by tick, until there is room. The start goes on without it: deletions
// may be what makes room. The partition refuses everything meanwhile.

extension PartitionStore {
    mutating func park<W: World & ~Copyable>(
        _ slot: Int, _ recovery: inout Recovery, _ world: inout W, _ buffers: inout BufferLedger
    ) throws(MachineFailure) {
        try recovery.window.close(&world, &buffers)
        try dropCopying(slot, &recovery, &world, &buffers)
        // How long they are is asked anew.
        try files.discardAll(slot: slot, &world, &operations)
        var log = PartitionLog(incarnation: logs[slot].incarnation, level: logs[slot].level)
        log.removal = logs[slot].removal
        log.isParked = true
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
        try world.submit(.notice(Notice(.warning, .recoveryWaitsForRoom, logs[slot].incarnation)))
        outcomes.append(.noSpaceMet(UInt32(slot)))
        outcomes.append(.parked(UInt32(slot)))
        try letNextRecover(&world)
    }
}
