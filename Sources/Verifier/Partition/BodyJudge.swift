import Primitives

/// Judges the messages of one batch.
///
/// Two kinds of trouble are kept apart: bytes that do not match their checksums, which a crash may explain, and bytes
/// that do and yet break a law, which nothing explains.
struct BodyJudge {
    let head: BatchHead
    /// For findings.
    let path: String
    /// Of the body in the file.
    let filePosition: Int
    private(set) var messages: [MessageFacts] = []

    init(_ head: BatchHead, path: String, filePosition: Int) {
        self.head = head
        self.path = path
        self.filePosition = filePosition
    }

    /// Why the bytes are not what the checksums say, and where in the file; nil if they are.
    func damage(_ body: RawSpan) -> (position: Int, detail: String)? {
        var digest = XXH3.Stream()
        var position = 0
        for number in 0..<head.messageCount {
            guard let message = StoredMessage(body, at: position, of: head) else {
                return (filePosition + position, "message \(number) of the batch does not lie in its body")
            }
            guard message.isIntact else {
                return (filePosition + position, "message \(number) of the batch does not match its checksum")
            }
            digest.update(message.checksum)
            position += message.byteCount
        }
        guard position == body.byteCount else {
            return (filePosition + position, "\(body.byteCount - position) bytes follow the last message")
        }
        guard digest.finalize() == head.bodyChecksum else {
            return (filePosition, "the body does not match its checksum")
        }
        return nil
    }

    /// Holds intact messages to the laws.
    mutating func judge(_ body: RawSpan, _ findings: inout Findings) {
        var position = 0
        var classicByteCount: UInt64 = 0
        var originMin = UInt64.max
        var parts = VSRPartCount()
        for number in 0..<head.messageCount {
            guard let message = StoredMessage(body, at: position, of: head) else { return }
            judge(message, number, &findings)
            classicByteCount &+= message.classicByteCount
            originMin = min(originMin, message.originTimestamp ?? 0)
            parts.add(message)
            if findings.options.listsMessages, let facts = facts(message, body) { messages.append(facts) }
            position += message.byteCount
        }
        if classicByteCount != head.classicByteCount {
            let detail = "\(head.classicByteCount) is said, \(classicByteCount) counted"
            findings.violation(.classicBytesAddUp, path, at: filePosition, detail)
        }
        switch head.dialect {
        case .classic:
            if originMin != head.minOrigin {
                findings.violation(
                    .originIsSmallest, path, at: filePosition, "\(head.minOrigin) is said, \(originMin) found")
            }
            if parts.count != head.vsrBatchCount {
                findings.violation(
                    .vsrBatchesAddUp, path, at: filePosition, "\(head.vsrBatchCount) is said, \(parts.count) counted")
            }
        case .vsr:
            // Its frames tell their origin as a distance from the batch's, so none can be smaller.
            if head.vsrBatchCount != 1 {
                findings.violation(.vsrBatchesAddUp, path, at: filePosition, "\(head.vsrBatchCount) is said of one")
            }
        }
    }

    private func judge(_ message: StoredMessage, _ number: UInt32, _ findings: inout Findings) {
        let place = filePosition + message.position
        let expected = head.baseOffset + UInt64(number)
        if message.offset != expected {
            let found = message.offset.map { "\($0)" } ?? "more than 64 bits"
            findings.violation(.messagesAreDense, path, at: place, "\(found) stands where \(expected) belongs")
        }
        if let timestamp = message.timestamp, timestamp != head.timestamp {
            findings.violation(.messagesAreStamped, path, at: place, "time \(timestamp) in a batch of \(head.timestamp)")
        }
        if message.reserved != 0 {
            findings.violation(.messagesAreStamped, path, at: place, "the reserved bytes are \(message.reserved)")
        }
        if head.dialect == .classic, message.id == 0 {
            findings.violation(.messagesAreStamped, path, at: place, "it has no id")
        }
        if message.originTimestamp == nil {
            findings.violation(.originIsSmallest, path, at: place, "its origin time exceeds 64 bits")
        }
        if message.payloadByteCount > StoredMessage.payloadByteCountMax
            || message.userHeadersByteCount > StoredMessage.userHeadersByteCountMax
        {
            findings.violation(
                .messagesAreBounded, path, at: place,
                "payload \(message.payloadByteCount), user headers \(message.userHeadersByteCount) bytes")
        }
    }

    private func facts(_ message: StoredMessage, _ body: RawSpan) -> MessageFacts? {
        guard let offset = message.offset, let origin = message.originTimestamp,
            let payload = body.slice(at: message.payloadPosition, byteCount: message.payloadByteCount)
        else { return nil }
        return MessageFacts(
            offset: offset, timestamp: head.timestamp, originTimestamp: origin, id: message.id,
            checksum: message.checksum, payloadByteCount: message.payloadByteCount,
            payloadDigest: XXH3.hash(payload))
    }
}

/// Counts the VSR batches that classic messages are served in: a batch ends where its origin times would spread over
/// more than a `u32` of µs, or its frames over more than 64 MiB less 4 KiB.
private struct VSRPartCount {
    private(set) var count: UInt32 = 0
    private var oldest: UInt64 = 0
    private var newest: UInt64 = 0
    private var framesByteCount: UInt64 = 0

    mutating func add(_ message: StoredMessage) {
        let origin = message.originTimestamp ?? 0
        let frame = message.classicByteCount - 16
        let spread = max(newest, origin) - min(oldest, origin)
        if count == 0 || spread > UInt64(UInt32.max) || framesByteCount + frame > 67_108_864 - 4096 {
            count &+= 1
            (oldest, newest, framesByteCount) = (origin, origin, frame)
        } else {
            (oldest, newest) = (min(oldest, origin), max(newest, origin))
            framesByteCount += frame
        }
    }
}
