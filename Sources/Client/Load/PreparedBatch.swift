import Primitives
public import Wire

/// The frame of a batch, encoded once and sent many times: a load generator must not measure its own encoder.
///
/// Only the partition and the messages' origin times change between two sends; they are patched in place.
public struct PreparedBatch: Sendable {
    public private(set) var frame: [UInt8]
    public let messageCount: Int
    public let payloadByteCount: Int
    private let partitionPosition: Int
    private let messagesPosition: Int

    /// A batch of `messageCount` messages of `payloadByteCount` bytes each, addressed to a partition.
    public init(to path: TopicPath, partition: UInt32, messageCount: Int, payloadByteCount: Int) {
        self.messageCount = messageCount
        self.payloadByteCount = payloadByteCount
        var batch = ClassicBatchBuilder()
        for number in 0..<messageCount {
            let payload = Self.payload(number, byteCount: payloadByteCount)
            batch.append(originTimestamp: 0, payload: payload.rawSpan, userHeaders: [UInt8]().rawSpan)
        }
        var writer = ByteWriter(reserving: batch.messagesByteCount + messageCount * 16 + 1024)
        batch.encodeFrame(to: path, .partition(partition), into: &writer)
        frame = writer.bytes
        messagesPosition = frame.count - batch.messagesByteCount

        // Length, code, the length of the metadata, the path, and the two bytes that say: a partition follows.
        var beforePartition = ByteWriter()
        path.encode(into: &beforePartition)
        partitionPosition = 4 + 4 + 4 + beforePartition.byteCount + 2
    }

    public mutating func address(toPartition partition: UInt32) {
        frame.store(partition, at: partitionPosition)
    }

    /// Sets the origin time of all messages, in microseconds since 1970.
    public mutating func stamp(originTimestamp: UInt64) {
        let stride = ClassicMessage.headByteCount + payloadByteCount
        for number in 0..<messageCount {
            frame.store(originTimestamp, at: messagesPosition + number * stride + Self.originTimestampPosition)
        }
    }

    /// Where the origin timestamp stands in a message's head; see `ClassicMessage`.
    private static let originTimestampPosition = 40

    /// Printable, and different for each message of the batch, so that nothing below compresses it away.
    private static func payload(_ number: Int, byteCount: Int) -> [UInt8] {
        var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<byteCount).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 0x20 + UInt8(state >> 58)
        }
    }
}
