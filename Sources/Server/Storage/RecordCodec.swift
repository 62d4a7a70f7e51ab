public import Primitives

/// Records in a small append-only file: the catalog's log and each partition's `offsets.log`.
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0        | 4     | magic, `GREC` |
/// | 4        | 4     | body byte count |
/// | 8        | 8     | sequence: the record before it plus one |
/// | 16       | 8     | owner: the incarnation, 0 for the catalog; a record from elsewhere never verifies |
/// | 24       | 8     | checksum: XXH3-64 of body byte count (as u64), sequence, owner, body |
/// | 32       | …     | body |
///
/// All integers are little endian.
public enum RecordCodec {
    public static let headByteCount = 32
    public static let bodyBytesMax = 16 << 20
    private static let magic: UInt32 = 0x4345_5247

    public static func append(body: [UInt8], sequence: UInt64, owner: UInt64, to writer: inout ByteWriter) {
        let start = writer.byteCount
        writer.write(magic)
        writer.write(UInt32(truncatingIfNeeded: body.count))
        writer.write(sequence)
        writer.write(owner)
        writer.write(checksum(bodyByteCount: UInt32(truncatingIfNeeded: body.count), sequence, owner, body.rawSpan))
        writer.write(body)
        assert(writer.byteCount == start + headByteCount + body.count)
    }

    public enum Scan: Equatable {
        /// A whole record: its body lies at `bodyPosition`; the next record begins at `end`.
        case record(sequence: UInt64, bodyPosition: Int, bodyByteCount: Int, end: Int)
        /// No byte, or only zeros, from here to the end.
        case end
        /// Bytes that are no whole record.
        case damaged
    }

    /// Looks at what stands at `position`.
    public static func scan(_ bytes: RawSpan, at position: Int, owner: UInt64) -> Scan {
        guard position < bytes.byteCount else { return .end }
        guard let magic = bytes.load(UInt32.self, at: position), magic == Self.magic,
            let bodyByteCount = bytes.load(UInt32.self, at: position + 4), bodyByteCount <= bodyBytesMax,
            let sequence = bytes.load(UInt64.self, at: position + 8),
            bytes.load(UInt64.self, at: position + 16) == owner,
            let stored = bytes.load(UInt64.self, at: position + 24),
            let body = bytes.slice(at: position + headByteCount, byteCount: Int(bodyByteCount)),
            stored == checksum(bodyByteCount: bodyByteCount, sequence, owner, body)
        else { return isZero(bytes, from: position) ? .end : .damaged }
        return .record(
            sequence: sequence, bodyPosition: position + headByteCount, bodyByteCount: Int(bodyByteCount),
            end: position + headByteCount + Int(bodyByteCount))
    }

    /// Whether a whole record stands anywhere behind `position`: then what is damaged is not an incomplete end.
    public static func hasRecord(_ bytes: RawSpan, after position: Int, owner: UInt64) -> Bool {
        var at = position + 1
        while at + headByteCount <= bytes.byteCount {
            if bytes.load(UInt32.self, at: at) == magic, case .record = scan(bytes, at: at, owner: owner) {
                return true
            }
            at += 1
        }
        return false
    }

    /// Whether the bytes that a damaged record at `position` claims are all there, so that it is no incomplete end:
    /// its head is legible and its body does not reach beyond the file.
    public static func isThere(_ bytes: RawSpan, at position: Int) -> Bool {
        guard let bodyByteCount = bytes.load(UInt32.self, at: position + 4), bodyByteCount <= bodyBytesMax else {
            return position + headByteCount <= bytes.byteCount
        }
        return position + headByteCount + Int(bodyByteCount) <= bytes.byteCount
    }

    private static func isZero(_ bytes: RawSpan, from position: Int) -> Bool {
        var at = position
        while let byte = bytes.load(UInt8.self, at: at) {
            if byte != 0 { return false }
            at += 1
        }
        return true
    }

    private static func checksum(
        bodyByteCount: UInt32, _ sequence: UInt64, _ owner: UInt64, _ body: RawSpan
    ) -> UInt64 {
        var stream = XXH3.Stream()
        stream.update(UInt64(bodyByteCount))
        stream.update(sequence)
        stream.update(owner)
        stream.update(body)
        return stream.finalize()
    }
}
