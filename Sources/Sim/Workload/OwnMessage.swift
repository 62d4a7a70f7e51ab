import Primitives
import Wire

/// A message with all that a client may give it, and which the server has to keep.
struct OwnMessage: Equatable {
    let number: UInt128
    let origin: UInt64
    let payload: [UInt8]
    let headers: [UInt8]

    /// The nth, unlike all others.
    init(_ number: UInt32) {
        self.number = UInt128(number) << 64 | 0x1234_5678
        origin = 1_000_000 + UInt64(number)
        payload = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1 + Int(number) * 37 % 400)
        var writer = ByteWriter()
        let value = UserHeaders.Field(.uint32, [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 4))
        if let key = UserHeaders.Field(text: "number"), let value {
            UserHeaders([UserHeaders.Entry(key: key, value: value)]).encode(into: &writer)
        }
        headers = writer.bytes
    }

    private init(_ message: ClassicMessage, in bytes: RawSpan) {
        number = message.id
        origin = message.originTimestamp
        payload = Self.copy(bytes, message.payloadPosition, message.payloadByteCount)
        headers = Self.copy(bytes, message.userHeadersPosition, message.userHeadersByteCount)
    }

    private static func copy(_ bytes: RawSpan, _ position: Int, _ byteCount: Int) -> [UInt8] {
        guard let part = bytes.slice(at: position, byteCount: byteCount) else { return [] }
        return [UInt8](copying: part)
    }

    /// On the classic wire.
    var byteCount: UInt64 { UInt64(ClassicMessage.headByteCount + payload.count + headers.count) }

    /// A frame that sends them as one batch.
    static func frame(_ messages: [OwnMessage], to path: TopicPath, _ partitioning: Partitioning) -> [UInt8] {
        var builder = ClassicBatchBuilder()
        for message in messages {
            builder.append(
                id: message.number, originTimestamp: message.origin, payload: message.payload.rawSpan,
                userHeaders: message.headers.rawSpan)
        }
        var writer = ByteWriter()
        builder.encodeFrame(to: path, partitioning, into: &writer)
        return writer.bytes
    }

    /// What is wrong with a reply to a poll that must hold just these, from offset `first` on, stamped within `times`.
    static func complaint(
        _ payload: [UInt8], partition: UInt32, _ expected: [OwnMessage], from first: UInt64 = 0,
        times: ClosedRange<UInt64>
    ) -> String? {
        guard let head = PolledHead.first(in: payload) else { return "there is no head" }
        let bytes = payload.rawSpan.extracting(PolledHead.byteCount..<payload.count)
        var walk = ClassicMessages(bytes)
        var seen: [OwnMessage] = []
        while let message = walk.next() {
            if message.offset != first + UInt64(seen.count) { return "offset \(message.offset) is out of its place" }
            if !times.contains(message.timestamp) { return "\(message.timestamp) µs is not the time of its append" }
            seen.append(OwnMessage(message, in: bytes))
        }
        return Questioner.first(
            Questioner.differ("the partition", partition, head.partitionID),
            Questioner.differ("the count of messages", Int(head.messageCount), seen.count),
            Questioner.differ("the count of messages", expected.count, seen.count),
            seen == expected ? nil : "a message is not as it was sent")
    }
}
