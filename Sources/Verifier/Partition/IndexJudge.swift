import Primitives

/// Judges an index file: waypoints into one segment.
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0        | 8     | base offset of a batch |
/// | 8        | 8     | position of its header in the segment |
/// | 16       | 8     | its append time |
/// | 24       | 8     | XXH3-64 of the three words and the incarnation |
///
/// Entries back to back, ascending, the first for the segment's first batch. The file is never synced and may be
/// missing, short, or end within an entry at any time; it is made again when somebody needs it.
struct IndexJudge {
    private static let entryByteCount = 32

    let path: String
    let incarnation: UInt64
    let segment: SegmentReading
    private(set) var entryCount = 0

    init(path: String, incarnation: UInt64, segment: SegmentReading) {
        self.path = path
        self.incarnation = incarnation
        self.segment = segment
    }

    mutating func judge(_ bytes: RawSpan, _ findings: inout Findings) {
        var batch = 0
        var position = 0
        while let entry = bytes.slice(at: position, byteCount: Self.entryByteCount) {
            guard let offset = entry.load(UInt64.self, at: 0), let place = entry.load(UInt64.self, at: 8),
                let timestamp = entry.load(UInt64.self, at: 16), let checksum = entry.load(UInt64.self, at: 24)
            else { return }
            var hash = XXH3.Stream()
            for word in [offset, place, timestamp, incarnation] { hash.update(word) }
            guard hash.finalize() == checksum else {
                return complain(.indexVerifies, position, "the entry does not match its checksum", &findings)
            }
            if position == 0, place != 0 || offset != segment.base {
                complain(.indexPointsAtBatches, 0, "the first entry is offset \(offset) at \(place)", &findings)
            }
            while batch < segment.batches.count, UInt64(segment.batches[batch].position) < place { batch += 1 }
            guard batch < segment.batches.count, UInt64(segment.batches[batch].position) == place,
                segment.batches[batch].head.baseOffset == offset, segment.batches[batch].head.timestamp == timestamp
            else {
                let detail = "no batch of offset \(offset) and time \(timestamp) stands at \(place), or an earlier entry did"
                return complain(.indexPointsAtBatches, position, detail, &findings)
            }
            batch += 1
            entryCount += 1
            position += Self.entryByteCount
        }
        if position < bytes.byteCount {
            // A write that a kill or a full disk cut short: no clean stop makes it whole, whoever reads there does.
            findings.note(.indexVerifies, path, at: position, "\(bytes.byteCount - position) bytes are no entry")
        }
    }

    private func complain(_ law: Law, _ position: Int, _ detail: String, _ findings: inout Findings) {
        // A sealed segment's index is looked at when somebody reads there: until then a power cut may show. That of the
        // segment that is written to is compared with the log by every start.
        if findings.options.hasLostPower, segment.seal != nil {
            findings.note(law, path, at: position, detail)
        } else {
            // Where a start could not look at it, it is made again from the beginning when it is written next.
            findings.untidiness(law, path, at: position, detail)
        }
    }
}
