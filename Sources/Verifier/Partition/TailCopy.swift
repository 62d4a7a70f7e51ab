import Primitives

/// A copy of a segment's end, `<base>.tail`: the next start puts it over the segment before it looks at that.
///
/// It consists of records, numbered from 0; a body is the position in the segment as u64, then the bytes from there.
struct TailCopy {
    private static let placeByteCount = 8
    private let bytes: [UInt8]
    private let segment: [UInt8]
    private var pieces: [(position: Int, source: Range<Int>)] = []

    /// `segment`: what is to be written over. A copy is of its own bytes, so that no piece leaves a gap.
    init(_ bytes: [UInt8], over segment: [UInt8], path: String, incarnation: UInt64, _ findings: inout Findings) {
        self.bytes = bytes
        self.segment = segment
        var position = 0
        var end = segment.count
        while case .record(let record) = Record.read(bytes.rawSpan, at: position, owner: incarnation) {
            guard record.sequence == UInt64(pieces.count), record.bodyByteCount > Self.placeByteCount,
                let place = bytes.rawSpan.load(UInt64.self, at: record.bodyPosition).flatMap({ Int(exactly: $0) }),
                place <= end
            else { break }
            end = max(end, place + record.bodyByteCount - Self.placeByteCount)
            pieces.append((place, record.bodyPosition + Self.placeByteCount..<record.end))
            position = record.end
        }
        if position < bytes.count || pieces.isEmpty {
            findings.violation(.copiesAreWhole, path, at: position, "\(bytes.count - position) bytes are no piece")
        }
    }

    /// The segment as the next start sees it.
    var restored: [UInt8] {
        var restored = segment
        for piece in pieces {
            let end = min(restored.count, piece.position + piece.source.count)
            restored.replaceSubrange(piece.position..<end, with: bytes[piece.source])
        }
        return restored
    }
}
