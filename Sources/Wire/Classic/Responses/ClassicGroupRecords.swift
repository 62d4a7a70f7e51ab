import Primitives

extension GroupRecord {
    /// `u32` id, `u32` partitions, `u32` members, name8.
    init(classic reader: inout ByteReader) throws(WireError) {
        let id = try reader.read(UInt32.self)
        let partitionCount = try reader.read(UInt32.self)
        let memberCount = try reader.read(UInt32.self)
        self.init(id: id, partitionCount: partitionCount, memberCount: memberCount, name: try reader.readName())
    }

    func encodeClassic(memberCount: UInt32, into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(partitionCount)
        writer.write(memberCount)
        writer.write(name)
    }
}

extension GroupMemberRecord {
    /// `u32` id, `u32` count, that many `u32` partitions.
    init(classic reader: inout ByteReader) throws(WireError) {
        let id = try reader.read(UInt32.self)
        var partitions: [UInt32] = []
        for _ in 0..<(try reader.read(UInt32.self)) { partitions.append(try reader.read()) }
        self.init(id: id, partitions: partitions)
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(UInt32(clamping: partitions.count))
        for partition in partitions { writer.write(partition) }
    }
}
