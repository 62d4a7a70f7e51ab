import Platform
import Primitives
import Wire

// Requests to partitions: from this shard's sessions or by mail, to this shard's store or by mail, and back.

extension Shard where W: ~Copyable {
    enum Begun {
        /// The answer comes later.
        case begun
        case answered(PartitionAnswer)
    }

    // MARK: The owner's side

    mutating func run(
        _ request: PartitionRequest, incarnation: UInt64, for requester: PartitionOperation.Requester
    ) throws(MachineFailure) -> Begun {
        guard let slot = partitions.slot(of: incarnation) else { return .answered(.status(.partitionNotFound)) }
        switch request {
        case .append(let append):
            if space.isHeld {
                world.mark(.requestRefused)
                return .answered(world.isMutated(.heldAppendAnsweredWell) ? .ok : .status(.cannotAppendMessage))
            }
            let ref = operations.insert(PartitionOperation(requester: requester, kind: .append))
            try store.append(slot, append, ref: ref, &world, &buffers, at: now)
        case .read(let read):
            let stored = store.storedOffset(slot, read.consumer).map { $0 + (world.isMutated(.nextSkipsOne) ? 1 : 0) }
            let start: ReadQuery.Start =
                switch read.strategy {
                case .offset(let offset): .offset(offset)
                case .timestamp(let time): .timestamp(time)
                case .first: .first
                case .last: .last(read.count)
                case .next: stored.map { .offset($0 &+ (world.isMutated(.nextRepeatsOne) ? 0 : 1)) } ?? .first
                }
            let commits = read.autoCommit && (read.strategy == .next || !world.isMutated(.autoCommitForNextAlone))
            let ref = operations.insert(
                PartitionOperation(requester: requester, kind: .read(commitFor: commits ? read.consumer : nil)))
            let query = ReadQuery(start, countMax: read.count, byteCountMax: read.byteCountMax)
            try store.read(slot, query, ref: ref, &world, &buffers)
        case .storeOffset(let consumer, let offset):
            let ref = operations.insert(PartitionOperation(requester: requester, kind: .storeOffset))
            let key = world.isMutated(.consumersShareAnOffset) ? ConsumerKey(consumer.kind, id: 0) : consumer
            store.storeOffset(slot, key, offset, ref: ref, &world)
        case .deleteOffset(let consumer):
            let ref = operations.insert(PartitionOperation(requester: requester, kind: .deleteOffset))
            if let kept = store.storedOffset(slot, consumer), world.isMutated(.deletedOffsetStays) {
                store.storeOffset(slot, consumer, kept, ref: ref, &world)
            } else {
                store.deleteOffset(slot, consumer, ref: ref)
            }
        case .getOffset(let consumer):
            // Before recovery has ended, or when it could not, "nothing stored" would be a guess.
            let isKnown = partitions.isRecovered(incarnation) && !store.isQuarantined(slot)
            guard isKnown || world.isMutated(.offsetGuessed) else {
                return .answered(.status(.cannotReadConsumerOffsets))
            }
            return .answered(
                .offset(
                    current: store.stats(slot)?.currentOffset ?? 0,
                    stored: store.storedOffset(slot, consumer)))
        case .flush(let sync):
            let ref = operations.insert(PartitionOperation(requester: requester, kind: .flush))
            store.flush(slot, isSync: sync && !world.isMutated(.flushWithoutSync), ref: ref)
        }
        return .begun
    }

    /// Takes what the store has decided to whom it concerns.
    mutating func drainOutcomes() throws(MachineFailure) {
        guard !store.outcomes.isEmpty else { return }
        // Exchanged, not copied: both arrays keep their room.
        swap(&store.outcomes, &takenOutcomes)
        defer { takenOutcomes.removeAll(keepingCapacity: true) }
        for place in takenOutcomes.indices {
            switch takenOutcomes[place] {
            case .opened(let slot, _):
                partitions.set(.ended, slot: slot)
                try recoveredIfDone()
            case .parked(let slot):
                partitions.set(.parked, slot: slot)
                try recoveredIfDone()
            case .quarantined(let slot, let damage):
                partitions.set(damage.place == .unreadable ? .failed : .ended, slot: slot)
                try recoveredIfDone()
            case .appended(let ref, _, let settled):
                try operationEnded(ref, settled)
            case .read(let ref, let slot, let pieces, let currentOffset):
                try readEnded(ref, slot, pieces, currentOffset: currentOffset)
            case .readRefused(let ref, _, let refusal):
                try operationEnded(ref, .refused(refusal) as Settled<NoValue>)
            case .offsetSettled(let ref, _, _, let settled):
                try offsetSettled(ref, settled)
            case .flushed(let ref, _, let settled):
                try operationEnded(ref, settled)
            case .removed, .segmentsDeleted:
                break
            case .stopped:
                try storeStopped()
            case .noSpaceMet:
                try space.metEnd(&world)
            }
        }
    }

