import Primitives

extension GetSnapshot {
    /// `u8` compression, `u8` count, that many `u8` kinds.
    init(classic reader: inout ByteReader) throws(WireError) {
        let method = try reader.read(UInt8.self)
        guard let compression = SnapshotCompression(rawValue: method) else { throw .unknownValue(UInt32(method)) }
        var kinds: [SnapshotKind] = []
        for _ in 0..<(try reader.read(UInt8.self)) {
            let raw = try reader.read(UInt8.self)
            guard let kind = SnapshotKind(rawValue: raw) else { throw .unknownValue(UInt32(raw)) }
            kinds.append(kind)
        }
        guard kinds.count == 1 || !kinds.contains(.all) else { throw .unknownValue(UInt32(SnapshotKind.all.rawValue)) }
        self.init(compression: compression, kinds: kinds)
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(compression.rawValue)
        writer.write(text8: kinds.map(\.rawValue))
    }
}
