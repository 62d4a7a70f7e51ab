/// All that clients were told, and what follows from it. It knows the words of the promise and nothing of the server.
public final class Oracle {
    var partitions: [PartitionOracle]
    /// What the first of them may be since a purge was asked for, until it is known that one was done.
    var rivals: [[PartitionOracle]] = []
    /// Counts the purges that are known to be done.
    var life = 0
    /// Partitions of the topic that clients share.
    let sharedCount: Int
    private var offsets: [OffsetOracle] = []
    private let level: PromisedLevel
    private let offsetsLevel: PromisedLevel
    private var ownFacts = Facts()
    /// The wall clock that server and clients share, where they do.
    var wall: (() -> WallTime)?
    public private(set) var violation: Violation?
    public private(set) var okCount = 0
    public private(set) var refusedCount = 0
    public private(set) var unknownCount = 0

    public init(partitionCount: UInt32, level: PromisedLevel, offsetsLevel: PromisedLevel) {
        sharedCount = Int(partitionCount)
        partitions = (0..<partitionCount).map { PartitionOracle(number: $0, level: level) }
        self.level = level
        self.offsetsLevel = offsetsLevel
    }

    /// Appends that were asked again, and how many of them stood in the log more than once at the last scan.
    public var retryCount: Int { partitions.reduce(0) { $0 + $1.retryCount } }
    public var duplicateCount: Int { partitions.reduce(0) { $0 + $1.duplicateCount } }

    /// Facts compared so far, by property.
    public var facts: Facts {
        var sum = ownFacts
        for partition in partitions { sum.add(partition.facts) }
        return sum
    }

    /// Empty ones, of a topic that is made or emptied while the run goes on; their numbers.
    func addPartitions(_ count: UInt32) -> [UInt32] {
        (0..<count).map { _ in
            let number = UInt32(partitions.count)
            partitions.append(PartitionOracle(number: number, level: level))
            return number
        }
    }

    // MARK: History

    /// `again`: the first try of the same append, whose outcome is unknown.
    public func appendInvoked(
        _ id: BatchID, partition: UInt32, count: UInt32, again: BatchID? = nil, at time: Int64
    ) {
        let asked = wall?()
        partitions[Int(partition)].invoke(id, count: count, again: again, asked: asked, at: time)
        eachRival(of: partition) {
            $0.invoke(id, count: count, again: again, isCertain: false, asked: asked, at: time)
        }
    }

    public func appendEnded(_ id: BatchID, partition: UInt32, _ outcome: RequestOutcome, at time: Int64) {
        count(outcome)
        check { (oracle) throws(Violation) in
            try oracle.partitions[Int(partition)].end(id, outcome, at: time)
            try oracle.eachRival(of: partition) { (log) throws(Violation) in try log.end(id, outcome, at: time) }
        }
    }

    /// What a poll that is asked now can rely on.
    public struct PollTicket: Sendable {
        let certainEnd: UInt64
        let epoch: Int
        let life: Int
    }

    public func pollInvoked(partition: UInt32) -> PollTicket {
        PollTicket(
            certainEnd: isEmptying(partition) ? 0 : partitions[Int(partition)].certainEnd,
            epoch: partitions[Int(partition)].epoch, life: life)
    }

    /// `last`: the last offset of the log, as the answer names it.
    public func polled(
        _ ticket: PollTicket, partition: UInt32, from offset: UInt64, wanted: UInt32, _ messages: [SeenMessage],
        last: UInt64? = nil, at time: Int64
    ) {
        count(.ok)
        // An answer that was under way during a worse crash, or a purge, shows a log that may be no more.
        guard ticket.epoch == partitions[Int(partition)].epoch, ticket.life == life else { return }
        let certainEnd = isEmptying(partition) ? 0 : ticket.certainEnd
        check(partition) { (log) throws(Violation) in
            try log.polled(
                from: offset, wanted: wanted, messages, certainEnd: certainEnd, last: last, wall: wall?(), at: time)
        }
    }

    /// An answer to what was asked with the ticket names the last offset of a log.
    func told(_ ticket: PollTicket, partition: UInt32, last: UInt64, at time: Int64) {
        guard ticket.epoch == partitions[Int(partition)].epoch, ticket.life == life else { return }
        let certainEnd = isEmptying(partition) ? 0 : ticket.certainEnd
        check(partition) { (log) throws(Violation) in
            try log.told(last: last, certainEnd: certainEnd, at: time)
        }
    }

