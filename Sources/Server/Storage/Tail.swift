import Platform

/// The newest batches of a log in the buffers they came in: waiting for their write, for their acknowledgement, or
/// kept for readers. Four marks move forward only: head ≤ acknowledged, written ≤ submitted ≤ end.
struct Tail {
    struct Batch: BitwiseCopyable {
        var header: BatchHeader
        /// The messages. Nil when they were lent and went home.
        var messages: Slice?
        /// Nil once it has been answered, though the batch is not yet acknowledged.
        var ref: UInt64?
        /// The header's block while the write is in flight.
        var block: Slice?
        /// Where it stands in its segment, known from its submission on.
        var position: Int64 = 0
        /// Bytes that go when this batch goes: its buffer, counted once for neighbours that share it.
        var costBytes: Int
    }

    private(set) var batches: [Batch] = []
    /// The first batch still kept.
    private(set) var head = 0
    var acknowledged = 0
    var written = 0
    var submitted = 0

    @inline(__always) var end: Int { batches.count }
    @inline(__always) var count: Int { batches.count - head }
    @inline(__always) var pendingCount: Int { batches.count - submitted }

    @inline(__always)
    subscript(index: Int) -> Batch {
        get { batches[index] }
        _modify { yield &batches[index] }
    }

    mutating func push(_ batch: Batch) { batches.append(batch) }

    /// Removes and returns the newest batch.
    mutating func popLast() -> Batch? {
        guard count > 0, let last = batches.popLast() else { return nil }
        acknowledged = min(acknowledged, end)
        written = min(written, end)
        submitted = min(submitted, end)
        return last
    }

    /// The oldest batch, if nobody waits for it any more.
    @inline(__always) var evictable: Batch? { head < min(acknowledged, written) ? batches[head] : nil }

    /// Drops the oldest batch. Returns the bytes that its going frees.
    mutating func dropFirst() -> Int {
        var freed = batches[head].costBytes
        if let next = head + 1 < end ? batches[head + 1] : nil, let buffer = next.messages?.buffer,
            buffer == batches[head].messages?.buffer {
            batches[head + 1].costBytes += freed
            freed = 0
        }
        head += 1
        if head >= 64, head * 2 > batches.count { compact() }
        return freed
    }

    /// The index of the batch that holds `offset`, if its messages are still here.
    @inline(__always) func index(of offset: UInt64) -> Int? {
        let index = firstIndex { $0.header.endOffset > offset }
        guard index < end, batches[index].header.baseOffset <= offset, batches[index].messages != nil else { return nil }
        return index
    }

    /// The index of the first batch that satisfies a condition which, once true, stays true.
    @inline(__always) func firstIndex(where holds: (Batch) -> Bool) -> Int {
        var low = head
        var high = end
        while low < high {
            let middle = (low + high) / 2
            if holds(batches[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private mutating func compact() {
        batches.removeFirst(head)
        acknowledged -= head
        written -= head
        submitted -= head
        head = 0
    }
}
