import Primitives

extension PolledHead {
    /// `u32` partition, `u64` current offset, `u32` messages.
    init(classic reader: inout ByteReader) throws(WireError) {
        let partitionID = try reader.read(UInt32.self)
        let currentOffset = try reader.read(UInt64.self)
        self.init(partitionID: partitionID, currentOffset: currentOffset, messageCount: try reader.read())
    }

    public static let classicByteCount = 16

    /// Stores the 16 bytes in place; false if there is no room.
    @_lifetime(bytes: copy bytes) @discardableResult
    public func store(classic bytes: inout MutableRawSpan, at position: Int) -> Bool {
        bytes.store(partitionID, at: position) && bytes.store(currentOffset, at: position &+ 4)
            && bytes.store(messageCount, at: position &+ 12)
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
