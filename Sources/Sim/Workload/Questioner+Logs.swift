import Primitives
import Wire

// What is asked about logs that have been read from end to end: polls of every kind, with every beginning that is a
// boundary, and stored offsets.

/// A topic with all of its messages, by partition.
struct KnownTopic {
    let path: TopicPath
    let logs: [[SeenMessage]]

    var messageCount: UInt64 { UInt64(logs.reduce(0) { $0 + $1.count }) }
    /// On the classic wire.
    var byteCount: UInt64 { UInt64(logs.joined().reduce(0) { $0 + $1.byteCount }) }
}

extension ArraySlice<SeenMessage> {
    fileprivate var byteCount: Int { reduce(0) { $0 + Int($1.byteCount) } }
}

extension [SeenMessage] {
    /// Of the last message; 0 also where there is none.
    var currentOffset: UInt64 { UInt64(Swift.max(1, count) - 1) }

    /// The first that are not before `timestamp`, at most `wanted`.
    fileprivate func from(timestamp: UInt64, _ wanted: Int) -> ArraySlice<SeenMessage> {
        self[(firstIndex { $0.timestamp >= timestamp } ?? count)...].prefix(wanted)
    }
}

extension Questioner {
    /// Polls that begin in all ways, where there is an edge.
    func askForMessages(of topic: KnownTopic, _ partition: Int, _ dice: inout PRNG) {
        let log = topic.logs[partition]
        let poll = { [self] (strategy: PollingStrategy, count: UInt32, expected: ArraySlice<SeenMessage>) in
            self.poll(topic.path, partition, log, .single(.id(9_999)), strategy, count, expected)
        }
        poll(.first, 3, log.prefix(3))
        poll(.last, 1, log.suffix(1))
        poll(.last, 3, log.suffix(3))
        poll(.last, UInt32(log.count) + 3, log[...])
        poll(.last, 0, [])
        poll(.offset(0), 0, [])
        poll(.offset(UInt64(log.count)), 2, [])
        poll(.offset(UInt64(log.count) + 1_000), 2, [])
        poll(.offset(.max), 2, [])
        poll(.timestamp(0), 2, log.prefix(2))
        poll(.timestamp(.max), 2, [])
        // In more than 16 bits.
        poll(.offset(0), 65_536, log[...])
        guard let last = log.last else { return }
        poll(.offset(last.offset), 5, log.suffix(1))
        poll(.timestamp(last.timestamp), 2, log.from(timestamp: last.timestamp, 2))
        poll(.timestamp(last.timestamp + 1), 2, [])
        for _ in 0..<4 {
            let there = log[Int(dice.next(below: UInt64(log.count)))]
            poll(.offset(there.offset), 2, log[Int(there.offset)...].prefix(2))
            poll(.timestamp(there.timestamp), 2, log.from(timestamp: there.timestamp, 2))
            poll(.timestamp(there.timestamp + 1), 1, log.from(timestamp: there.timestamp + 1, 1))
        }
    }

    /// A reply holds as much as the server gives one, and as there is memory for: no less than this. Of more it may be the
    /// beginning.
    private static let replyBytes = 64 << 10

    /// Two named consumers store, read behind what they stored, go back, and forget.
    func askForOffsets(of topic: KnownTopic, _ partition: Int) {
        guard let name = Name("questioner"), let other = Name("other") else { return }
        let log = topic.logs[partition]
        guard let last = log.last?.offset, log.prefix(4).byteCount < Self.replyBytes else { return }
        let consumer = Consumer.single(.name(name))
        let bystander = Consumer.single(.name(other))
        let next = { [self] (consumer: Consumer, count: UInt32, commits: Bool, expected: ArraySlice<SeenMessage>) in
            poll(topic.path, partition, log, consumer, .next, count, expected, autoCommit: commits)
        }
        next(consumer, 1, false, log.prefix(1))
        next(consumer, 2, true, log.prefix(2))
        fetch(topic.path, partition, log, consumer, min(1, last))
        next(consumer, 2, false, log.dropFirst(2).prefix(2))
        // Back to the first message, by a poll that is no `next`.
        poll(topic.path, partition, log, consumer, .offset(0), 1, log.prefix(1), autoCommit: true)
        fetch(topic.path, partition, log, consumer, 0)
        next(consumer, 1, false, log.dropFirst(1).prefix(1))
        let place = ConsumerPartition(consumer: consumer, path: topic.path, partition: UInt32(partition))
        let otherPlace = ConsumerPartition(consumer: bystander, path: topic.path, partition: UInt32(partition))
        expect("storing the end of the log", .storeConsumerOffset(otherPlace, offset: last + 1), .invalidOffset)
        fetch(topic.path, partition, log, bystander, nil)
        expect("storing the last offset", .storeConsumerOffset(otherPlace, offset: last))
        fetch(topic.path, partition, log, bystander, last)
        next(bystander, 1, true, [])
        expect("storing an earlier offset", .storeConsumerOffset(otherPlace, offset: 0))
        fetch(topic.path, partition, log, bystander, 0)
        for (mine, theirs, place) in [(consumer, bystander, place), (bystander, consumer, otherPlace)] {
            expect("forgetting an offset", .deleteConsumerOffset(place))
            fetch(topic.path, partition, log, mine, nil)
            fetch(topic.path, partition, log, theirs, place == otherPlace ? nil : 0)
            expect("forgetting it once more", .deleteConsumerOffset(place), .consumerOffsetNotFound)
        }
        askAsGroup(topic, partition)
    }

