/// What must hold of one partition, from what its clients were told.
///
/// The log is an array of messages by offset, as far as anybody has read it. A crash that the level survives changes
/// nothing. A worse one may cost a suffix: which one is learnt from the next reads, and whatever is missing must be
/// at the end of the old log, never in its middle.
struct PartitionOracle {
    struct Batch {
        let id: BatchID
        let count: UInt32
        let invoked: Int64
        /// The batch of which it is another try.
        let again: BatchID?
        var outcome: RequestOutcome?
        var ended: Int64?
        /// Crashes that the level does not survive, before it was asked for.
        let epoch: Int
        /// What the wall clock showed then, where there is one that server and clients share.
        let asked: WallTime?
        /// An answer says that it is in this log; otherwise it may have come before a purge.
        let isCertain: Bool
        /// The offset of its first message, as far as anybody saw one of them.
        var firstOffset: UInt64?

        /// Nobody was told whether it is in the log: it may still come.
        var isUnanswered: Bool { outcome == nil || outcome == .unknown }
    }

    let number: UInt32
    let level: PromisedLevel
    private(set) var batches: [Batch] = []
    private var places: [BatchID: Int] = [:]
    /// By offset; nil where nobody has read yet.
    private(set) var log: [SeenMessage?] = []
    /// By offset: the epoch in which it was read last. What was read in an earlier one may be no more.
    private var readIn: [Int] = []
    /// Offsets below it were read, or must exist, since the last crash that may have cost some.
    private(set) var endFloor: UInt64 = 0
    /// Crashes so far that the level does not survive.
    private(set) var epoch = 0
    /// Tries of appends but for the first ones, and those that stood in the log beside another one at the last scan.
    private(set) var retryCount = 0, duplicateCount = 0
    var facts = Facts()

    init(number: UInt32, level: PromisedLevel) {
        self.number = number
        self.level = level
    }

    // MARK: Appends

    mutating func invoke(
        _ id: BatchID, count: UInt32, again: BatchID? = nil, isCertain: Bool = true, asked: WallTime? = nil,
        at time: Int64
    ) {
        places[id] = batches.count
        possible += UInt64(count)
        if again != nil { retryCount += 1 }
        batches.append(
            Batch(id: id, count: count, invoked: time, again: again, epoch: epoch, asked: asked, isCertain: isCertain))
    }

    /// What it is once everything was thrown away while some were asking: nobody knows on which side those came.
    func emptied() -> PartitionOracle {
        var result = PartitionOracle(number: number, level: level)
        result.epoch = epoch
        for batch in batches where batch.isUnanswered {
            result.invoke(
                batch.id, count: batch.count, again: batch.again, isCertain: false, asked: batch.asked,
                at: batch.invoked)
        }
        result.retryCount = retryCount
        return result
    }

    mutating func end(_ id: BatchID, _ answered: RequestOutcome, at time: Int64) throws(Violation) {
        guard let place = places[id] else { return }
        let outcome = answered == .ok && !batches[place].isCertain ? .unknown : answered
        batches[place].outcome = outcome
        batches[place].ended = time
        if outcome == .refused, let offset = batches[place].firstOffset {
            throw Violation(
                .abortedRead, "partition \(number): \(id) was refused, but offset \(offset) shows it",
                expected: "a refused batch is never read", seen: "a poll had returned it at offset \(offset)",
                about: about(id, offset), at: time)
        }
        if outcome == .refused {
            facts.add(.abortedRead)
            possible -= UInt64(batches[place].count)
        }
        // An answer that was under way during the crash says nothing about the log after it.
        if outcome == .ok, !mayBeLost(batches[place]) { acknowledged += UInt64(batches[place].count) }
    }

    /// A crash came after it that its level does not survive: it may be gone, but only with all that follow.
    private func mayBeLost(_ batch: Batch) -> Bool { batch.epoch < epoch }

    /// Messages that may have been given an offset: no log is longer.
    private var possible: UInt64 = 0

    /// Messages acknowledged since the last crash that may have cost some: the log is at least as long.
    private var acknowledged: UInt64 = 0

    var certainEnd: UInt64 { max(endFloor, acknowledged) }

    // MARK: Crashes

    mutating func crashed(_ kind: CrashKind) {
        guard !level.survives(kind) else { return }
        endFloor = 0
        acknowledged = 0
        epoch += 1
    }

    // MARK: Reads

