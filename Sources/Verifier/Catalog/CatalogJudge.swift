import Primitives

/// Judges `catalog/`: chooses the newest snapshot, replays the logs that go on from it.
///
/// `<sequence>.snapshot` is the catalog as of just before `sequence`, `<sequence>.wal` the changes from there on; the
/// first log is number 1 and needs no snapshot. A new snapshot gets its name, then a new log is made, then what came
/// before is removed: a crash in between leaves the old log, of which the newest snapshot holds a part or all.
struct CatalogJudge {
    private(set) var state = CatalogState()
    private(set) var recordCount = 0
    /// False when the catalog cannot be known to its end: then nothing is said about what it does not name.
    private(set) var isWhole = true
    /// The sequence of the next change.
    private var next: UInt64 = 1

    mutating func judge(names: [Substring], of source: some DirectorySource, _ findings: inout Findings) {
        var logs: [UInt64] = []
        var snapshots: [UInt64] = []
        for name in names {
            switch CatalogFileName(name) {
            case .log(let sequence): logs.append(sequence)
            case .snapshot(let sequence): snapshots.append(sequence)
            case .snapshotTemporary: findings.untidiness(.temporariesAreGone, "catalog/\(name)", "it is still there")
            case nil: findings.violation(.namesAreKnown, "catalog/\(name)", "no file of the catalog is named so")
            }
        }
        if let newest = snapshots.max() {
            for sequence in snapshots.sorted() where sequence < newest {
                findings.untidiness(.oldLogsAreGone, Self.path(sequence, ".snapshot"), "the newest is \(newest)")
            }
            next = newest
            readSnapshot(newest, source, &findings)
        }
        var current: UInt64?
        let newestLog = logs.max() ?? 0
        for sequence in logs.sorted() {
            // A power cut may bring back a log that was removed, less what was not synced of it; the snapshot has it all.
            let isSuperseded = snapshots.contains { sequence < $0 && $0 <= newestLog }
            guard let end = replay(sequence, isSuperseded: isSuperseded, source, &findings) else { continue }
            if end >= next { (current, next) = (sequence, end) }
        }
        guard let current else {
            // The log is made, and its name made durable, before anything else happens at a start.
            return findings.leftover(.logFollowsSnapshot, Self.path(next, ".wal"), "there is no such file")
        }
        for sequence in logs.sorted() where sequence != current {
            findings.untidiness(.oldLogsAreGone, Self.path(sequence, ".wal"), "changes go to \(current)")
        }
    }

    /// The bodies of the file's records are the catalog: one record, or more if it is longer than one may be.
    private mutating func readSnapshot(
        _ sequence: UInt64, _ source: some DirectorySource, _ findings: inout Findings
    ) {
        let path = Self.path(sequence, ".snapshot")
        guard let bytes = findings.read(path, from: source) else { return isWhole = false }
        let span = bytes.rawSpan
        var catalog: [UInt8] = []
        var position = 0
        repeat {
            guard case .record(let record) = Record.read(span, at: position, owner: 0), record.sequence == sequence,
                let body = span.slice(at: record.bodyPosition, byteCount: record.bodyByteCount)
            else {
                isWhole = false
                return findings.violation(
                    .snapshotVerifies, path, at: position, "\(bytes.count - position) bytes are no such record")
            }
            recordCount += 1
            catalog += [UInt8](copying: body)
            position = record.end
        } while position < bytes.count
        do throws(CatalogState.Breach) {
            state = try CatalogState(snapshot: catalog.rawSpan)
        } catch {
            isWhole = false
            findings.violation(error.law, path, at: Record.headByteCount, error.detail)
        }
    }

    /// Applies the changes of a log that come next; those below are in the snapshot. The sequence behind its last
    /// record; nil if the log cannot be read to its end.
    private mutating func replay(
        _ sequence: UInt64, isSuperseded: Bool, _ source: some DirectorySource, _ findings: inout Findings
    ) -> UInt64? {
        let path = Self.path(sequence, ".wal")
        guard sequence <= next else {
            isWhole = false
            findings.violation(.logFollowsSnapshot, path, "nothing leads to it: the next change is \(next)")
            return nil
        }
        guard let bytes = findings.read(path, from: source) else {
            isWhole = false
            return nil
        }
        let span = bytes.rawSpan
        var position = 0
        var expected = sequence
        while true {
            switch Record.read(span, at: position, owner: 0) {
            case .end:
                return expected
            case .zeros where isSuperseded, .broken where isSuperseded:
                findings.untidiness(
                    .recordsEndTheFile, path, at: position, "\(bytes.count - position) bytes are no record")
                return expected
            case .zeros:
                findings.leftover(.recordsEndTheFile, path, at: position, "\(bytes.count - position) zeros follow")
                return expected
            case .broken(let isWholeRecord):
                judgeEnd(span, path, position, isWholeRecord: isWholeRecord, &findings)
                return expected
            case .record(let record):
                if record.sequence != expected {
                    findings.violation(
                        .recordsAreDense, path, at: position, "\(record.sequence) stands where \(expected) belongs")
                }
                guard let body = span.slice(at: record.bodyPosition, byteCount: record.bodyByteCount) else {
                    return nil
                }
                if record.sequence >= next { apply(body, path, position, &findings) }
                recordCount += 1
                expected = record.sequence &+ 1
                position = record.end
            }
        }
    }

    private mutating func apply(_ body: RawSpan, _ path: String, _ position: Int, _ findings: inout Findings) {
        do throws(CatalogState.Breach) {
            try state.apply(body)
        } catch {
            isWhole = false
            findings.violation(error.law, path, at: position, error.detail)
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
        } else if isWholeRecord && !findings.options.mayLackWrites {
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
