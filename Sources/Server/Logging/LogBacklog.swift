/// Lines that wait to be written to one output, the oldest first. What has no room is lost and counted.
struct LogBacklog: Equatable, Sendable {
    private var bytes: [UInt8] = []
    /// Bytes at the front that are written.
    private var start = 0
    /// Where the lines end, as positions in `bytes`; those before `firstEnd` are written.
    private var ends: [Int] = []
    private var firstEnd = 0
    private let bytesMax: Int
    /// The beginning of the first line is written already.
    private(set) var isMidLine = false
    /// Lines lost since the last one that found room.
    private(set) var lost = 0

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var isEmpty: Bool { start == bytes.count }
    var byteCount: Int { bytes.count - start }
    var lineCount: Int { ends.count - firstEnd }

    /// Whether so many bytes find room now.
    func hasRoom(for count: Int) -> Bool { byteCount + count <= bytesMax }

    mutating func append(_ line: [UInt8]) {
        bytes += line
        ends.append(bytes.count)
        lost = 0
    }

    mutating func lose(_ count: Int) { lost += count }

    /// For how many bytes the next write is: whole lines, as many as may stand in a file that has `length` bytes and to
    /// which nothing is added any more once it has `limit` (0: no limit), and no more than `most`, unless one line is
    /// longer. The rest of a line that was begun always belongs to it.
    func nextCount(length: UInt64, limit: UInt64, most: Int) -> Int {
        var count = 0
        for place in firstEnd..<ends.count {
            let isRest = place == firstEnd && isMidLine
            if !isRest, limit > 0, length + UInt64(count) >= limit { break }
            let end = ends[place] - start
            if end > most, count > 0 { break }
            count = end
        }
        return count
    }

    func first(_ count: Int) -> [UInt8] { Array(bytes[start..<start + min(count, byteCount)]) }

    /// So many bytes are written.
    mutating func drop(_ count: Int) {
        start += min(count, byteCount)
        while firstEnd < ends.count, ends[firstEnd] <= start { firstEnd += 1 }
        isMidLine = start > (firstEnd == 0 ? 0 : ends[firstEnd - 1])
        if isEmpty {
            bytes.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            (start, firstEnd) = (0, 0)
        } else if start > bytes.count / 2 {
            shift()
        }
    }

    /// Gives back what is written up to the end of the last line that is whole.
    private mutating func shift() {
        let base = firstEnd == 0 ? 0 : ends[firstEnd - 1]
        bytes.removeFirst(base)
        ends = ends[firstEnd...].map { $0 - base }
        start -= base
        firstEnd = 0
    }
}