    /// A poll from `offset` for `wanted` messages was answered. `certainEnd` is what was certain when it was asked,
    /// `last` the last offset that the answer names, `wall` what the wall clock shows, where these are known.
    mutating func polled(
        from offset: UInt64, wanted: UInt32, _ messages: [SeenMessage], certainEnd: UInt64, last: UInt64?,
        wall: WallTime?, at time: Int64
    ) throws(Violation) {
        if let last {
            try told(last: last, certainEnd: certainEnd, at: time)
            let isShort = messages.last.map { $0.offset > last } ?? (wanted > 0 && last > 0 && offset <= last)
            if isShort {
                throw wrong(
                    last: last, "it holds \(messages.last.map { "offset \($0.offset)" } ?? "nothing from \(offset) on")",
                    at: time)
            }
        }
        guard let first = messages.first else {
            facts.add(.endRegress)
            if wanted > 0, offset < certainEnd {
                throw Violation(
                    .endRegress,
                    "partition \(number): a poll from \(offset) found nothing, but the log reaches \(certainEnd)",
                    expected: "messages: the log is known to reach offset \(certainEnd)", seen: "an empty answer",
                    about: about(offset: offset), at: time)
            }
            return
        }
        facts.add(.pollSkip)
        guard first.offset == offset else {
            throw Violation(
                .pollSkip, "partition \(number): a poll from \(offset) began with \(first.offset)",
                expected: "an answer that begins with offset \(offset)", seen: "it begins with \(first.offset)",
                about: about(offset: offset), at: time)
        }
        guard messages.count <= Int(wanted) else {
            throw Violation(
                .pollSkip, "partition \(number): \(messages.count) messages for \(wanted) wanted",
                expected: "at most \(wanted) messages", seen: "\(messages.count) messages",
                about: about(offset: offset), at: time)
        }
        for (index, message) in messages.enumerated() {
            facts.add(.denseOffsets)
            guard message.offset == offset + UInt64(index) else {
                throw Violation(
                    .denseOffsets,
                    "partition \(number): offset \(message.offset) stands where \(offset + UInt64(index)) belongs",
                    expected: "offset \(offset + UInt64(index))", seen: "offset \(message.offset)",
                    about: about(message.id?.batch, message.offset), at: time)
            }
            try see(message, wall, at: time)
        }
        try checkWhole(messages, wanted: wanted, at: time)
        endFloor = max(endFloor, offset + UInt64(messages.count))
    }

    /// An answer names `last` as the last offset of the log, 0 also for an empty one.
    mutating func told(last: UInt64, certainEnd: UInt64, at time: Int64) throws(Violation) {
        facts.add(.endRegress)
        if last &+ 1 < certainEnd {
            throw wrong(last: last, "the log is known to reach offset \(certainEnd)", at: time)
        }
        if last > 0, last >= possible {
            throw wrong(last: last, "no more than \(possible) messages were sent", at: time)
        }
    }

    private func wrong(last: UInt64, _ why: String, at time: Int64) -> Violation {
        Violation(
            .endRegress, "partition \(number): an answer names offset \(last) as the last one, but \(why)",
            law: "an answer names the last offset of its log", expected: why, seen: "\(last) as the last offset",
            about: about(offset: last), at: time)
    }

    private mutating func see(_ message: SeenMessage, _ wall: WallTime?, at time: Int64) throws(Violation) {
        guard let id = message.id, let place = places[id.batch], id.index < batches[place].count else {
            throw Violation(
                .foreignMessage, "partition \(number): offset \(message.offset) holds a message nobody sent here",
                expected: "a message of this run's clients",
                seen: message.id.map { "\($0), which was not sent to this partition" } ?? "bytes that are none of theirs",
                about: about(message.id?.batch, message.offset), at: time)
        }
        facts.add(.foreignMessage)
        facts.add(.abortedRead)
        if batches[place].outcome == .refused {
            throw Violation(
                .abortedRead, "partition \(number): \(id) was refused, but offset \(message.offset) shows it",
                expected: "a refused batch is never read", seen: "offset \(message.offset) shows it",
                about: about(id.batch, message.offset), at: time)
        }
        try checkStamps(message, batches[place], wall, at: time)
        let index = Int(message.offset)
        while log.count <= index {
            log.append(nil)
            readIn.append(0)
        }
        if let known = log[index] {
            facts.add(.inconsistentOffset)
            if known != message { try differ(known, message, at: time) }
        }
        // All messages of a batch stand in one row; a second place for one of them is a duplicate.
        let start = message.offset &- UInt64(id.index)
        facts.add(.duplicate)
        if let known = batches[place].firstOffset, known != start {
            throw Violation(
                .duplicate, "partition \(number): \(id) stands at \(message.offset), its batch began at \(known)",
                expected: "its batch once, from offset \(known) on",
                seen: "a message of it at offset \(message.offset)", about: about(id.batch, message.offset), at: time)
        }
        guard start <= message.offset else {
            throw Violation(
                .batchAtomicity, "partition \(number): \(id) stands at \(message.offset)",
                expected: "the messages of its batch before it", seen: "it stands at offset \(message.offset)",
                about: about(id.batch, message.offset), at: time)
        }
        batches[place].firstOffset = start
        log[index] = message
        readIn[index] = epoch
        try checkTimestamps(around: index, at: time)
    }

