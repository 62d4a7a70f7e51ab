import Primitives

extension UserRecord {
    /// `u32` id, `u64` creation, `u8` status, name8.
    init(classic reader: inout ByteReader) throws(WireError) {
        let id = try reader.read(UInt32.self)
        let createdAt = try reader.read(UInt64.self)
        let status = try UserStatus(decoding: &reader)
        self.init(id: id, createdAt: createdAt, status: status, name: try reader.readName())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(createdAt)
        writer.write(status.rawValue)
        writer.write(name)
    }
}

extension TokenRecord {
    /// name8, `u64` expiry.
    init(classic reader: inout ByteReader) throws(WireError) {
        let name = try reader.readName()
        self.init(name: name, expiresAt: try reader.read())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(name)
        writer.write(expiresAt)
    }
}
