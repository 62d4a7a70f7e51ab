import Platform
import Primitives
import Wire

/// The bytes of a workload message: they say which one it is, and every byte follows from that.
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0        | 8     | stamp of the plan |
/// | 8        | 4     | client |
/// | 12       | 4     | number of the batch |
/// | 16       | 4     | place in the batch |
/// | 20       | 4     | count of what follows |
/// | 24       | …     | bytes that follow from the fields above |
enum Payload {
    static let headByteCount = 24

    static func bytes(_ id: MessageID, stamp: UInt64, byteCount: UInt32) -> [UInt8] {
        var writer = ByteWriter(reserving: headByteCount + Int(byteCount))
        writer.write(stamp)
        writer.write(id.batch.client)
        writer.write(id.batch.number)
        writer.write(id.index)
        writer.write(byteCount)
        for position in stride(from: 0, to: byteCount & ~7, by: 8) { writer.write(fillerWord(id, position)) }
        for position in byteCount & ~7..<byteCount { writer.write(filler(id, position)) }
        return writer.bytes
    }

    /// A request to append a batch to one partition.
    static func frame(
        _ id: BatchID, messages: UInt32, payloadBytes: UInt32, stamp: UInt64, to path: TopicPath, partition: UInt32,
        at now: Instant
    ) -> [UInt8] {
        var builder = ClassicBatchBuilder()
        let empty: [UInt8] = []
        for index in 0..<messages {
            let payload = bytes(MessageID(id, index: index), stamp: stamp, byteCount: payloadBytes)
            builder.append(originTimestamp: now.timestamp, payload: payload.rawSpan, userHeaders: empty.rawSpan)
        }
        var writer = ByteWriter()
        builder.encodeFrame(to: path, .partition(partition), into: &writer)
        return writer.bytes
    }

    /// Which message of this plan the bytes are; nil if they are none, or not exactly.
    static func identify(_ payload: RawSpan, stamp: UInt64) -> MessageID? {
        guard payload.load(UInt64.self, at: 0) == stamp, let client = payload.load(UInt32.self, at: 8),
            let number = payload.load(UInt32.self, at: 12), let index = payload.load(UInt32.self, at: 16),
            let byteCount = payload.load(UInt32.self, at: 20), payload.byteCount == headByteCount + Int(byteCount)
        else { return nil }
        let id = MessageID(BatchID(client: client, number: number), index: index)
        for position in stride(from: 0, to: byteCount & ~7, by: 8) {
            guard payload.load(UInt64.self, at: headByteCount + Int(position)) == fillerWord(id, position) else {
                return nil
            }
        }
        for position in byteCount & ~7..<byteCount {
            guard payload.load(UInt8.self, at: headByteCount + Int(position)) == filler(id, position) else { return nil }
        }
        return id
    }

    private static func filler(_ id: MessageID, _ position: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: id.batch.client &* 31 ^ id.batch.number &* 17 ^ id.index &* 7 ^ position)
    }

    /// The fillers of eight positions from one on that is a multiple of eight, the first one lowest.
    private static func fillerWord(_ id: MessageID, _ position: UInt32) -> UInt64 {
        let each: UInt64 = 0x0101_0101_0101_0101
        let positions = 0x0706_0504_0302_0100 | UInt64(position & 0xff) &* each
        return positions ^ UInt64(filler(id, 0)) &* each
    }

    /// The messages of a reply to a poll of `partition`, which must be as many as its head says, and the last offset
    /// that it names.
    static func answer(
        _ payload: [UInt8], to partition: UInt32, stamp: UInt64, _ oracle: Oracle, at time: Int64
    ) -> (messages: [SeenMessage], last: UInt64?) {
        let messages = messages(payload, stamp: stamp)
        guard let head = PolledHead.first(in: payload) else {
            oracle.holds(.pollSkip, false, "a poll's reply has no head", at: time)
            return (messages, nil)
        }
        oracle.holds(
            .pollSkip, Int(head.messageCount) == messages.count,
            "a poll's reply says \(head.messageCount) messages and holds \(messages.count)", at: time)
        oracle.holds(
            .pollSkip, head.partitionID == partition,
            "a poll of partition \(partition) was answered for partition \(head.partitionID)",
            law: "an answer is of the partition that was asked", at: time)
        return (messages, head.currentOffset)
    }

    /// The messages of a poll's reply behind its head. A message whose checksum fails is none of ours.
    static func messages(_ payload: [UInt8], stamp: UInt64) -> [SeenMessage] {
        var result: [SeenMessage] = []
        let bytes = payload.rawSpan.extracting(min(PolledHead.byteCount, payload.count)..<payload.count)
        var walk = ClassicMessages(bytes)
        while let message = walk.next() {
            var id: MessageID?
            if let body = bytes.slice(at: message.payloadPosition, byteCount: message.payloadByteCount),
                isIntact(bytes, message), message.userHeadersByteCount == 0, message.id != 0
            {
                id = identify(body, stamp: stamp)
            }
            result.append(
                SeenMessage(
                    offset: message.offset, id: id, timestamp: message.timestamp, origin: message.originTimestamp,
                    number: message.id, byteCount: message.byteCount))
        }
        return result
    }

    private static func isIntact(_ bytes: RawSpan, _ message: ClassicMessage) -> Bool {
        guard let covered = bytes.slice(at: message.position + 8, byteCount: message.byteCount - 8) else { return false }
        return bytes.load(UInt64.self, at: message.position) == XXH3.hash(covered)
    }
}

extension PolledHead {
    /// Of a reply to a poll; nil if it is shorter.
    static func first(in payload: [UInt8]) -> PolledHead? {
        guard case .polled(let head)? = Reply.first(in: payload, to: .pollMessages) else { return nil }
        return head
    }
}

extension Reply {
    /// What the bytes say in answer to a command; nil if they are no such reply.
    static func first(in payload: [UInt8], to command: CommandCode) -> Reply? {
        do throws(WireError) { return try Reply(decoding: payload.rawSpan, to: command) } catch { return nil }
    }
}