    /// The same offset shows another message than before: right only if a worse crash cut the log at or before it.
    private mutating func differ(_ known: SeenMessage, _ message: SeenMessage, at time: Int64) throws(Violation) {
        let old = known.id.flatMap { places[$0.batch] }.map { batches[$0].epoch } ?? epoch
        let new = message.id.flatMap { places[$0.batch] }.map { batches[$0].epoch } ?? 0
        guard old < new else {
            throw Violation(
                .inconsistentOffset,
                "partition \(number): offset \(message.offset) was \(text(known)), now it is \(text(message))",
                expected: "\(text(known)), as before", seen: text(message),
                about: about(known.id?.batch, message.offset), at: time)
        }
        // From here on the old log is gone; what it held may come up nowhere any more.
        for index in Int(message.offset)..<log.count {
            if let lost = log[index]?.id, let place = places[lost.batch],
                let start = batches[place].firstOffset, start >= message.offset
            {
                batches[place].firstOffset = nil
            }
            log[index] = nil
        }
    }

    /// No stamp is of a time that the wall clock has not shown yet, nor of one before its message was sent, unless the
    /// clock was changed meanwhile. The client's own stamp comes back as it was.
    private mutating func checkStamps(
        _ message: SeenMessage, _ batch: Batch, _ wall: WallTime?, at time: Int64
    ) throws(Violation) {
        guard let wall, let asked = batch.asked else { return }
        facts.add(.timestampOrder)
        let isEarly = asked.changes == wall.changes && message.timestamp < asked.micros
        if isEarly || message.timestamp > wall.latest {
            throw Violation(
                .timestampOrder, "partition \(number): offset \(message.offset) has a time that cannot be its own",
                law: "a message has the time of its append",
                expected: "between \(asked.micros) µs, when it was sent, and \(wall.latest) µs",
                seen: "\(message.timestamp) µs", about: about(batch.id, message.offset), at: time)
        }
        facts.add(.foreignMessage)
        if message.origin != asked.micros {
            throw Violation(
                .foreignMessage, "partition \(number): offset \(message.offset) has another origin time than was sent",
                law: "a message keeps what its client gave it", expected: "\(asked.micros) µs",
                seen: "\(message.origin) µs", about: about(batch.id, message.offset), at: time)
        }
    }

    private mutating func checkTimestamps(around index: Int, at time: Int64) throws(Violation) {
        guard let here = log[index] else { return }
        for (earlier, later) in [(index - 1, index), (index, index + 1)] {
            guard earlier >= 0, later < log.count, let left = log[earlier], let right = log[later],
                readIn[earlier] == epoch, readIn[later] == epoch
            else { continue }
            facts.add(.timestampOrder)
            if left.number != 0, left.number == right.number {
                throw Violation(
                    .foreignMessage, "partition \(number): offsets \(left.offset) and \(right.offset) have one number",
                    law: "each message has a number of its own", expected: "two numbers", seen: "\(left.number) twice",
                    about: about(right.id?.batch, right.offset), at: time)
            }
            if left.timestamp > right.timestamp {
                throw Violation(
                    .timestampOrder,
                    "partition \(number): time goes back by \(left.timestamp - right.timestamp) µs at \(here.offset)",
                    expected: "no earlier than \(left.timestamp) µs at offset \(right.offset)",
                    seen: "\(right.timestamp) µs", about: about(right.id?.batch, right.offset), at: time)
            }
        }
    }

    /// A reply that was not cut by its count ends with a whole batch: readers never see half of one.
    private mutating func checkWhole(_ messages: [SeenMessage], wanted: UInt32, at time: Int64) throws(Violation) {
        guard messages.count < Int(wanted), let last = messages.last?.id, let place = places[last.batch] else { return }
        facts.add(.batchAtomicity)
        if last.index + 1 != batches[place].count {
            throw Violation(
                .batchAtomicity,
                "partition \(number): a poll ended with \(last) of \(batches[place].count) messages",
                expected: "all \(batches[place].count) messages of its batch, or none",
                seen: "the answer ends with its message \(last.index + 1)", about: about(last.batch), at: time)
        }
    }

    // MARK: The end

