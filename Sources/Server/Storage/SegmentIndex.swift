import Primitives

/// One waypoint into a segment: the batch at `position` begins with `offset`.
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0        | 8     | base offset of a batch |
/// | 8        | 8     | position of its header in the segment |
/// | 16       | 8     | its append time |
/// | 24       | 8     | checksum: XXH3-64 of the three words and the incarnation |
///
/// The file is entries back to back, ascending, the first for the segment's first batch; it is never synced and
/// never ahead of the log.
struct IndexEntry: BitwiseCopyable, Equatable {
    static let byteCount = 32

    var offset: UInt64
    var position: Int64
    var timestamp: UInt64

    func encode(into bytes: inout MutableRawSpan, at start: Int, incarnation: UInt64) -> Bool {
        bytes.store(offset, at: start) && bytes.store(UInt64(clamping: position), at: start + 8)
            && bytes.store(timestamp, at: start + 16) && bytes.store(checksum(incarnation), at: start + 24)
    }

    init(offset: UInt64, position: Int64, timestamp: UInt64) {
        self.offset = offset
        self.position = position
        self.timestamp = timestamp
    }

    init?(_ bytes: RawSpan, at start: Int, incarnation: UInt64) {
        guard let offset = bytes.load(UInt64.self, at: start),
            let stored = bytes.load(UInt64.self, at: start + 8), let position = Int64(exactly: stored),
            let timestamp = bytes.load(UInt64.self, at: start + 16),
            let sum = bytes.load(UInt64.self, at: start + 24)
        else { return nil }
        self.init(offset: offset, position: position, timestamp: timestamp)
        guard sum == checksum(incarnation) else { return nil }
    }

    private func checksum(_ incarnation: UInt64) -> UInt64 {
        var stream = XXH3.Stream()
        stream.update(offset)
        stream.update(UInt64(clamping: position))
        stream.update(timestamp)
        stream.update(incarnation)
        return stream.finalize()
    }
}

/// The waypoints of one segment, in memory.
struct SegmentIndex {
    private(set) var entries: [IndexEntry] = []

    /// Notes a batch if it is far enough behind the last waypoint.
    mutating func note(offset: UInt64, position: Int64, timestamp: UInt64, interval: Int64) {
        if let last = entries.last, position - last.position < interval { return }
        entries.append(IndexEntry(offset: offset, position: position, timestamp: timestamp))
    }

    mutating func append(_ entry: IndexEntry) { entries.append(entry) }

    /// Whether `entry` may follow what is there: strictly ascending, never back in time.
    func accepts(_ entry: IndexEntry, base: UInt64) -> Bool {
        guard let last = entries.last else { return entry.offset == base && entry.position == 0 }
        return entry.offset > last.offset && entry.position > last.position && entry.timestamp >= last.timestamp
    }

    mutating func removeAll(from position: Int64) {
        while let last = entries.last, last.position >= position { entries.removeLast() }
    }

    /// The last waypoint at or before `offset`.
    func waypoint(offset: UInt64) -> IndexEntry? { last { $0.offset <= offset } }

    /// The last waypoint before the first batch that can have a time of `timestamp` or later.
    func waypoint(timestamp: UInt64) -> IndexEntry? { last { $0.timestamp < timestamp } ?? entries.first }

    private func last(where holds: (IndexEntry) -> Bool) -> IndexEntry? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if holds(entries[middle]) { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : entries[low - 1]
    }
}
