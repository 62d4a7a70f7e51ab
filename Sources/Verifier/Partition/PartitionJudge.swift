import Primitives

/// Judges the directory of one partition life: its segments one by one and against each other, their index files,
/// the stored offsets.
struct PartitionJudge {
    private(set) var facts: PartitionFacts
    private(set) var totals = Verdict.Totals()
    private let directory: String
    private var segments: [SegmentReading] = []
    /// Offsets below it were synced, as headers and seals say.
    private var durableEnd: UInt64 = 0

    init(_ facts: PartitionFacts) {
        self.facts = facts
        directory = "partitions/\(facts.incarnation)"
    }

    mutating func judge(names: [Substring], of source: some DirectorySource, _ findings: inout Findings) {
        var bases: [UInt64] = []
        var indexes: [UInt64] = []
        var tails: [UInt64] = []
        var hasOffsets = false
        for name in names {
            switch PartitionFileName(name) {
            case .log(let base): bases.append(base)
            case .index(let base): indexes.append(base)
            case .offsets: hasOffsets = true
            case .offsetsTemporary:
                findings.untidiness(.temporariesAreGone, "\(directory)/\(name)", "it is still there")
            case .tail(let base):
                tails.append(base)
                findings.leftover(.temporariesAreGone, "\(directory)/\(name)", "it is still there")
            case .tailTemporary:
                findings.leftover(.temporariesAreGone, "\(directory)/\(name)", "it is still there")
            case nil:
                findings.violation(.namesAreKnown, "\(directory)/\(name)", "no file of a partition is named so")
            }
        }
        let offsets = readOffsets(hasFile: hasOffsets, source, &findings)
        for base in bases.sorted() {
            readSegment(
                base, hasIndex: indexes.contains(base), hasTail: tails.contains(base), offsets?.epochs ?? [], source,
                &findings)
        }
        for base in indexes.sorted() where !bases.contains(base) {
            findings.leftover(.indexHasLog, path(base, ".index"), "there is no \(path(base, ".log"))")
        }
        for segment in segments {
            if let (seal, position) = segment.seal { judge(seal, at: position, of: segment, &findings) }
            judgeRest(segment, &findings)
        }
        let chain = chain(&findings)
        describe(chain)
        if let offsets { judge(offsets, chain, &findings) }
    }

    private func path(_ base: UInt64, _ suffix: String) -> String {
        let digits = String(base)
        var path = directory
        path.reserveCapacity(directory.utf8.count + 1 + 20 + suffix.utf8.count)
        path += "/"
        path += Substring("00000000000000000000".utf8.dropFirst(digits.utf8.count))
        path += digits
        path += suffix
        return path
    }

    // MARK: One segment

    private mutating func readSegment(
        _ base: UInt64, hasIndex: Bool, hasTail: Bool, _ epochs: [OffsetsJudge.Vouch], _ source: some DirectorySource,
        _ findings: inout Findings
    ) {
        let path = path(base, ".log")
        guard var bytes = findings.read(path, from: source) else { return }
        if hasTail {
            let tail = self.path(base, ".tail")
            if let copy = findings.read(tail, from: source) {
                bytes = TailCopy(copy, over: bytes, path: tail, incarnation: facts.incarnation, &findings).restored
            }
        }
        let last = segments.last { !$0.batches.isEmpty }?.batches.last?.head
        let segment = SegmentReading(
            bytes.rawSpan, base: base, incarnation: facts.incarnation, path: path,
            after: SegmentReading.Past(last: last, epochs: epochs), &findings)
        for batch in segment.batches { durableEnd = max(durableEnd, batch.head.durableEnd) }
        if let (seal, _) = segment.seal {
            durableEnd = max(durableEnd, seal.durableEnd)
            totals.sealCount += 1
        }
        if case .damage(let damage) = segment.stop { durableEnd = max(durableEnd, damage.durableEndBehind) }
        judgeRotation(segment, &findings)
        totals.segmentCount += 1
        totals.batchCount += segment.batches.count
        totals.messageCount += segment.messageCount
        if hasIndex { readIndex(segment, source, &findings) }
        segments.append(segment)
    }