    /// The whole log was read, from offset 0 to its end.
    mutating func scanned(_ messages: [SeenMessage], at time: Int64) throws(Violation) {
        var isPresent = [Bool](repeating: false, count: batches.count)
        var index = 0
        var latestEpoch = 0
        while index < messages.count {
            guard let id = messages[index].id, let place = places[id.batch] else { break }
            let count = Int(batches[place].count)
            // What a crash cost does not come back behind what was written after it.
            facts.add(.durabilityByClass)
            guard batches[place].epoch >= latestEpoch else {
                throw Violation(
                    .durabilityByClass, "partition \(number): \(id.batch) stands behind what came after a crash",
                    expected: "batches of before the crash before those of after it",
                    seen: "it stands at offset \(messages[index].offset)",
                    about: about(id.batch, messages[index].offset), at: time)
            }
            latestEpoch = batches[place].epoch
            facts.add(.batchAtomicity)
            for offset in 0..<count {
                guard index + offset < messages.count, messages[index + offset].id?.batch == id.batch,
                    messages[index + offset].id?.index == UInt32(offset)
                else {
                    throw Violation(
                        .batchAtomicity, "partition \(number): \(id.batch) is not whole at \(messages[index].offset)",
                        expected: "its \(count) messages in one row", seen: "\(offset) of them in the log",
                        about: about(id.batch, messages[index].offset), at: time)
                }
            }
            isPresent[place] = true
            index += count
        }
        facts.add(.finalScan)
        countDuplicates(isPresent)
        try checkLost(isPresent, at: time)
    }

    /// What a whole log may be once time has passed in which nobody asked for anything: what a client never got an
    /// answer for, because its connection was lost, may still have come to its end.
    func isKept(_ before: [SeenMessage], in after: [SeenMessage]) -> Bool {
        after.starts(with: before) && after.dropFirst(before.count).allSatisfy(isUnanswered)
    }

    private func isUnanswered(_ message: SeenMessage) -> Bool {
        guard let id = message.id, let place = places[id.batch] else { return false }
        return batches[place].isUnanswered
    }

    /// An append that was asked so many times may be there as often.
    private mutating func countDuplicates(_ isPresent: [Bool]) {
        let firsts = batches.indices.compactMap { isPresent[$0] ? batches[$0].again ?? batches[$0].id : nil }
        duplicateCount = firsts.count - Set(firsts).count
    }

    private mutating func checkLost(_ isPresent: [Bool], at time: Int64) throws(Violation) {
        // By epoch, the latest beginning of a survivor: what ended before it lies before it in the log. Survivors of
        // a later epoch say nothing, for they may have been written after the loss.
        var latestSurvivor = [Int64](repeating: .min, count: epoch + 1)
        for (place, batch) in batches.enumerated() where isPresent[place] {
            latestSurvivor[batch.epoch] = max(latestSurvivor[batch.epoch], batch.invoked)
        }
        for (place, batch) in batches.enumerated() where batch.outcome == .ok {
            facts.add(mayBeLost(batch) ? .durabilityByClass : .lostWrite)
            guard !isPresent[place] else { continue }
            guard mayBeLost(batch) else {
                throw Violation(
                    .lostWrite, "partition \(number): \(batch.id) was acknowledged and is gone",
                    expected: "its \(batch.count) messages: no crash since may cost them at level \(level)",
                    seen: "the log from end to end without it", about: about(batch.id, batch.firstOffset), at: time)
            }
            if let ended = batch.ended, ended < latestSurvivor[batch.epoch] {
                throw Violation(
                    .durabilityByClass, "partition \(number): \(batch.id) is gone, but later ones are there",
                    expected: "a crash at level \(level) costs the end of the log alone",
                    seen: "a gap: what was asked for after its acknowledgement is there",
                    about: about(batch.id, batch.firstOffset), at: time)
            }
        }
    }

    private func about(_ batch: BatchID? = nil, _ offset: UInt64? = nil) -> Violation.Subject {
        Violation.Subject(partition: number, batch: batch, offset: offset)
    }

    private func about(offset: UInt64) -> Violation.Subject { about(nil, offset) }

    private func text(_ message: SeenMessage) -> String { message.id.map { "\($0)" } ?? "no message of ours" }
}

/// How many facts each property compared.
public struct Facts: Equatable, Sendable {
    private var counts = [Int](repeating: 0, count: Property.allCases.count)

    public init() {}

    mutating func add(_ property: Property, count: Int = 1) { counts[property.index] += count }

    mutating func add(_ other: Facts) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    public subscript(_ property: Property) -> Int { counts[property.index] }
}

extension Property {
    fileprivate var index: Int {
        switch self {
        case .lostWrite: 0
        case .durabilityByClass: 1
        case .inconsistentOffset: 2
        case .denseOffsets: 3
        case .duplicate: 4
        case .abortedRead: 5
        case .pollSkip: 6
        case .endRegress: 7
        case .batchAtomicity: 8
        case .foreignMessage: 9
        case .timestampOrder: 10
        case .consumerOffset: 11
        case .finalScan: 12
        case .liveness: 13
        case .resourceBaseline: 14
        case .onDisk: 15
        case .law: 16
        case .recoveryIdempotence: 17
        case .catalog: 18
        case .access: 19
        case .damage: 20
        case .answers: 21
        }
    }
}
