import Platform
import Primitives
import Wire

// From the first event to serving, and from the wish to stop to the end.
//
// Shard 0 reads the catalog and clears what crashes left behind; every shard then recovers its partitions; when all
// are done shard 0 notes the machine's boot and everyone serves. Serving begins nowhere before recovery has ended
// everywhere, so that the note "this boot wrote here" is never true of a log that still needs the stricter rules.

extension Shard where W: ~Copyable {
    mutating func start() throws(MachineFailure) {
        startedAt = now.timestamp
        guard let page = try StatusPage(&buffers, &world) else {
            throw MachineFailure("a shard has memory for its page of statuses")
        }
        statusPage = page
        try refillMemoryReserve()
        try world.submit(.wake(at: now.nanoseconds + settings.limits.tickInterval))
        if id == .catalog {
            try catalogStartEnded(try startSteps.catalog.begin(&buffers, &world))
        } else {
            try join()
        }
    }

    mutating func startStepEnded(_ completion: Completion) throws(MachineFailure) {
        switch startSteps.stage {
        case .catalog:
            try catalogStartEnded(try startSteps.catalog.handle(completion, &buffers, &world))
        case .hashing:
            try rootPasswordHashed(completion)
        case .clearing:
            try leftoverCleared(try startSteps.removal.handle(completion, &buffers, &world))
        case .securing:
            throw MachineFailure("the completions of a compaction are the compaction's")
        case .lookingForAbandoned:
            try abandonedListed(try startSteps.listing.handle(completion, &buffers, &world))
        case .notingBoot:
            switch try startSteps.replace.handle(completion, &buffers, &world) {
            case nil: break
            case .failed(let errno) where errno.isNoSpace || errno == .outOfMemory:
                // Without the note the next start only applies the stricter rules: a full disk must not keep a
                // server down that could delete and serve.
                try bootSettled()
            case .failed(let errno): try refuse(.failed(.writeBoot, errno))
            case .replaced: try bootSettled()
            }
        case .over:
            throw MachineFailure("a start that is over gets no completions")
        }
    }

    private mutating func refuse(_ refusal: StartRefusal) throws(MachineFailure) {
        phase = .refused
        startSteps.stage = .over
        try world.submit(.refuseStart(refusal))
    }

    // MARK: The catalog

    private mutating func catalogStartEnded(_ outcome: CatalogStart.Outcome?) throws(MachineFailure) {
        switch outcome {
        case nil:
            return
        case .refused(let refusal):
            try refuse(refusal)
        case .recovered(let recovered):
            catalog = recovered.catalog
            var log = CatalogLog(token: Route(.catalog, detail: CatalogKeeper.logDetail).token)
            log.adopt(
                recovered.logFile, byteCount: recovered.logByteCount, firstSequence: recovered.firstSequence,
                nextSequence: recovered.nextSequence)
            var live: [UInt64] = []
            catalog.forEachPartition { live.append($1.incarnation) }
            live.sort()
            keeper = CatalogKeeper(
                log: log,
                compaction: CatalogCompaction(
                    token: Route(.catalog, detail: CatalogKeeper.compactionDetail).token,
                    leftovers: recovered.leftovers),
                compactionSchedule: CatalogCompactionSchedule(settings.limits, snapshot: recovered.snapshot),
                isSameBoot: recovered.isSameBoot,
                leftovers: recovered.directories.filter { !live.sortedContains($0) })
            if recovered.logByteCount > 0, !world.isMutated(.lastChangeNotSecured) {
                // The last record may not be durable: the process that wrote it may have ended before its sync, or
                // after it failed. Partitions must not rest on it before a snapshot does.
                startSteps.stage = .securing
                try compactAtStart()
            } else {
                try catalogSecured()
            }
        }
    }

    /// What the catalog says is durable now, or could not be made so and is tried again later.
    mutating func catalogSecured() throws(MachineFailure) {
        // A stop that came meanwhile has only waited for the compaction.
        guard phase == .starting else { return }
        startSteps.stage = .clearing
        try clearNextLeftover()
    }

    /// A directory whose incarnation was given out and is not in the catalog is a deletion that a crash
    /// interrupted. One that was never given out is somebody else's: kept, and reported.
    private mutating func clearNextLeftover() throws(MachineFailure) {
        guard !world.isMutated(.leftoversKept), let incarnation = keeper?.leftovers.popLast() else {
            if catalog.users.isEmpty { try hashRootPassword() } else { try catalogReady() }
            return
        }
        startSteps.clearing = incarnation
        if incarnation < catalog.nextIncarnation {
            try leftoverCleared(
                try startSteps.removal.begin(removing: incarnation, &buffers, &world))
        } else {
            try startSteps.removal.begin(keeping: incarnation, &world)
        }
    }

