/// Decides how much space a file that grows is given ahead of its end.
///
/// Without it the kernel gives a file its blocks when it writes the pages back, and a write that comes meanwhile waits
/// for that: ten milliseconds and more behind each background sync. The length stays as it is, so no reader can tell.
/// A file gets ahead what it has grown by since it was opened, within limits: small partitions take nothing.
struct Reservation {
    /// A file that has grown by less is left alone. Bytes.
    static let grownMin: Int64 = 1 << 20
    /// Bytes ahead of the end, at most.
    static let aheadMax: Int64 = 64 << 20

    private var end: Int64
    private var grown: Int64 = 0
    private var reservedEnd: Int64

    /// A file that was just opened.
    init(byteCount: Int64) {
        end = byteCount
        reservedEnd = byteCount
    }

    /// Blocks wait behind the end that should go back when the file is closed.
    var hasRest: Bool { reservedEnd > end }

    /// Something was written up to `newEnd`: what to reserve now. Asked once for each piece, whatever comes of it.
    mutating func wrote(until newEnd: Int64) -> Range<Int64>? {
        guard newEnd > end else { return nil }
        grown += newEnd - end
        end = newEnd
        let ahead = min(grown, Self.aheadMax)
        guard grown >= Self.grownMin, reservedEnd - end < ahead / 2 else { return nil }
        let start = max(reservedEnd, end)
        reservedEnd = end + ahead
        return start..<reservedEnd
    }

    /// The file has this length now, and nothing behind it; zeros that the core asked for count as its own.
    mutating func resized(to byteCount: Int64) {
        end = byteCount
        reservedEnd = byteCount
    }
}
