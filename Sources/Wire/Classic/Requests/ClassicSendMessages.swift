public import Primitives

// | Part | Layout |
// |---|---|
// | 1 | `u32` byte count of parts 2–5 |
// | 2, 3 | stream, topic |
// | 4 | partitioning |
// | 5 | `u32` message count |
// | 6 | index: 16 bytes for each message |
// | 7 | the messages, which fill the rest |

extension SendMessagesHead {
    /// Reads parts 1–5 and finds parts 6 and 7. Neither index nor messages are looked at: see `ClassicBatch`.
    public init(decoding payload: RawSpan) throws(WireError) {
        var reader = ByteReader(payload)
        guard let metadata = reader.take(Int(try reader.read(UInt32.self))) else { throw .lengthsDisagree }
        let indexPosition = reader.position

        var fields = ByteReader(metadata)
        let path: TopicPath
        // The one command where every defect of an identifier has the same status, and one of its own.
        do { path = try TopicPath(decoding: &fields) } catch { throw .invalidIdentifier }
        let partitioning = try Partitioning(decoding: &fields)
        let messageCount = try fields.read(UInt32.self)
        guard fields.isAtEnd else { throw .lengthsDisagree }

        // A `u32` times 16 fits an Int.
        let indexByteCount = Int(messageCount) * Self.indexEntryByteCount
        guard reader.skip(indexByteCount) else { throw .lengthsDisagree }
        self.init(
            path: path, partitioning: partitioning, messageCount: messageCount, indexPosition: indexPosition,
            indexByteCount: indexByteCount, messagesPosition: reader.position, messagesByteCount: reader.remaining)
    }

    /// The head of a batch that is about to be sent.
    public init(path: TopicPath, partitioning: Partitioning, messageCount: UInt32, messagesByteCount: Int) {
        var writer = ByteWriter()
        Self.encode(path, partitioning, messageCount, into: &writer)
        let indexByteCount = Int(messageCount) * Self.indexEntryByteCount
        self.init(
            path: path, partitioning: partitioning, messageCount: messageCount, indexPosition: writer.byteCount,
            indexByteCount: indexByteCount, messagesPosition: writer.byteCount + indexByteCount,
            messagesByteCount: messagesByteCount)
    }

    /// Writes parts 1–5.
    public func encode(into writer: inout ByteWriter) {
        Self.encode(path, partitioning, messageCount, into: &writer)
    }

    private static func encode(
        _ path: TopicPath, _ partitioning: Partitioning, _ messageCount: UInt32, into writer: inout ByteWriter
    ) {
        let start = writer.byteCount
        writer.write(UInt32(0))
        path.encode(into: &writer)
        partitioning.encode(into: &writer)
        writer.write(messageCount)
        writer.overwrite(UInt32(clamping: writer.byteCount - start - 4), at: start)
    }
}
