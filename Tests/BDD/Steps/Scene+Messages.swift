import Primitives
import Wire

// Messages: sent with a memory of what became of them, read back, and compared.

extension Scene {
    /// Sends so many messages to a partition of the topic, a few in each request, and remembers what became of them.
    mutating func send(_ count: Int, to partition: UInt32, as who: Speaker = .first) throws {
        var left = count
        while left > 0 {
            let batch = nextBatch(atMost: left, partition: partition)
            left -= batch.count
            try sendBatch(batch, to: partition, as: who)
        }
    }

    /// Sends one message and says what became of it.
    mutating func sendOne(
        to partition: UInt32, payloadBytes: Int = 0, as who: Speaker = .first
    ) throws -> (outcome: Ledger.Outcome, reason: String) {
        var payload = nextBatch(atMost: 1, partition: partition)[0]
        payload += Array(repeating: UInt8(ascii: "."), count: max(0, payloadBytes - payload.count))
        return try sendBatch([payload], to: partition, as: who)
    }

    /// Sends one message after the other until one is acknowledged, as long as anyone waits for a server to recover.
    mutating func sendUntilAcknowledged(to partition: UInt32) throws {
        var reason = ""
        for _ in 0..<(isHurt ? Self.patience : 1) {
            let result = try sendOne(to: partition)
            if result.outcome == .acknowledged { return }
            reason = result.reason
            driver.pause(milliseconds: Self.pauseMilliseconds)
        }
        throw Broken("no message is acknowledged: \(reason)")
    }

    @discardableResult
    private mutating func sendBatch(
        _ payloads: [[UInt8]], to partition: UInt32, as who: Speaker
    ) throws -> (outcome: Ledger.Outcome, reason: String) {
        let frame = try batchFrame(payloads, to: partition)
        let outcome: Ledger.Outcome
        var reason = ""
        do {
            let answer = try ask(frame: frame, as: who)
            outcome = answer.isRefused ? .refused : .acknowledged
            if answer.isRefused { reason = "refused with \(refusal(answer))" }
        } catch DriverError.connectionLost {
            outcome = .unknown
            reason = "\(DriverError.connectionLost)"
        }
        ledgers[partition, default: Ledger()].add(payloads, outcome)
        try expect(outcome == .acknowledged || isHurt, "a message was not acknowledged: \(reason)")
        return (outcome, reason)
    }

    func batchFrame(_ payloads: [[UInt8]], to partition: UInt32) throws -> [UInt8] {
        var batch = ClassicBatchBuilder()
        let nothing: [UInt8] = []
        for payload in payloads {
            batch.append(originTimestamp: 0, payload: payload.rawSpan, userHeaders: nothing.rawSpan)
        }
        var writer = ByteWriter()
        batch.encodeFrame(to: try currentTopic().path, .partition(partition), into: &writer)
        return writer.bytes
    }

    /// Payloads that nobody has sent yet, at least one, of lengths that differ with the run.
    mutating func nextBatch(atMost count: Int, partition: UInt32) -> [[UInt8]] {
        let wanted = 1 + Int((driver.variety &+ sentCount) % 4)
        return (0..<min(wanted, count)).map { _ in
            let padding = Int((driver.variety &* 7 &+ sentCount &* 13) % 40)
            let text = "message \(sentCount) for partition \(partition)" + String(repeating: "~", count: padding)
            sentCount += 1
            return Array(text.utf8)
        }
    }

    /// One poll of at most `count` messages.
    mutating func poll(
        _ partition: UInt32, _ strategy: PollingStrategy, count: UInt32, as who: Speaker = .first
    ) throws -> [PolledMessage] {
        let request = PollMessages(
            consumer: Self.consumer, path: try currentTopic().path, partition: partition, strategy: strategy,
            count: count)
        return try messages(in: try demand(.pollMessages(request), as: who))
    }

    /// Every message of a partition, read from the start.
    mutating func pollAll(_ partition: UInt32, as who: Speaker = .first) throws -> [PolledMessage] {
        var all: [PolledMessage] = []
        while true {
            let next = try poll(partition, .offset(UInt64(all.count)), count: 1_000, as: who)
            if next.isEmpty { return all }
            all += next
        }
    }

    /// Reads every partition that anything was sent to and compares it with what was promised.
    mutating func checkEverything() throws {
        for partition in ledgers.keys.sorted() {
            let messages = try pollAll(partition)
            do {
                try ledgers[partition]?.check(messages)
            } catch {
                throw Broken("partition \(partition): \(error)")
            }
        }
    }

    /// The number stands for the application that reads; single consumers need no membership.
    static let consumer = Consumer.single(.id(1))

    private func messages(in payload: [UInt8]) throws -> [PolledMessage] {
        guard case .polled(let head) = try Reply(decoding: payload.rawSpan, to: .pollMessages) else {
            throw Broken("the reply to a poll does not say what it holds")
        }
        let bytes = Array(payload.dropFirst(PolledHead.byteCount))
        var found: [PolledMessage] = []
        var position = 0
        while let message = ClassicMessage(bytes.rawSpan, at: position) {
            let payloadEnd = message.payloadPosition + message.payloadByteCount
            found.append(
                PolledMessage(offset: message.offset, payload: Array(bytes[message.payloadPosition..<payloadEnd])))
            position += message.byteCount
        }
        try expect(position == bytes.count, "the reply to a poll ends inside a message")
        try expect(found.count == Int(head.messageCount), "the reply to a poll counts \(head.messageCount) messages")
        return found
    }
}
