import Client
import Primitives
import Testing
import Wire

struct PreparedBatchTests {
    private static let path = TopicPath(stream: .id(7), topic: .id(9))

    @Test func `patching a batch is the same as making it anew`() {
        var patched = PreparedBatch(to: Self.path, partition: 1, messageCount: 3, payloadByteCount: 10)
        let fresh = PreparedBatch(to: Self.path, partition: 513, messageCount: 3, payloadByteCount: 10)

        patched.address(toPartition: 513)

        #expect(patched.frame == fresh.frame)
    }

    @Test func `a stamp changes the origin time of every message and nothing else`() throws {
        let before = PreparedBatch(to: Self.path, partition: 0, messageCount: 4, payloadByteCount: 5)
        var after = before

        after.stamp(originTimestamp: 0x0102_0304_0506_0708)

        #expect(origins(of: after) == [UInt64](repeating: 0x0102_0304_0506_0708, count: 4))
        after.stamp(originTimestamp: 0)
        #expect(after.frame == before.frame)
    }

    private func origins(of batch: PreparedBatch) -> [UInt64] {
        let bytes = batch.frame
        var walk = ClassicMessages(bytes.rawSpan)
        let messagesByteCount = batch.messageCount * (64 + batch.payloadByteCount)
        var origins: [UInt64] = []
        guard let messages = bytes.rawSpan.slice(at: bytes.count - messagesByteCount, byteCount: messagesByteCount)
        else { return [] }
        walk = ClassicMessages(messages)
        while let message = walk.next() { origins.append(message.originTimestamp) }
        return origins
    }
}