    private mutating func leftoverCleared(_ outcome: DirectoryRemoval.Outcome?) throws(MachineFailure) {
        switch outcome {
        case nil:
            return
        case .removed:
            try world.submit(.notice(Notice(.info, .deletionFinished, startSteps.clearing)))
        case .kept:
            try world.submit(.notice(Notice(.warning, .orphanKept, startSteps.clearing)))
        case .failed(let errno):
            // The store tries again, and if it cannot either the next start does; nobody is served from it meanwhile.
            if startSteps.clearing < catalog.nextIncarnation { startSteps.abandoned.append(startSteps.clearing) }
            try world.submit(
                .notice(Notice(.warning, .readFailed, startSteps.clearing, UInt64(clamping: Int(errno.rawValue)))))
        }
        try clearNextLeftover()
    }

    // MARK: The root account

    private mutating func hashRootPassword() throws(MachineFailure) {
        startSteps.stage = .hashing
        let setting = PasswordSetting.fresh(salt: (world.entropy(), world.entropy()))
        guard
            let job = try CryptJob(
                password: settings.rootPassword, setting: setting, &buffers, &world)
        else { throw MachineFailure("a starting shard has memory for one password") }
        startSteps.crypt = job
        try job.submit(Route(.start, detail: 0).token, &world)
    }

    private mutating func rootPasswordHashed(_ completion: Completion) throws(MachineFailure) {
        guard let job = startSteps.crypt else { throw MachineFailure("a password is hashed by a job") }
        let hash = try job.finish(completion, &buffers, &world)
        startSteps.crypt = nil
        guard let hash else { return try refuse(.failed(.writeCatalog, .notImplemented)) }
        keeper?.enqueue(
            CatalogKeeper.Wanted(
                requester: .start,
                proposal: .createRoot(name: settings.rootName, passwordHash: hash)))
        startSteps.stage = .over
        try decideNext()
    }

    /// Shard 0 has a catalog with a root account: whoever waits for it gets it, and its own partitions open.
    mutating func catalogReady() throws(MachineFailure) {
        startSteps.stage = .over
        startSteps.isCatalogReady = true
        try sendCatalogToJoining()
        try recoverPartitions(isSameBoot: keeper?.isSameBoot ?? false)
    }

    // MARK: Partitions

    mutating func recoverPartitions(isSameBoot: Bool) throws(MachineFailure) {
        phase = .recovering
        self.isSameBoot = isSameBoot
        world.mark(.recoveryStarted)
        try adoptPartitions()
        try removeAbandoned()
        try receiveEarly()
        try recoveredIfDone()
    }

    mutating func recoveredIfDone() throws(MachineFailure) {
        guard phase == .recovering, partitions.isRecovered || world.isMutated(.servesWhileRecovering) else { return }
        phase = .waiting
        world.mark(.recoveryDone)
        if id == .catalog {
            if !partitions.isKnown { startSteps.isEverythingKnown = false }
            try noteBootIfAllRecovered()
        } else {
            try tellRecovered()
        }
    }

    mutating func tellRecovered() throws(MachineFailure) {
        try ask(.catalog, .request(.recovered, Letter.Words(partitions.isKnown ? 1 : 0)))
    }

    /// The last step of a start: only when every log has been recovered may this boot be called the last writer. One
    /// that could not be read, or that waits for room, still needs the stricter rules: others are served without the note.
    mutating func noteBootIfAllRecovered() throws(MachineFailure) {
        let isReady = peers.areAllRecovered || world.isMutated(.bootNotedTooEarly)
        guard id == .catalog, phase == .waiting, isReady, startSteps.stage != .notingBoot else { return }
        if keeper?.isSameBoot == true || startSteps.isBootSettled || !startSteps.isEverythingKnown {
            return try serveEverywhere()
        }
        startSteps.stage = .notingBoot
        try startSteps.replace.begin(
            .boot, by: .bootTemporary, content: Array(DataDirectory.text(world.bootIdentity).utf8), &world)
    }

    /// A shard that was lost meanwhile is waited for once more.
    private mutating func bootSettled() throws(MachineFailure) {
        startSteps.stage = .over
        startSteps.isBootSettled = true
        try noteBootIfAllRecovered()
    }

