/// What must hold of one consumer's stored offset in one partition.
///
/// The offset is one of few values: the one last acknowledged, or one of those asked for and never answered.
struct OffsetOracle {
    /// An unanswered store may still take effect so much later, in nanoseconds: its connection is gone, but its
    /// letter may wait for a shard that is stalled.
    private static let lateness = 10 * second

    let consumer: UInt32
    let partition: UInt32
    private let level: PromisedLevel
    /// Acknowledged; nil for nothing.
    private var settled: [UInt64?] = [nil]
    private var unanswered: [(offset: UInt64, since: Int64)] = []
    private var asked: UInt64?
    /// While the store was asked for, a crash came that its level does not survive: an answer that was under way then
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

    mutating func invokeStore(_ offset: UInt64) {
        asked = offset
        isAskedBeforeLoss = false
        isAskedBeforeLowering = false
        if !past.contains(offset) { past.append(offset) }
    }

    mutating func endStore(_ outcome: RequestOutcome, at time: Int64) {
        guard let asked else { return }
        self.asked = nil
        switch outcome {
        case .ok where isAskedBeforeLoss: break
        case .ok:
            settled = [asked]
            unanswered.removeAll { $0.since < time - Self.lateness }
            mayBeLowered = isAskedBeforeLowering
        case .refused: break
        case .unknown: unanswered.append((asked, time))
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
        let isKnown = settled.contains(offset) || unanswered.contains { $0.offset == offset }
        guard isKnown || (mayBeLowered && isBelowPast(offset)) else {
            let known = (settled + unanswered.map(\.offset)).map { $0.map { "\($0)" } ?? "none" }
            throw Violation(
                .consumerOffset,
                "consumer \(consumer), partition \(partition): stored \(known.joined(separator: " or ")), "
                    + "found \(offset.map { "\($0)" } ?? "none")", at: time)
        }
    }

    private func isBelowPast(_ offset: UInt64?) -> Bool {
        guard let offset else { return true }
        return past.contains { $0.map { $0 >= offset } ?? false }
    }
}
