import Primitives
import Testing
import Wire

@Suite struct VSRPartTests {
    @Test func `a classic batch becomes frames that verify`() throws {
        let body = body(originTimestamps: [5000, 4000, 4500])

        let parts = parts(of: body)
        let part = try #require(parts.first)
        let frames = written(part, body)

        #expect(parts.count == 1)
        #expect(part.header.baseOffset == 10)
        #expect(part.header.baseTimestamp == 77)
        #expect(part.header.originTimestamp == 4000)
        #expect(part.header.partitionID == 3)
        #expect(frames.count == part.header.framesByteCount)
        #expect(isValid(frames, part.header))
        #expect(classic(frames, part.header, byteCount: body.count) == body)
    }

    @Test func `a batch is cut where its creation times lie too far apart`() {
        let wide = UInt64(UInt32.max)
        let body = body(originTimestamps: [0, wide, wide + 1, 2, wide * 3])

        let parts = parts(of: body)

        #expect(parts.map(\.header.messageCount) == [2, 2, 1])
        #expect(parts.map(\.header.baseOffset) == [10, 12, 14])
        #expect(parts.map(\.header.originTimestamp) == [0, 2, wide * 3])
        #expect(parts.map(\.position) == [0, 132, 264])
        for part in parts { #expect(isValid(written(part, body), part.header)) }
    }

    @Test func `a batch is cut below 64 MiB`() {
        let payloadByteCount = 30_000_000
        var body = [UInt8](repeating: 0, count: 3 * (ClassicMessage.headByteCount + payloadByteCount))
        for number in 0..<3 {
            body.store(UInt32(payloadByteCount), at: number * (ClassicMessage.headByteCount + payloadByteCount) + 52)
        }

        let parts = parts(of: body)

        #expect(parts.map(\.header.messageCount) == [2, 1])
        #expect(parts.allSatisfy { $0.header.framesByteCount <= VSRPart.framesByteCountMax })
    }

    @Test func `frames need their room`() throws {
        let body = body(originTimestamps: [1])
        let part = try #require(parts(of: body).first)

        #expect(written(part, body, room: part.header.framesByteCount - 1).isEmpty)
        #expect(written(part, [UInt8](body.dropLast())).isEmpty)
    }

    private struct NoIDs: IDSource {
        mutating func next() -> UInt128 { 1 }
    }

    /// Stamped messages from offset 10 on.
    private func body(originTimestamps: [UInt64]) -> [UInt8] {
        var batch = ClassicBatchBuilder()
        let payload: [UInt8] = [1, 2]
        let headers: [UInt8] = []
        for time in originTimestamps {
            batch.append(originTimestamp: time, payload: payload.rawSpan, userHeaders: headers.rawSpan)
        }
        var writer = ByteWriter()
        batch.encodeFrame(to: TopicPath(stream: .id(0), topic: .id(0)), .balanced, into: &writer)
        var body = [UInt8](writer.bytes.suffix(batch.messagesByteCount))
        var ids = NoIDs()
        var elements = body.mutableSpan
        var bytes = elements.mutableBytes
        _ = try? ClassicBatch.stamp(
            messages: &bytes, count: batch.messageCount, baseOffset: 10, timestamp: 77, ids: &ids)
        return body
    }

    private func parts(of body: [UInt8]) -> [VSRPart] {
        var walk = VSRParts(of: body.rawSpan, partitionID: 3)
        var parts: [VSRPart] = []
        while let part = walk.next() { parts.append(part) }
        return parts
    }

    private func written(_ part: VSRPart, _ body: [UInt8], room: Int? = nil) -> [UInt8] {
        var target = [UInt8](repeating: 0xEE, count: room ?? part.header.framesByteCount)
        var elements = target.mutableSpan
        var bytes = elements.mutableBytes
        let byteCount = try? part.writeFrames(of: body.rawSpan, into: &bytes)
        return byteCount == target.count ? target : []
    }

    private func isValid(_ frames: [UInt8], _ header: VSRBatchHeader) -> Bool {
        let summary = try? VSRBatch.validate(
            frames: frames.rawSpan, count: header.messageCount, originTimestamp: header.originTimestamp)
        return summary?.byteCount == header.framesByteCount
    }

    private func classic(_ frames: [UInt8], _ header: VSRBatchHeader, byteCount: Int) -> [UInt8] {
        var target = [UInt8](repeating: 0xEE, count: byteCount)
        var elements = target.mutableSpan
        var bytes = elements.mutableBytes
        _ = try? VSRBatch.writeClassic(
            frames: frames.rawSpan, baseOffset: header.baseOffset, baseTimestamp: header.baseTimestamp,
            originTimestamp: header.originTimestamp, into: &bytes)
        return target
    }
}
