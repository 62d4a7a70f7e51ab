import Primitives
import Testing
import Wire

@Suite struct ClassicBatchTests {
    struct CountingIDs: IDSource {
        var last: UInt128 = 0xA000
        mutating func next() -> UInt128 {
            last += 1
            return last
        }
    }

    /// Index and messages of two messages: "hello", and "x" with three bytes of headers and an id.
    struct Sample {
        var index: [UInt8]
        var messages: [UInt8]

        init() {
            var batch = ClassicBatchBuilder()
            batch.append(originTimestamp: 900, payload: Array("hello".utf8).rawSpan, userHeaders: [UInt8]().rawSpan)
            batch.append(id: 7, originTimestamp: 800, payload: Array("x".utf8).rawSpan, userHeaders: [1, 2, 3].rawSpan)
            var writer = ByteWriter()
            batch.encodeFrame(to: TopicPath(stream: .id(0), topic: .id(0)), .balanced, into: &writer)
            messages = [UInt8](writer.bytes.suffix(batch.messagesByteCount))
            index = [UInt8](writer.bytes.dropLast(batch.messagesByteCount).suffix(32))
        }

        func validate(count: UInt32 = 2) -> Result<ClassicBatch.Summary, WireError> {
            do {
                return .success(
                    try ClassicBatch.validate(index: index.rawSpan, messages: messages.rawSpan, count: count))
            } catch {
                return .failure(error)
            }
        }

        /// Stamps in place; the digest, or nil if the messages are none.
        mutating func stamp(baseOffset: UInt64 = 100, timestamp: UInt64 = 5000) -> UInt64? {
            var ids = CountingIDs()
            var elements = messages.mutableSpan
            var bytes = elements.mutableBytes
            return try? ClassicBatch.stamp(
                messages: &bytes, count: 2, baseOffset: baseOffset, timestamp: timestamp, ids: &ids)
        }

        func verify(count: UInt32 = 2, baseOffset: UInt64 = 100) -> UInt64? {
            ClassicBatch.verify(body: messages.rawSpan, count: count, baseOffset: baseOffset)
        }

        var walked: [ClassicMessage] {
            var walk = ClassicMessages(messages.rawSpan)
            var found: [ClassicMessage] = []
            while let message = walk.next() { found.append(message) }
            return found
        }
    }

    @Test func `a good batch is summed up`() throws {
        let summary = try Sample().validate().get()

        #expect(summary.messageCount == 2)
        #expect(summary.byteCount == 137)
        #expect(summary.originTimestampMin == 800)
    }

    @Test(arguments: [
        ("index: offset", 0, [UInt8(1)], ErrorCode.nonZeroOffset),
        ("index: timestamp", 8, [1], .nonZeroTimestamp),
        ("index: ends inside the head", 4, [63], .missingIndex),
        ("index: ends too late", 4, [70], .missingIndex),
        ("index: ends behind the messages", 4, [0, 1], .missingIndex),
        ("index: last goes backwards", 20, [10], .missingIndex),
        ("index: last ends early", 20, [136], .missingIndex),
        ("message: payload length", 32 + 52, [6], .missingIndex),
        ("message: header length", 32 + 48, [255, 255, 255, 255], .missingIndex),
        ("message: offset of the first above the second's", 32 + 24, [1], .invalidOffset),
    ])
    func `a batch with a defect is refused whole`(what: String, at: Int, bytes: [UInt8], code: ErrorCode) {
        var sample = Sample()
        for (number, byte) in bytes.enumerated() {
            let position = at + number
            if position < 32 { sample.index[position] = byte } else { sample.messages[position - 32] = byte }
        }

        #expect(sample.validate() == .failure(.outsideLimits(code)), "\(what)")
    }

    @Test func `bytes behind the last message are refused`() {
        var sample = Sample()
        sample.messages.append(0)

        #expect(sample.validate() == .failure(.outsideLimits(.missingIndex)))
    }

    @Test func `a batch without messages is refused`() {
        #expect(Sample().validate(count: 0) == .failure(.outsideLimits(.invalidMessagesCount)))
        #expect(Sample().validate(count: 3) == .failure(.lengthsDisagree))
    }

    @Test func `user headers above the limit are refused`() {
        var batch = ClassicBatchBuilder()
        let headers = [UInt8](repeating: 0, count: 100_001)
        batch.append(originTimestamp: 0, payload: [UInt8]().rawSpan, userHeaders: headers.rawSpan)
        var writer = ByteWriter()
        batch.encodeFrame(to: TopicPath(stream: .id(0), topic: .id(0)), .balanced, into: &writer)
        var sample = Sample()
        sample.messages = [UInt8](writer.bytes.suffix(batch.messagesByteCount))
        sample.index = [UInt8](writer.bytes.dropLast(batch.messagesByteCount).suffix(16))

        #expect(sample.validate(count: 1) == .failure(.outsideLimits(.tooBigUserHeaders)))
    }

    @Test func `stamping makes the batch the partition's`() {
        var sample = Sample()
        sample.messages[56] = 9

        let digest = sample.stamp()

        let messages = sample.walked
        #expect(messages.map(\.id) == [0xA001, 7])
        #expect(messages.map(\.offset) == [100, 101])
        #expect(messages.map(\.timestamp) == [5000, 5000])
        #expect(messages.map(\.originTimestamp) == [900, 800])
        #expect(sample.messages[56] == 0)
        #expect(digest != nil)
        #expect(sample.verify() == digest)
    }

    @Test func `a changed bit anywhere in a stored batch is found`() {
        var sample = Sample()
        _ = sample.stamp()
        for position in sample.messages.indices {
            var damaged = sample
            damaged.messages[position] ^= 4

            #expect(damaged.verify() == nil, "bit in byte \(position)")
        }
        #expect(sample.verify(count: 1) == nil)
        #expect(sample.verify(count: 3) == nil)
        #expect(sample.verify(baseOffset: 99) == nil)
    }

    @Test func `a slice starts at an offset and ends by count or bytes`() {
        var sample = Sample()
        _ = sample.stamp()
        let body = sample.messages

        let whole = ClassicBatch.slice(body.rawSpan, from: 0, countMax: 10)
        let tail = ClassicBatch.slice(body.rawSpan, from: 101, countMax: 10)
        let first = ClassicBatch.slice(body.rawSpan, from: 100, countMax: 1)
        let small = ClassicBatch.slice(body.rawSpan, from: 100, countMax: 10, byteCountMax: 100)
        let behind = ClassicBatch.slice(body.rawSpan, from: 102, countMax: 10)
        let none = ClassicBatch.slice(body.rawSpan, from: 100, countMax: 0)

        #expect(whole?.byteCount == 137)
        #expect(whole?.lastOffset == 101)
        #expect(tail?.position == 69)
        #expect(tail?.byteCount == 68)
        #expect(first?.messageCount == 1)
        #expect(first?.byteCount == 69)
        #expect(small == first)
        #expect(behind == nil)
        #expect(none == nil)
    }
}
