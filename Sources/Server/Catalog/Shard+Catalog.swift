import Platform
import Primitives
import Wire

// The catalog's changes as the shard runs them: decided and logged on shard 0, applied everywhere, then answered.

extension Shard where W: ~Copyable {
    /// Begins the next waiting change, if none is in progress and no compaction is due.
    mutating func decideNext() throws(MachineFailure) {
        try compactIfDue()
        while mayDecide, keeper?.canDecide == true, let wanted = keeper?.next() {
            let decision = catalog.decide(
                wanted.proposal, limits: settings.limits, segmentBytes: settings.storage.segmentBytes,
                at: now.timestamp)
            switch decision {
            case .refused(let code):
                try answerChange(wanted.requester, .status(code), id: 0)
            case .change(let change, _):
                let letter = try letter(of: change)
                guard letter != nil || peers.others.isEmpty else {
                    try answerChange(wanted.requester, .status(.error), id: 0)
                    continue
                }
                keeper?.begin(wanted, change, letter: letter)
                try catalogLogged(try keeper?.log.append(change, &buffers, &world) ?? nil)
            }
        }
    }

    /// A shard 0 that was rebuilt changes nothing before every shard has its catalog: one that has not would not know
    /// what clients of the others are told is there.
    private var mayDecide: Bool {
        switch phase {
        case .recovering, .waiting: false
        case .starting, .serving, .stopping, .storeStopping, .stopped, .refused: true
        }
    }

    /// A stop found changes that `mayDecide` held back.
    mutating func refuseHeldChanges() throws(MachineFailure) {
        while let wanted = keeper?.next() { try answerChange(wanted.requester, .status(.disconnected), id: 0) }
    }

    mutating func catalogLogEnded(_ completion: Completion) throws(MachineFailure) {
        try catalogLogged(try keeper?.log.handle(completion, &buffers, &world) ?? nil)
        try decideNext()
        try stopIfDone()
    }

    private mutating func catalogLogged(_ outcome: CatalogLog.Outcome?) throws(MachineFailure) {
        switch outcome {
        case nil:
            return
        case .refused(let errno):
            guard let wanted = try keeper?.abandon() else { return }
            try releaseLetter()
            if errno.isNoSpace { try space.metEnd(&world) }
            let status = errno == .outOfMemory ? ErrorCode.error : .cannotWriteToFile
            let answer = world.isMutated(.refusedChangeAnsweredWell) ? ChangeAnswer.ok : .status(status)
            try answerChange(wanted.requester, answer, id: 0)
        case .unknown(let errno):
            // A snapshot without the change settles what became of it: every change waits for that.
            keeper?.compactionSchedule.isWanted = true
            if errno.isNoSpace { try space.metEnd(&world) }
            guard let wanted = try keeper?.abandon() else { return }
            try releaseLetter()
            try answerChange(wanted.requester, world.isMutated(.unknownChangeAnsweredWell) ? .ok : .unknown, id: 0)
        case .appended:
            let shards = peers.joined
            let awaited = world.isMutated(.changeAnsweredBeforeSpread) ? [] : shards
            guard let (wanted, change) = try keeper?.logged(spreadingTo: awaited) else { return }
            try tell(change, wantedBy: wanted.proposal)
            try applyHere(change)
            try spread(to: shards)
            try answerIfSpread()
        }
    }

    /// The change as bytes to be lent; nil when there is no memory, or nobody else to tell.
    private mutating func letter(of change: Change) throws(MachineFailure) -> Slice? {
        if peers.others.isEmpty { return nil }
        var writer = ByteWriter()
        change.encode(into: &writer)
        return try lend(writer.bytes)
    }

    private mutating func spread(to shards: [ShardID]) throws(MachineFailure) {
        for shard in shards {
            guard let letter = keeper?.letter else { throw MachineFailure("a change that others apply has its letter") }
            try buffers.retain(letter.buffer)
            noteLent(letter, to: shard)
            try ask(shard, .request(.apply, Letter.Words(keeper?.log.nextSequence ?? 0), lending: letter))
        }
        try releaseLetter()
    }

    private mutating func releaseLetter() throws(MachineFailure) {
        if let letter = keeper?.takeLetter() { try buffers.release(letter.buffer, &world) }
    }

    /// Another shard has applied the change in progress.
    mutating func changeApplied(by shard: ShardID) throws(MachineFailure) {
        keeper?.applied(by: shard)
        try answerIfSpread()
        try decideNext()
    }

    private mutating func answerIfSpread() throws(MachineFailure) {
        guard let (wanted, change) = keeper?.takeSpread() else { return }
        try answerChange(wanted.requester, .ok, id: change.createdID)
    }

    mutating func answerIfSpreadAfterLoss() throws(MachineFailure) {
        try answerIfSpread()
        try decideNext()
    }