    private mutating func readIndex(
        _ segment: SegmentReading, _ source: some DirectorySource, _ findings: inout Findings
    ) {
        let path = path(segment.base, ".index")
        guard let bytes = findings.read(path, from: source) else { return }
        var judge = IndexJudge(path: path, incarnation: facts.incarnation, segment: segment)
        judge.judge(bytes.rawSpan, &findings)
        totals.indexEntryCount += judge.entryCount
    }

    private func judge(_ seal: Seal, at position: Int, of segment: SegmentReading, _ findings: inout Findings) {
        let last = segment.batches.last?.head
        let facts: [(String, said: UInt64, found: UInt64)] = [
            ("incarnation", seal.incarnation, self.facts.incarnation),
            ("base offset", seal.baseOffset, segment.base),
            ("end offset", seal.endOffset, segment.end),
            ("position", seal.position, UInt64(position)),
            ("classic byte count", seal.classicByteCount, segment.classicByteCount),
            ("VSR batch count", seal.vsrBatchCount, segment.vsrBatchCount),
            ("first time", seal.firstTimestamp, segment.batches.first?.head.timestamp ?? 0),
            ("last time", seal.lastTimestamp, last?.timestamp ?? 0),
            ("epoch", UInt64(seal.epoch), UInt64(last?.epoch ?? 0)),
        ]
        // Of what was not synced a power cut may leave the seal, and instead of the last batch before it one that was
        // written there earlier, failed and was cut off.
        let mayBeAnothers = findings.options.mayLackWrites && segment.end > durableEnd
        for fact in facts where fact.said != fact.found {
            let detail = "\(fact.0): \(fact.said) is said, \(fact.found) found"
            if mayBeAnothers {
                findings.leftover(.sealAgrees, segment.path, at: position, detail)
            } else {
                findings.violation(.sealAgrees, segment.path, at: position, detail)
            }
        }
        if !seal.isFormatKnown {
            findings.violation(.sealAgrees, segment.path, at: position, "its format or its zeros are not known")
        }
        if segment.batches.isEmpty {
            findings.violation(.sealAgrees, segment.path, at: position, "an empty segment is sealed")
        }
        if seal.durableEnd > seal.endOffset || seal.durableEnd < last?.durableEnd ?? 0 {
            findings.violation(
                .durableEndAscends, segment.path, at: position,
                "\(seal.durableEnd) follows \(last?.durableEnd ?? 0) in a segment that ends at \(seal.endOffset)")
        }
    }

    private func judgeRest(_ segment: SegmentReading, _ findings: inout Findings) {
        guard let rest = segment.rest, let position = segment.seal?.position else { return }
        let detail = "\(rest.byteCount) bytes follow"
        if rest.isZero {
            // Space allocated ahead, which a sealing that failed half-way may leave for the next start to trim.
            findings.untidiness(.sealEndsTheFile, segment.path, at: position, "\(detail), all zero")
        } else if findings.options.mayLackWrites, segment.end > durableEnd {
            // What was cut before these batches were written is back: the cut was no more durable than they are.
            findings.leftover(.sealEndsTheFile, segment.path, at: position, detail)
        } else {
            findings.violation(.sealEndsTheFile, segment.path, at: position, detail)
        }
    }

    private func judgeRotation(_ segment: SegmentReading, _ findings: inout Findings) {
        guard let full = findings.options.segmentByteCount, let last = segment.batches.last else { return }
        let byteCount = segment.classicByteCount
        if byteCount - last.head.classicByteCount >= full {
            findings.violation(
                .rotationIsInTime, segment.path, at: last.position, "it was full before its last batch: \(byteCount) bytes")
        }
        if let (_, position) = segment.seal {
            if byteCount < full {
                findings.violation(
                    .rotationIsInTime, segment.path, at: position, "it was sealed at \(byteCount) of \(full) bytes")
            }
        } else if byteCount >= full, segment.stop == .end {
            findings.untidiness(
                .rotationIsInTime, segment.path, "it is not sealed at \(byteCount) of \(full) bytes")
        }
    }

    // MARK: The segments together

