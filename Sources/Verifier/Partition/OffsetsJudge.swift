import Primitives

/// Judges `offsets.log`: records of one partition life, numbered from 0, with this body:
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0        | 1     | kind: 1 store, 2 delete, 3 epoch, 4 closed |
/// | 1        | 1     | consumer kind: 1 single, 2 group; 0 for kinds 3 and 4 |
/// | 2        | 2     | 0 |
/// | 4        | 4     | consumer id; the epoch for kind 3, 0 for kind 4 |
/// | 8        | 8     | stored offset, 0 for kind 2; for kinds 3 and 4 the end of the log at that moment |
/// | 16       | 8     | bytes of this file known to be synced when the record was made |
struct OffsetsJudge {
    private static let bodyByteCount = 24

    /// A record that speaks of the end of the log.
    struct Vouch: Equatable {
        let position: Int
        let end: UInt64
        /// Nil for `closed`.
        let epoch: UInt32?
        /// The first record: it may stand for others, which were compacted away.
        let isFirst: Bool
    }

    let path: String
    let incarnation: UInt64
    private(set) var stored: [PartitionFacts.StoredOffset] = []
    private(set) var vouches: [Vouch] = []
    private(set) var recordCount = 0
    private var syncedByteCount: UInt64 = 0

    /// The records that begin an epoch.
    var epochs: [Vouch] { vouches.filter { $0.epoch != nil } }

    init(path: String, incarnation: UInt64) {
        self.path = path
        self.incarnation = incarnation
    }

    mutating func judge(_ bytes: RawSpan, _ findings: inout Findings) {
        var position = 0
        var expected: UInt64 = 0
        while true {
            switch Record.read(bytes, at: position, owner: incarnation) {
            case .end:
                return
            case .zeros:
                return findings.leftover(
                    .recordsEndTheFile, path, at: position, "\(bytes.byteCount - position) zeros follow")
            case .broken(let isWhole):
                return judgeEnd(bytes, position, isWhole: isWhole, &findings)
            case .record(let record):
                if record.sequence != expected {
                    findings.violation(
                        .recordsAreDense, path, at: position, "\(record.sequence) stands where \(expected) belongs")
                }
                take(bytes, record, at: position, &findings)
                recordCount += 1
                expected = record.sequence &+ 1
                position = record.end
            }
        }
    }

    private mutating func take(_ bytes: RawSpan, _ record: Record, at position: Int, _ findings: inout Findings) {
        guard record.bodyByteCount == Self.bodyByteCount,
            let body = bytes.slice(at: record.bodyPosition, byteCount: record.bodyByteCount),
            let kind = body.load(UInt8.self, at: 0), let consumer = body.load(UInt8.self, at: 1),
            let reserved = body.load(UInt16.self, at: 2), let id = body.load(UInt32.self, at: 4),
            let value = body.load(UInt64.self, at: 8), let synced = body.load(UInt64.self, at: 16)
        else {
            return findings.violation(
                .offsetRecordsDecode, path, at: position, "a body of \(record.bodyByteCount) bytes")
        }
        if synced < syncedByteCount || synced > UInt64(position) {
            findings.violation(
                .offsetsSyncedAscends, path, at: position, "\(synced) after \(syncedByteCount), at \(position)")
        }
        syncedByteCount = max(syncedByteCount, synced)
        let isFirst = record.sequence == 0
        switch (kind, PartitionFacts.StoredOffset.Kind(rawValue: consumer), reserved) {
        case (1, let consumer?, 0):
            store(PartitionFacts.StoredOffset(kind: consumer, id: id, offset: value))
        case (2, let consumer?, 0) where value == 0:
            stored.removeAll { $0.kind == consumer && $0.id == id }
        case (3, nil, 0) where consumer == 0:
            if let before = vouches.last(where: { $0.epoch != nil })?.epoch, id <= before {
                findings.violation(.epochsAscend, path, at: position, "epoch \(id) follows \(before)")
            }
            vouches.append(Vouch(position: position, end: value, epoch: id, isFirst: isFirst))
        case (4, nil, 0) where consumer == 0 && id == 0:
            vouches.append(Vouch(position: position, end: value, epoch: nil, isFirst: isFirst))
        default:
            findings.violation(
                .offsetRecordsDecode, path, at: position, "kind \(kind), consumer kind \(consumer), id \(id)")
        }
    }

