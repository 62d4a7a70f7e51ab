public import Platform

// Laws of the store that are too costly for every call. Mutating, though they change nothing: so each log is asked where
// it stands. Copying it, with all that it refers to, would cost more than its laws.

extension PartitionStore {
    public mutating func checkInvariants() throws(MachineFailure) {
        var tailBytesSeen = 0
        for slot in logs.indices where logs[slot].health != .free {
            try invariant(logs[slot].tail.evictable == nil || evictable.contains(slot), "what may go is known")
            try logs[slot].checkInvariants()
            tailBytesSeen += logs[slot].tail.costBytes
        }
        try invariant(tailBytesSeen == tailBytes, "the tails' bytes are counted")
        guard let ending else { return }
        for slot in logs.indices {
            try invariant(ending.isRestless(slot) != logs[slot].isQuiet, "a stop knows who is not done")
        }
    }
}

extension PartitionLog {
    fileprivate mutating func checkInvariants() throws(MachineFailure) {
        switch health {
        case .readOnly:
            // A log that stopped writing keeps unanswered bytes in its file until a restart judges them.
            try invariant(readableEnd <= writtenEnd || level == .memory, "a stopped log reads its files")
        case .removing:
            // It may have stopped writing before.
            break
        case .free, .opening, .serving, .quarantined, .stopping:
            try checkSegments()
            try checkEnds()
            try tail.checkInvariants(writtenEnd: writtenEnd, nextOffset: nextOffset)
        }
    }

    private mutating func checkSegments() throws(MachineFailure) {
        guard recovery == nil, !segments.isEmpty else { return }
        let last = segments.count - 1
        for place in segments.indices {
            if place < last {
                try invariant(segments[place].isSealed, "only the last segment is writable")
                try invariant(segments[place].end == segments[place + 1].base, "segments follow without a hole")
            }
            try segments[place].checkInvariants()
        }
        try invariant(segments[last].end == writtenEnd, "the last segment ends where the writing stands")
    }

    private mutating func checkEnds() throws(MachineFailure) {
        try invariant(writtenEnd <= nextOffset, "only appended messages are written")
        try invariant(durableEnd <= writtenEnd, "only written messages are durable")
        try invariant(durableEnd <= syncedEnd, "only synced messages are durable")
        try invariant(readableEnd <= nextOffset, "only appended messages are readable")
        if level != .memory, tail.acknowledged <= tail.written {
            try invariant(readableEnd <= writtenEnd, "only written messages are readable")
        }
    }
}

extension Segment {
    fileprivate mutating func checkInvariants() throws(MachineFailure) {
        try invariant(end >= base, "a segment ends behind its base")
        try invariant(readerCount >= 0, "readers leave what they entered")
        if let index, let last = index.entries.last {
            try invariant(last.position < position, "the index is behind the log")
            try invariant(indexWrittenCount <= index.entries.count, "only known waypoints are written")
        }
    }
}

extension Tail {
    /// Bytes that all its batches hold.
    fileprivate var costBytes: Int {
        var sum = 0
        let batches = batches.span
        for place in head..<end { sum += batches[place].costBytes }
        return sum
    }

    fileprivate mutating func checkInvariants(writtenEnd: UInt64, nextOffset: UInt64) throws(MachineFailure) {
        try invariant(
            head <= written && written <= submitted && submitted <= end, "batches are kept, written and submitted in order")
        guard head < end else { return }
        let batches = batches.span
        for place in head + 1..<end {
            try invariant(
                batches[place].header.baseOffset == batches[place - 1].header.endOffset, "a log has no holes")
        }
        try invariant(batches[end - 1].header.endOffset == nextOffset, "the tail ends where the log ends")
        if written > head {
            try invariant(batches[written - 1].header.endOffset == writtenEnd, "written batches end the log")
        }
    }
}
