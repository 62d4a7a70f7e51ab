public import Primitives

extension Permissions {
    /// Reads a blob that must fill `bytes`; whatever is left over breaks the structure.
    ///
    /// No recursion: a blob has two levels, whatever a peer sends.
    public init(decoding bytes: RawSpan) throws(WireError) {
        var reader = ByteReader(bytes)
        let global = Global(rawValue: try reader.readFlags(10))
        var streams: [Stream] = []
        var hasStream = try reader.readPresence()
        while hasStream {
            let id = try reader.read(UInt32.self)
            let granted = InStream(rawValue: UInt8(truncatingIfNeeded: try reader.readFlags(6)))
            streams.append(Stream(id: id, granted: granted, topics: try reader.readTopics()))
            hasStream = try reader.readPresence()
        }
        guard reader.isAtEnd else { throw .brokenStructure }
        self.init(global: global, streams: streams)
    }

    public func encode(into writer: inout ByteWriter) {
        writer.write(flags: global.rawValue, 10)
        writer.write(!streams.isEmpty)
        for (index, stream) in streams.enumerated() {
            writer.write(stream.id)
            writer.write(flags: UInt16(stream.granted.rawValue), 6)
            writer.write(!stream.topics.isEmpty)
            for (index, topic) in stream.topics.enumerated() {
                writer.write(topic.id)
                writer.write(flags: UInt16(topic.granted.rawValue), 4)
                writer.write(index + 1 < stream.topics.count)
            }
            writer.write(index + 1 < streams.count)
        }
    }
}

extension ByteReader {
    /// `u8` flag and, if it is 1, `u32` length and a blob.
    mutating func readOptionalPermissions() throws(WireError) -> Permissions? {
        guard try readPresence() else { return nil }
        let byteCount = Int(try read(UInt32.self))
        guard byteCount <= Permissions.byteCountMax else { throw .blockTooLarge }
        guard let blob = take(byteCount) else { throw .truncated }
        return try Permissions(decoding: blob)
    }

    fileprivate mutating func readTopics() throws(WireError) -> [Permissions.Topic] {
        var topics: [Permissions.Topic] = []
        var hasTopic = try readPresence()
        while hasTopic {
            let id = try read(UInt32.self)
            let granted = Permissions.InTopic(rawValue: UInt8(truncatingIfNeeded: try readFlags(4)))
            topics.append(Permissions.Topic(id: id, granted: granted))
            hasTopic = try readPresence()
        }
        return topics
    }

    /// `count` bytes, the first becoming the lowest bit.
    fileprivate mutating func readFlags(_ count: Int) throws(WireError) -> UInt16 {
        var flags: UInt16 = 0
        for bit in 0..<count where try readBool() { flags |= 1 << UInt16(bit) }
        return flags
    }
}

extension ByteWriter {
    mutating func write(_ permissions: Permissions?) {
        guard let permissions else { return write(UInt8(0)) }
        write(UInt8(1))
        let lengthAt = byteCount
        write(UInt32(0))
        permissions.encode(into: &self)
        overwrite(UInt32(clamping: byteCount - lengthAt - 4), at: lengthAt)
    }

    fileprivate mutating func write(flags: UInt16, _ count: Int) {
        for bit in 0..<count { write(flags & (1 << UInt16(bit)) != 0) }
    }
}