    /// There are no groups: nothing of a group is done as if it were a consumer's.
    private func askAsGroup(_ topic: KnownTopic, _ partition: Int) {
        let group = Consumer.group(.id(1))
        let place = ConsumerPartition(consumer: group, path: topic.path, partition: UInt32(partition))
        expect(
            "a poll of a group",
            .pollMessages(
                PollMessages(
                    consumer: group, path: topic.path, partition: UInt32(partition), strategy: .next, count: 1)),
            .featureUnavailable)
        expect("storing the offset of a group", .storeConsumerOffset(place, offset: 0), .featureUnavailable)
    }

    /// What is asked of a partition that is not there.
    func askForMissing(_ topic: KnownTopic) {
        let missing = UInt32(topic.logs.count) + 2
        expect(
            "a poll of a partition that is not there",
            .pollMessages(
                PollMessages(
                    consumer: .single(.id(9_999)), path: topic.path, partition: missing, strategy: .first, count: 1)),
            .partitionNotFound)
        var builder = ClassicBatchBuilder()
        let (payload, headers): ([UInt8], [UInt8]) = ([1], [])
        builder.append(originTimestamp: 1, payload: payload.rawSpan, userHeaders: headers.rawSpan)
        var writer = ByteWriter()
        builder.encodeFrame(to: topic.path, .partition(missing), into: &writer)
        send("an append to a partition that is not there", writer.bytes, refusal: .partitionNotFound)
    }

    private func poll(
        _ path: TopicPath, _ partition: Int, _ log: [SeenMessage], _ consumer: Consumer, _ strategy: PollingStrategy,
        _ count: UInt32, _ expected: ArraySlice<SeenMessage>, autoCommit: Bool = false
    ) {
        let request = PollMessages(
            consumer: consumer, path: path, partition: UInt32(partition), strategy: strategy, count: count,
            autoCommit: autoCommit)
        let stamp = stamp
        put("a poll of \(count) from \(strategy) in \(path.topic)/\(partition)", .pollMessages(request)) { answer in
            guard answer.refusal == nil, let head = PolledHead.first(in: answer.payload) else {
                return "it was refused: \(answer.refusal.map { "\($0)" } ?? "no head")"
            }
            let messages = Payload.messages(answer.payload, stamp: stamp)
            let isWhole = expected.byteCount < Self.replyBytes
            let expected = isWhole ? expected : expected.prefix(max(1, messages.count))
            return Self.first(
                Self.differ("the partition", UInt32(partition), head.partitionID),
                Self.differ("the last offset", log.currentOffset, head.currentOffset),
                Self.differ("the count of messages", Int(head.messageCount), messages.count),
                Self.differ("the count of messages", expected.count, messages.count),
                Self.differ("the first offset", expected.first?.offset, messages.first?.offset),
                messages.elementsEqual(expected) ? nil : "other messages came than were read before")
        }
    }

    private func fetch(
        _ path: TopicPath, _ partition: Int, _ log: [SeenMessage], _ consumer: Consumer, _ stored: UInt64?
    ) {
        let place = ConsumerPartition(consumer: consumer, path: path, partition: UInt32(partition))
        let expected: Reply =
            stored.map {
                .consumerOffset(
                    ConsumerOffsetRecord(
                        partitionID: UInt32(partition), currentOffset: log.currentOffset, storedOffset: $0))
            } ?? .nothing
        learn("the stored offset of \(consumer) in \(path.topic)/\(partition)", .getConsumerOffset(place)) {
            Self.differ("it", expected, $0)
        }
    }
}
