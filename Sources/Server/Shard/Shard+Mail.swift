import Platform
import Primitives

// Letters in and out. A request costs a credit that its reply gives back; a lent buffer comes home with the letter
// that ends the loan.

extension Shard where W: ~Copyable {
    mutating func ask(_ shard: ShardID, _ letter: Letter) throws(MachineFailure) {
        try peers.asked(shard)
        try world.submit(.mail(to: shard, letter))
    }

    /// Whether a session's request may go to the shard now; it waits otherwise.
    mutating func mayAsk(_ shard: ShardID) -> Bool {
        if peers.hasCredit(shard) { return true }
        world.mark(.mailOutOfCredit)
        return false
    }

    mutating func reply(to shard: ShardID, _ letter: Letter) throws(MachineFailure) {
        try world.submit(.mail(to: shard, letter))
    }

    /// A buffer with these bytes, to be lent; nil when there is no memory. The loan is its one user.
    ///
    /// When clients have used up the memory, the shards' own talk lives on the reserve: a busy server can still be
    /// administered, and no client can make a shard fail for want of a few bytes.
    mutating func lend(_ bytes: [UInt8]) throws(MachineFailure) -> Slice? {
        guard let slice = try lend(byteCount: bytes.count) else { return nil }
        var target = try world.mutableBytes(of: slice)
        target.store(bytes.rawSpan, at: 0)
        return slice
    }

    /// Room for so many bytes that are to be lent, still without content; nil when there is no memory.
    mutating func lend(byteCount: Int) throws(MachineFailure) -> Slice? {
        var allocated = try buffers.allocate(byteCount: max(byteCount, 1), &world)
        if allocated == nil, let reserve = memoryReserve {
            memoryReserve = nil
            try buffers.release(reserve, &world)
            allocated = try buffers.allocate(byteCount: max(byteCount, 1), &world)
        }
        guard let buffer = allocated else { return nil }
        return Slice(buffer, position: 0, byteCount: UInt32(clamping: byteCount))
    }

    /// The other shard has a use of these bytes until it sends them back.
    mutating func noteLent(_ slice: Slice, to shard: ShardID) {
        lentBytes.append(LentBytes(buffer: slice.buffer, borrower: shard))
    }

    /// Takes the reserve again as soon as there is room for it.
    mutating func refillMemoryReserve() throws(MachineFailure) {
        guard memoryReserve == nil else { return }
        memoryReserve = try buffers.allocate(byteCount: settings.limits.memoryReserveBytes, &world)
    }

    mutating func received(_ letter: Letter, from shard: ShardID) throws(MachineFailure) {
        guard let kind = LetterKind(rawValue: letter.kind) else {
            throw MachineFailure("every letter has a kind that we know")
        }
        switch kind {
        case .catalog, .serve, .changed, .applied, .answer, .pieces, .facts, .roomHeard, .roomLooked, .memoryFreed:
            if !world.isMutated(.creditNotReturned) { try peers.answered(shard) }
        case .join, .catalogTaken, .recovered, .change, .apply, .append, .read, .storeOffset, .deleteOffset,
            .getOffset, .flush, .piecesTaken, .gather, .factsTaken, .room, .roomGranted, .roomRecalled, .memoryWanted,
            .frameNamed:
            break
        }
        if phase == .starting, kind.needsCatalog {
            startSteps.early.append((letter, shard))
            return
        }
        switch kind {
        case .join: try joined(shard, letter)
        case .catalog: try catalogReceived(letter)
        case .catalogTaken, .factsTaken: try home(letter.lent, from: shard)
        case .recovered: try peerRecovered(shard, isKnown: letter.words.a == 1)
        case .serve: try serve()
        case .change: try changeWanted(letter, by: shard)
        case .changed: try changedElsewhere(letter)
        case .apply: try applyReceived(letter, from: shard)
        case .applied:
            try home(letter.lent, from: shard)
            try changeApplied(by: shard)
        case .append, .read, .storeOffset, .deleteOffset, .getOffset, .flush:
            try partitionAsked(kind, letter, by: shard)
        case .answer: try answerReceived(letter)
        case .pieces: try piecesReceived(letter, from: shard)
        case .piecesTaken: try endLoan(letter.words.a)
        case .gather: try factsAsked(letter, by: shard)
        case .facts: try factsReceived(letter, from: shard)
        case .room: try roomAsked(letter, by: shard)
        case .roomHeard: try roomHeard()
        case .roomGranted: try roomGranted(letter)
        case .roomRecalled: try roomRecalled(by: shard)
        case .roomLooked: frameRoom?.looked(shard)
        case .memoryWanted: try memoryWanted(letter, by: shard)
        case .memoryFreed: try memoryFreed(letter, by: shard)
        case .frameNamed: try frameNamed(letter)
        }
        retryStalled(settings.limits.retriesMax)
    }