    /// The segments up to the first break, and what is said of the break.
    private func chain(_ findings: inout Findings) -> [SegmentReading] {
        for place in segments.indices {
            let segment = segments[place]
            let isLast = place + 1 == segments.count
            if case .damage(let damage) = segment.stop {
                judge(damage, of: segment, isLast: isLast, &findings)
                return Array(segments[...place])
            }
            if isLast { break }
            let next = segments[place + 1]
            if next.base != segment.end {
                judgeGap(segment, next, &findings)
                return Array(segments[...place])
            }
            if segment.seal == nil {
                judgeMissingSeal(segment, &findings)
            } else if let last = segment.batches.last?.head, let first = next.batches.first {
                SegmentReading.judgeOrder(last, first.head, next.path, first.position, &findings)
                if let seal = segment.seal?.block, first.head.durableEnd < seal.durableEnd {
                    findings.violation(
                        .durableEndAscends, next.path, at: first.position,
                        "\(first.head.durableEnd) follows a seal with \(seal.durableEnd)")
                }
            }
        }
        if let last = segments.last, last.end < durableEnd {
            findings.violation(
                .syncedIsThere, last.path, "\(durableEnd) offsets were synced, the log ends at \(last.end)")
        }
        return segments
    }

    private func judge(
        _ damage: SegmentReading.Damage, of segment: SegmentReading, isLast: Bool, _ findings: inout Findings
    ) {
        let path = segment.path
        if damage.offset < durableEnd {
            let detail = "\(damage.detail); offset \(damage.offset) of \(durableEnd) synced ones"
            findings.violation(.syncedIsThere, path, at: damage.position, detail)
        } else if findings.options.mayLackWrites {
            findings.leftover(damage.law, path, at: damage.position, damage.detail)
        } else if damage.isFollowed || damage.isWhole || !isLast {
            findings.violation(
                .damageIsExplained, path, at: damage.position, "\(damage.detail), and that is no incomplete write")
        } else {
            findings.leftover(.tailIsEmpty, path, at: damage.position, damage.detail)
        }
    }

    private func judgeGap(_ segment: SegmentReading, _ next: SegmentReading, _ findings: inout Findings) {
        let detail = "\(segment.path) ends at \(segment.end)"
        if findings.options.mayLackWrites, segment.end >= durableEnd {
            findings.leftover(.segmentsFollow, next.path, detail)
        } else {
            findings.violation(.segmentsFollow, next.path, detail)
        }
    }

    private func judgeMissingSeal(_ segment: SegmentReading, _ findings: inout Findings) {
        // The batches of a segment and the next one's may be durable while the seal between them is not.
        if findings.options.mayLackWrites {
            findings.note(.onlyLastIsOpen, segment.path, "it has no seal, and a segment follows")
        } else {
            findings.violation(.onlyLastIsOpen, segment.path, "it has no seal, and a segment follows")
        }
    }

    private mutating func describe(_ chain: [SegmentReading]) {
        facts.firstOffset = chain.first?.base ?? 0
        facts.endOffset = chain.last?.end ?? 0
        facts.durableEnd = durableEnd
        facts.segmentCount = chain.count
        facts.epoch = chain.last(where: { !$0.batches.isEmpty })?.batches.last?.head.epoch ?? 0
        for segment in chain {
            facts.batchCount += segment.batches.count
            facts.messageCount += segment.messageCount
            facts.classicByteCount &+= segment.classicByteCount
            facts.messages += segment.messages
        }
    }

    // MARK: Stored offsets

    /// Nil, and a finding, if the file cannot be read.
    private func readOffsets(
        hasFile: Bool, _ source: some DirectorySource, _ findings: inout Findings
    ) -> OffsetsJudge? {
        let path = "\(directory)/offsets.log"
        var judge = OffsetsJudge(path: path, incarnation: facts.incarnation)
        if hasFile {
            guard let bytes = findings.read(path, from: source) else { return nil }
            judge.judge(bytes.rawSpan, &findings)
        }
        return judge
    }

    private mutating func judge(_ judge: OffsetsJudge, _ chain: [SegmentReading], _ findings: inout Findings) {
        judge.judge(against: chain, end: facts.endOffset, &findings)
        totals.offsetRecordCount += judge.recordCount
        facts.storedOffsets = judge.stored
        facts.vouchedEnd = judge.vouches.last?.end
        facts.epoch = max(facts.epoch, judge.vouches.compactMap(\.epoch).max() ?? 0)
    }
}
