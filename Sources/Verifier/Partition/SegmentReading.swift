import Primitives

/// A walk through the bytes of one segment, batch by batch, to the first place that holds none.
struct SegmentReading {
    /// A batch that is whole and intact, and where its header stands.
    struct Batch: Equatable {
        let head: BatchHead
        let position: Int
    }

    /// What is known of the log before a segment.
    struct Past {
        /// The last batch of the segments before it.
        let last: BatchHead?
        /// The records of `offsets.log` that begin an epoch, in order.
        let epochs: [OffsetsJudge.Vouch]

        /// The epoch that the records have begun at `offset`, or before it.
        func epoch(at offset: UInt64) -> UInt32 { epochs.last { $0.end <= offset }?.epoch ?? 0 }
    }

    /// Why the walk ended.
    enum Stop: Equatable {
        /// The file ends with the last batch, or with its seal.
        case end
        /// Only zeros follow: space allocated ahead.
        case zeros(byteCount: Int)
        /// Bytes that are no whole, intact batch.
        case damage(Damage)
    }

    struct Damage: Equatable {
        let position: Int
        let detail: String
        /// What is broken if that is more than a leftover of a power cut.
        let law: Law
        /// The offset that can no longer be read.
        let offset: UInt64
        /// It is not the beginning of a batch that was being written, with nothing or zeros behind: bytes behind the
        /// place of the header are there, and of a valid header's body the last one.
        let isWhole: Bool
        /// An intact header or seal stands behind it.
        let isFollowed: Bool
        /// The largest end that headers and seals behind it call synced.
        let durableEndBehind: UInt64
    }

    let base: UInt64
    let path: String
    let fileByteCount: Int
    private let past: Past
    private(set) var batches: [Batch] = []
    private(set) var seal: (block: Seal, position: Int)?
    /// What stands behind the seal; nil if nothing does.
    private(set) var rest: (byteCount: Int, isZero: Bool)?
    private(set) var stop = Stop.end
    private(set) var messages: [MessageFacts] = []
    private(set) var classicByteCount: UInt64 = 0
    private(set) var vsrBatchCount: UInt64 = 0
    private(set) var messageCount = 0

    /// The offset after the last batch.
    var end: UInt64 { batches.last?.head.endOffset ?? base }

    init(
        _ bytes: RawSpan, base: UInt64, incarnation: UInt64, path: String, after past: Past, _ findings: inout Findings
    ) {
        self.base = base
        self.past = past
        self.path = path
        fileByteCount = bytes.byteCount
        var position = 0
        while position < bytes.byteCount {
            if let seal = Seal(bytes, at: position) {
                self.seal = (seal, position)
                let end = position + Seal.byteCount
                if end < bytes.byteCount { rest = (bytes.byteCount - end, bytes.isZero(from: end)) }
                return
            }
            guard let next = take(bytes, at: position, incarnation, &findings) else { return }
            position = next
        }
    }

    /// Takes the batch at `position` and says where the next one begins; nil where the walk ends.
    private mutating func take(
        _ bytes: RawSpan, at position: Int, _ incarnation: UInt64, _ findings: inout Findings
    ) -> Int? {
        let head: BatchHead
        switch BatchHead.read(bytes, at: position) {
        case .none:
            if bytes.isZero(from: position) {
                stop = .zeros(byteCount: bytes.byteCount - position)
            } else {
                stopAtDamage(bytes, position, "no batch header stands here", claimedEnd: nil, incarnation)
            }
            return nil
        case .invalid(let detail):
            findings.violation(.headerIsValid, path, at: position, detail)
            stopAtDamage(bytes, position, detail, claimedEnd: nil, incarnation)
            return nil
        case .head(let found):
            head = found
        }
        if head.incarnation != incarnation {
            findings.violation(.batchIsOurs, path, at: position, "it belongs to \(head.incarnation)")
            stopAtDamage(bytes, position, "a batch from elsewhere", claimedEnd: nil, incarnation)
            return nil
        }
        let bodyPosition = position + BatchHead.byteCount
        guard let body = bytes.slice(at: bodyPosition, byteCount: head.bodyByteCount) else {
            let detail = "the header asks for \(head.bodyByteCount) bytes, \(bytes.byteCount - bodyPosition) are there"
            stopAtDamage(bytes, position, detail, claimedEnd: bytes.byteCount, incarnation)
            return nil
        }
        var judge = BodyJudge(head, path: path, filePosition: bodyPosition)
        if let damage = judge.damage(body) {
            stopAtDamage(
                bytes, position, "\(damage.detail), at \(damage.position)", claimedEnd: position + head.totalByteCount,
                incarnation)
            return nil
        }
        if findings.options.mayLackWrites, let (law, detail) = misfit(head) {
            stopAtDamage(
                bytes, position, detail, law, claimedEnd: position + head.totalByteCount, incarnation)
            return nil
        }
        judge.judge(body, &findings)
        messages += judge.messages
        judgeOrder(head, at: position, &findings)
        batches.append(Batch(head: head, position: position))
        classicByteCount &+= head.classicByteCount
        vsrBatchCount &+= UInt64(head.vsrBatchCount)
        messageCount += Int(head.messageCount)
        return position + head.totalByteCount
    }

