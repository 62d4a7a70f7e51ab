/// What the next batch of a log must be like, given the batches before it and the epochs on record.
///
/// Offsets alone do not tell. A power cut may undo a cut that nobody synced, and with it bring back batches that are
/// whole and in their place, whose offsets have been given out again meanwhile. Their epoch or their time tells.
struct BatchOrder {
    enum Fit: Equatable {
        /// The log goes on with it.
        case next
        /// Its offset is not the next one.
        case elsewhere
        /// Its offset is the next one, but it was written before something that the log holds or once held.
        case stale
    }

    /// The offset that the next batch must have.
    private(set) var end: UInt64
    private var epoch: UInt32 = 0
    private var timestamp: UInt64 = 0
    private let epochs: RecordedEpochs

    /// An order from offset `end` on, behind `segment` if there is one.
    init(from end: UInt64, behind segment: Segment?, _ epochs: RecordedEpochs) {
        self.end = end
        self.epochs = epochs
        epoch = segment?.epoch ?? 0
        timestamp = segment?.lastTimestamp ?? 0
    }

    func fit(of header: BatchHeader) -> Fit {
        if header.baseOffset != end { return .elsewhere }
        let isStale =
            header.epoch < epoch || header.timestamp < timestamp || header.epoch < epochs.epoch(at: header.baseOffset)
        return isStale ? .stale : .next
    }

    mutating func advance(over header: BatchHeader) {
        end = header.endOffset
        epoch = header.epoch
        timestamp = header.timestamp
    }

    /// Whether the batches end as is known of their segment, be it from its seal.
    func agrees(with segment: Segment) -> Bool {
        end == segment.end && epoch == segment.epoch && timestamp == segment.lastTimestamp
    }
}

/// Where epochs begin, as `offsets.log` has it: a later record with a smaller end takes back what was given out in
/// between.
struct RecordedEpochs {
    /// Ascending in both.
    private var starts: [(epoch: UInt32, end: UInt64)] = []

    /// Notes the next record.
    mutating func begin(_ epoch: UInt32, at end: UInt64) {
        while let last = starts.last, last.end >= end { starts.removeLast() }
        starts.append((epoch, end))
    }

    /// The smallest epoch that a batch at `offset` may be of.
    func epoch(at offset: UInt64) -> UInt32 { starts.last { $0.end <= offset }?.epoch ?? 0 }
}
