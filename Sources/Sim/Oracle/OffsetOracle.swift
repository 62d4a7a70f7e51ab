/// What must hold of one consumer's stored offset in one partition.
///
/// The offset is one of few values: the one last acknowledged, or one of those asked for and never answered.
struct OffsetOracle {
    /// What is to be stored; nil for nothing.
    private struct Asked { let offset: UInt64? }

    /// An unanswered store may still take effect so much later, in nanoseconds: its connection is gone, but its
    /// letter may wait for a shard that is stalled.
    private static let lateness = 10 * second

    let consumer: UInt32
    let partition: UInt32
    private let level: PromisedLevel
    /// Acknowledged; nil for nothing.
    private var settled: [UInt64?] = [nil]
    private var unanswered: [(offset: UInt64?, since: Int64)] = []
    private var asked: Asked?
    /// When a poll that moves the offset was left without an answer: nobody knows how far.
    private var unansweredNext: Int64?
    /// While the request in flight was made, a crash came that its level does not survive: an answer that was under way then
    /// says nothing about what is stored after it.
    private var isAskedBeforeLoss = false
    /// The same, for the messages' level.
    private var isAskedBeforeLowering = false
    /// Everything that ever was asked for: what a worse crash may bring back.
    private var past: [UInt64?] = [nil]
    /// A crash may have cost messages: an offset beyond the new end was lowered to it.
    private var mayBeLowered = false

    init(consumer: UInt32, partition: UInt32, level: PromisedLevel) {
        self.consumer = consumer
        self.partition = partition
        self.level = level
    }

    mutating func invokeStore(_ offset: UInt64?) {
        asked = Asked(offset: offset)
        begin()
        if !past.contains(offset) { past.append(offset) }
    }

    mutating func endStore(_ outcome: RequestOutcome, at time: Int64) {
        guard let asked else { return }
        self.asked = nil
        switch outcome {
        case .ok: settle(asked.offset, at: time)
        case .refused: break
        case .unknown: unanswered.append((asked.offset, time))
        }
    }

    private mutating func begin() {
        isAskedBeforeLoss = false
        isAskedBeforeLowering = false
    }

    private mutating func settle(_ offset: UInt64?, at time: Int64) {
        guard !isAskedBeforeLoss else {
            settled.append(offset)
            return
        }
        settled = [offset]
        unanswered.removeAll { $0.since < time - Self.lateness }
        if let since = unansweredNext, since < time - Self.lateness { unansweredNext = nil }
        mayBeLowered = isAskedBeforeLowering
    }

    /// A poll from behind the stored offset, which it moves to the last message of its answer.
    mutating func invokeNext() { begin() }

    /// `first`, `last`: of what the answer held; nil when it held nothing, which moves nothing.
    mutating func endNext(
        _ outcome: RequestOutcome, first: UInt64?, last: UInt64?, at time: Int64
    ) throws(Violation) {
        switch outcome {
        case .refused: return
        case .unknown: unansweredNext = time
        case .ok:
            guard let first, let last else { return }
            if !past.contains(last) { past.append(last) }
            if !isAskedBeforeLoss, !isAskedBeforeLowering {
                let before = first == 0 ? nil : first - 1
                try check(before, "asked for what follows it, was given \(first) to \(last)", at: time)
            }
            settle(last, at: time)
        }
    }

    /// `costsMessages`: the level of the messages does not survive it.
    mutating func crashed(_ kind: CrashKind, costsMessages: Bool) {
        if !level.survives(kind) {
            settled = past
            isAskedBeforeLoss = true
        }
        if costsMessages {
            mayBeLowered = true
            isAskedBeforeLowering = true
        }
    }

    mutating func fetched(_ offset: UInt64?, at time: Int64) throws(Violation) {
        try check(offset, "found \(offset.map { "\($0)" } ?? "none")", at: time)
    }

    /// Whether the server may hold this offset.
    private func check(_ offset: UInt64?, _ finding: String, at time: Int64) throws(Violation) {
        let isKnown = settled.contains(offset) || unanswered.contains { $0.offset == offset }
        guard isKnown || unansweredNext != nil || (mayBeLowered && isBelowPast(offset)) else {
            let known = (settled + unanswered.map(\.offset)).map { $0.map { "\($0)" } ?? "none" }
            throw Violation(
                .consumerOffset,
                "consumer \(consumer), partition \(partition): stored \(known.joined(separator: " or ")), \(finding)",
                expected: "the stored offset \(known.joined(separator: " or "))", seen: finding,
                about: Violation.Subject(partition: partition, client: consumer, offset: offset), at: time)
        }
    }

    private func isBelowPast(_ offset: UInt64?) -> Bool {
        guard let offset else { return true }
        return past.contains { $0.map { $0 >= offset } ?? false }
    }
}
