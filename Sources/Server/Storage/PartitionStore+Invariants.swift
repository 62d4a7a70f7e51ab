public import Platform

// Laws of the store that are too costly for every call.

extension PartitionStore {
    public func checkInvariants() throws(MachineFailure) {
        var tailBytesSeen = 0
        for (slot, log) in logs.enumerated() where log.health != .free {
            try invariant(log.tail.evictable == nil || evictable.contains(slot), "what may go is known")
            switch log.health {
            case .readOnly:
                // A log that stopped writing keeps unanswered bytes in its file until a restart judges them.
                try invariant(log.readableEnd <= log.writtenEnd || log.level == .memory, "a stopped log reads its files")
            case .removing:
                // It may have stopped writing before.
                break
            case .free, .opening, .serving, .quarantined, .stopping:
                try checkSegments(log)
                try checkEnds(log)
                try checkTail(log)
            }
            for batch in log.tail.batches[log.tail.head...] { tailBytesSeen += batch.costBytes }
        }
        try invariant(tailBytesSeen == tailBytes, "the tails' bytes are counted")
        guard let ending else { return }
        for slot in logs.indices {
            try invariant(ending.isRestless(slot) != logs[slot].isQuiet, "a stop knows who is not done")
        }
    }

    private func checkSegments(_ log: PartitionLog) throws(MachineFailure) {
        guard log.recovery == nil, !log.segments.isEmpty else { return }
        for (place, segment) in log.segments.enumerated() {
            let isLast = place + 1 == log.segments.count
            if !isLast {
                try invariant(segment.isSealed, "only the last segment is writable")
                try invariant(segment.end == log.segments[place + 1].base, "segments follow without a hole")
            }
            try invariant(segment.end >= segment.base, "a segment ends behind its base")
            try invariant(segment.readerCount >= 0, "readers leave what they entered")
            if let index = segment.index, let last = index.entries.last {
                try invariant(last.position < segment.position, "the index is behind the log")
                try invariant(segment.indexWrittenCount <= index.entries.count, "only known waypoints are written")
            }
        }
        try invariant(log.segments.last?.end == log.writtenEnd, "the last segment ends where the writing stands")
    }

    private func checkEnds(_ log: PartitionLog) throws(MachineFailure) {
        try invariant(log.writtenEnd <= log.nextOffset, "only appended messages are written")
        try invariant(log.durableEnd <= log.writtenEnd, "only written messages are durable")
        try invariant(log.durableEnd <= log.syncedEnd, "only synced messages are durable")
        try invariant(log.readableEnd <= log.nextOffset, "only appended messages are readable")
        if log.level != .memory, log.tail.acknowledged <= log.tail.written {
            try invariant(log.readableEnd <= log.writtenEnd, "only written messages are readable")
        }
    }

    private func checkTail(_ log: PartitionLog) throws(MachineFailure) {
        let tail = log.tail
        try invariant(
            tail.head <= tail.written && tail.written <= tail.submitted && tail.submitted <= tail.end,
            "batches are kept, written and submitted in order")
        var expected: UInt64?
        for batch in tail.batches[tail.head...] {
            if let expected { try invariant(batch.header.baseOffset == expected, "a log has no holes") }
            expected = batch.header.endOffset
        }
        if let expected { try invariant(expected == log.nextOffset, "the tail ends where the log ends") }
        if tail.written > tail.head {
            try invariant(
                tail.batches[tail.written - 1].header.endOffset == log.writtenEnd, "written batches end the log")
        }
    }
}
