import Primitives

extension PolledHead {
    /// `u32` partition, `u64` current offset, `u32` messages.
    init(classic reader: inout ByteReader) throws(WireError) {
        let partitionID = try reader.read(UInt32.self)
        let currentOffset = try reader.read(UInt64.self)
        self.init(partitionID: partitionID, currentOffset: currentOffset, messageCount: try reader.read())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(partitionID)
        writer.write(currentOffset)
        writer.write(messageCount)
    }
}

extension ConsumerOffsetRecord {
    /// `u32` partition, `u64` current offset, `u64` stored offset.
    init(classic reader: inout ByteReader) throws(WireError) {
        let partitionID = try reader.read(UInt32.self)
        let currentOffset = try reader.read(UInt64.self)
        self.init(partitionID: partitionID, currentOffset: currentOffset, storedOffset: try reader.read())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(partitionID)
        writer.write(currentOffset)
        writer.write(storedOffset)
    }
}
