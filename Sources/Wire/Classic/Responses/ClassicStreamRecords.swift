import Primitives

extension StreamRecord {
    /// `u32` id, `u64` creation, `u32` topics, `u64` bytes, `u64` messages, name8.
    init(classic reader: inout ByteReader) throws(WireError) {
        let id = try reader.read(UInt32.self)
        let createdAt = try reader.read(UInt64.self)
        let topicCount = try reader.read(UInt32.self)
        let byteCount = try reader.read(UInt64.self)
        let messageCount = try reader.read(UInt64.self)
        self.init(
            id: id, createdAt: createdAt, topicCount: topicCount, byteCount: byteCount, messageCount: messageCount,
            name: try reader.readName())
    }

    func encodeClassic(topicCount: UInt32, into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(createdAt)
        writer.write(topicCount)
        writer.write(byteCount)
        writer.write(messageCount)
        writer.write(name)
    }
}

extension TopicRecord {
    /// `u32` id, `u64` creation, `u32` partitions, `u64` expiry, `u8` compression, `u64` size limit, `u8` replication
    /// factor, `u64` bytes, `u64` messages, name8. Expiry and compression stand the other way round than in requests.
    init(classic reader: inout ByteReader) throws(WireError) {
        let id = try reader.read(UInt32.self)
        let createdAt = try reader.read(UInt64.self)
        let partitionCount = try reader.read(UInt32.self)
        let expiry = MessageExpiry(rawValue: try reader.read())
        let raw = try reader.read(UInt8.self)
        guard let compression = Compression(rawValue: raw) else { throw .unknownValue(UInt32(raw)) }
        let size = MaxTopicSize(rawValue: try reader.read())
        let settings = TopicSettings(
            compression: compression, messageExpiry: expiry, maxTopicSize: size,
            replicationFactor: try reader.read())
        let byteCount = try reader.read(UInt64.self)
        let messageCount = try reader.read(UInt64.self)
        self.init(
            id: id, createdAt: createdAt, partitionCount: partitionCount, settings: settings, byteCount: byteCount,
            messageCount: messageCount, name: try reader.readName())
    }

    func encodeClassic(partitionCount: UInt32, into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(createdAt)
        writer.write(partitionCount)
        writer.write(settings.messageExpiry.rawValue)
        writer.write(settings.compression.rawValue)
        writer.write(settings.maxTopicSize.rawValue)
        writer.write(settings.replicationFactor)
        writer.write(byteCount)
        writer.write(messageCount)
        writer.write(name)
    }
}

extension PartitionRecord {
    /// `u32` id, `u64` creation, `u32` segments, `u64` current offset, `u64` bytes, `u64` messages.
    init(classic reader: inout ByteReader) throws(WireError) {
        let id = try reader.read(UInt32.self)
        let createdAt = try reader.read(UInt64.self)
        let segmentCount = try reader.read(UInt32.self)
        let currentOffset = try reader.read(UInt64.self)
        let byteCount = try reader.read(UInt64.self)
        self.init(
            id: id, createdAt: createdAt, segmentCount: segmentCount, currentOffset: currentOffset,
            byteCount: byteCount, messageCount: try reader.read())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(createdAt)
        writer.write(segmentCount)
        writer.write(currentOffset)
        writer.write(byteCount)
        writer.write(messageCount)
    }
}