    private mutating func serveEverywhere() throws(MachineFailure) {
        startSteps.stage = .over
        for shard in startSteps.waitingToServe { try reply(to: shard, .reply(.serve)) }
        startSteps.waitingToServe = []
        try serve()
    }

    mutating func serve() throws(MachineFailure) {
        guard phase == .waiting else { return }
        phase = .serving
        var messageCount: UInt64 = 0
        for entry in partitions.all { messageCount += store.stats(entry.slot)?.messageCount ?? 0 }
        try world.submit(.notice(Notice(.info, .shardReady, UInt64(partitions.all.count), messageCount)))
        try world.submit(.startAccepting)
        try decideNext()
    }

    // MARK: Stopping

    mutating func stopRequested() throws(MachineFailure) {
        switch phase {
        case .starting:
            // Nothing was accepted yet, so there is nothing to finish.
            try beginStoreStop()
            try receiveEarly()
        case .recovering, .waiting:
            try beginStoreStop()
            try refuseHeldChanges()
        case .serving:
            if keeper?.compactionSchedule.isWanted == true { keeper?.compactionSchedule.hurry() }
            try compactIfDue()
            phase = .stopping(deadline: now.nanoseconds + settings.limits.stopWithin)
            for slot in sessions.indices { touch(UInt32(slot)) }
            try closeStoreIfIdle()
        case .stopping, .storeStopping, .stopped, .refused:
            break
        }
    }

    /// Sessions end when what they asked is answered; the log is closed after the last one.
    mutating func closeStoreIfIdle() throws(MachineFailure) {
        guard case .stopping(let deadline) = phase else { return }
        if now.nanoseconds >= deadline {
            for slot in sessions.indices { try close(UInt32(slot)) }
        }
        guard sessions.allSatisfy({ $0 == nil }) || world.isMutated(.stopBeforeAnswers) else { return }
        try beginStoreStop()
    }

    /// Shards do not stop at the same moment. One that still serves may ask one that does not: its client is told that
    /// the server goes, as the reference does, and that nothing was done.
    var hasClosedStore: Bool {
        switch phase {
        case .storeStopping, .stopped: true
        case .starting, .recovering, .waiting, .serving, .stopping, .refused: false
        }
    }

    private mutating func beginStoreStop() throws(MachineFailure) {
        phase = .storeStopping
        try store.stop(ref: 0, &world, &buffers, at: now)
    }

    mutating func storeStopped() throws(MachineFailure) {
        guard phase == .storeStopping else { return }
        startSteps.isStoreStopped = true
        try stopIfDone()
    }

    /// The end of a stop: nothing of the catalog is left half-way either.
    mutating func stopIfDone() throws(MachineFailure) {
        guard phase == .storeStopping, startSteps.isStoreStopped, keeper?.isWriting != true,
            startSteps.stage != .lookingForAbandoned
        else { return }
        phase = .stopped
        try world.submit(.stopped)
    }
}

/// What only a start or a stop needs: its stage, and who waits for it.
struct StartSteps {
    enum Stage { case catalog, securing, clearing, hashing, lookingForAbandoned, notingBoot, over }

    var stage = Stage.catalog
    var catalog: CatalogStart
    var removal = DirectoryRemoval(token: Route(.start, detail: 0).token)
    var listing = DirectoryLister(token: Route(.start, detail: 0).token)
    var replace = FileReplace(token: Route(.start, detail: 0).token)
    var crypt: CryptJob?
    /// The incarnation whose directory is being cleared.
    var clearing: UInt64 = 0
    /// Directories of deleted partitions that could not be removed yet.
    var abandoned: [UInt64] = []
    /// The Machine before this one may have left some.
    var looksForAbandoned = false
    var isCatalogReady = false
    /// Of no partition is it unknown what a crash left there.
    var isEverythingKnown = true
    /// This boot is noted on disk, or there was no room for the note.
    var isBootSettled = false
    var isStoreStopped = false
    /// Requests of shards that serve already to one that is being rebuilt and has no catalog yet.
    var early: [(letter: Letter, shard: ShardID)] = []
    /// Shards that asked for the catalog before it, or memory for it, was there; shards that are ready before all are.
    var joining: [ShardID] = []
    var waitingToServe: [ShardID] = []

    init(catalog: CatalogStart) { self.catalog = catalog }
}
