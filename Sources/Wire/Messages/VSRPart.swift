import Primitives

/// Neighbouring messages of a classic batch that go to a VSR client as one batch.
///
/// A frame tells its creation time as a `u32` of µs behind the smallest of its batch, about 71 minutes, and no frame of
/// the transport may reach 64 MiB. A classic batch beyond either becomes several VSR batches. Where it is cut depends
/// on the batch alone, so that every poll sees the same ones.
public struct VSRPart: Equatable, Sendable {
    /// What all frames of one part may take: below 64 MiB with all that is sent around them. Any one message fits.
    public static let framesByteCountMax = 67_108_864 - 4096

    /// Where the messages lie in the classic body.
    public let position: Int
    public let byteCount: Int
    /// The header of the whole part; slices of it keep its base and its origin.
    public let header: VSRBatchHeader
}

/// Cuts a classic body into parts, front to back.
public struct VSRParts: ~Escapable {
    private var messages: ClassicMessages
    private var pending: ClassicMessage?
    private let partitionID: UInt64

    @_lifetime(copy body)
    public init(of body: RawSpan, partitionID: UInt64) {
        messages = ClassicMessages(body)
        self.partitionID = partitionID
        pending = messages.next()
    }

    public mutating func next() -> VSRPart? {
        guard let first = pending else { return nil }
        var oldest = first.originTimestamp
        var newest = first.originTimestamp
        var messageCount: UInt32 = 0
        var framesByteCount = 0
        var end = first.position
        while let message = pending {
            let frameByteCount = message.byteCount &- ClassicMessage.headByteCount &+ VSRFrame.headByteCount
            let oldestThen = min(oldest, message.originTimestamp)
            let newestThen = max(newest, message.originTimestamp)
            let fits =
                newestThen &- oldestThen <= UInt64(UInt32.max)
                && framesByteCount &+ frameByteCount <= VSRPart.framesByteCountMax
            guard fits || messageCount == 0 else { break }
            (oldest, newest) = (oldestThen, newestThen)
            framesByteCount &+= frameByteCount
            messageCount &+= 1
            end = message.position &+ message.byteCount
            pending = messages.next()
        }
        let header = VSRBatchHeader(
            partitionID: partitionID, baseOffset: first.offset, baseTimestamp: first.timestamp,
            originTimestamp: oldest, framesByteCount: framesByteCount, messageCount: messageCount)
        return VSRPart(position: first.position, byteCount: end &- first.position, header: header)
    }
}

extension VSRPart {
    /// Writes the part's frames to the front of `target`, which needs `header.framesByteCount` bytes.
    ///
    /// Ids, payloads and user headers stay; deltas and checksums are made. Returns the byte count written.
    /// Throws if the part is not one of `body`, or the room is too small.
    @_lifetime(target: copy target)
    public func writeFrames(of body: RawSpan, into target: inout MutableRawSpan) throws(WireError) -> Int {
        guard let bytes = body.slice(at: self.position, byteCount: byteCount) else { throw .lengthsDisagree }
        var messages = ClassicMessages(bytes)
        var position = 0
        for number in 0..<header.messageCount {
            guard let message = messages.next(),
                let timestampDelta = UInt32(exactly: message.originTimestamp &- header.originTimestamp),
                let data = bytes.slice(
                    at: message.payloadPosition, byteCount: message.byteCount &- ClassicMessage.headByteCount),
                target.store(data, at: position &+ VSRFrame.headByteCount)
            else { throw .lengthsDisagree }
            target.store(message.id, at: position &+ VSRFrame.At.id)
            target.store(number, at: position &+ VSRFrame.At.offsetDelta)
            target.store(timestampDelta, at: position &+ VSRFrame.At.timestampDelta)
            target.store(
                UInt32(clamping: message.userHeadersByteCount), at: position &+ VSRFrame.At.userHeadersByteCount)
            target.store(UInt32(clamping: message.payloadByteCount), at: position &+ VSRFrame.At.payloadByteCount)
            target.store(UInt64(0), at: position &+ VSRFrame.At.reserved)
            let frameByteCount = VSRFrame.headByteCount &+ data.byteCount
            guard let checksum = Self.checksum(of: target.bytes, at: position, frameByteCount) else {
                throw .lengthsDisagree
            }
            target.store(checksum, at: position &+ VSRFrame.At.checksum)
            position &+= frameByteCount
        }
        guard messages.position == bytes.byteCount else { throw .lengthsDisagree }
        return position
    }

    /// The checksum of the frame that starts at `position`.
    private static func checksum(of bytes: RawSpan, at position: Int, _ byteCount: Int) -> UInt64? {
        guard let covered = bytes.slice(at: position &+ 8, byteCount: byteCount &- 8) else { return nil }
        return XXH3.hash(covered)
    }
}
