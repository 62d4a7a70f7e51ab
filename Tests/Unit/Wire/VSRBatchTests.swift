import Primitives
import Testing
import Wire

/// The worked example of the protocol: two messages, one of them with user headers.
@Suite struct VSRBatchTests {
    static let frames = [UInt8](
        hex: """
            6f6fe35a61213a38 01000000000000000000000000000000 00000000 00000000 00000000 01000000 0000000000000000 61
            2824e25f90449149 02000000000000000000000000000000 01000000 fa000000 0c000000 02000000 0000000000000000 6263
            02 01000000 6b 02 01000000 76
            """)
    static let origin: UInt64 = 1_700_000_000_000_000

    @Test(arguments: [
        (VSRBatchHeader(originTimestamp: origin, framesByteCount: 111, messageCount: 2), 0,
            "0000000000000000 0000000000000000 0000000000000000 00401e18240a0600 6f01000000000000 d4b42f4e2cc37d49 02000000"),
        (VSRBatchHeader(
            partitionID: 3, baseOffset: 100, baseTimestamp: origin + 500_000, originTimestamp: origin,
            framesByteCount: 111, messageCount: 2), 0,
            "0300000000000000 6400000000000000 20e12518240a0600 00401e18240a0600 6f01000000000000 2ca896a97e7d51b0 02000000"),
        (VSRBatchHeader(
            partitionID: 3, baseOffset: 100, baseTimestamp: origin + 500_000, originTimestamp: origin,
            framesByteCount: 62, messageCount: 1), 49,
            "0300000000000000 6400000000000000 20e12518240a0600 00401e18240a0600 3e01000000000000 aeb48d0a89091c87 01000000"),
    ])
    func `headers are those of the worked example`(header: VSRBatchHeader, skipped: Int, hex: String) throws {
        let frames = [UInt8](Self.frames.dropFirst(skipped))
        var writer = ByteWriter()

        header.encode(frames: frames.rawSpan, into: &writer)

        #expect(writer.bytes == [UInt8](hex: hex) + [UInt8](repeating: 0, count: 204))
        #expect(try decode(writer.bytes).get() == header)
    }

    @Test func `frames that are whole, numbered and undamaged pass`() throws {
        let summary = try validate(Self.frames).get()

        #expect(summary.messageCount == 2)
        #expect(summary.byteCount == 111)
        #expect(summary.classicByteCount == 143)
    }

    @Test func `a changed bit anywhere in the frames is found`() {
        for position in Self.frames.indices {
            var damaged = Self.frames
            damaged[position] ^= 4

            guard case .failure = validate(damaged) else {
                Issue.record("the bit in byte \(position) is not found")
                continue
            }
        }
        for byteCount in Self.frames.indices {
            #expect(validate([UInt8](Self.frames.prefix(byteCount))) == .failure(.lengthsDisagree))
        }
    }

    @Test func `a whole batch is checked with its header`() throws {
        var writer = ByteWriter()
        VSRBatchHeader(originTimestamp: Self.origin, framesByteCount: 111, messageCount: 2)
            .encode(frames: Self.frames.rawSpan, into: &writer)
        writer.write(Self.frames)

        #expect(check(batch: writer.bytes) == nil)
        for position in writer.bytes.indices {
            var damaged = writer.bytes
            damaged[position] ^= 1
            #expect(check(batch: damaged) != nil, "byte \(position)")
        }
        var damaged = writer.bytes
        damaged[40] ^= 1
        #expect(check(batch: damaged)?.code == .invalidBatchChecksum)
    }

    @Test func `frames become classic messages`() throws {
        let body = transcoded(Self.frames, byteCount: 143)

        let digest = ClassicBatch.verify(body: body.rawSpan, count: 2, baseOffset: 100)
        let found = ClassicMessage(body.rawSpan, at: 65)
        let last = try #require(found)

        #expect(digest != nil)
        #expect(last.id == 2)
        #expect(last.timestamp == 77)
        #expect(last.originTimestamp == Self.origin + 250)
        #expect([UInt8](body[last.payloadPosition...]) == [UInt8](Self.frames.suffix(14)))
        #expect(transcoded(Self.frames, byteCount: 142).isEmpty)
    }

    private func transcoded(_ frames: [UInt8], byteCount: Int) -> [UInt8] {
        var target = [UInt8](repeating: 0xEE, count: byteCount)
        var elements = target.mutableSpan
        var bytes = elements.mutableBytes
        let written = try? VSRBatch.writeClassic(
            frames: frames.rawSpan, baseOffset: 100, baseTimestamp: 77, originTimestamp: Self.origin, into: &bytes)
        return written == byteCount ? target : []
    }

    private func validate(_ frames: [UInt8]) -> Result<VSRBatch.Summary, WireError> {
        do {
            return .success(try VSRBatch.validate(frames: frames.rawSpan, count: 2, originTimestamp: Self.origin))
        } catch {
            return .failure(error)
        }
    }

    private func decode(_ bytes: [UInt8]) -> Result<VSRBatchHeader, WireError> {
        do { return .success(try VSRBatchHeader.decode(bytes.rawSpan).header) } catch { return .failure(error) }
    }

    private func check(batch: [UInt8]) -> WireError? {
        do {
            _ = try VSRBatch.validate(batch: batch.rawSpan)
            return nil
        } catch {
            return error
        }
    }
}
