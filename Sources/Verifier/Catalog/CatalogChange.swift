import Primitives
import Wire

extension CatalogState {
    /// The largest number of partitions that one change may name: more is no catalog's, and a damaged count must not
    /// fill the memory.
    private static let partitionCountMax: UInt32 = 1 << 20

    /// Makes the change in a record's body real: `u8` kind, then its fields.
    ///
    /// | kind | change | fields |
    /// |-----:|--------|--------|
    /// | 1  | stream created | id u32, time u64, name |
    /// | 2  | stream renamed | id u32, name |
    /// | 3  | stream deleted | id u32 |
    /// | 4  | stream purged | id u32, first incarnation u64 |
    /// | 5  | topic created | stream u32, id u32, time u64, options, partitions u32, first incarnation u64 |
    /// | 6  | topic updated | stream u32, id u32, options |
    /// | 7  | topic deleted | stream u32, id u32 |
    /// | 8  | topic purged | stream u32, id u32, first incarnation u64 |
    /// | 9  | partitions added | stream u32, topic u32, time u64, count u32, first incarnation u64 |
    /// | 10 | partitions removed | stream u32, topic u32, count u32 |
    /// | 11 | user created | id u32, time u64, name, password hash |
    /// | 12 | password changed | user u32, password hash |
    ///
    /// Names and hashes have a `u32` byte count before them. Options: compression u8, replication factor u8, expiry
    /// u64, byte limit u64, name. All integers are little endian.
    mutating func apply(_ body: RawSpan) throws(Breach) {
        var fields = Fields(body)
        let kind = try fields.u8()
        switch kind {
        case 1:
            let id = try fields.u32()
            _ = try fields.u64()
            let name = try fields.name()
            try fields.end()
            try createStream(id, name)
        case 2:
            let (id, name) = (try fields.u32(), try fields.name())
            try fields.end()
            try renameStream(id, name)
        case 3:
            let id = try fields.u32()
            try fields.end()
            try deleteStream(id)
        case 4:
            let (id, first) = (try fields.u32(), try fields.u64())
            try fields.end()
            try purgeStream(id, firstIncarnation: first)
        case 5:
            let (stream, id) = (try fields.u32(), try fields.u32())
            _ = try fields.u64()
            let name = try fields.options()
            let (count, first) = (try fields.count(atMost: Self.partitionCountMax), try fields.u64())
            try fields.end()
            try createTopic(id, of: stream, name, partitionCount: count, firstIncarnation: first)
        case 6:
            let (stream, id, name) = (try fields.u32(), try fields.u32(), try fields.options())
            try fields.end()
            try updateTopic(id, of: stream, name)
        case 7:
            let (stream, id) = (try fields.u32(), try fields.u32())
            try fields.end()
            try deleteTopic(id, of: stream)
        case 8:
            let (stream, id, first) = (try fields.u32(), try fields.u32(), try fields.u64())
            try fields.end()
            try purgeTopic(id, of: stream, firstIncarnation: first)
        case 9:
            let (stream, topic) = (try fields.u32(), try fields.u32())
            _ = try fields.u64()
            let (count, first) = (try fields.count(atMost: Self.partitionCountMax), try fields.u64())
            try fields.end()
            try addPartitions(count, to: topic, of: stream, firstIncarnation: first)
        case 10:
            let (stream, topic, count) = (try fields.u32(), try fields.u32(), try fields.u32())
            try fields.end()
            try removePartitions(count, from: topic, of: stream)
        case 11:
            let id = try fields.u32()
            _ = try fields.u64()
            let name = try fields.name()
            try fields.skipCounted()
            try fields.end()
            try createUser(id, name)
        case 12:
            let id = try fields.u32()
            try fields.skipCounted()
            try fields.end()
            try changePassword(ofUser: id)
        default:
            throw Breach(law: .changesDecode, detail: "kind \(kind) is none")
        }
    }
}

/// The fields of a catalog record, front to back; what is missing or too much is a breach.
struct Fields: ~Escapable {
    private var reader: ByteReader

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { reader = ByteReader(bytes) }

    mutating func u8() throws(CatalogState.Breach) -> UInt8 { try next() }
    mutating func u32() throws(CatalogState.Breach) -> UInt32 { try next() }
    mutating func u64() throws(CatalogState.Breach) -> UInt64 { try next() }

    mutating func count(atMost limit: UInt32) throws(CatalogState.Breach) -> UInt32 {
        let count = try u32()
        guard count <= limit else { throw breach("a count of \(count) exceeds \(limit)") }
        return count
    }

    mutating func name() throws(CatalogState.Breach) -> Name {
        let byteCount = try u32()
        guard let taken = reader.take(Int(byteCount)), let name = Name([UInt8](copying: taken)) else {
            throw breach("\(byteCount) bytes are no name")
        }
        return name
    }

    mutating func skipCounted() throws(CatalogState.Breach) {
        let byteCount = try u32()
        guard reader.skip(Int(byteCount)) else { throw breach("\(byteCount) bytes are not there") }
    }

    /// A topic's options; only its name matters here.
    mutating func options() throws(CatalogState.Breach) -> Name {
        _ = (try u8(), try u8(), try u64(), try u64())
        return try name()
    }

    func end() throws(CatalogState.Breach) {
        guard reader.isAtEnd else { throw breach("\(reader.remaining) bytes are left over") }
    }

    private mutating func next<T: FixedInteger>() throws(CatalogState.Breach) -> T {
        guard let value = reader.next(T.self) else { throw breach("it ends in the middle of a field") }
        return value
    }

    private func breach(_ detail: String) -> CatalogState.Breach {
        CatalogState.Breach(law: .changesDecode, detail: "\(detail), at byte \(reader.position) of the body")
    }
}