    /// A poll from behind the stored offset, which it moves.
    func nextInvoked(consumer: UInt32, partition: UInt32) -> PollTicket {
        offsets[place(consumer, partition)].invokeNext()
        return pollInvoked(partition: partition)
    }

    func nextEnded(
        _ ticket: PollTicket, consumer: UInt32, partition: UInt32, wanted: UInt32, _ outcome: RequestOutcome,
        _ messages: [SeenMessage], last: UInt64? = nil, at time: Int64
    ) {
        let place = place(consumer, partition)
        check { (oracle) throws(Violation) in
            oracle.ownFacts.add(.consumerOffset)
            try oracle.offsets[place].endNext(
                outcome, first: messages.first?.offset, last: messages.last?.offset, at: time)
        }
        guard let first = messages.first else { return count(outcome) }
        polled(ticket, partition: partition, from: first.offset, wanted: wanted, messages, last: last, at: time)
    }

    public func storeInvoked(consumer: UInt32, partition: UInt32, offset: UInt64?) {
        offsets[place(consumer, partition)].invokeStore(offset)
    }

    public func storeEnded(consumer: UInt32, partition: UInt32, _ outcome: RequestOutcome, at time: Int64) {
        count(outcome)
        offsets[place(consumer, partition)].endStore(outcome, at: time)
    }

    public func fetched(consumer: UInt32, partition: UInt32, offset: UInt64?, at time: Int64) {
        count(.ok)
        let place = place(consumer, partition)
        check { (oracle) throws(Violation) in
            oracle.ownFacts.add(.consumerOffset)
            try oracle.offsets[place].fetched(offset, at: time)
        }
    }

    /// A deletion was refused because nothing is stored.
    func toldNothing(consumer: UInt32, partition: UInt32, at time: Int64) {
        let place = place(consumer, partition)
        check { (oracle) throws(Violation) in
            oracle.ownFacts.add(.consumerOffset)
            try oracle.offsets[place].fetched(nil, at: time)
        }
    }

    /// A request that is none of the above ended.
    public func ended(_ outcome: RequestOutcome) { count(outcome) }

    public func crashed(_ kind: CrashKind) {
        for partition in partitions.indices { partitions[partition].crashed(kind) }
        for partition in rivals.indices {
            for rival in rivals[partition].indices { rivals[partition][rival].crashed(kind) }
        }
        for index in offsets.indices { offsets[index].crashed(kind, costsMessages: !level.survives(kind)) }
    }

    // MARK: The end

    public func scanned(partition: UInt32, _ messages: [SeenMessage], at time: Int64) {
        check(partition) { (log) throws(Violation) in try log.scanned(messages, at: time) }
    }

    public func holds(
        _ property: Property, _ condition: Bool, _ text: @autoclosure () -> String, law: String = "",
        expected: @autoclosure () -> String = "", seen: @autoclosure () -> String = "",
        about subject: @autoclosure () -> Violation.Subject = Violation.Subject(), at time: Int64
    ) {
        ownFacts.add(property)
        guard !condition else { return }
        fail(
            Violation(property, text(), law: law, expected: expected(), seen: seen(), about: subject(), at: time))
    }

    public func fail(_ found: Violation) {
        if violation == nil { violation = found }
    }

    // MARK: Helpers

    private func check(_ body: (Oracle) throws(Violation) -> Void) {
        do throws(Violation) { try body(self) } catch { fail(error) }
    }

    /// One partition's log; while it may have been emptied, one of those that it may be now.
    private func check(_ partition: UInt32, _ body: (inout PartitionOracle) throws(Violation) -> Void) {
        check { (oracle) throws(Violation) in try oracle.oneOf(partition, body) }
    }

    private func count(_ outcome: RequestOutcome) {
        switch outcome {
        case .ok: okCount += 1
        case .refused: refusedCount += 1
        case .unknown: unknownCount += 1
        }
    }

    private func place(_ consumer: UInt32, _ partition: UInt32) -> Int {
        if let found = offsets.firstIndex(where: { $0.consumer == consumer && $0.partition == partition }) {
            return found
        }
        offsets.append(OffsetOracle(consumer: consumer, partition: partition, level: offsetsLevel))
        return offsets.count - 1
    }
}
