import Client

/// Frames of the classic protocol made by hand, so that these tests do not trust the encoder that ships with the
/// client, and can break every rule.
enum RawFrame {
    static let ping = request(1)

    /// iggy/iggy, as the Python client of 0.8 sends it.
    static let login = request(38, name("iggy") + name("iggy") + word(6) + Array("0.10.0".utf8) + word(0))

    static func request(_ code: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        word(UInt32(payload.count + 4)) + word(code) + payload
    }

    static func getStream(_ stream: String) -> [UInt8] { request(200, identifier(stream)) }

    static func createStream(_ stream: String) -> [UInt8] { request(202, name(stream)) }

    /// One partition, no compression, server's defaults.
    static func createTopic(_ stream: String, _ topic: String, partitions: UInt32 = 1) -> [UInt8] {
        request(302, identifier(stream) + word(partitions) + [1] + long(0) + long(0) + [0] + name(topic))
    }

    static func send(_ stream: String, _ topic: String, payloads: [[UInt8]], partition: UInt32 = 0) -> [UInt8] {
        send(stream, topic, payloads.map { (id: 0, payload: $0) }, partition: partition)
    }

    static func send(
        _ stream: String, _ topic: String, _ messages: [(id: UInt128, payload: [UInt8])], partition: UInt32 = 0
    ) -> [UInt8] {
        var index: [UInt8] = []
        var bytes: [UInt8] = []
        for message in messages {
            // Checksum, id, offset, two times, length of the headers, length of the payload, reserved.
            bytes += long(0) + long(UInt64(truncatingIfNeeded: message.id)) + long(UInt64(message.id >> 64))
            bytes += long(0) + long(0) + long(0) + word(0) + word(UInt32(message.payload.count)) + long(0)
            bytes += message.payload
            index += word(0) + word(UInt32(bytes.count)) + long(0)
        }
        let metadata =
            identifier(stream) + identifier(topic) + [2, 4] + word(partition) + word(UInt32(messages.count))
        return request(101, word(UInt32(metadata.count)) + metadata + index + bytes)
    }

    /// From `offset`, by consumer 0, without storing an offset.
    static func poll(
        _ stream: String, _ topic: String, offset: UInt64 = 0, count: UInt32, partition: UInt32 = 0
    ) -> [UInt8] {
        let consumer: [UInt8] = [1, 1, 4] + word(0)
        let strategy = [1] + long(offset)
        return request(
            100,
            consumer + identifier(stream) + identifier(topic) + [1] + word(partition) + strategy + word(count) + [0])
    }

    /// Stores the offset of the consumer with the number `consumer`.
    static func storeOffset(
        _ stream: String, _ topic: String, _ offset: UInt64, consumer: UInt32, partition: UInt32 = 0
    ) -> [UInt8] {
        request(121, offsetOwner(stream, topic, consumer, partition) + long(offset))
    }

    static func getOffset(_ stream: String, _ topic: String, consumer: UInt32, partition: UInt32 = 0) -> [UInt8] {
        request(120, offsetOwner(stream, topic, consumer, partition))
    }

    private static func offsetOwner(
        _ stream: String, _ topic: String, _ consumer: UInt32, _ partition: UInt32
    ) -> [UInt8] {
        [1, 1, 4] + word(consumer) + identifier(stream) + identifier(topic) + [1] + word(partition)
    }

    static func identifier(_ text: String) -> [UInt8] { [2] + name(text) }

    static func name(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

    static func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }

    static func long(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
}

/// A reply, copied out of its connection.
struct RawReply: Equatable {
    let status: UInt32
    let payload: [UInt8]

    static let ok = RawReply(status: 0, payload: [])
    static func refused(_ status: UInt32) -> RawReply { RawReply(status: status, payload: []) }

    /// How many messages the reply to a poll says it holds; nil when it is no such reply.
    var messageCount: Int? { number(at: 12, byteCount: 4).map { Int($0) } }

    /// The stored offset in the reply that tells it; nil when nothing is stored.
    var storedOffset: UInt64? { number(at: 12, byteCount: 8).map { UInt64($0) } }

    /// The messages in the reply to a poll; those that are cut off are left out.
    var messages: [AckJournal.Stored] {
        var messages: [AckJournal.Stored] = []
        var place = 16
        while let headers = number(at: place + 48, byteCount: 4), let length = number(at: place + 52, byteCount: 4),
            let id = number(at: place + 8, byteCount: 16), let offset = number(at: place + 24, byteCount: 8)
        {
            let start = place + 64
            let end = start + Int(length)
            guard end + Int(headers) <= payload.count else { break }
            messages.append(
                AckJournal.Stored(offset: UInt64(offset), id: id, payload: Array(payload[start..<end])))
            place = end + Int(headers)
        }
        return messages
    }

    private func number(at place: Int, byteCount: Int) -> UInt128? {
        guard place + byteCount <= payload.count else { return nil }
        return (0..<byteCount).reduce(0) { $0 | UInt128(payload[place + $1]) << UInt128($1 * 8) }
    }
}

extension Connection {
    mutating func reply() throws -> RawReply {
        let status = try receive()
        return RawReply(status: status, payload: payload.withUnsafeBytes { Array($0) })
    }

    mutating func ask(_ frame: [UInt8]) throws -> RawReply {
        try send(frame: frame)
        return try reply()
    }
}