    /// Answers what was asked of this shard while it did not know the catalog yet.
    mutating func receiveEarly() throws(MachineFailure) {
        let early = startSteps.early
        startSteps.early = []
        if world.isMutated(.earlyLettersForgotten) { return }
        for (letter, shard) in early { try received(letter, from: shard) }
    }

    /// What was lent is this shard's again.
    private mutating func home(_ lent: Slice?, from shard: ShardID) throws(MachineFailure) {
        guard let lent, let place = lentBytes.firstIndex(where: { $0.borrower == shard && $0.buffer == lent.buffer })
        else { throw MachineFailure("a loan ends once, with what was lent") }
        lentBytes.remove(at: place)
        try buffers.release(lent.buffer, &world)
    }

    // MARK: Start

    private mutating func joined(_ shard: ShardID, _ letter: Letter) throws(MachineFailure) {
        try roomHeld(letter, by: shard)
        startSteps.joining.append(shard)
        try sendCatalogToJoining()
    }

    private mutating func catalogReceived(_ letter: Letter) throws(MachineFailure) {
        guard let lent = letter.lent, let catalog = Catalog(decoding: try world.bytes(of: lent)) else {
            throw MachineFailure("shard 0 sends a whole catalog")
        }
        try reply(to: .catalog, .reply(.catalogTaken, lending: lent))
        self.catalog = catalog
        catalogVersion += 1
        if phase == .starting {
            startSteps.looksForAbandoned = generation > 0
            return try recoverPartitions(isSameBoot: letter.words.a == 1)
        }
        // Shard 0 was rebuilt: the records are the truth, whatever this shard had heard.
        try adoptPartitions()
        world.mark(.shardRejoined)
        // While it recovers it has told nobody yet, and will when it is done.
        if phase != .recovering { try tellRecovered() }
    }

    private mutating func peerRecovered(_ shard: ShardID, isKnown: Bool) throws(MachineFailure) {
        peers.recover(shard)
        switch phase {
        case .serving, .stopping, .storeStopping, .stopped:
            try reply(to: shard, .reply(.serve))
        case .starting, .recovering, .waiting, .refused:
            startSteps.waitingToServe.append(shard)
            if !isKnown { startSteps.isEverythingKnown = false }
            try noteBootIfAllRecovered()
        }
    }

    private mutating func applyReceived(_ letter: Letter, from shard: ShardID) throws(MachineFailure) {
        guard let lent = letter.lent, let change = Change(decoding: try world.bytes(of: lent)) else {
            throw MachineFailure("shard 0 sends whole changes")
        }
        if !world.isMutated(.changeOnlyOnShardZero) { try applyHere(change) }
        try reply(to: shard, .reply(.applied, letter.words, lending: lent))
    }

    // MARK: Loss

    /// A shard's Machine is gone; a new one begins. What it still owed is unknown for ever.
    mutating func shardLost(_ lost: ShardID, generation: UInt32) throws(MachineFailure) {
        world.mark(.shardLostSeen)
        try world.submit(
            .notice(Notice(.error, .shardLost, UInt64(lost.number), UInt64(generation))))
        peers.lose(lost)
        roomPeerLost(lost)
        for slot in sessions.indices where !world.isMutated(.lostShardStillAwaited) {
            try outcomeUnknown(slot: UInt32(slot), asked: lost)
        }
        for key in operations.keys {
            guard case .shard(lost, _, _)? = operations[key]?.requester else { continue }
            if !world.isMutated(.answersGoToNextLife) { operations[key]?.requester = .nobody }
        }
        for loan in orphanedLoans where loan.borrower == lost { try buffers.release(loan.buffer, &world) }
        orphanedLoans.removeAll { $0.borrower == lost }
        for lent in lentBytes where lent.borrower == lost { try buffers.release(lent.buffer, &world) }
        lentBytes.removeAll { $0.borrower == lost }
        if !world.isMutated(.lostLoansKept) { try store.forgetLoans(of: lost, &world, &buffers) }
        for key in loans.keys where loans[key]?.borrower == lost && !world.isMutated(.lostBorrowerKeepsLoan) {
            try endLoan(key)
        }
        for key in gatherings.keys where !world.isMutated(.gatheringNotTold) { try peerLostWhileGathering(key, lost) }
        startSteps.early.removeAll { $0.shard == lost }
        startSteps.joining.removeAll { $0 == lost }
        startSteps.waitingToServe.removeAll { $0 == lost }
        if id == .catalog {
            if !world.isMutated(.changeWaitsForLostShard) { keeper?.forget(lost) }
            if keeper != nil { try answerIfSpreadAfterLoss() }
        } else if lost == .catalog, !world.isMutated(.rebuiltCatalogNotJoined) {
            try join()
        }
        try roomChanged()
        try shortagePeerLost(lost)
    }
}
