import Primitives

extension PollMessages {
    /// Consumer, topic, optional partition, strategy, `u32` count, `u8` auto-commit.
    init(classic reader: inout ByteReader) throws(WireError) {
        let consumer = try Consumer(decoding: &reader)
        let path = try TopicPath(decoding: &reader)
        let partition = try reader.readOptionalPartition()
        let strategy = try PollingStrategy(decoding: &reader)
        let count = try reader.read(UInt32.self)
        self.init(
            consumer: consumer, path: path, partition: partition, strategy: strategy, count: count,
            autoCommit: try reader.readBool())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        consumer.encode(into: &writer)
        path.encode(into: &writer)
        writer.write(optionalPartition: partition)
        strategy.encode(into: &writer)
        writer.write(count)
        writer.write(autoCommit)
    }
}

extension FlushUnsavedBuffer {
    /// Topic, `u32` partition, `u8` sync.
    init(classic reader: inout ByteReader) throws(WireError) {
        let path = try TopicPath(decoding: &reader)
        let partition = try reader.read(UInt32.self)
        self.init(path: path, partition: partition, sync: try reader.readBool())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        path.encode(into: &writer)
        writer.write(partition)
        writer.write(sync)
    }
}

extension ConsumerPartition {
    /// Consumer, topic, optional partition.
    init(classic reader: inout ByteReader) throws(WireError) {
        let consumer = try Consumer(decoding: &reader)
        let path = try TopicPath(decoding: &reader)
        self.init(consumer: consumer, path: path, partition: try reader.readOptionalPartition())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        consumer.encode(into: &writer)
        path.encode(into: &writer)
        writer.write(optionalPartition: partition)
    }
}
