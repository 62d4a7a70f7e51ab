import Platform

// Who may have memory, before it is taken: bounds for what clients ask for at a time.

extension Shard where W: ~Copyable {
    /// Whether the session may receive on. Of frames that will be large, so many are received at a time as there is room
    /// for, one at least, in the order in which they asked. The others wait in their sockets with the little that came
    /// of them.
    func admit(_ session: Session) -> Bool {
        let limits = settings.limits
        let claimed = session.input.claimedByteCount
        guard claimed > limits.largeFrameBytes, session.input.pendingByteCount >= limits.receiveBytesMin / 2 else {
            return true
        }
        let asked: Int64
        switch session.largeFrame {
        case .none: asked = now.nanoseconds
        case .waiting(let since): asked = since
        case .coming: return true
        // One at a time of each connection.
        case .underWay: return false
        }
        // Buffers are powers of two.
        let wanted = 1 << (Int.bitWidth - (claimed - 1).leadingZeroBitCount)
        var taken = 0
        var isFirst = true
        for other in sessions {
            guard let other, other !== session else { continue }
            taken += other.largeFrame.byteCount
            if case .waiting(let since) = other.largeFrame, since < asked { isFirst = false }
        }
        guard isFirst, taken == 0 || wanted <= limits.largeFrameBytesTotal - taken else {
            session.largeFrame = .waiting(since: asked)
            return false
        }
        session.largeFrame = .coming(byteCount: wanted, since: now.nanoseconds)
        return true
    }

    /// While others wait for room, a large frame has to be whole after a while: the one that has come for longest ends.
    mutating func endSlowLargeFrame() throws(MachineFailure) {
        let since = now.nanoseconds - settings.limits.largeFrameWithin
        var isAwaited = false
        var slowest: (slot: UInt32, since: Int64, byteCount: Int)?
        for session in sessions {
            guard let session, session.state != .closing else { continue }
            switch session.largeFrame {
            case .waiting(let asked) where asked <= since: isAwaited = true
            case .coming(_, let begun) where begun <= slowest?.since ?? since:
                slowest = (session.connection.slot, begun, session.input.pendingByteCount)
            case .none, .waiting, .coming, .underWay: break
            }
        }
        guard isAwaited, let slowest else { return }
        try world.submit(.notice(Notice(.warning, .frameGivenUp, UInt64(clamping: slowest.byteCount))))
        try close(slowest.slot)
    }

    /// The largest reply to a poll, in bytes: less the more connections there are, so that those who do not read what
    /// they asked for do not keep all memory from the others.
    var pollByteCountMax: Int {
        let share = settings.limits.replyBytesTotal / 2 / max(openCount, 1)
        return min(max(share, settings.limits.pollBytesMin), Int(settings.limits.pollBytesMax))
    }

    /// Bytes of replies that may wait when a connection's next request is begun: together with that one's reply twice
    /// the share of a poll.
    var repliesByteCountMax: Int { min(pollByteCountMax, settings.limits.repliesBytesMax) }

    /// Frames that have begun hold the memory that the rest of them needs, and who waits for memory does not hear that
    /// its peer is gone: all could wait for each other for ever. When somebody has waited too long, those end that have
    /// taken nothing of their replies for as long, the largest first; and if there are none, the largest frame.
    mutating func shedIfStarved() throws(MachineFailure) {
        let since = now.nanoseconds - settings.limits.memoryWithin
        var isStarved = false
        var largest: (slot: UInt32, byteCount: Int)?
        var sleepers: [(slot: UInt32, byteCount: Int)] = []
        for session in sessions {
            guard let session, session.state != .closing else { continue }
            if let hungrySince = session.input.hungrySince, hungrySince <= since { isStarved = true }
            let byteCount = session.input.pendingByteCount
            if session.input.isPartial, byteCount > largest?.byteCount ?? 0 {
                largest = (session.connection.slot, byteCount)
            }
            if session.output.isSending, session.output.progressAt <= since,
                session.output.queuedBytes >= settings.limits.pollBytesMin
            {
                sleepers.append((session.connection.slot, session.output.queuedBytes))
            }
        }
        guard isStarved else { return }
        guard sleepers.isEmpty else { return try shed(sleepers) }
        guard let largest else { return }
        try world.submit(.notice(Notice(.warning, .frameGivenUp, UInt64(clamping: largest.byteCount))))
        try close(largest.slot)
    }

    private mutating func shed(_ sleepers: [(slot: UInt32, byteCount: Int)]) throws(MachineFailure) {
        let bySize = sleepers.sorted { ($1.byteCount, $0.slot) < ($0.byteCount, $1.slot) }
        var (count, freed) = (0, 0)
        while count < bySize.count, freed < settings.limits.largeFrameBytesTotal {
            freed += bySize[count].byteCount
            try close(bySize[count].slot)
            count += 1
        }
        try world.submit(.notice(Notice(.warning, .readersGivenUp, UInt64(clamping: count), UInt64(clamping: freed))))
    }
}
