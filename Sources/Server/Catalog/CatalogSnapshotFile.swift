import Platform
import Primitives

/// `catalog/<sequence>.snapshot`: the encoded catalog as the bodies of one record or, beyond `bodyBytesMax`, several,
/// each with the sequence of the file's name. The file gets its name when all of it is durable, so it is whole.
enum CatalogSnapshotFile {
    /// The file of an encoded catalog. `bodyBytesMax` is the largest body of a record.
    static func encode(
        _ catalog: [UInt8], sequence: UInt64, bodyBytesMax: Int = RecordCodec.bodyBytesMax
    ) -> [UInt8] {
        var writer = ByteWriter()
        var start = 0
        while start < catalog.count {
            let end = min(start + bodyBytesMax, catalog.count)
            RecordCodec.append(body: Array(catalog[start..<end]), sequence: sequence, owner: 0, to: &writer)
            start = end
        }
        return writer.bytes
    }

    /// The bytes that the file of an encoded catalog has.
    static func byteCount(encoded count: Int) -> Int {
        count + (count / RecordCodec.bodyBytesMax + 1) * RecordCodec.headByteCount
    }

    enum Decoded {
        case catalog(Catalog)
        /// What stands at this byte is no part of a snapshot of that sequence; 0 if the parts are no catalog.
        case damaged(position: Int)
    }

    static func decode(_ file: RawSpan, sequence: UInt64) -> Decoded {
        var encoded: [UInt8] = []
        var position = 0
        while position < file.byteCount {
            guard
                case .record(sequence, let bodyPosition, let bodyByteCount, let end) = RecordCodec.scan(
                    file, at: position, owner: 0),
                let body = file.slice(at: bodyPosition, byteCount: bodyByteCount)
            else { return .damaged(position: position) }
            encoded.append(contentsOf: [UInt8](copying: body))
            position = end
        }
        return Catalog(decoding: encoded.rawSpan).map { .catalog($0) } ?? .damaged(position: 0)
    }
}
