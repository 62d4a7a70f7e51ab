import Platform
import Primitives
import Server

/// One shard's storage over a test disk: appends, reads, kills and starts again.
final class StoreRig {
    var disk: TestDisk
    var world: TestWorld
    var store: PartitionStore
    var buffers = BufferLedger(owner: ShardID(0))
    var settings: StorageSettings
    var now = Instant(nanoseconds: 0, wallMicroseconds: 1_000)
    var outcomes: [Outcome] = []
    var nextRef: UInt64 = 1
    /// Tag of each message by offset, as acknowledged.
    var acknowledged: [UInt64: UInt64] = [:]
    /// Tags of messages of which it was said that they are not stored.
    var refusedTags: Set<UInt64> = []
    /// Tags of messages of which nobody was told whether they are stored.
    var unknownTags: Set<UInt64> = []
    var settledKeys: Set<ConsumerKey> = []
    /// Tags by request.
    var tags: [UInt64: [UInt64]] = [:]
    private var nextTag: UInt64 = 1
    /// The process is killed when so many operations have been carried out.
    var operationBudget = Int.max
    var isOver: Bool { world.performedCount >= operationBudget }

    /// Segments of a few batches, so that everything happens in few steps.
    static var small: StorageSettings {
        var settings = StorageSettings()
        settings.segmentBytes = 600
        settings.indexIntervalBytes = 128
        settings.readPieceBytes = 1_024
        settings.hopBytes = 256
        settings.allocateChunkBytes = 512
        settings.headersPerSlab = 8
        settings.openFilesMax = 4
        settings.tailBytesMax = 1 << 20
        return settings
    }

    init(_ disk: TestDisk = TestDisk(), _ settings: StorageSettings = StoreRig.small) {
        self.disk = disk
        self.settings = settings
        world = TestWorld(disk)
        store = PartitionStore(settings: settings)
    }

    /// The process ends; another one starts on what the disk holds.
    func restarted() -> StoreRig {
        let next = StoreRig(disk, settings)
        next.acknowledged = acknowledged
        next.nextTag = nextTag
        next.now = now
        return next
    }

    func open(
        incarnation: UInt64 = 7, level: Durability = .process, isNew: Bool = false, isSameBoot: Bool = true
    ) throws -> PartitionSlot {
        let slot = try store.open(
            incarnation: incarnation, level: level, isNew: isNew, isSameBoot: isSameBoot, &world, &buffers, at: now)
        try run()
        return slot
    }

    // MARK: Appending

    @discardableResult
    func append(
        _ slot: PartitionSlot, count: Int = 1, payloadByteCount: Int = 40, level: Durability = .memory,
        isSubmitted: Bool = true
    ) throws -> UInt64 {
        let first = nextTag
        nextTag += UInt64(count)
        var bytes: [UInt8] = []
        for number in 0..<count { bytes += Self.message(tag: first + UInt64(number), payloadByteCount) }
        let buffer = try buffers.allocate(byteCount: bytes.count, &world)!
        let slice = Slice(buffer, position: 0, byteCount: UInt32(bytes.count))
        world.pool.fill(slice, bytes)
        let ref = nextRef
        nextRef += 1
        tags[ref] = (0..<count).map { first + UInt64($0) }
        try store.append(
            slot,
            AppendRequest(
                messages: slice, messageCount: UInt32(count), dialect: .classic,
                classicByteCount: UInt64(bytes.count), minOrigin: 5, level: level),
            ref: ref, &world, &buffers, at: now)
        try buffers.release(buffer, &world)
        if isSubmitted { try submit() }
        return ref
    }

    func submit() throws {
        try store.submitDirty(&world, &buffers, at: now)
        drain()
        try store.checkInvariants()
    }

    static func message(tag: UInt64, _ payloadByteCount: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeZeros(8)
        writer.write(UInt128(tag))
        writer.writeZeros(16)
        writer.write(UInt64(5))
        writer.write(UInt32(0))
        writer.write(UInt32(payloadByteCount))
        writer.writeZeros(8)
        for index in 0..<payloadByteCount { writer.write(UInt8(truncatingIfNeeded: tag &+ UInt64(index))) }
        return writer.bytes
    }

    // MARK: Running

    /// Carries out operations until none is left, or `max` have been.
    @discardableResult
    func run(max: Int = .max) throws -> Int {
        var count = 0
        drain()
        while count < max, !world.queue.isEmpty, !isOver {
            guard let (token, completion) = world.perform(), let route = Route(token) else { continue }
            count += 1
            try invariant(count < 20_000, "work ends")
            try store.completed(
                slot: route.slot, detail: route.detail, completion, &world, &buffers, at: now)
            drain()
            try store.checkInvariants()
        }
        return count
    }

