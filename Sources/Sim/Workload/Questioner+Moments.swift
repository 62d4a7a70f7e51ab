import Primitives
import Wire

// A second stream of its own: what was appended a moment ago is polled by its times, and stays when the other stream goes.

extension Questioner {
    private static let stream = "moments", topic = "times"
    /// Messages of a batch have one time.
    private static let batches = [
        [OwnMessage(20), OwnMessage(21), OwnMessage(22)], [OwnMessage(23), OwnMessage(24)], [OwnMessage(25)],
    ]

    private static var path: TopicPath? {
        guard let stream = Name(stream), let topic = Name(topic) else { return nil }
        return TopicPath(stream: .name(stream), topic: .name(topic))
    }

    /// Appends, and asks from each time, from the one behind it, and for fewer than there are.
    func askForTimes() {
        guard let path = Self.path, let stream = Name(Self.stream), let topic = Name(Self.topic) else { return }
        expect("making another stream", .createStream(name: stream))
        expect("making its topic", .createTopic(CreateTopic(stream: path.stream, name: topic, partitionCount: 2)))
        for batch in Self.batches { send("an append", OwnMessage.frame(batch, to: path, .partition(1))) }
        readMoments("reading what was just appended")
        for offset in 0..<Self.batches.reduce(0, { $0 + $1.count }) {
            for (later, count) in [(0, 100), (0, 1), (1, 100)] as [(UInt64, UInt32)] {
                poll(path, from: { ($0.dropFirst(offset).first ?? 0) &+ later }, count)
            }
        }
        poll(path, from: { max($0.first ?? 0, 1) - 1 }, 100)
    }

    /// The other stream is deleted: nothing of this one went with it.
    func askForMomentsAgain() {
        guard let path = Self.path else { return }
        readMoments("reading a stream when another one was deleted")
        expect("deleting it, too", .deleteStream(path.stream))
        learn("looking for it", .getStream(path.stream)) { Self.differ("it", .nothing, $0) }
    }

    /// Remembers the times.
    private func readMoments(_ what: String) {
        guard let path = Self.path else { return }
        let request = PollMessages(
            consumer: .single(.id(9_999)), path: path, partition: 1, strategy: .first, count: 100)
        put(what, .pollMessages(request)) { [unowned self] answer in
            if let refusal = answer.refusal { return "it was refused: \(refusal)" }
            times = Self.seen(in: answer.payload).map(\.timestamp)
            return Self.first(
                OwnMessage.complaint(answer.payload, partition: 1, Array(Self.batches.joined()), times: 0...UInt64.max),
                Self.areOneTime(times) ? nil : "messages of one batch have several times: \(times)")
        }
    }

    private static func areOneTime(_ times: [UInt64]) -> Bool {
        var first = 0
        for batch in batches {
            guard Set(times.dropFirst(first).prefix(batch.count)).count == 1 else { return false }
            first += batch.count
        }
        return true
    }

    private func poll(_ path: TopicPath, from time: @escaping ([UInt64]) -> UInt64, _ count: UInt32) {
        put("a poll of \(count) by the time of what was just appended", .pollMessages) { [unowned self] in
            .pollMessages(
                PollMessages(
                    consumer: .single(.id(9_999)), path: path, partition: 1, strategy: .timestamp(time(times)),
                    count: count))
        } _: { [unowned self] answer in
            if let refusal = answer.refusal { return "it was refused: \(refusal)" }
            let from = times.firstIndex { $0 >= time(times) } ?? times.count
            let expected = (from..<times.count).prefix(Int(count)).map { UInt64($0) }
            return Self.differ("the offsets", expected, Self.seen(in: answer.payload).map(\.offset))
        }
    }

    /// The messages of a reply to a poll, which are none of the workload's.
    static func seen(in payload: [UInt8]) -> [ClassicMessage] {
        var messages: [ClassicMessage] = []
        var walk = ClassicMessages(payload.rawSpan.extracting(min(PolledHead.byteCount, payload.count)..<payload.count))
        while let message = walk.next() { messages.append(message) }
        return messages
    }
}