    private mutating func operationEnded<Value>(
        _ ref: UInt64, _ settled: Settled<Value>
    ) throws(MachineFailure) {
        guard let operation = operations.remove(ref) else {
            throw MachineFailure("the store answers each request once")
        }
        switch settled {
        case .done: try answer(operation.requester, with: .ok)
        case .refused where world.isMutated(.refusalAnsweredWell): try answer(operation.requester, with: .ok)
        case .refused(let refusal):
            world.mark(.requestRefused)
            try answer(operation.requester, with: .status(refusal.code(of: operation.kind)))
        case .unknown where world.isMutated(.unknownRefused):
            try answer(operation.requester, with: .status(.cannotAppendMessage))
        case .unknown:
            world.mark(.requestUnknown)
            try answer(operation.requester, with: world.isMutated(.unknownAnsweredWell) ? .ok : .unknown)
        }
    }

    private mutating func readEnded(
        _ ref: UInt64, _ slot: PartitionSlot, _ pieces: [ReadPiece], currentOffset: UInt64
    ) throws(MachineFailure) {
        guard var operation = operations[ref], case .read(let consumer) = operation.kind else {
            throw MachineFailure("the store answers each read once")
        }
        guard let consumer, let last = pieces.last, !world.isMutated(.autoCommitForgotten) else {
            _ = operations.remove(ref)
            return try deliver(pieces, currentOffset: currentOffset, to: operation.requester)
        }
        // The offset is stored before the reply leaves: a consumer never gets what it has not passed.
        operation = PartitionOperation(
            requester: operation.requester, kind: .commitAfterRead(pieces, currentOffset: currentOffset))
        operations[ref] = operation
        let passed = world.isMutated(.autoCommitToEnd) ? currentOffset : last.lastOffset
        store.storeOffset(slot, consumer, passed, ref: ref, &world)
    }

    private mutating func offsetSettled(_ ref: UInt64, _ settled: Settled<NoValue>) throws(MachineFailure) {
        guard let operation = operations[ref] else { throw MachineFailure("the store answers each request once") }
        guard case .commitAfterRead(let pieces, let currentOffset) = operation.kind else {
            if case .done = settled { world.mark(.offsetStored) }
            return try operationEnded(ref, settled)
        }
        if case .done = settled {
            _ = operations.remove(ref)
            return try deliver(pieces, currentOffset: currentOffset, to: operation.requester, isCommitted: true)
        }
        try store.releaseRead(pieces, &world, &buffers)
        try operationEnded(ref, settled)
    }

    private mutating func answer(
        _ requester: PartitionOperation.Requester, with answer: PartitionAnswer
    ) throws(MachineFailure) {
        switch requester {
        case .session(let slot, let serial): try partitionAnswered(slot: slot, serial: serial, answer)
        case .shard(let shard, let ref, let lent):
            try reply(to: shard, .reply(.answer, answer.words(ref: ref), lending: lent))
        case .nobody: break
        }
    }

    /// Hands messages to whoever asked; they stay the store's until sent. Once the consumer's offset has passed them a
    /// refusal would say that it has not: what became of them is unknown then.
    private mutating func deliver(
        _ pieces: [ReadPiece], currentOffset: UInt64, to requester: PartitionOperation.Requester,
        isCommitted: Bool = false
    ) throws(MachineFailure) {
        switch requester {
        case .nobody:
            try store.releaseRead(pieces, &world, &buffers)
        case .session(let slot, let serial):
            let loan = loans.insert(Loan(pieces: pieces, borrower: id, list: nil))
            try pollAnswered(
                slot: slot, serial: serial, pieces.lazy.map(MessagePiece.init), currentOffset: currentOffset, owner: id,
                loan: loan)
        case .shard(let shard, let ref, _):
            guard let list = try lend(byteCount: PieceList.byteCount(of: pieces)) else {
                try store.releaseRead(pieces, &world, &buffers)
                return try answer(requester, with: isCommitted ? .unknown : .status(.cannotReadMessage))
            }
            var bytes = try world.mutableBytes(of: list)
            PieceList.encode(pieces, currentOffset: currentOffset, into: &bytes)
            let loan = loans.insert(Loan(pieces: pieces, borrower: shard, list: list.buffer))
            try reply(to: shard, .reply(.pieces, Letter.Words(ref, 0, loan), lending: list))
        }
    }

