import Primitives

/// A record of the small append-only files, `catalog/*.wal`, snapshots and `offsets.log`.
///
/// | position | width | field |
/// |---------:|------:|-------|
/// | 0        | 4     | `GREC` |
/// | 4        | 4     | body byte count, at most 16 MiB |
/// | 8        | 8     | sequence |
/// | 16       | 8     | owner: incarnation, or 0 for the catalog |
/// | 24       | 8     | XXH3-64 of body byte count as u64, sequence, owner, body |
/// | 32       | …     | body |
struct Record: Equatable {
    static let headByteCount = 32
    static let bodyByteCountMax = 16 << 20
    private static let magic: [UInt8] = [UInt8]("GREC".utf8)

    let sequence: UInt64
    let bodyPosition: Int
    let bodyByteCount: Int

    var end: Int { bodyPosition + bodyByteCount }

    enum Reading: Equatable {
        case record(Record)
        /// The file ends here.
        case end
        /// Only zeros from here on.
        case zeros
        /// Bytes that are no whole record. `isWhole` says that they cannot be the beginning of one that was
        /// being written: all bytes that the length asks for are there, and the last is not zero.
        case broken(isWhole: Bool)
    }

    static func read(_ bytes: RawSpan, at position: Int, owner: UInt64) -> Reading {
        if position >= bytes.byteCount { return .end }
        guard let record = Record(bytes, at: position, owner: owner) else {
            if bytes.isZero(from: position) { return .zeros }
            return .broken(isWhole: isWhole(bytes, at: position))
        }
        return .record(record)
    }

    /// Whether a record that verifies stands anywhere behind `position`.
    static func stands(in bytes: RawSpan, after position: Int, owner: UInt64) -> Bool {
        var at = position + 1
        while at + headByteCount <= bytes.byteCount {
            if Record(bytes, at: at, owner: owner) != nil { return true }
            at += 1
        }
        return false
    }

    private init?(_ bytes: RawSpan, at position: Int, owner: UInt64) {
        guard bytes.has(Self.magic, at: position), let count = bytes.load(UInt32.self, at: position + 4),
            count <= Self.bodyByteCountMax, let sequence = bytes.load(UInt64.self, at: position + 8),
            let foundOwner = bytes.load(UInt64.self, at: position + 16), foundOwner == owner,
            let checksum = bytes.load(UInt64.self, at: position + 24),
            let body = bytes.slice(at: position + Self.headByteCount, byteCount: Int(count))
        else { return nil }
        var hash = XXH3.Stream()
        hash.update(UInt64(count))
        hash.update(sequence)
        hash.update(owner)
        hash.update(body)
        guard hash.finalize() == checksum else { return nil }
        self.sequence = sequence
        bodyPosition = position + Self.headByteCount
        bodyByteCount = Int(count)
    }

    private static func isWhole(_ bytes: RawSpan, at position: Int) -> Bool {
        guard bytes.has(magic, at: position), let count = bytes.load(UInt32.self, at: position + 4),
            count <= bodyByteCountMax,
            let last = bytes.load(UInt8.self, at: position + headByteCount - 1 + Int(count))
        else { return false }
        return last != 0
    }
}
