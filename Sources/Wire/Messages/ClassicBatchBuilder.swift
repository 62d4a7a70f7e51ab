public import Primitives

/// A batch in the making, as a client sends it.
public struct ClassicBatchBuilder {
    private var index = ByteWriter()
    private var messages = ByteWriter()
    public private(set) var messageCount: UInt32 = 0

    public init() {}

    public var messagesByteCount: Int { messages.byteCount }

    /// Adds a message. An id of 0 asks the server for one; the origin timestamp is in µs since 1970.
    public mutating func append(
        id: UInt128 = 0, originTimestamp: UInt64, payload: RawSpan, userHeaders: RawSpan
    ) {
        messages.write(UInt64(0))
        messages.write(id)
        messages.writeZeros(16)
        messages.write(originTimestamp)
        messages.write(UInt32(clamping: userHeaders.byteCount))
        messages.write(UInt32(clamping: payload.byteCount))
        messages.write(UInt64(0))
        messages.write(payload)
        messages.write(userHeaders)
        index.write(UInt32(0))
        index.write(UInt32(clamping: messages.byteCount))
        index.write(UInt64(0))
        messageCount += 1
    }

    /// Writes the whole frame of a SendMessages with the messages so far.
    public func encodeFrame(to path: TopicPath, _ partitioning: Partitioning, into writer: inout ByteWriter) {
        let head = SendMessagesHead(
            path: path, partitioning: partitioning, messageCount: messageCount, messagesByteCount: messagesByteCount)
        let start = writer.byteCount
        Request.sendMessages(head).encodeFrame(into: &writer)
        writer.write(index.bytes)
        writer.write(messages.bytes)
        writer.overwrite(UInt32(clamping: writer.byteCount - start - 4), at: start)
    }
}