    /// The pieces are sent, or will never be.
    mutating func endLoan(_ key: UInt64) throws(MachineFailure) {
        guard let loan = loans.remove(key) else { return }
        if let list = loan.list { try buffers.release(list, &world) }
        try store.releaseRead(loan.pieces, &world, &buffers)
    }

    // MARK: Mail

    /// Asks the owner by mail. The frame's buffer is lent with an append until the answer.
    mutating func ask(
        _ owner: ShardID, _ request: PartitionRequest, incarnation: UInt64, slot: UInt32, serial: UInt32
    ) throws(MachineFailure) {
        guard let session = sessions[Int(slot)] else { throw MachineFailure("a request has its session") }
        let ref = UInt64(slot) << 32 | UInt64(serial)
        switch request {
        case .append(let append):
            try buffers.retain(append.messages.buffer)
            let asked = world.isMutated(.askedShardMisnoted) ? id : owner
            session.setLoan(serial, asked: asked, lent: append.messages.buffer)
        case .read, .storeOffset, .deleteOffset, .getOffset, .flush:
            session.setLoan(serial, asked: owner, lent: nil)
        }
        try ask(owner, request.letter(ref: ref, incarnation: incarnation))
    }

    mutating func partitionAsked(
        _ kind: LetterKind, _ letter: Letter, by shard: ShardID
    ) throws(MachineFailure) {
        guard let request = PartitionRequest(kind, letter) else {
            throw MachineFailure("a request by mail is one that a shard makes")
        }
        let requester = PartitionOperation.Requester.shard(shard, ref: letter.words.a, lent: letter.lent)
        guard !hasClosedStore else { return try answer(requester, with: .status(.disconnected)) }
        if case .answered(let early) = try run(request, incarnation: letter.words.b, for: requester) {
            try answer(requester, with: early)
        }
    }

    mutating func answerReceived(_ letter: Letter) throws(MachineFailure) {
        guard let answer = PartitionAnswer(letter.words) else { throw MachineFailure("an answer by mail is whole") }
        let slot = UInt32(truncatingIfNeeded: letter.words.a >> 32)
        let serial = UInt32(truncatingIfNeeded: letter.words.a)
        try loanHome(slot: slot, serial: serial, lent: letter.lent)
        try partitionAnswered(slot: slot, serial: serial, answer)
    }

    mutating func loanHome(slot: UInt32, serial: UInt32, lent: Slice?) throws(MachineFailure) {
        guard let lent else { return }
        if let session = sessions[Int(slot)], let buffer = session.takeLoan(serial) {
            try buffers.release(buffer, &world)
        } else if let place = orphanedLoans.firstIndex(where: { $0.serial == serial && $0.buffer == lent.buffer }) {
            orphanedLoans.remove(at: place)
            try buffers.release(lent.buffer, &world)
        } else {
            throw MachineFailure("a buffer comes home to whoever lent it")
        }
    }

    mutating func piecesReceived(_ letter: Letter, from owner: ShardID) throws(MachineFailure) {
        let slot = UInt32(truncatingIfNeeded: letter.words.a >> 32)
        let serial = UInt32(truncatingIfNeeded: letter.words.a)
        var pieces: [MessagePiece] = []
        swap(&pieces, &scratchPieces)
        defer {
            pieces.removeAll(keepingCapacity: pieces.capacity <= settings.storage.sparePiecesEach)
            scratchPieces = pieces
        }
        guard let lent = letter.lent,
            let currentOffset = PieceList.decode(try world.bytes(of: lent), into: &pieces)
        else { throw MachineFailure("pieces come with their list") }
        try pollAnswered(
            slot: slot, serial: serial, pieces, currentOffset: currentOffset, owner: owner, loan: letter.words.c)
    }
}
