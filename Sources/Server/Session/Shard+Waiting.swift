import Platform

// Sessions that wait: for memory or mail credit, for a peer that is slow, for the end of a time.

extension Shard where W: ~Copyable {
    // MARK: Waiting for another try

    /// The session can't go on now; it gets another try behind those that wait already.
    mutating func stall(_ session: Session) {
        session.isStalled = true
        guard !session.isInRow else { return }
        session.isInRow = true
        stalled.append(session.connection.slot)
    }

    /// Looks again at those who have waited longest for memory or credit. In the order of their slots the first ones
    /// would take all that comes free, and the last would never get any.
    mutating func retryStalled(_ countMax: Int) {
        let count = min(stalled.count, countMax)
        for place in 0..<count {
            sessions[Int(stalled[place])]?.isInRow = false
            touch(stalled[place])
        }
        stalled.removeFirst(count)
    }

    // MARK: Deadlines

    mutating func tick() throws(MachineFailure) {
        try world.submit(.wake(at: now.nanoseconds + settings.limits.tickInterval))
        guard phase != .refused, phase != .stopped else { return }
        try refillMemoryReserve()
        try sendCatalogToJoining()
        retryStalled(.max)
        for slot in sessions.indices where isLate(slot) { try close(UInt32(slot)) }
        try relieveShortage()
        try recallRoom()
        if phase == .serving {
            try space.measureIfDue(at: now, &world)
            try compactIfDue()
            try lookForAbandonedIfDue()
        }
        if isStoreInUse { try store.tick(&world, &buffers, at: now) }
        try closeStoreIfIdle()
    }

    /// Recoveries and stops wait for memory too.
    private var isStoreInUse: Bool {
        switch phase {
        case .recovering, .waiting, .serving, .stopping: true
        case .storeStopping: !startSteps.isStoreStopped
        case .starting, .stopped, .refused: false
        }
    }

    private func isLate(_ slot: Int) -> Bool {
        guard let session = sessions[slot], session.state != .closing else { return false }
        let limits = settings.limits
        // One that waits for another try has sent its frame.
        if session.isSilent, !session.isStalled, !world.isMutated(.silentPeerStays), now.nanoseconds - session.acceptedAt > limits.firstFrameWithin {
            return true
        }
        if session.output.isSending, now.nanoseconds - session.output.progressAt > limits.sendProgressWithin {
            return true
        }
        return session.input.isLate(at: now, limits)
    }
}
