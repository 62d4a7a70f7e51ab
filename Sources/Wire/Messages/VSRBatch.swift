import Primitives

/// The frames of one batch of the VSR wire, without its header, which is made again when they are served.
///
/// Their digest is the XXH3-64 of the frames' checksums, eight bytes each, in order, as for a classic batch.
public enum VSRBatch {
    /// What a check of a batch found out.
    public struct Summary: Equatable, Sendable {
        public let messageCount: UInt32
        public let byteCount: Int
        public let digest: UInt64

        /// What the messages take on the classic wire, which is what its clients call size.
        public var classicByteCount: Int {
            byteCount + Int(messageCount) * (ClassicMessage.headByteCount - VSRFrame.headByteCount)
        }
    }

    /// Checks frames from a producer or from disk: whole frames that fill the bytes, `count` of them, numbered without
    /// gaps, within the limits, each with its checksum.
    ///
    /// Throws 4027 for a wrong checksum, 4022 and 4017 for sizes, and the status of a malformed request for the rest.
    public static func validate(
        frames bytes: RawSpan, count: UInt32, originTimestamp: UInt64
    ) throws(WireError) -> Summary {
        guard count > 0 else { throw .lengthsDisagree }
        var digest = XXH3.Stream()
        var frames = VSRFrames(bytes)
        for number in 0..<count {
            guard let frame = frames.next(), frame.offsetDelta == number, frame.reserved == 0,
                !originTimestamp.addingReportingOverflow(UInt64(frame.timestampDelta)).overflow,
                let covered = bytes.slice(at: frame.position &+ 8, byteCount: frame.byteCount &- 8)
            else { throw .lengthsDisagree }
            guard frame.payloadByteCount <= ClassicMessage.payloadByteCountMax else {
                throw .outsideLimits(.tooBigMessagePayload)
            }
            guard frame.userHeadersByteCount <= ClassicMessage.userHeadersByteCountMax else {
                throw .outsideLimits(.tooBigUserHeaders)
            }
            guard XXH3.hash(covered) == frame.checksum else { throw .outsideLimits(.invalidMessageChecksum) }
            digest.update(frame.checksum)
        }
        guard frames.position == bytes.byteCount else { throw .lengthsDisagree }
        return Summary(messageCount: count, byteCount: bytes.byteCount, digest: digest.finalize())
    }

    /// Checks a whole batch from a producer, header included: also the header's own checksum, 4039 if it is wrong.
    public static func validate(batch bytes: RawSpan) throws(WireError) -> (VSRBatchHeader, Summary) {
        let (header, checksum) = try VSRBatchHeader.decode(bytes)
        guard let frames = bytes.slice(at: VSRBatchHeader.byteCount, byteCount: header.framesByteCount),
            header.framesByteCount == bytes.byteCount &- VSRBatchHeader.byteCount
        else { throw .lengthsDisagree }
        let summary = try validate(
            frames: frames, count: header.messageCount, originTimestamp: header.originTimestamp)
        guard header.checksum(of: frames) == checksum else { throw .outsideLimits(.invalidBatchChecksum) }
        return (header, summary)
    }
}

extension VSRBatch {
    /// Writes validated frames as classic messages to the front of `target`, which needs `classicByteCount` bytes.
    ///
    /// Ids, payloads and user headers stay; offset and origin timestamp are the base and the frame's delta; the
    /// timestamp is the batch's; the checksum is made anew, since it covers the longer head.
    /// Returns the byte count written. Throws if the frames are none, or the room is too small.
    @_lifetime(target: copy target)
    public static func writeClassic(
        frames bytes: RawSpan, baseOffset: UInt64, baseTimestamp: UInt64, originTimestamp: UInt64,
        into target: inout MutableRawSpan
    ) throws(WireError) -> Int {
        var frames = VSRFrames(bytes)
        var position = 0
        while let frame = frames.next() {
            let dataByteCount = frame.byteCount &- VSRFrame.headByteCount
            let dataPosition = position &+ ClassicMessage.headByteCount
            guard let data = bytes.slice(at: frame.position &+ VSRFrame.headByteCount, byteCount: dataByteCount),
                target.store(data, at: dataPosition)
            else { throw .lengthsDisagree }
            target.store(frame.id, at: position &+ ClassicMessage.At.id)
            target.store(baseOffset &+ UInt64(frame.offsetDelta), at: position &+ ClassicMessage.At.offset)
            target.store(baseTimestamp, at: position &+ ClassicMessage.At.timestamp)
            target.store(
                originTimestamp &+ UInt64(frame.timestampDelta), at: position &+ ClassicMessage.At.originTimestamp)
            target.store(
                UInt32(clamping: frame.userHeadersByteCount), at: position &+ ClassicMessage.At.userHeadersByteCount)
            target.store(
                UInt32(clamping: frame.payloadByteCount), at: position &+ ClassicMessage.At.payloadByteCount)
            target.store(UInt64(0), at: position &+ ClassicMessage.At.reserved)
            guard let message = ClassicMessage(target.bytes, at: position) else { throw .lengthsDisagree }
            _ = try ClassicBatch.seal(message, in: &target)
            position &+= message.byteCount
        }
        guard frames.position == bytes.byteCount else { throw .lengthsDisagree }
        return position
    }
}
