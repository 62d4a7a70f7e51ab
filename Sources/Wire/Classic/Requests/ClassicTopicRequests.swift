import Primitives

extension TopicSettings {
    /// `u8` compression, `u64` expiry, `u64` size limit, `u8` replication factor.
    init(classic reader: inout ByteReader) throws(WireError) {
        let raw = try reader.read(UInt8.self)
        guard let compression = Compression(rawValue: raw) else { throw .unknownValue(UInt32(raw)) }
        let expiry = MessageExpiry(rawValue: try reader.read())
        let size = MaxTopicSize(rawValue: try reader.read())
        self.init(
            compression: compression, messageExpiry: expiry, maxTopicSize: size,
            replicationFactor: try reader.read())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(compression.rawValue)
        writer.write(messageExpiry.rawValue)
        writer.write(maxTopicSize.rawValue)
        writer.write(replicationFactor)
    }
}

extension CreateTopic {
    /// Stream, `u32` partitions, settings, name8: the name is last.
    init(classic reader: inout ByteReader) throws(WireError) {
        let stream = try Identifier(decoding: &reader)
        let partitionCount = try reader.read(UInt32.self)
        let settings = try TopicSettings(classic: &reader)
        self.init(
            stream: stream, name: try reader.readName(), partitionCount: partitionCount, settings: settings)
    }

    func encodeClassic(into writer: inout ByteWriter) {
        stream.encode(into: &writer)
        writer.write(partitionCount)
        settings.encodeClassic(into: &writer)
        writer.write(name)
    }
}

extension UpdateTopic {
    /// Topic, settings, name8.
    init(classic reader: inout ByteReader) throws(WireError) {
        let path = try TopicPath(decoding: &reader)
        let settings = try TopicSettings(classic: &reader)
        self.init(path: path, name: try reader.readName(), settings: settings)
    }

    func encodeClassic(into writer: inout ByteWriter) {
        path.encode(into: &writer)
        settings.encodeClassic(into: &writer)
        writer.write(name)
    }
}

extension DeleteSegments {
    /// Topic, `u32` partition, `u32` count.
    init(classic reader: inout ByteReader) throws(WireError) {
        let path = try TopicPath(decoding: &reader)
        let partition = try reader.read(UInt32.self)
        self.init(path: path, partition: partition, count: try reader.read())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        path.encode(into: &writer)
        writer.write(partition)
        writer.write(count)
    }
}