    /// Why an intact batch is not the next one of the log: a cut that was not synced came undone, and the offsets
    /// behind it had been given out again.
    private func misfit(_ head: BatchHead) -> (Law, String)? {
        if head.baseOffset != end { return (.batchesAreDense, "\(head.baseOffset) stands where \(end) belongs") }
        let epoch = past.epoch(at: head.baseOffset)
        if head.epoch < epoch {
            return (.epochsSplitTheLog, "a batch of epoch \(head.epoch) at \(head.baseOffset), in epoch \(epoch)")
        }
        guard let last = batches.last?.head ?? past.last else { return nil }
        if head.epoch < last.epoch { return (.epochsAscend, "\(head.epoch) follows \(last.epoch)") }
        if head.timestamp < last.timestamp { return (.timesAscend, "\(head.timestamp) follows \(last.timestamp)") }
        return nil
    }

    /// The batch against those before it in its segment.
    private func judgeOrder(_ head: BatchHead, at position: Int, _ findings: inout Findings) {
        if head.baseOffset != end {
            findings.violation(.batchesAreDense, path, at: position, "\(head.baseOffset) stands where \(end) belongs")
        }
        if head.durableEnd > head.baseOffset {
            findings.violation(
                .durableEndAscends, path, at: position, "\(head.durableEnd) lies beyond the base \(head.baseOffset)")
        }
        guard let last = batches.last?.head else { return }
        Self.judgeOrder(last, head, path, position, &findings)
    }

    /// Two batches that follow each other, in one segment or across two.
    static func judgeOrder(
        _ last: BatchHead, _ head: BatchHead, _ path: String, _ position: Int, _ findings: inout Findings
    ) {
        if head.timestamp < last.timestamp {
            findings.violation(.timesAscend, path, at: position, "\(head.timestamp) follows \(last.timestamp)")
        }
        if head.epoch < last.epoch {
            findings.violation(.epochsAscend, path, at: position, "\(head.epoch) follows \(last.epoch)")
        }
        if head.durableEnd < last.durableEnd {
            findings.violation(.durableEndAscends, path, at: position, "\(head.durableEnd) follows \(last.durableEnd)")
        }
    }

    /// Looks at everything behind the damage, from the end of the batch that the header claims, if there is one.
    private mutating func stopAtDamage(
        _ bytes: RawSpan, _ position: Int, _ detail: String, _ law: Law = .tailIsEmpty, claimedEnd: Int?,
        _ incarnation: UInt64
    ) {
        var isFollowed = false
        var durableEnd: UInt64 = 0
        var at = claimedEnd ?? position + 1
        while at + BatchHead.byteCount <= bytes.byteCount {
            if case .head(let head) = BatchHead.read(bytes, at: at), head.incarnation == incarnation,
                head.baseOffset >= base
            {
                isFollowed = true
                durableEnd = max(durableEnd, head.durableEnd)
            } else if let seal = Seal(bytes, at: at), seal.incarnation == incarnation, seal.baseOffset == base {
                isFollowed = true
                durableEnd = max(durableEnd, seal.durableEnd)
            }
            at += 1
        }
        stop = .damage(
            Damage(
                position: position, detail: detail, law: law, offset: end, isWhole: isWhole(bytes, at: position),
                isFollowed: isFollowed, durableEndBehind: durableEnd))
    }

    /// Writes of this process end up in the file front to back, so what is incomplete is so at its end.
    private func isWhole(_ bytes: RawSpan, at position: Int) -> Bool {
        guard case .head(let head) = BatchHead.read(bytes, at: position) else {
            return !bytes.isZero(from: position + BatchHead.byteCount)
        }
        return (bytes.load(UInt8.self, at: position + head.totalByteCount - 1) ?? 0) != 0
    }
}
