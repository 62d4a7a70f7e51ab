import Primitives

extension ClientRecord {
    /// What stands for "not logged in".
    private static let noUser = UInt32.max

    /// `u32` id, `u32` user, `u8` transport, text32 address, `u32` groups.
    init(classic reader: inout ByteReader) throws(WireError) {
        let id = try reader.read(UInt32.self)
        let userID = try reader.read(UInt32.self)
        let raw = try reader.read(UInt8.self)
        guard let transport = Transport(rawValue: raw) else { throw .unknownValue(UInt32(raw)) }
        let address = try reader.readText32()
        self.init(
            id: id, userID: userID == Self.noUser ? nil : userID, transport: transport, address: address,
            groupCount: try reader.read())
    }

    func encodeClassic(groupCount: UInt32, into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(userID ?? Self.noUser)
        writer.write(transport.rawValue)
        writer.write(text32: address)
        writer.write(groupCount)
    }
}

extension ClientGroupRecord {
    /// `u32` stream, `u32` topic, `u32` group.
    init(classic reader: inout ByteReader) throws(WireError) {
        let streamID = try reader.read(UInt32.self)
        let topicID = try reader.read(UInt32.self)
        self.init(streamID: streamID, topicID: topicID, groupID: try reader.read())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(streamID)
        writer.write(topicID)
        writer.write(groupID)
    }
}

extension ClusterRecord {
    /// text32 name, `u32` count, nodes.
    init(classic reader: inout ByteReader) throws(WireError) {
        let name = try reader.readText32()
        var nodes: [ClusterNodeRecord] = []
        for _ in 0..<(try reader.read(UInt32.self)) { nodes.append(try ClusterNodeRecord(classic: &reader)) }
        self.init(name: name, nodes: nodes)
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(text32: name)
        writer.write(UInt32(clamping: nodes.count))
        for node in nodes { node.encodeClassic(into: &writer) }
    }
}

extension ClusterNodeRecord {
    /// text32 name, text32 address, 4 × `u16` port, `u8` role, `u8` status.
    init(classic reader: inout ByteReader) throws(WireError) {
        let name = try reader.readText32()
        let address = try reader.readText32()
        let tcpPort = try reader.read(UInt16.self)
        let quicPort = try reader.read(UInt16.self)
        let httpPort = try reader.read(UInt16.self)
        let webSocketPort = try reader.read(UInt16.self)
        let rawRole = try reader.read(UInt8.self)
        let rawStatus = try reader.read(UInt8.self)
        guard let role = ClusterRole(rawValue: rawRole) else { throw .unknownValue(UInt32(rawRole)) }
        guard let status = ClusterNodeStatus(rawValue: rawStatus) else { throw .unknownValue(UInt32(rawStatus)) }
        self.init(
            name: name, address: address, tcpPort: tcpPort, quicPort: quicPort, httpPort: httpPort,
            webSocketPort: webSocketPort, role: role, status: status)
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(text32: name)
        writer.write(text32: address)
        writer.write(tcpPort)
        writer.write(quicPort)
        writer.write(httpPort)
        writer.write(webSocketPort)
        writer.write(role.rawValue)
        writer.write(status.rawValue)
    }
}
