import Primitives
import Wire

// Streams and topics, made by the scene's first client.

extension Scene {
    mutating func createStream(_ text: String) throws -> UInt32 {
        let payload = try demand(.createStream(name: try name(text)))
        guard case .stream(let stream, _) = try Reply(decoding: payload.rawSpan, to: .createStream) else {
            throw Broken("the reply does not describe the stream")
        }
        try expect(stream.name == name(text), "the stream is called '\(stream.name)'")
        return stream.id
    }

    mutating func createTopic(_ text: String, in stream: String, partitions: Int) throws {
        let streamName = try name(stream)
        let streamPayload = try demand(.getStream(.name(streamName)))
        guard case .stream(let record, _) = try Reply(decoding: streamPayload.rawSpan, to: .getStream) else {
            throw Broken("there is no stream '\(stream)'")
        }
        let request = CreateTopic(
            stream: .name(streamName), name: try name(text), partitionCount: UInt32(partitions))
        let payload = try demand(.createTopic(request))
        guard case .topic(let topic, _) = try Reply(decoding: payload.rawSpan, to: .createTopic) else {
            throw Broken("the reply does not describe the topic")
        }
        try expect(topic.partitionCount == UInt32(partitions), "the topic has \(topic.partitionCount) partitions")
        self.topic = Topic(
            stream: streamName, name: try name(text),
            place: PartitionPlace(stream: record.id, topic: topic.id, partition: 0),
            partitionCount: UInt32(partitions))
        ledgers = [:]
    }
}
