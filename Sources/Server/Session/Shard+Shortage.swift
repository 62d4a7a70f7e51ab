import Platform

// When memory has run out: frames that have begun hold what the rest of them needs, and who waits for memory does not hear
// that its peer is gone, so that all could wait for each other for ever.
//
// Who has waited too long makes those end, on its own shard first and then on one after the other, that have taken nothing
// of their replies for as long, the largest first and no more of them than it needs. Where nobody sleeps the largest frame
// of all shards ends.

/// A shard's questions to the others, one after the other.
struct Shortage {
    /// Tells its answers from those to a round that was given up.
    let number: UInt64
    /// When it began, as the clock's nanoseconds.
    let since: Int64
    /// Has not answered yet.
    var asked: ShardID
    /// To be asked after it.
    var rest: [ShardID]
    var wantedBytes: Int
    var hasRelief = false
    var largest: LargestFrame?
}

/// The largest frame that is not whole.
struct LargestFrame: Equatable {
    let shard: ShardID
    let byteCount: Int
    /// Its connection, as slot and client: by then another one may have the slot.
    let name: UInt64
}

extension Shard where W: ~Copyable {
    /// To be called at every tick.
    mutating func relieveShortage() throws(MachineFailure) {
        let since = now.nanoseconds - settings.limits.memoryWithin
        var isStarved = false
        var wantedBytes = 0
        for session in sessions {
            guard let session, session.state != .closing, let hungrySince = session.input.hungrySince else { continue }
            if hungrySince <= since { isStarved = true }
            wantedBytes += session.input.missingByteCount
        }
        guard isStarved else { return }
        let freed = try shed(wantedBytes)
        guard freed < wantedBytes else { return }
        if let round = shortage {
            // A shard that does not answer is no reason to do nothing here for ever.
            if round.since <= now.nanoseconds - 5 * settings.limits.memoryWithin { try endRound(round) }
            return
        }
        let others = peers.others.filter { peers.hasCredit($0, reserved: true) }
        guard let first = others.first else {
            if freed == 0 { try endFrame(largestFrame()) }
            return
        }
        shortageCount += 1
        shortage = Shortage(
            number: shortageCount, since: now.nanoseconds, asked: first, rest: Array(others.dropFirst()), wantedBytes: wantedBytes - freed, hasRelief: freed > 0,
            largest: largestFrame())
        try ask(first, .request(.memoryWanted, Letter.Words(UInt64(wantedBytes - freed), shortageCount)))
    }

    mutating func memoryWanted(_ letter: Letter, by shard: ShardID) throws(MachineFailure) {
        let freed = try shed(Int(clamping: letter.words.a))
        let largest = largestFrame()
        try reply(
            to: shard,
            .reply(
                .memoryFreed,
                Letter.Words(UInt64(freed), UInt64(largest?.byteCount ?? 0), largest?.name ?? 0, letter.words.b)))
    }

    mutating func memoryFreed(_ letter: Letter, by shard: ShardID) throws(MachineFailure) {
        let words = letter.words
        guard let round = shortage, round.number == words.d else { return }
        guard round.asked == shard else { throw MachineFailure("who tells of its memory was asked") }
        if words.a > 0 { shortage?.hasRelief = true }
        shortage?.wantedBytes -= Int(clamping: words.a)
        let byteCount = Int(clamping: words.b)
        if byteCount > shortage?.largest?.byteCount ?? 0 {
            shortage?.largest = LargestFrame(shard: shard, byteCount: byteCount, name: words.c)
        }
        try askNextForMemory()
    }

    mutating func shortagePeerLost(_ lost: ShardID) throws(MachineFailure) {
        shortage?.rest.removeAll { $0 == lost }
        if shortage?.largest?.shard == lost { shortage?.largest = nil }
        if shortage?.asked == lost { try askNextForMemory() }
    }

    private mutating func askNextForMemory() throws(MachineFailure) {
        guard let round = shortage else { return }
        if round.wantedBytes > 0, let next = round.rest.first, peers.hasCredit(next, reserved: true) {
            shortage?.asked = next
            shortage?.rest.removeFirst()
            return try ask(next, .request(.memoryWanted, Letter.Words(UInt64(round.wantedBytes), round.number)))
        }
        try endRound(round)
    }

    private mutating func endRound(_ round: Shortage) throws(MachineFailure) {
        shortage = nil
        if !round.hasRelief { try endFrame(round.largest) }
    }

    private mutating func endFrame(_ largest: LargestFrame?) throws(MachineFailure) {
        guard let largest else { return }
        guard largest.shard == id else {
            return try reply(to: largest.shard, .reply(.frameNamed, Letter.Words(largest.name)))
        }
        try endFrame(named: largest.name)
    }

    mutating func frameNamed(_ letter: Letter) throws(MachineFailure) { try endFrame(named: letter.words.a) }

    private mutating func endFrame(named name: UInt64) throws(MachineFailure) {
        let slot = UInt32(truncatingIfNeeded: name >> 32)
        guard Int(slot) < sessions.count, let session = sessions[Int(slot)], session.frameName == name,
            session.state != .closing, session.input.isPartial
        else { return }
        try world.submit(
            .notice(Notice(.warning, .frameGivenUp, UInt64(clamping: session.input.pendingByteCount))))
        try close(slot)
    }

    private func largestFrame() -> LargestFrame? {
        var largest: LargestFrame?
        for session in sessions {
            guard let session, session.state != .closing, session.input.isPartial else { continue }
            let byteCount = session.input.pendingByteCount
            if byteCount > largest?.byteCount ?? 0 {
                largest = LargestFrame(shard: id, byteCount: byteCount, name: session.frameName)
            }
        }
        return largest
    }

    /// Ends those that have taken nothing of their replies for too long, until so many bytes come free. How many do,
    /// with those of connections that end already.
    private mutating func shed(_ wantedBytes: Int) throws(MachineFailure) -> Int {
        let since = now.nanoseconds - settings.limits.memoryWithin
        var freed = 0
        var sleepers: [(slot: UInt32, byteCount: Int)] = []
        for session in sessions {
            guard let session else { continue }
            let byteCount = session.output.queuedBytes
            guard byteCount >= settings.limits.pollBytesMin else { continue }
            if session.state == .closing {
                freed += byteCount
            } else if session.output.isSending, session.output.progressAt <= since {
                sleepers.append((session.connection.slot, byteCount))
            }
        }
        sleepers.sort { ($1.byteCount, $0.slot) < ($0.byteCount, $1.slot) }
        var (count, shedBytes) = (0, 0)
        while count < sleepers.count, freed + shedBytes < wantedBytes {
            shedBytes += sleepers[count].byteCount
            try close(sleepers[count].slot)
            count += 1
        }
        if count > 0 {
            try world.submit(
                .notice(Notice(.warning, .readersGivenUp, UInt64(clamping: count), UInt64(clamping: shedBytes))))
        }
        return freed + shedBytes
    }
}

extension Session {
    /// Slot and client.
    fileprivate var frameName: UInt64 { UInt64(connection.slot) << 32 | UInt64(clientID) }
}
