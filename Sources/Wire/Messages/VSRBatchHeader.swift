public import Primitives

/// The header of a batch on the VSR wire.
///
/// | Offset | Width | Field |
/// |---|---|---|
/// | 0 | u64 | partition id; 0 from a producer |
/// | 8 | u64 | base offset: that of the batch's first message; 0 from a producer |
/// | 16 | u64 | base timestamp: µs of the append; 0 from a producer |
/// | 24 | u64 | origin timestamp: the smallest creation time of its messages, µs |
/// | 32 | u64 | byte count of header and frames |
/// | 40 | u64 | checksum: XXH3-64 of bytes 0–39, the message count, and the checksums of all frames |
/// | 48 | u32 | message count |
/// | 52 | 204 bytes | reserved, 0; a client refuses anything else |
public struct VSRBatchHeader: Equatable, Sendable {
    public static let byteCount = 256

    public var partitionID: UInt64
    public var baseOffset: UInt64
    public var baseTimestamp: UInt64
    public var originTimestamp: UInt64
    public var framesByteCount: Int
    public var messageCount: UInt32

    public init(
        partitionID: UInt64 = 0, baseOffset: UInt64 = 0, baseTimestamp: UInt64 = 0, originTimestamp: UInt64,
        framesByteCount: Int, messageCount: UInt32
    ) {
        self.partitionID = partitionID
        self.baseOffset = baseOffset
        self.baseTimestamp = baseTimestamp
        self.originTimestamp = originTimestamp
        self.framesByteCount = framesByteCount
        self.messageCount = messageCount
    }
}

extension VSRBatchHeader {
    /// Reads a header, and the checksum in it, which `checksum(of:)` must equal.
    public static func decode(_ bytes: RawSpan) throws(WireError) -> (header: VSRBatchHeader, checksum: UInt64) {
        var reader = ByteReader(bytes)
        let partitionID = try reader.read(UInt64.self)
        let baseOffset = try reader.read(UInt64.self)
        let baseTimestamp = try reader.read(UInt64.self)
        let originTimestamp = try reader.read(UInt64.self)
        let batchByteCount = try reader.read(UInt64.self)
        let checksum = try reader.read(UInt64.self)
        let messageCount = try reader.read(UInt32.self)
        while reader.position < byteCount {
            guard try reader.read(UInt32.self) == 0 else { throw .lengthsDisagree }
        }
        guard let whole = Int(exactly: batchByteCount), whole >= byteCount else { throw .lengthsDisagree }
        let header = VSRBatchHeader(
            partitionID: partitionID, baseOffset: baseOffset, baseTimestamp: baseTimestamp,
            originTimestamp: originTimestamp, framesByteCount: whole - byteCount, messageCount: messageCount)
        return (header, checksum)
    }

    /// Writes the header for exactly these frames, checksum included.
    public func encode(frames: RawSpan, into writer: inout ByteWriter) {
        writeCounted(into: &writer)
        writer.write(checksum(of: frames))
        writer.write(messageCount)
        writer.writeZeros(204)
    }

    /// The batch's checksum over the header and the checksums in `frames`; nothing of the frames is checked.
    public func checksum(of frames: RawSpan) -> UInt64 {
        var counted = ByteWriter(reserving: 44)
        writeCounted(into: &counted)
        counted.write(messageCount)
        var digest = XXH3.Stream()
        digest.update(counted.bytes.rawSpan)
        var walk = VSRFrames(frames)
        while let frame = walk.next() { digest.update(frame.checksum) }
        return digest.finalize()
    }

    /// Bytes 0–39.
    private func writeCounted(into writer: inout ByteWriter) {
        writer.write(partitionID)
        writer.write(baseOffset)
        writer.write(baseTimestamp)
        writer.write(originTimestamp)
        writer.write(UInt64(clamping: framesByteCount) &+ UInt64(Self.byteCount))
    }
}