    private mutating func store(_ offset: PartitionFacts.StoredOffset) {
        if let place = stored.firstIndex(where: { $0.kind == offset.kind && $0.id == offset.id }) {
            stored[place].offset = offset.offset
        } else {
            let place = stored.firstIndex { ($0.kind.rawValue, $0.id) > (offset.kind.rawValue, offset.id) }
            stored.insert(offset, at: place ?? stored.count)
        }
    }

    private func judgeEnd(_ bytes: RawSpan, _ position: Int, isWhole: Bool, _ findings: inout Findings) {
        let detail = "\(bytes.byteCount - position) bytes are no record"
        if UInt64(position) < syncedByteCount {
            findings.violation(.syncedIsThere, path, at: position, "\(detail), \(syncedByteCount) were synced")
        } else if findings.options.mayLackWrites {
            findings.leftover(.recordsEndTheFile, path, at: position, detail)
        } else if isWhole || Record.stands(in: bytes, after: position, owner: incarnation) {
            findings.violation(.recordsVerify, path, at: position, "\(detail), which no crash explains")
        } else {
            findings.leftover(.recordsEndTheFile, path, at: position, detail)
        }
    }
}

extension OffsetsJudge {
    /// Holds the records to the log, whose whole batches are `segments` and which ends at `end`.
    func judge(against segments: [SegmentReading], end: UInt64, _ findings: inout Findings) {
        for offset in stored where offset.offset >= end {
            // A reader of level `memory` may have seen, and stored, what a crash took back.
            let detail = "consumer \(offset.id) of kind \(offset.kind.rawValue) is at \(offset.offset), the end is \(end)"
            findings.leftover(.offsetsAreReadable, path, detail)
        }
        if let last = vouches.last, last.end > end {
            let detail = "an end of \(last.end) is vouched for, the log ends at \(end)"
            if last.epoch != nil, findings.options.mayLackWrites {
                findings.leftover(.vouchedIsThere, path, at: last.position, detail)
            } else {
                findings.violation(.vouchedIsThere, path, at: last.position, detail)
            }
        }
        // A log that nothing was ever readable in needs no record to end at 0.
        if findings.options.ending.asksForVouch, vouches.last?.end ?? 0 != end {
            let detail = vouches.last.map { "the last record vouches for \($0.end), the log ends at \(end)" }
            let law = findings.options.ending == .clean ? Law.cleanStopVouches : .recoveryVouches
            findings.violation(law, path, detail ?? "no record does, the log ends at \(end)")
        }
        judgeEpochs(segments, &findings)
    }

    /// From the end of an epoch record on batches are of that epoch or a later one; before it, of an earlier one. A
    /// later record with a smaller end takes back what was appended in between.
    private func judgeEpochs(_ segments: [SegmentReading], _ findings: inout Findings) {
        var end = UInt64.max
        for vouch in vouches.reversed() {
            guard let epoch = vouch.epoch else { continue }
            end = min(end, vouch.end)
            for segment in segments {
                for batch in segment.batches {
                    let head = batch.head
                    // The first record may have been moved to a later end when others were compacted away.
                    let isFitting =
                        head.baseOffset >= end
                        ? head.epoch >= epoch : head.endOffset <= end && (head.epoch < epoch || vouch.isFirst)
                    if isFitting { continue }
                    findings.violation(
                        .epochsSplitTheLog, segment.path, at: batch.position,
                        "a batch of epoch \(head.epoch) at \(head.baseOffset), epoch \(epoch) begins at \(end)")
                }
            }
        }
    }
}