    /// The same for many partitions, without a look at all of them after each step. The time that the store took.
    @discardableResult
    func runUnchecked(where isWanted: (Operation) -> Bool = { _ in true }) throws -> Duration {
        var time = Duration.zero
        while let index = world.queue.firstIndex(where: { isWanted($0.operation) }) {
            guard let (token, completion) = world.perform(at: index), let route = Route(token) else { continue }
            let begin = ContinuousClock.now
            try store.completed(slot: route.slot, detail: route.detail, completion, &world, &buffers, at: now)
            time += ContinuousClock.now - begin
            drain()
        }
        return time
    }

    func tick(seconds: Int64 = 2, max: Int = .max) throws {
        now = Instant(
            nanoseconds: now.nanoseconds + seconds * 1_000_000_000,
            wallMicroseconds: now.wallMicroseconds + seconds * 1_000_000)
        try store.tick(&world, &buffers, at: now)
        try run(max: max)
    }

    func storeOffset(_ slot: PartitionSlot, _ offset: UInt64, _ key: ConsumerKey = ConsumerKey(.single, id: 1)) throws {
        let ref = nextRef
        nextRef += 1
        store.storeOffset(slot, key, offset, ref: ref, &world)
        try submit()
    }

    func stop() throws {
        try store.stop(ref: 0, &world, &buffers, at: now)
        try run()
    }

    var isStopped: Bool { outcomes.contains { if case .stopped = $0 { true } else { false } } }

    func drain() {
        for outcome in store.takeOutcomes() {
            if case .appended(let ref, _, .done(let range)) = outcome {
                for (number, tag) in (tags[ref] ?? []).enumerated() { acknowledged[range.first + UInt64(number)] = tag }
            }
            if case .appended(let ref, _, .refused) = outcome { refusedTags.formUnion(tags[ref] ?? []) }
            if case .appended(let ref, _, .unknown) = outcome { unknownTags.formUnion(tags[ref] ?? []) }
            if case .offsetSettled(_, _, let key, .done) = outcome { settledKeys.insert(key) }
            outcomes.append(outcome)
        }
    }

    // MARK: Asking

    struct Message: Equatable {
        let offset: UInt64
        let tag: UInt64
    }

    enum Answer: Equatable {
        case messages([Message])
        case refused(StoreRefusal)
        case none
    }

    func read(
        _ slot: PartitionSlot, _ start: ReadQuery.Start = .first, countMax: UInt32 = 1_000, byteCountMax: Int = 1 << 20
    ) throws -> Answer {
        let ref = try beginRead(slot, start, countMax: countMax, byteCountMax: byteCountMax)
        try run()
        return try answer(ref)
    }

    func beginRead(
        _ slot: PartitionSlot, _ start: ReadQuery.Start = .first, countMax: UInt32 = 1_000, byteCountMax: Int = 1 << 20
    ) throws -> UInt64 {
        let ref = nextRef
        nextRef += 1
        try store.read(
            slot, ReadQuery(start, countMax: countMax, byteCountMax: byteCountMax), ref: ref, &world, &buffers)
        drain()
        return ref
    }

    func answer(_ ref: UInt64) throws -> Answer {
        for outcome in outcomes {
            if case .readRefused(ref, _, let refusal) = outcome { return .refused(refusal) }
            if case .read(ref, _, let pieces, _) = outcome {
                let messages = try pieces.flatMap { try self.messages(in: $0) }
                try store.releaseRead(pieces, &world, &buffers)
                return .messages(messages)
            }
        }
        return .none
    }

    private func messages(in piece: ReadPiece) throws -> [Message] {
        let bytes = world.pool.copy(piece.messages)
        var messages: [Message] = []
        var position = 0
        while position < bytes.count {
            let tag = bytes.rawSpan.load(UInt64.self, at: position + 8)!
            let offset = bytes.rawSpan.load(UInt64.self, at: position + 24)!
            let payload = Int(bytes.rawSpan.load(UInt32.self, at: position + 52)!)
            messages.append(Message(offset: offset, tag: tag))
            position += 64 + payload
        }
        return messages
    }

    var appendAnswers: [String] {
        outcomes.compactMap {
            switch $0 {
            case .appended(_, _, .done(let range)): "\(range.first)-\(range.last)"
            case .appended(_, _, .refused(let refusal)): "\(refusal)"
            case .appended(_, _, .unknown): "unknown"
            default: nil
            }
        }
    }

    var opened: PartitionStats? {
        for case .opened(_, let stats) in outcomes { return stats }
        return nil
    }

    var quarantine: Damage? {
        for case .quarantined(_, let damage) in outcomes { return damage }
        return nil
    }
}
