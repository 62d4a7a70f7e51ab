import Client
import Primitives
import Wire

/// One connection that reads its share of the partitions from front to back, over and over, and checks what it gets.
///
/// With several polls in flight the later ones assume that the earlier ones return full batches. When one does not,
/// their replies are passed over and the partition is asked again from the right offset.
struct Consumer {
    let options: Options
    let path: TopicPath
    let partitions: [UInt32]
    let schedule: Schedule
    let meter: Meter

    /// How far one partition has been read, and asked for.
    private struct Cursor {
        let partition: UInt32
        /// The offset of the next message.
        var expected: UInt64 = 0
        /// Nothing read yet: the first message may have a higher offset, if older ones were removed.
        var isFresh = true
        /// Where the next poll starts.
        var ahead: UInt64 = 0
        var isAtEnd = false
    }

    /// A poll on its way.
    private struct Poll {
        let cursor: Int
        let offset: UInt64
        let sentAt: ContinuousClock.Instant
    }

    /// Reads until the schedule is over, everything was read once, or a check fails.
    func run() throws(ClientError) -> Tally {
        var connection = try open(options)
        var cursors = partitions.map { Cursor(partition: $0) }
        var polls: [Poll] = []
        var turn = 0
        var tally = Tally()
        while tally.violation == nil {
            while polls.count < options.inFlightMax, let poll = next(&cursors, &turn) {
                try send(poll, from: cursors[poll.cursor].partition, over: &connection)
                polls.append(poll)
            }
            guard !polls.isEmpty else { break }
            let poll = polls.removeFirst()
            try receive(&connection)
            take(connection.payload, for: poll, &cursors[poll.cursor], &tally)
        }
        return tally
    }

    /// The next poll to send, the partitions in turn; nil when none should be sent any more.
    private func next(_ cursors: inout [Cursor], _ turn: inout Int) -> Poll? {
        let now = ContinuousClock.now
        guard !schedule.isOver(now) else { return nil }
        for _ in cursors.indices {
            turn = (turn + 1) % cursors.count
            guard !cursors[turn].isAtEnd else { continue }
            let offset = cursors[turn].ahead
            cursors[turn].ahead += UInt64(options.batchCount)
            return Poll(cursor: turn, offset: offset, sentAt: now)
        }
        return nil
    }

    private func send(
        _ poll: Poll, from partition: UInt32, over connection: inout Connection
    ) throws(ClientError) {
        let request = PollMessages(
            consumer: .single(.id(0)), path: path, partition: partition, strategy: .offset(poll.offset),
            count: UInt32(options.batchCount))
        try connection.send(frame: frame(.pollMessages(request)))
    }

    private func take(_ payload: RawSpan, for poll: Poll, _ cursor: inout Cursor, _ tally: inout Tally) {
        // An earlier poll returned less than was asked for: this reply is from the wrong place.
        guard poll.offset == cursor.expected, !cursor.isAtEnd else { return }
        guard let messages = payload.slice(
            at: PolledHead.byteCount, byteCount: payload.byteCount - PolledHead.byteCount)
        else {
            tally.violation = "the reply to a poll has no head"
            return
        }
        let count = check(messages, &cursor, &tally)
        guard tally.violation == nil else { return }
        if count == 0 { return reachedEnd(&cursor, &tally) }
        if cursor.expected != poll.offset + UInt64(options.batchCount) { cursor.ahead = cursor.expected }

        let byteCount = count * options.payloadByteCount
        let repliedAt = ContinuousClock.now
        tally.readCount += UInt64(count)
        meter.add(messageCount: count, byteCount: byteCount)
        if schedule.isMeasured(repliedAt) {
            tally.record(messageCount: count, byteCount: byteCount, sentAt: poll.sentAt, repliedAt: repliedAt)
        }
    }

    /// Checks that offsets follow each other and payloads have the right size, and counts the messages.
    private func check(_ messages: RawSpan, _ cursor: inout Cursor, _ tally: inout Tally) -> Int {
        var walk = ClassicMessages(messages)
        var count = 0
        while let message = walk.next() {
            if cursor.isFresh {
                cursor.isFresh = false
                cursor.expected = message.offset
            }
            guard message.offset == cursor.expected else {
                tally.violation = """
                    partition \(cursor.partition): offset \(message.offset) follows \(cursor.expected &- 1)
                    """
                return count
            }
            guard message.payloadByteCount == options.payloadByteCount else {
                tally.violation = """
                    partition \(cursor.partition), offset \(message.offset): a payload of \
                    \(message.payloadByteCount) bytes, not \(options.payloadByteCount) (--bytes)
                    """
                return count
            }
            cursor.expected += 1
            count += 1
        }
        if walk.position != messages.byteCount {
            tally.violation = "partition \(cursor.partition): a cut message behind offset \(cursor.expected &- 1)"
        }
        return count
    }

    private func reachedEnd(_ cursor: inout Cursor, _ tally: inout Tally) {
        if options.readsOnce {
            cursor.isAtEnd = true
        } else if cursor.isFresh {
            tally.violation = """
                partition \(cursor.partition) is empty: fill it with `galgo-bench produce --keep` first
                """
        } else {
            cursor = Cursor(partition: cursor.partition)
        }
    }
}
