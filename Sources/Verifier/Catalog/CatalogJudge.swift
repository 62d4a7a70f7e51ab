import Primitives

/// Judges `catalog/`: chooses the newest snapshot, replays the log that goes on from it.
///
/// `<sequence>.snapshot` is the catalog as of just before `sequence`, `<sequence>.wal` the changes from there on; the
/// first log is number 1 and needs no snapshot.
struct CatalogJudge {
    private(set) var state = CatalogState()
    private(set) var recordCount = 0
    /// False when the catalog cannot be known to its end: then nothing is said about what it does not name.
    private(set) var isWhole = true

    mutating func judge(names: [Substring], of source: some DirectorySource, _ findings: inout Findings) {
        var logs: [UInt64] = []
        var snapshots: [UInt64] = []
        for name in names {
            switch CatalogFileName(name) {
            case .log(let sequence): logs.append(sequence)
            case .snapshot(let sequence): snapshots.append(sequence)
            case .snapshotTemporary: findings.leftover(.temporariesAreGone, "catalog/\(name)", "it is still there")
            case nil: findings.violation(.namesAreKnown, "catalog/\(name)", "no file of the catalog is named so")
            }
        }
        let first = snapshots.max() ?? 1
        for sequence in snapshots.sorted() where sequence < first {
            findings.leftover(.oldLogsAreGone, Self.path(sequence, ".snapshot"), "the newest is \(first)")
        }
        for sequence in logs.sorted() where sequence != first {
            if sequence < first {
                findings.leftover(.oldLogsAreGone, Self.path(sequence, ".wal"), "the newest snapshot is \(first)")
            } else {
                findings.violation(.logFollowsSnapshot, Self.path(sequence, ".wal"), "no snapshot leads to it")
            }
        }
        if snapshots.contains(first) { readSnapshot(first, source, &findings) }
        if logs.contains(first) {
            replay(first, source, &findings)
        } else {
            // The log is made, and its name made durable, before anything else happens at a start.
            findings.leftover(.logFollowsSnapshot, Self.path(first, ".wal"), "there is no such file")
        }
    }

    private mutating func readSnapshot(
        _ sequence: UInt64, _ source: some DirectorySource, _ findings: inout Findings
    ) {
        let path = Self.path(sequence, ".snapshot")
        guard let bytes = findings.read(path, from: source) else { return isWhole = false }
        let span = bytes.rawSpan
        guard case .record(let record) = Record.read(span, at: 0, owner: 0), record.sequence == sequence,
            record.end == bytes.count, let body = span.slice(at: record.bodyPosition, byteCount: record.bodyByteCount)
        else {
            isWhole = false
            return findings.violation(.snapshotVerifies, path, at: 0, "\(bytes.count) bytes are no such record")
        }
        recordCount += 1
        do throws(CatalogState.Breach) {
            state = try CatalogState(snapshot: body)
        } catch {
            isWhole = false
            findings.violation(error.law, path, at: record.bodyPosition, error.detail)
        }
    }

    private mutating func replay(_ sequence: UInt64, _ source: some DirectorySource, _ findings: inout Findings) {
        let path = Self.path(sequence, ".wal")
        guard let bytes = findings.read(path, from: source) else { return isWhole = false }
        let span = bytes.rawSpan
        var position = 0
        var expected = sequence
        while true {
            switch Record.read(span, at: position, owner: 0) {
            case .end:
                return
            case .zeros:
                return findings.leftover(
                    .recordsEndTheFile, path, at: position, "\(bytes.count - position) zeros follow")
            case .broken(let isWholeRecord):
                return judgeEnd(span, path, position, isWholeRecord: isWholeRecord, &findings)
            case .record(let record):
                if record.sequence != expected {
                    findings.violation(
                        .recordsAreDense, path, at: position, "\(record.sequence) stands where \(expected) belongs")
                }
                guard let body = span.slice(at: record.bodyPosition, byteCount: record.bodyByteCount) else { return }
                do throws(CatalogState.Breach) {
                    try state.apply(body)
                } catch {
                    isWhole = false
                    findings.violation(error.law, path, at: position, error.detail)
                }
                recordCount += 1
                expected = record.sequence &+ 1
                position = record.end
            }
        }
    }

    /// One record is written and synced at a time, so only the last one can be incomplete.
    private mutating func judgeEnd(
        _ bytes: RawSpan, _ path: String, _ position: Int, isWholeRecord: Bool, _ findings: inout Findings
    ) {
        let detail = "\(bytes.byteCount - position) bytes are no record"
        if Record.stands(in: bytes, after: position, owner: 0) {
            isWhole = false
            findings.violation(.recordsVerify, path, at: position, "\(detail), and records follow")
        } else if isWholeRecord && !findings.options.hasLostPower {
            isWhole = false
            findings.violation(.recordsVerify, path, at: position, "\(detail), though all of it is there")
        } else {
            findings.leftover(.recordsEndTheFile, path, at: position, detail)
        }
    }

    private static func path(_ sequence: UInt64, _ suffix: String) -> String {
        let digits = String(sequence)
        return "catalog/" + String(repeating: "0", count: 20 - digits.utf8.count) + digits + suffix
    }
}