    mutating func answerChange(
        _ requester: CatalogKeeper.Requester, _ answer: ChangeAnswer, id: UInt32
    ) throws(MachineFailure) {
        switch requester {
        case .session(let slot, let serial):
            try changeAnswered(slot: slot, serial: serial, answer, id: id)
        case .shard(let shard, let ref, let lent):
            try reply(
                to: shard,
                .reply(.changed, Letter.Words(ref, UInt64(answer.word), UInt64(id)), lending: lent))
        case .start:
            guard answer == .ok else {
                phase = .refused
                try world.submit(.refuseStart(.failed(.writeCatalog, .inputOutput)))
                return
            }
            try world.submit(.notice(Notice(.info, .rootAccountMade)))
            try catalogReady()
        case .nobody: break
        }
    }

    // MARK: Every shard

    mutating func applyHere(_ change: Change) throws(MachineFailure) {
        let effects = try catalog.apply(change)
        if !world.isMutated(.namesCachedTooLong) { catalogVersion += 1 }
        for (_, incarnation) in effects.removed where !world.isMutated(.removedPartitionKept) {
            try removePartition(incarnation)
        }
        for (address, incarnation) in effects.opened {
            try openPartition(address, incarnation: incarnation, isNew: true)
        }
    }

    /// Opens every partition of the catalog that is this shard's, and lets go of those that are not there.
    mutating func adoptPartitions() throws(MachineFailure) {
        var wanted: [(PartitionAddress, UInt64)] = []
        catalog.forEachPartition { wanted.append(($0, $1.incarnation)) }
        let incarnations = wanted.map(\.1).sorted()
        for entry in partitions.all
        where !incarnations.sortedContains(entry.incarnation) && !world.isMutated(.missedRemovalForgotten) {
            try removePartition(entry.incarnation)
        }
        for (address, incarnation) in wanted where partitions.slot(of: incarnation) == nil {
            try openPartition(address, incarnation: incarnation, isNew: false)
        }
    }

    private mutating func openPartition(
        _ address: PartitionAddress, incarnation: UInt64, isNew: Bool
    ) throws(MachineFailure) {
        guard Assignment.owner(of: address, shardCount: shardCount) == id else { return }
        let slot = try store.open(
            incarnation: incarnation, level: settings.durability, isNew: isNew, isSameBoot: isSameBoot, &world, &buffers, at: now)
        try partitions.insert(
            PartitionTable.Entry(
                incarnation: incarnation, address: address, slot: slot, recovery: isNew ? .ended : .underWay))
    }

    private mutating func removePartition(_ incarnation: UInt64) throws(MachineFailure) {
        guard let entry = partitions.remove(incarnation) else { return }
        try store.remove(entry.slot, ref: 0, &world, &buffers, at: now)
    }

    /// Whether every log was written, or checked by the strict rules, since the machine booted. While a start is
    /// not over, a shard that joins again must not be lenient with logs that nobody has recovered yet.
    private var isOfThisBoot: Bool {
        if keeper?.isSameBoot == true || world.isMutated(.rejoiningTrustsBoot) { return true }
        switch phase {
        case .serving, .stopping, .storeStopping, .stopped: return startSteps.isEverythingKnown
        case .starting, .recovering, .waiting, .refused: return false
        }
    }

    /// Hands the whole catalog to each shard that waits for it. Who finds no memory for it now waits for a tick: the
    /// changes made meanwhile are in what it gets.
    mutating func sendCatalogToJoining() throws(MachineFailure) {
        guard startSteps.isCatalogReady, !startSteps.joining.isEmpty else { return }
        var writer = ByteWriter()
        catalog.encode(into: &writer)
        while let shard = startSteps.joining.first, let lent = try lend(writer.bytes) {
            startSteps.joining.removeFirst()
            peers.join(shard)
            noteLent(lent, to: shard)
            try reply(to: shard, .reply(.catalog, Letter.Words(isOfThisBoot ? 1 : 0), lending: lent))
        }
    }
}

/// How a change ended, for whoever wanted it.
enum ChangeAnswer: Equatable {
    case ok
    case status(ErrorCode)
    /// Whether it will be there after a restart is not known.
    case unknown

    /// As a word of mail: 0 ok, 2^32−1 unknown, else the status.
    var word: UInt32 {
        switch self {
        case .ok: 0
        case .status(let code): code.rawValue
        case .unknown: .max
        }
    }

    init?(word: UInt64) {
        switch word {
        case 0: self = .ok
        case UInt64(UInt32.max): self = .unknown
        default:
            guard let code = UInt32(exactly: word).flatMap(ErrorCode.init(rawValue:)) else { return nil }
            self = .status(code)
        }
    }
}

extension Change {
    /// The id of what the change creates; 0 for other changes.
    var createdID: UInt32 {
        switch self {
        case .streamCreated(let id, _, _), .topicCreated(_, let id, _, _, _, _), .userCreated(let id, _, _, _): id
        case .streamRenamed, .streamDeleted, .streamPurged, .topicUpdated, .topicDeleted, .topicPurged,
            .partitionsAdded, .partitionsRemoved, .passwordChanged:
            0
        }
    }
}
