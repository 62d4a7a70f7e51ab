import Glibc
import Primitives
import Verifier

func jsonText(_ verdict: Verdict) -> String {
    var json = JSONWriter()
    verdict.write(to: &json)
    return json.text
}

/// The findings, a line each, and a last line with the result and what it stands on.
func text(_ verdict: Verdict) -> String {
    var lines = verdict.findings.map(\.description)
    if verdict.droppedFindingCount > 0 { lines.append("and \(verdict.droppedFindingCount) more") }
    let totals = verdict.totals
    let result = verdict.isClean ? "no law is broken" : "laws are broken \(verdict.violations.count) times"
    lines.append(
        "\(result): \(totals.fileCount) files, \(totals.byteCount) bytes, \(verdict.partitions.count) partitions, "
            + "\(totals.segmentCount) segments, \(totals.batchCount) batches, \(totals.messageCount) messages, "
            + "\(totals.indexEntryCount) index entries, \(totals.offsetRecordCount) offset records, "
            + "\(totals.catalogRecordCount) catalog records")
    return lines.joined(separator: "\n")
}

func complain(_ message: String) {
    var bytes = Array("\(message)\n".utf8)[...]
    while !bytes.isEmpty {
        // SAFETY: the pointer is used inside the closure only.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}
